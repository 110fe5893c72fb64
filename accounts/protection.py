"""Whereabouts of a child that a court hides from a person: the one question that pages and messages ask."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.dispatch import Signal

from accounts.models import Child, Protection, User
from accounts.prepared import Prepared
from egov.persons import ChildRecord

# Sent in the transaction that hides a child from a person, with `found` and `now`: what was told before is
# above this app.
hidden = Signal()
_HIDING = Prepared(
    lambda child, person: (
        Protection.objects.in_force().filter(child_iin=child, barred_iin=person).values_list("pk")[:1]
    ),
    str,
    str,
)
_PROTECTED = Prepared(
    lambda child: Protection.objects.in_force().filter(child_iin=child).values_list("pk")[:1], str
)
_BARRED = Prepared(
    lambda child: Protection.objects.in_force().filter(child_iin=child).values_list("barred_iin"), str
)
TOLD_BY_REGISTER = "register of births"
REGION = 2  # digits of KATO


def learn(records: Iterable[ChildRecord], *, now: datetime) -> None:
    """D35: what the register says of courts' decisions is in force at once. That it says so no more lifts
    nothing: an officer does."""
    for record in records:
        for bar in record.hidden_from:
            _hide(record, barred_iin=bar.iin, document=bar.document, now=now)


@transaction.atomic
def _hide(record: ChildRecord, *, barred_iin: str, document: str, now: datetime) -> None:
    kato = record.person.address.kato
    found, created = Protection.objects.get_or_create(
        child_iin=record.person.iin,
        barred_iin=barred_iin,
        lifted_at=None,
        defaults={
            "since": now,
            "why": TOLD_BY_REGISTER,
            "document": document,
            "region": kato[:REGION].ljust(9, "0") if kato else "",
        },
    )
    if created:
        hidden.send(sender=Protection, found=found, now=now)


def hides(*, child_iin: str, from_iin: str) -> bool:
    """D35: nothing that tells where this child is may reach the person: school, address, papers, messages."""
    return bool(_HIDING(child_iin, from_iin))


def hidden_from(user: User, child: Child) -> bool:
    return hides(child_iin=child.iin, from_iin=user.iin)


def hides_any_from(user: User) -> bool:
    """Is any child hidden from this person?"""
    return Protection.objects.children_hidden_from(user).exists()


def barred_from(child: Child) -> set[str]:
    """The IINs of those whom nothing may reach that tells where the child is."""
    return {iin for (iin,) in _BARRED(child.iin)}


def of_child(iin: str) -> Exists:
    """The same as `is_protected`, for a query in which the child's IIN stands at this path."""
    return Exists(Protection.objects.in_force().filter(child_iin=OuterRef(iin)))


def of_child_from(iin: str, user: User) -> Exists:
    """Whether the child whose IIN stands at this path is hidden from the person, for a query."""
    return Exists(Protection.objects.in_force().filter(child_iin=OuterRef(iin), barred_iin=user.iin))


def is_protected(child: Child) -> bool:
    """Is it hidden from anybody? Then whoever is not known says and is told nothing of its school."""
    return bool(_PROTECTED(child.iin))
