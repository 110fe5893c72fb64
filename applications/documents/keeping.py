"""The documents of an application: put one in its place, take it away, show it (R84-R90, D6, D9, D10).

What may be stored is decided in applications/documents/uploads.py; here are the rows and the private files.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts import journal
from accounts.models import Shown
from accounts.storage import StoreAway
from accounts.typed import visible
from applications import drafts, stored
from applications.documents import aside, uploads
from applications.documents.faults import Fault, Rejected
from applications.documents.uploads import Checked
from applications.models import Application, Channel, Document, DocumentKind, DocumentSource, private_path

logger = logging.getLogger(__name__)

PHOTO_RATIO = (0.70, 0.80)  # 3×4 cm is 0.75
PHOTO_SMALLEST = (236, 315)  # 3×4 cm at 200 dpi
LONGEST_TERM_YEARS = 12  # D10: a conclusion never holds longer than school lasts
HEALTH_PASSPORT_FRESH = timedelta(days=365)
FILE_NAMES = {
    DocumentKind.PHOTO: "photo-3x4",
    DocumentKind.F065: "065-u",
    DocumentKind.F052_2: "052-2-u",
    DocumentKind.PMPC: "pmpc",
    DocumentKind.SCAN: "application-scan",
}
ENDINGS = {uploads.JPEG: "jpg", uploads.PDF: "pdf"}


class _Taken(Exception):
    """The place holds another file, which is to stay."""


def store(
    application: Application,
    *,
    kind: DocumentKind,
    upload: "UploadedFile[Any]",
    now: datetime,
    more: "Sequence[UploadedFile[Any]]" = (),
    position: int = 1,
    valid_until: date | None = None,
) -> Document:
    """What a person uploads, in the place of its kind, `more` shots of it joined to it (D71); a file that was
    there is replaced.

    Raises faults.Rejected with the fault of the file, drafts.NotADraft.
    """
    checked = uploads.examine_all([upload, *more])
    label = label_of(upload, more)
    at_school = application.channel == Channel.IN_PERSON
    source = DocumentSource.SCHOOL if at_school else DocumentSource.MANUAL
    return _put(
        application, checked, kind=kind, position=position, source=source, label=label,
        flaws=flaws_of(kind, checked), valid_until=valid_until, now=now,
    )  # fmt: skip


def adjust(document: Document, *, turn: int, crop: bool, now: datetime) -> bool:
    """A photo turned by quarters, cut to 3×4: what was cut off can be brought back, more turns undo a turn
    (D71, D72). Whether it still stood in its place. Raises faults.Rejected, stored.Spoiled,
    drafts.NotADraft."""
    checked = uploads.adjusted(stored.read(document.file, document.sha256), turn=turn, crop=crop)
    try:
        _put(
            document.application, checked, kind=DocumentKind(document.kind), position=document.position,
            source=DocumentSource(document.source), label=document.label, flaws=uploads.flaws(checked),
            made_of=document, keep_old=crop, now=now,
        )  # fmt: skip
    except _Taken:
        return False
    return True


def flaws_of(kind: DocumentKind, checked: Checked) -> str:
    return uploads.flaws(checked) if kind == DocumentKind.PHOTO else ""


def label_of(upload: "UploadedFile[Any]", more: "Sequence[UploadedFile[Any]]") -> str:
    name = plain_name(upload.name or "")
    return f"{name[-190:]} (+{len(more)})" if more else name


def store_fetched(
    application: Application,
    *,
    kind: DocumentKind,
    content: bytes,
    origin: str,
    now: datetime,
    issued_on: date | None = None,
) -> Document | None:
    """A paper that a state system sent; None when the person was quicker with a file of their own."""
    checked = uploads.examine_pdf(content)
    try:
        return _put(
            application, checked, kind=kind, source=DocumentSource.AUTO, origin=origin[:200],
            issued_on=issued_on, keep_manual=True, now=now,
        )  # fmt: skip
    except _Taken:
        return None


def in_order(application: Application) -> list[Document]:
    """Those that were filed, as the instruction lists them (R84)."""
    order = list(DocumentKind.values)
    filed = [one for one in Document.of(application) if not one.added]
    return sorted(filed, key=lambda one: (order.index(one.kind), one.position))


def conclusion(application: Application) -> Document | None:
    """Of the PMPC; without the mark nobody needs one, and none is kept (R60)."""
    if not application.special_needs:
        return None
    return next((one for one in Document.of(application) if one.kind == DocumentKind.PMPC), None)


def plain_name(name: str) -> str:
    """The file's name as its owner sees it: what is typed has nothing hidden in it either. A browser sends a
    quote in it as %22."""
    return visible(name.replace("%22", '"'), lines=False)[-200:]


def remove(document: Document, *, now: datetime, with_mark: bool = False) -> None:
    """It can be brought back for a while (D72). `with_mark`: by nobody's button. Raises drafts.NotADraft."""
    with drafts.locked(document.application):
        if standing := Document.objects.filter(pk=document.pk).first():  # a second press finds none
            aside.put(standing, now=now, with_mark=with_mark)


