"""One ZIP: data.json for machines, data.pdf to read, and the files of the person's own applications."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.fields.files import FieldFile

from accounts.models import User
from applications import stored
from applications.documents import aside, keeping
from applications.family import gathering, words
from applications.models import Application, DocumentKind
from applications.papers import making, printing

MOST_BYTES = 20 * 1024 * 1024  # of all files together; what is beyond is named
IN_MEMORY = 4 * 1024 * 1024
Named = tuple[str, FieldFile, str]  # in the ZIP, with its SHA-256


@dataclass(frozen=True)
class Packed:
    file: IO[bytes]
    sha256: str
    children: list[int]


def pack(user: User, *, now: datetime) -> Packed:
    """The caller closes the file."""
    gathered = gathering.gather(user, now=now)
    with ExitStack() as open_files:
        file = open_files.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            files = _add_files(archive, gathered.applications)
            facts = gathered.facts | {"files": files}
            told = json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            archive.writestr("data.json", told)
            context = {
                "sections": words.sections(facts | {"left_out": _left_out(files)}),
                "at": now,
                "name": user.full_name,
            }
            archive.writestr("data.pdf", printing.pdf("family/pdf.html", context))
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        open_files.pop_all()
        return Packed(file, digest, [child.pk for child in gathered.children])


def _left_out(files: dict[str, str]) -> list[dict[str, str]]:
    return [{"file": name, "why_not": why} for name, why in files.items() if why]


def _add_files(archive: zipfile.ZipFile, applications: list[Application]) -> dict[str, str]:
    """Name in the ZIP -> "", or why it is not there. Raises StoreAway."""
    told, left = {}, MOST_BYTES
    for (name, file, sha256), no_room in _in_turn(applications):
        try:
            content = stored.read(file, sha256)
        except stored.Spoiled as spoiled:
            told[name] = spoiled.fault
            continue
        if len(content) > left:
            told[name] = no_room
            continue
        left -= len(content)
        archive.writestr(name, content, zipfile.ZIP_STORED)
        told[name] = ""
    return told


def _in_turn(applications: list[Application]) -> Iterator[tuple[Named, str]]:
    """Each with what is said where there is no room for it: what was set aside takes none from the rest."""
    for one in applications:
        yield from ((named, words.TOO_MUCH) for named in _files(one))
    for one in applications:
        yield from ((named, words.NO_ROOM_ASIDE) for named in _set_aside(one))


def _folder(application: Application) -> str:
    return f"files/{application.number or f'draft-{application.pk}'}"


def _files(application: Application) -> Iterator[Named]:
    folder = _folder(application)
    for one in keeping.in_order(application):
        if not one.erased_at:
            ending = keeping.ENDINGS[one.mime]
            name = f"{keeping.FILE_NAMES[DocumentKind(one.kind)]}-{one.position}.{ending}"
            yield f"{folder}/{name}", one.file, one.sha256
    for one in application.documents.filter(added=True, erased_at=None):
        name = f"{keeping.FILE_NAMES[DocumentKind(one.kind)]}-added-{one.pk}.{keeping.ENDINGS[one.mime]}"
        yield f"{folder}/{name}", one.file, one.sha256
    for paper in making.papers_of(application):
        if paper.rendered_at:
            yield f"{folder}/{making.file_name(paper)}", paper.file, paper.sha256


def _set_aside(application: Application) -> Iterator[Named]:
    """While it is kept (D72)."""
    for removed in aside.of_person(application):
        called = f"{keeping.FILE_NAMES[DocumentKind(removed.kind)]}-{removed.position}-removed"
        yield f"{_folder(application)}/{called}.{keeping.ENDINGS[removed.mime]}", removed.file, removed.sha256
