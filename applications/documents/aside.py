"""What was taken out of its place in a draft, or replaced there, waits beside it and can be brought back: one
press loses nothing (D72). Of each place the last file alone; applications/keeping erases it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from applications import drafts
from applications.models import Application, Channel, Document, DocumentSource, RemovedDocument

Place = tuple[str, int]  # kind and position


def put(document: Document, *, now: datetime, with_mark: bool = False) -> None:
    """Out of its place, under the draft's lock; what waited there before goes for good."""
    owner = document.application_id
    earlier = RemovedDocument.objects.filter(
        application=owner, kind=document.kind, position=document.position
    )
    names = list(earlier.values_list("file", flat=True))
    earlier.delete()
    RemovedDocument.objects.create(
        application_id=owner, removed_at=now, with_mark=with_mark, **document.facts()
    )
    document.delete()
    transaction.on_commit(lambda: drafts.forget(names))


def drop(document: Document) -> None:
    """Out of its place for good, under the draft's lock; what waits there goes on waiting."""
    name = str(document.file.name)
    document.delete()
    transaction.on_commit(lambda: drafts.forget([name]))


def of(application: Application, *, now: datetime) -> dict[Place, RemovedDocument]:
    """What can be brought back."""
    waiting = application.removed_documents.filter(removed_at__gt=oldest(now))
    return {(one.kind, one.position): one for one in waiting}


def of_person(application: Application) -> QuerySet[RemovedDocument]:
    """What its applicant has taken out. What a school has put in by mistake may be another family's."""
    found = application.removed_documents.exclude(source=DocumentSource.SCHOOL).order_by("pk")
    return found if application.channel == Channel.ONLINE else found.none()


def ends_at(waiting: RemovedDocument) -> datetime:
    return term_from(waiting.removed_at)


def oldest(now: datetime) -> datetime:
    """What was removed before is gone."""
    return now - _term()


def term_from(removed_at: datetime) -> datetime:
    return removed_at + _term()


def bring_back(application: Application, place: Place, *, now: datetime, key: str = "") -> bool:
    """Into its place; what stands there waits in its stead. Whether there was one, and the one of this `key`
    where it is given: said twice nothing goes to and fro. Raises NotADraft."""
    kind, position = place
    with drafts.locked(application):
        waiting = of(application, now=now).get(place)
        if waiting is None or key not in ("", str(waiting.pk)):
            return False
        waiting.delete()
        standing = application.documents.filter(kind=kind, position=position, added=False).first()
        if standing:
            put(standing, now=now)
        Document.objects.create(application=application, **waiting.facts())
    return True


def goes_with_mark(application: Application, place: Place, *, now: datetime) -> bool:
    """Does one wait there that nobody has taken away by hand?"""
    waiting = of(application, now=now).get(place)
    return waiting is not None and waiting.with_mark


def _term() -> timedelta:
    return timedelta(days=settings.ERASE_REMOVED_DAYS)
