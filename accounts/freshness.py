"""What the registers say today of a person and their children (D34). The state's registers are the source,
our rows a cache with an age: every act of a parent asks here how old the answer is that it leans on.

One round of questions, side by side, answers for the person and all the children they have added. It is never
asked inside a transaction.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from accounts import consents, outside, people, protection
from accounts.models import Child, Guardianship, User
from egov import consent as consent_gateway
from egov import persons, smartbridge
from egov.consent import ConsentAnswer
from egov.errors import EgovError, Unavailable
from egov.persons import Household, Person

logger = logging.getLogger(__name__)

SELF = ("person", "address")
SYSTEMS = (*SELF, "children")


class NotTheirs(Exception):
    """By the register the person is not, or no longer, the child's parent or representative."""


class Silent(Exception):
    """The registers do not answer, and their last answer is too old to lean on."""


@dataclass(frozen=True)
class Standing:
    """The answer that an act leans on. `silent`: a newer one was wanted, and the registers gave none, or were
    not waited for."""

    at: datetime
    silent: bool = False

    @property
    def older_than_wanted(self) -> datetime | None:
        """The moment that a paper and the school are told of; None when the answer is as fresh as wanted."""
        return self.at if self.silent else None


def demand(user: User, child: Child, *, within: timedelta, now: datetime) -> Standing:
    """The tie of these two and the facts about them, not older than `within`: asked again when they are. A
    silent register leaves the last answer, for REGISTER_LAST_ANSWER (D34).

    One that is known to be silent is not waited for again before its pause is over. Raises NotTheirs, Silent.
    """
    tie = _tie(user, child)
    last = _last_answer(tie, now=now)
    if tie.denied_at is None and last and now - last <= within:
        return Standing(last)
    if tie.denied_at is None and last and is_paused(now=now):
        return Standing(last, silent=True)
    try:
        renew(user, child, now=now)
    except EgovError as error:
        logger.warning("registers not asked again: %s", type(error).__name__)
    return _judged(_tie(user, child), within=within, now=now)


def demand_shown(user: User, child: Child, *, now: datetime) -> Standing:
    """Fresh enough for a page. Raises NotTheirs, Silent."""
    return demand(user, child, within=timedelta(seconds=settings.REGISTER_FRESH_SHOWN), now=now)


def demand_signed(user: User, child: Child, *, now: datetime, pressed: datetime | None = None) -> Standing:
    """Fresh enough for a signature; in the rush of an opening, where its button was `pressed`, what is known
    and good to lean on, and nobody is asked. Raises NotTheirs, Silent."""
    if pressed:
        return _known(user, child, wanted_at=pressed, now=now)
    return demand(user, child, within=timedelta(seconds=settings.REGISTER_FRESH_SIGNED), now=now)


def _known(user: User, child: Child, *, wanted_at: datetime, now: datetime) -> Standing:
    """As fresh as it was when it was wanted. Where nothing is known the registers are asked."""
    tie = _tie(user, child)
    last = _last_answer(tie, now=now)
    if tie.denied_at or last is None:
        return demand_signed(user, child, now=now)
    return Standing(last, silent=wanted_at - last > timedelta(seconds=settings.REGISTER_FRESH_SIGNED))


def renew(user: User, child: Child | None = None, *, now: datetime) -> Household:
    """Ask one round and keep what it tells; with a `child`, 1414 is asked too whether the consent for them is
    still in force. Raises Unavailable, Refused: what was known stays then."""
    consent = consents.valid(user, child, now) if child else None
    known = [str(iin) for iin in Child.objects.filter(guardians=user).values_list("iin", flat=True)]
    with ThreadPoolExecutor(1) as beside, outside.watching(*SYSTEMS, now=now, beside=[consents.SYSTEM]):
        asked = beside.submit(copy_context().run, _consent, consent.reference) if consent else None
        household = persons.household(user.iin, known)
    _keep(user, household, now=now)
    told = asked.result() if asked else None
    if consent and told:
        consents.heed(consent, told.answer, now=now)
    return household


def renew_person(user: User, *, now: datetime) -> bool:
    """The person alone, at a sign-in and where an address is wanted; False when the registers keep silent and
    what was known stays (`refreshed_at` tells of which day it is)."""
    try:
        _demand_speaking(*SELF, now=now)
        with outside.watching(*SELF, now=now):
            person = persons.person(user.iin)
    except EgovError as error:
        logger.warning("a person's facts not asked again: %s", type(error).__name__)
        return False
    _write_person(user, person, now=now)
    return True


def renew_unless_silent(user: User, *, now: datetime) -> None:
    """For a worker, which does not wait for a register that is known to be silent. Raises as `renew`."""
    _demand_speaking(*SYSTEMS, now=now)
    renew(user, now=now)


def _demand_speaking(*systems: str, now: datetime) -> None:
    """Raises Unavailable while the pause of one that was silent lasts."""
    silent = [system for system in systems if outside.holds(outside.trouble(system), now=now)]
    if silent:
        raise Unavailable(silent[0], "known to be silent")


def _consent(reference: str) -> ConsentAnswer | None:
    """A silent 1414 takes no consent back."""
    try:
        return consent_gateway.status(reference, seconds=smartbridge.ROUND_SECONDS)
    except EgovError:
        return None


def _tie(user: User, child: Child) -> Guardianship:
    tie = people.tie_of(user, child)
    if tie is None:
        raise NotTheirs
    return tie


def _last_answer(tie: Guardianship, *, now: datetime) -> datetime | None:
    """When it was given, while it is good to lean on."""
    limit = timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    return tie.answered_at if tie.answered_at and now - tie.answered_at <= limit else None


def is_paused(*, now: datetime) -> bool:
    """Is one of them known to be silent?"""
    return any(outside.holds(outside.trouble(system), now=now) for system in SYSTEMS)


def _judged(tie: Guardianship, *, within: timedelta, now: datetime) -> Standing:
    """What the round has left behind."""
    if tie.denied_at:
        raise NotTheirs
    last = _last_answer(tie, now=now)
    if last is None:
        raise Silent
    return Standing(last, silent=now - last > within)


@transaction.atomic
def _keep(user: User, household: Household, *, now: datetime) -> None:
    """An answer that comes late does not overwrite that of a later question."""
    protection.learn(household.children, now=now)
    _write_person(user, household.adult, now=now)
    records = {record.person.iin: record for record in household.children}
    # Rows of children before ties, as by `children.add`; in one order, for two parents may be asking at once.
    for child in Child.objects.select_for_update(of=("self",)).filter(guardians=user).order_by("pk"):
        record = records.get(child.iin)
        if record and (child.refreshed_at is None or child.refreshed_at <= now):
            _write(child, people.facts_of_child(record.person) | {"refreshed_at": now})
    for tie in _ties(user, now=now):
        record = records.get(tie.child.iin)
        if record:
            _write(tie, people.tie(record, now=now))
        elif not household.children.lost:  # else the child may be among those that cannot be read
            _write(tie, {"answered_at": now, "denied_at": tie.denied_at or now})


def _write_person(user: User, person: Person, *, now: datetime) -> None:
    if user.refreshed_at is None or user.refreshed_at <= now:
        _write(user, people.facts_of(person) | {"refreshed_at": now})


def _ties(user: User, *, now: datetime) -> list[Guardianship]:
    ties = Guardianship.objects.select_for_update(of=("self",)).filter(user=user)
    rows = ties.select_related("child").order_by("pk")
    return [tie for tie in rows if tie.answered_at is None or tie.answered_at <= now]


def _write(row: Model, facts: dict[str, object]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))
