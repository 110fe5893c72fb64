"""The department's word that a court hides a child from a person, and the end of it (D35)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.dispatch import receiver

from accounts import outside, protection
from accounts.models import Child, Protection, User
from applications import told
from applications.models import Application, SigningBatch
from egov import persons
from schools import kato, posts
from schools.models import Locality


class NotAnOfficer(Exception):
    """Only an officer of an education department says so."""


class NotTheirArea(Exception):
    """The child lives and goes to school in another region: its department answers for them."""


@transaction.atomic
def protect(
    *,
    child_iin: str,
    barred_iin: str,
    by: User,
    why: str,
    now: datetime,
    document: str = "",
    decided_on: date | None = None,
    until: date | None = None,
) -> Protection:
    """From this moment nothing of the child reaches the person; what was told before is hidden from them.
    Said twice it changes nothing. Raises NotAnOfficer."""
    regions = _demand_officer(by)
    court = {"why": why, "document": document, "decided_on": decided_on, "until": until}
    found, created = Protection.objects.get_or_create(
        child_iin=child_iin, barred_iin=barred_iin, lifted_at=None,
        defaults={"since": now, "set_by": by, "region": regions[0].kato} | court,
    )  # fmt: skip
    if created:
        protection.hidden.send(sender=Protection, found=found, now=now)
    return found


@receiver(protection.hidden)
def _take_back(found: Protection, now: datetime, **_signal: object) -> None:
    """Whoever has said it, the department or the register. A move of an application that is under way comes
    before: what it tells the person is hidden too."""
    moving = Application.objects.select_for_update(of=("self",)).filter(child__iin=found.child_iin)
    list(moving.order_by("pk").values_list("pk"))
    told.hide(found, now=now)
    _close_batches(found, now=now)


@transaction.atomic
def lift(found: Protection, *, by: User, why: str, now: datetime) -> None:
    """The court's bar is over; the row stays with who lifted it and why. Lifted twice, the first word stands.
    Raises NotAnOfficer."""
    _demand_officer(by)
    rows = (
        Protection.objects.select_for_update().in_force().exclude(barred_iin=by.iin)
    )  # nobody lifts their own
    row = rows.filter(pk=found.pk).first()
    if row is None:
        return
    row.lifted_at, row.lifted_by, row.lifted_why = now, by, why
    row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    told.show_again(row)


def in_area(regions: Iterable[Locality], *, by: User) -> QuerySet[Protection]:
    """Those in force for which the departments of these regions answer, wherever they were set; nobody is
    shown the one against themselves."""
    regions = list(regions)
    of_child = {"child__iin": OuterRef("child_iin")}
    applied = Application.objects.filter(posts.inside(regions, "intake__school__locality__kato"), **of_child)
    living = Child.objects.filter(
        posts.inside(regions, "registered_address__kato"), iin=OuterRef("child_iin")
    )
    theirs = posts.inside(regions, "region") | Exists(living) | Exists(applied)
    found = Protection.objects.in_force().filter(theirs).exclude(barred_iin=by.iin)
    return found.select_related("set_by").order_by("-since", "-pk")


def demand_area(regions: Iterable[Locality], child_iin: str, *, now: datetime) -> None:
    """By the child's registered address, asked of the register, or by the school that was applied to. Never
    inside a transaction. Raises NotTheirArea, and as persons.person where the portal does not know better."""
    regions = list(regions)
    applied = Application.objects.filter(child__iin=child_iin)
    known = Child.objects.filter(iin=child_iin).filter(posts.inside(regions, "registered_address__kato"))
    if known.exists() or applied.filter(posts.inside(regions, "intake__school__locality__kato")).exists():
        return
    with outside.watching("person", "address", now=now):
        address = persons.person(child_iin).address
    if not any(address.kato.startswith(kato.prefix(region.kato)) for region in regions):
        raise NotTheirArea


def _close_batches(found: Protection, *, now: datetime) -> None:
    """What the person is about to sign for the child, on a phone too, is over."""
    SigningBatch.objects.filter(
        user__iin=found.barred_iin,
        expires_at__gt=now,
        signing_requests__application__child__iin=found.child_iin,
    ).update(expires_at=now)


def _demand_officer(user: User) -> list[Locality]:
    regions = posts.areas_of(user)
    if not regions:
        raise NotAnOfficer
    return regions