def set_term(application: Application, term: date) -> None:
    """Another term of the conclusion that is there already (D10). Raises drafts.NotADraft."""
    with drafts.locked(application):
        application.documents.filter(kind=DocumentKind.PMPC).update(valid_until=term)


def photo_faults(document: Document) -> list[str]:
    """What a school may dislike in a photo; said, never a reason to stop: "ratio", "small", and what the eye
    finds, "dark", "bright", "blurred" (D71)."""
    if document.kind != DocumentKind.PHOTO or not document.height:
        return []
    faults = []
    if not PHOTO_RATIO[0] <= document.width / document.height <= PHOTO_RATIO[1]:
        faults.append("ratio")
    if document.width < PHOTO_SMALLEST[0] or document.height < PHOTO_SMALLEST[1]:
        faults.append("small")
    return faults + document.flaws.split()


def longest_term(today: date) -> date:
    """The latest date that a conclusion may carry (D10); 29 February comes again in twelve years."""
    return today.replace(year=today.year + LONGEST_TERM_YEARS)


def ends_before_school(valid_until: date, *, year: int) -> bool:
    """Worth a warning: the conclusion will be over when the studies begin (D10)."""
    return valid_until < date(year, 9, 1)


def is_old(document: Document, *, on: date) -> bool:
    """The passport of health is older than a year: worth a word to the school, never a reason to stop. Only
    the medical system says when a paper was issued."""
    if document.kind != DocumentKind.F052_2 or document.issued_on is None:
        return False
    return document.issued_on < on - HEALTH_PASSPORT_FRESH


def serve(document: Document) -> FileResponse:
    """What was uploaded, and nothing else that may lie in its place. Raises stored.Spoiled."""
    try:
        content = stored.read(document.file, document.sha256)
    except stored.Spoiled as spoiled:
        logger.error("document %s is %s in the store", document.pk, spoiled.fault)
        raise
    name = f"{FILE_NAMES[DocumentKind(document.kind)]}.{ENDINGS[document.mime]}"
    return stored.download(content, name=name, mime=document.mime)


def show(request: HttpRequest, application: Application, document_id: object) -> HttpResponseBase:
    """A document of an application whose term is not over. The caller has checked access."""
    found = get_object_or_404(application.documents, public_id=document_id, erased_at=None)
    journal.seen(request, found, child=application.child, what=Shown.DOCUMENT)
    return stored.whole_or_why(request, application, lambda: serve(found))


def save_file(application: Application, content: bytes) -> str:
    """The name under which it lies in the store. Raises faults.Rejected."""
    try:
        return default_storage.save(private_path(application, ""), ContentFile(content))
    except StoreAway:
        raise Rejected(Fault.UNSTORED) from None


def _put(
    application: Application,
    checked: Checked,
    *,
    kind: DocumentKind,
    source: DocumentSource,
    now: datetime,
    position: int = 1,
    valid_until: date | None = None,
    label: str = "",
    flaws: str = "",
    origin: str = "",
    issued_on: date | None = None,
    keep_manual: bool = False,
    made_of: Document | None = None,
    keep_old: bool = True,
) -> Document:
    """The file first, then its row; the file that stood there can be brought back for a while (D72).
    `made_of`: in the place of this one alone."""
    name = save_file(application, checked.content)
    facts: dict[str, Any] = {
        "source": source, "file": name, "mime": checked.mime, "size": len(checked.content),
        "sha256": hashlib.sha256(checked.content).hexdigest(), "label": label, "origin": origin,
        "issued_on": issued_on, "valid_until": valid_until, "width": checked.width, "height": checked.height,
        "flaws": flaws, "added_at": now,
    }  # fmt: skip
    try:
        with drafts.locked(application):
            place = Document.objects.filter(application=application, kind=kind, position=position)
            old = place.first()
            if old and keep_manual and old.source != DocumentSource.AUTO:
                raise _Taken
            if made_of and old != made_of:
                raise _Taken
            if old and keep_old:
                aside.put(old, now=now)
            elif old:
                aside.drop(old)
            document = Document.objects.create(application=application, kind=kind, position=position, **facts)
    except BaseException:
        drafts.forget([name])
        raise
    return document
