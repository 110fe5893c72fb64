"""What the school has asked for (D55), while it is not signed: uploaded, turned, brought back (D71, D72)."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from applications import drafts, stored, supplements
from applications.documents import aside, uploads
from applications.documents.keeping import flaws_of, label_of, save_file
from applications.documents.uploads import Checked
from applications.models import (
    Application,
    Document,
    DocumentKind,
    DocumentSource,
    RemovedDocument,
    Supplement,
)
from schools import calendar


class Replaced(Exception):
    """Another file has been uploaded meanwhile, which is to stay."""


def add(
    application: Application,
    *,
    kind: DocumentKind,
    upload: "UploadedFile[Any]",
    now: datetime,
    more: "Sequence[UploadedFile[Any]]" = (),
    valid_until: date | None = None,
) -> None:
    """In the place of what was uploaded before, which can be brought back. Raises faults.Rejected,
    rights.NotAllowed, Stopped."""
    checked = uploads.examine_all([upload, *more])
    label = label_of(upload, more)
    _put(application, checked, kind=kind, label=label, valid_until=valid_until, now=now)


def turn(document: Document, *, now: datetime) -> None:
    """A photo, by a quarter, undone by more of them. It is not cut, for that nothing but another upload could
    undo. Raises faults.Rejected, stored.Spoiled, rights.NotAllowed, Stopped, Replaced."""
    checked = uploads.adjusted(stored.read(document.file, document.sha256), turn=1, crop=False)
    _put(
        document.application, checked, kind=DocumentKind(document.kind), label=document.label,
        made_of=document, now=now,
    )  # fmt: skip


def replaced(asked: Supplement, *, now: datetime) -> RemovedDocument | None:
    """What was uploaded for it before and can be brought back; not what was taken out of the draft once, nor
    a conclusion that could not be signed any more (D10)."""
    waiting = asked.application.removed_documents.filter(kind=asked.kind, removed_at__gte=asked.asked_at)
    waiting = waiting.exclude(valid_until__lt=timezone.localdate(now))
    return waiting.filter(removed_at__gt=aside.oldest(now)).first()


def replaced_until(asked: Supplement, waiting: RemovedDocument) -> datetime:
    """Until when it can be brought back."""
    ends = [aside.ends_at(waiting), asked.until]
    if waiting.valid_until:
        ends.append(calendar.midnight(waiting.valid_until + timedelta(days=1)) - timedelta(seconds=1))
    return min(ends)


def bring_back(application: Application, *, key: str, now: datetime) -> bool:
    """What stands there waits in its stead. Whether the one of this key still waited. Raises
    rights.NotAllowed, Stopped."""
    with supplements.awaited(application, now=now) as asked:
        waiting = replaced(asked, now=now)
        if waiting is None or str(waiting.pk) != key:
            return False
        waiting.delete()
        back = Document(application=application, added=True, **waiting.facts())
        supplements.fill(asked, back, away=partial(aside.put, now=now))
    return True


def _put(
    application: Application, checked: Checked, *, kind: DocumentKind, label: str, now: datetime,
    valid_until: date | None = None, made_of: Document | None = None,
) -> None:  # fmt: skip
    name = save_file(application, checked.content)
    document = Document(
        application=application, kind=kind, added=True, source=DocumentSource.MANUAL, file=name,
        mime=checked.mime, size=len(checked.content), sha256=hashlib.sha256(checked.content).hexdigest(),
        label=label, valid_until=valid_until, width=checked.width, height=checked.height,
        flaws=flaws_of(kind, checked), added_at=now,
    )  # fmt: skip
    try:
        keep(application, document, made_of=made_of, now=now)
    except BaseException:
        drafts.forget([name])
        raise


def keep(
    application: Application, document: Document, *, now: datetime, made_of: Document | None = None
) -> None:
    """The stored file takes the place of one that is not signed. `made_of`: in the place of this one alone,
    which goes for good. Raises NotAllowed, Stopped, Replaced."""
    with supplements.awaited(application, now=now) as asked:
        if made_of and made_of != asked.document:
            raise Replaced
        supplements.fill(asked, document, away=aside.drop if made_of else partial(aside.put, now=now))
