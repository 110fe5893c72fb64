"""Private files are read back whole, as they were written, or not at all: the hash on record decides."""

import hashlib

from django.db.models.fields.files import FieldFile

LOST, CHANGED = "lost", "changed"


class Spoiled(Exception):
    """The store lost the file, or holds another one in its place."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def read(file: FieldFile, sha256: str) -> bytes:
    """Raises Spoiled. Use these bytes, they were judged: the store may change between two looks."""
    try:
        with file.open("rb") as opened:
            content: bytes = opened.read()
    except OSError:
        raise Spoiled(LOST) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Spoiled(CHANGED)
    return content


def fault_of(file: FieldFile, sha256: str) -> str:
    """What is wrong with the stored file: LOST, CHANGED, or ""."""
    try:
        read(file, sha256)
    except Spoiled as spoiled:
        return spoiled.fault
    return ""
