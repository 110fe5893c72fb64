"""The order of a person for all that the portal holds about them, and what becomes of it (D41).

The row is the queue: the worker gathers, packs and stores; the file may be fetched until it ends.
"""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction

from accounts.models import User
from applications.family import gathering, packing
from applications.models import FamilyExport
from notifications import leases, queue

RUN = "families"  # the lease of one run
PAUSE = timedelta(hours=1)  # between two orders of one person: each costs the worker a minute


def order(user: User, *, now: datetime) -> FamilyExport:
    """The one that waits, or was made within the hour, else a new one; two clicks make one order."""
    found = latest(user)
    if found and _is_fresh(found, now=now):
        return found
    try:
        with transaction.atomic():
            return FamilyExport.objects.create(user=user, ordered_at=now, next_try_at=now)
    except IntegrityError:  # another window was faster
        return FamilyExport.objects.get(user=user, made_at=None, dead=False)


def may_order(user: User, *, now: datetime) -> bool:
    found = latest(user)
    return found is None or not _is_fresh(found, now=now)


def _is_fresh(export: FamilyExport, *, now: datetime) -> bool:
    return not export.dead and (export.made_at is None or export.made_at > now - PAUSE)


def latest(user: User) -> FamilyExport | None:
    return FamilyExport.objects.filter(user=user).order_by("-pk").first()


def ready(user: User, *, now: datetime) -> FamilyExport | None:
    """What may be fetched now: not ended, and of children who are still the person's to ask about."""
    made = (
        FamilyExport.objects.filter(user=user, made_at__isnull=False, ends_at__gt=now).order_by("-pk").first()
    )
    return made if made and gathering.may_have(user, made.children, now=now) else None


def run() -> int:
    """Make those that are due, by one worker at a time: each takes a minute; how many were made."""
    return leases.run_alone(make_next, name=RUN)


def make_next(*, now: datetime) -> bool | None:
    return queue.do_next(FamilyExport.objects.filter(made_at=None), partial(make, now=now), now=now)


def make(export: FamilyExport, *, now: datetime) -> None:
    packed = packing.pack(export.user, now=now)
    with packed.file:
        export.file.save("export", File(packed.file), save=False)
    kept = FamilyExport.objects.filter(pk=export.pk, made_at=None).update(
        file=export.file.name,
        sha256=packed.sha256,
        children=packed.children,
        made_at=now,
        ends_at=now + timedelta(hours=settings.FAMILY_EXPORT_HOURS),
        lease_until=None,
    )
    if not kept:  # another worker was faster, or it was erased
        export.file.delete(save=False)
