"""What the page of one application asks of the database, each question prepared. Whoever changes something
asks anew, of the locked row."""

from datetime import date, datetime
from uuid import UUID

from accounts.models import User
from accounts.prepared import Prepared
from applications.models import Application, Decision, StatusChange, Supplement, at_desk

_ONE = Prepared(
    lambda user, iin, today, running, key: (
        Application.objects.at_desk_of(user, iin, today, running).with_facts().filter(public_id=key)
    ),
    int, str, date, int, UUID,
)  # fmt: skip
_RETURNED = Prepared(
    lambda application: Decision.objects.filter(application=application, returned_at__isnull=False).order_by(
        "-pk"
    )[:1],
    int,
)
_LEFT_BEHIND = Prepared(
    lambda application: Application.objects.without_representative().filter(pk=application).values_list("pk"),
    int,
)
_CHANGES = Prepared(
    lambda application: StatusChange.objects.filter(application=application).select_related("by"), int
)
_SUPPLEMENTS = Prepared(
    lambda application: Supplement.objects.filter(application=application).select_related(
        "document", "asked_by"
    ),
    int,
)


def one(user: User, public_id: UUID, *, now: datetime) -> Application | None:
    """As `for_staff` shows it, with its facts."""
    return _ONE.first(*at_desk(user, now=now), public_id)


def returned(application: Application) -> Decision | None:
    """The decision that the director sent back last."""
    return _RETURNED.first(application.pk)


def is_left_behind(application: Application) -> bool:
    """Its applicant is not the child's representative any more (D34)."""
    return bool(_LEFT_BEHIND(application.pk))


def changes(application: Application) -> list[StatusChange]:
    return _CHANGES(application.pk)


def supplements_of(application: Application) -> list[Supplement]:
    return _SUPPLEMENTS(application.pk)
