"""Private files are read back whole, as they were written, or not at all: the hash on record decides; and how
they are handed out, sealed papers and documents, to the parent and to the school alike."""

import hashlib
import io
from collections.abc import Callable
from typing import TypeVar

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts import journal, vault
from accounts.storage import StoreAway
from applications.models import Application, Document

LOST, CHANGED = "lost", "changed"

Response = TypeVar("Response", bound=HttpResponseBase)


class Spoiled(Exception):
    """The store lost the file, or holds another one in its place."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def read(file: FieldFile, sha256: str) -> bytes:
    """Raises Spoiled, and StoreAway when nothing can be said of the file. Use these bytes, they were judged:
    the store may change between two looks."""
    if not file:
        raise Spoiled(LOST)
    try:
        # Of the store, not of the field: that one keeps what it has read once.
        with file.storage.open(str(file.name)) as opened:
            content: bytes = opened.read()
    except vault.Tampered:
        raise Spoiled(CHANGED) from None
    except StoreAway:
        raise
    except OSError:
        raise Spoiled(LOST) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Spoiled(CHANGED)
    return content


def fault_of(file: FieldFile, sha256: str) -> str:
    """What is wrong with the stored file: LOST, CHANGED, or "". Raises StoreAway."""
    try:
        read(file, sha256)
    except Spoiled as spoiled:
        return spoiled.fault
    return ""


def fault_of_document(document: Document) -> str:
    """The same. One whose term was over has no file any more: rightly, when the journal tells of the act."""
    if document.erased_at and not document.file:
        return "" if journal.was_erased(document.application) else LOST
    return fault_of(document.file, document.sha256)


def download(content: bytes, *, name: str, mime: str) -> FileResponse:
    """A file that no browser runs, frames, guesses about or keeps."""
    response = FileResponse(io.BytesIO(content), as_attachment=True, filename=name, content_type=mime)
    return harden(response)


def harden(response: Response) -> Response:
    """Headers of every private file."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def whole_or_why(
    request: HttpRequest, application: Application, serve: Callable[[], FileResponse]
) -> HttpResponseBase:
    """A file that is not the one we stored is never handed out as ours; a page says so."""
    try:
        return serve()
    except Spoiled:
        return render(request, "spoiled.html", {"application": application}, status=503)
