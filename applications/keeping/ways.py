"""How it is erased: in one transaction with the act. Each says which files to remove after it."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from accounts.models import Consent
from applications.models import (
    Appeal,
    Application,
    Decision,
    Document,
    Drawing,
    FamilyExport,
    MedicalFetch,
    Note,
    OpeningReminder,
    Paper,
    PaperCopy,
    RemovedDocument,
    RevocationList,
    Route,
    Signature,
    SigningBatch,
    SigningRequest,
    StatusChange,
    Supplement,
    TableExport,
)
from applications.status import ACTIVE, Status
from notifications.models import Message
from schools import seats

# What goes with an application.
WHOLE = (
    Document,
    Drawing,
    MedicalFetch,
    Decision,
    StatusChange,
    Supplement,
    Appeal,
    Signature,
    SigningRequest,
    Paper,
    PaperCopy,
    RemovedDocument,
    Note,
    OpeningReminder,
)


def rows(found: Sequence[Model], _now: datetime) -> list[str]:
    if found:
        _delete(type(found[0]), found)
    return []


def _delete(model: type[Model], found: Sequence[Model]) -> None:
    """Nothing of the rows is read: a column under a key that is not here keeps none of them."""
    model._base_manager.filter(pk__in=[row.pk for row in found]).only("pk").delete()


def drafts(found: Sequence[Application], _now: datetime) -> list[str]:
    files = _files(found)
    for draft in found:
        draft.delete()
    return files


def documents(found: Sequence[Application], now: datetime) -> list[str]:
    """The rows stay with what was signed of them, their hashes too, so that it can still be proven."""
    theirs = Document.objects.filter(application__in=found, erased_at=None)
    files = list(theirs.values_list("file", flat=True))
    theirs.update(file="", label="", erased_at=now)
    return files


def applications(found: Sequence[Application], _now: datetime) -> list[str]:
    """Whole: papers, signatures and history too. The seat of an accepted one is given back, so that the
    counters go on agreeing with the applications; last, for others wait there."""
    files = _files(found)
    PaperCopy.objects.filter(paper__application__in=found).delete()
    for model in (Paper, SigningRequest, Signature, StatusChange):
        model.objects.filter(application__in=found).delete()
    for application in found:
        application.delete()
    for application in found:
        if Status(application.status) in ACTIVE and application.intake_id:
            seats.give_back(application.intake_id, outside=application.route == Route.OUTSIDE)
    return files


def _files(found: Sequence[Application]) -> list[str]:
    named = [
        (Document, "file"), (RemovedDocument, "file"), (Paper, "file"),
        (SigningRequest, "payload"), (Signature, "payload"),
    ]  # fmt: skip
    return [
        name
        for model, field in named
        for name in model._default_manager.filter(application__in=found).values_list(field, flat=True)
    ]


def signing(found: Sequence[SigningBatch], _now: datetime) -> list[str]:
    """The batch and its requests; an original that was signed is the signature's and stays."""
    requests = SigningRequest.objects.filter(batch__in=found)
    files = set(requests.exclude(payload="").values_list("payload", flat=True))
    _delete(SigningBatch, found)
    for model in (Signature, SigningRequest):
        files -= set(model._default_manager.filter(payload__in=files).values_list("payload", flat=True))
    return sorted(files)


def tokens(found: Sequence[Consent], _now: datetime) -> list[str]:
    Consent.objects.filter(pk__in=[consent.pk for consent in found]).update(token="", public_key="")
    return []


def texts(found: Sequence[Message], _now: datetime) -> list[str]:
    Message.objects.filter(pk__in=[message.pk for message in found]).update(text="", phone="")
    return []


def with_file(
    found: Sequence[RevocationList | FamilyExport | TableExport | RemovedDocument], now: datetime
) -> list[str]:
    files = [str(one.file.name) for one in found]
    rows(found, now)
    return files
