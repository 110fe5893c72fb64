"""The department's word that a court hides a child from a person, and the end of it (D35)."""

from datetime import datetime

from django.db import transaction

from accounts.models import Protection, User
from applications import messages
from applications.models import SigningBatch
from schools.models import Role


class NotAnOfficer(Exception):
    """Only an officer of an education department says so."""


@transaction.atomic
def protect(*, child_iin: str, barred_iin: str, by: User, why: str, now: datetime) -> Protection:
    """From this moment nothing of the child reaches the person; what was told before is hidden from them.
    Said twice it changes nothing. Raises NotAnOfficer."""
    _demand_officer(by)
    found, created = Protection.objects.get_or_create(
        child_iin=child_iin, barred_iin=barred_iin, lifted_at=None,
        defaults={"since": now, "set_by": by, "why": why},
    )  # fmt: skip
    if created:
        messages.hide(found, now=now)
        _close_batches(found, now=now)
    return found


@transaction.atomic
def lift(found: Protection, *, by: User, why: str, now: datetime) -> None:
    """The court's bar is over; the row stays with who lifted it and why. Raises NotAnOfficer."""
    _demand_officer(by)
    found.lifted_at, found.lifted_by, found.lifted_why = now, by, why
    found.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    messages.show_again(found)


def _close_batches(found: Protection, *, now: datetime) -> None:
    """What the person is about to sign for the child, on a phone too, is over."""
    SigningBatch.objects.filter(
        user__iin=found.barred_iin,
        expires_at__gt=now,
        signing_requests__application__child__iin=found.child_iin,
    ).update(expires_at=now)


def _demand_officer(user: User) -> None:
    if not user.posts.filter(role=Role.DEPARTMENT).exists():
        raise NotAnOfficer
