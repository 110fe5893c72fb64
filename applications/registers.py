"""The registers asked again before a page of an application and before its parent's signature, what they say
otherwise than the parent was shown, and what follows when a child is no longer theirs (D34).

Never inside a transaction: the network is asked.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import consents, freshness, outside
from accounts.freshness import Standing
from accounts.models import Child, Guardianship, Relation, Sex, User
from applications import drafts, eligibility, enrolment, facts, messages
from applications.eligibility import Blocked, Code
from applications.enrolment import Answer
from applications.models import Application, Channel
from applications.status import Status
from egov.errors import EgovError
from schools import periods

logger = logging.getLogger(__name__)

# A register that loses a child for a minute and has it again costs nobody their work.
CONFIRMED_AFTER = timedelta(minutes=5)
AT_ONCE = 20  # ties a tick asks about; each may wait for two seconds

Text = str | Promise


@dataclass(frozen=True)
class Change:
    """A fact as it was shown, and as the register tells it now."""

    label: Text
    old: Text
    new: Text


def before_draft(user: User, child: Child, *, now: datetime) -> None:
    """Before a draft is begun or opened. Raises Blocked(NOT_THEIRS), Blocked(PERSONS_SILENT)."""
    _lean(freshness.demand_shown, user, child, now=now)


def before_page(application: Application, *, user: User, now: datetime) -> Standing:
    """Raises as `before_draft`."""
    standing = _lean(freshness.demand_shown, user, application.child, now=now)
    _reread(application, standing, now=now)
    return standing


def before_signature(
    application: Application, *, user: User, now: datetime, pressed: datetime | None = None
) -> Standing:
    """A draft remembers the older answer that it leans on while a register is silent: the paper and the
    school's page say so. In a rush nobody is waited for: what was fresh when its parent `pressed` the button
    is fresh when their turn has come (D79). Raises as `before_draft`; drafts.NotADraft."""
    standing = _lean(partial(freshness.demand_signed, pressed=pressed), user, application.child, now=now)
    _reread(application, standing, now=now)
    as_of = standing.older_than_wanted
    if application.status == Status.DRAFT and application.registers_as_of != as_of:
        drafts.write(application, registers_as_of=as_of)
    return standing


def prepare_signature(application: Application, *, user: User, now: datetime) -> None:
    """At the last step, so that the signature itself waits for nobody: of the education register too, whose
    silence is told when it matters. Raises as `before_signature`; Blocked(ENROLLED)."""
    with enrolment_beside(application, now=now) as answer:
        before_signature(application, user=user, now=now)
        if application.step1_at is None:  # the page of that step asks
            return
        try:
            check_enrolment(application, now=now, answer=answer)
        except Blocked as blocked:
            if blocked.code == Code.ENROLLED:
                raise


@contextmanager
def enrolment_beside(
    application: Application, *, now: datetime, in_rush: bool = False
) -> Iterator[Answer | None]:
    """The question to the education register put beside those to the others, so that one limit of time is for
    all of them; None where it need not be asked, or may not be without a consent."""
    consent = None
    if application.channel == Channel.ONLINE and _must_ask_enrolment(application, now=now, in_rush=in_rush):
        consent = consents.valid(application.applicant, application.child, now)
    if consent is None:
        yield None
        return
    outside.heed("enrolment")  # the thread has no connection to read a pause by (D77)
    with ThreadPoolExecutor(1) as beside:
        yield beside.submit(copy_context().run, enrolment.question(application.child, consent)).result


def is_rush(application: Application, *, now: datetime) -> bool:
    """The region of the chosen school has opened less than OPENING_RUSH ago: all its parents sign at once."""
    if application.intake is None:
        return False
    window = periods.state(application.intake.school.locality_id, application.year, now)
    rush = timedelta(seconds=settings.OPENING_RUSH)
    return window.is_open and window.opens_at is not None and now - window.opens_at < rush


def check_enrolment(
    application: Application, *, now: datetime, answer: Answer | None = None, in_rush: bool = False
) -> None:
    """R53 before a signature: asked again where the last answer is older than a signature may lean on; while
    the register is silent the last one stands for REGISTER_LAST_ANSWER, as of the others. `answer`: of
    `enrolment_beside`. Raises Blocked, drafts.NotADraft."""
    if not _must_ask_enrolment(application, now=now, in_rush=in_rush):
        return
    within = timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    asked = enrolment.ask(application, now=now, answer=answer, within=within)
    eligibility.check_enrolment(asked.enrolment)
    if asked.answered and application.step1_at:
        drafts.write(application, step1_at=now)


def _must_ask_enrolment(application: Application, *, now: datetime, in_rush: bool = False) -> bool:
    """Not while a fresh answer is there; nor while a good one is, and the register is known to be silent or
    is not to be waited for."""
    if application.step1_at is None:
        return True
    age = now - application.step1_at
    if age <= timedelta(seconds=settings.REGISTER_FRESH_SIGNED):
        return False
    good = age < timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    if good and in_rush:
        return False
    return not (good and outside.holds(outside.trouble("enrolment"), now=now))


def _lean(ask: Callable[..., Standing], user: User, child: Child, *, now: datetime) -> Standing:
    try:
        standing = ask(user, child, now=now)
    except freshness.NotTheirs:
        raise Blocked(Code.NOT_THEIRS) from None
    except freshness.Silent:
        raise Blocked(Code.PERSONS_SILENT) from None
    # The answer itself may say that a court hides the child from who has asked (D35).
    eligibility.check_protection(child_iin=child.iin, applicant_iin=user.iin)
    return standing


def _reread(application: Application, standing: Standing, *, now: datetime) -> None:
    """The rows have changed under the object where somebody was asked."""
    if standing.at >= now:
        application.applicant.refresh_from_db()
        application.child.refresh_from_db()


def changes(application: Application) -> list[Change]:
    """What the registers say otherwise than the applicant was shown, old beside new."""
    old, new = application.registers_seen, facts.of_registers(application)
    if not old or old == new:
        return []
    return [
        Change(label, show(old[whose]), show(new[whose]))
        for whose, names, label, show in SHOWN
        if any(old[whose][name] != new[whose][name] for name in names)
    ]


def demand_seen(application: Application) -> None:
    """Nobody signs what they have not been shown. Raises Blocked(FACTS_CHANGED)."""
    found = changes(application)
    if found:
        raise Blocked(Code.FACTS_CHANGED, {"changes": found})


def mark_seen(application: Application) -> None:
    """The page before the applicant's eyes shows the facts as they stand. Raises drafts.NotADraft."""
    told = facts.of_registers(application)
    if application.registers_seen != told:
        drafts.write(application, registers_seen=told)


def explained(blocked: Blocked, application: Application) -> Blocked:
    """A rule that is broken by what the registers say now: its page shows what has changed."""
    return Blocked(blocked.code, blocked.facts | {"changes": changes(application)})


def corrected_names(application: Application) -> list[Change]:
    """Names that the register tells otherwise than the papers print them: an offer to renew them (D34)."""
    printed = facts.printed(application)
    people = (("applicant", application.applicant, SHOWN[0]), ("child", application.child, SHOWN[3]))
    return [
        Change(shown[2], printed[whose]["name"], person.full_name)
        for whose, person, shown in people
        if person.full_name != printed[whose]["name"]
    ]


def _address(person: dict[str, Any]) -> str:
    first, second = ("ru", "kk") if get_language() == "ru" else ("kk", "ru")
    return person[f"address_{first}"] or person[f"address_{second}"] or "—"


_ADDRESS = ("address", "address_kk", "address_ru")
# Of whom, which facts make it, what it is called, how it is shown.
SHOWN: tuple[tuple[str, tuple[str, ...], Text, Callable[[dict[str, Any]], Text]], ...] = (
    ("applicant", ("name",), _("Өтініш берушінің Т.А.Ә."), lambda person: str(person["name"])),
    ("applicant", _ADDRESS, _("Өтініш берушінің тіркеу мекенжайы"), _address),
    ("applicant", ("relation",), _("Балаға кім болып келеді"), lambda one: Relation(one["relation"]).label),
    ("child", ("name",), _("Баланың Т.А.Ә."), lambda person: str(person["name"])),
    (
        "child",
        ("birth_date",),
        _("Баланың туған күні"),
        lambda one: date_format(date.fromisoformat(one["birth_date"]), "DATE_FORMAT"),
    ),
    ("child", ("sex",), _("Баланың жынысы"), lambda one: Sex(one["sex"]).label),
    ("child", _ADDRESS, _("Баланың тіркеу мекенжайы"), _address),
)


def ask_behind(*, now: datetime) -> int:
    """Who has filed on an older answer (D34, D79) is asked about as soon as the registers answer: a tie that
    they deny by now is closed like any other, and the school is told. How many were asked."""
    since = now - timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    fresh = timedelta(seconds=settings.REGISTER_FRESH_SIGNED)
    told_so = Q(registers_as_of__isnull=False, applicant__guardianships__answered_at__lt=F("submitted_at"))
    waited = Q(applicant__guardianships__answered_at__lt=F("submitted_at") - fresh)
    filed = Application.objects.active().filter(submitted_at__gte=since)
    behind = filed.filter(told_so | waited, applicant__guardianships__child=F("child"))
    people = {one.applicant for one in behind.select_related("applicant").order_by("submitted_at")[:AT_ONCE]}
    return sum(_is_answered(user, now=now) for user in people)


def ask_superseded(*, now: datetime) -> int:
    """Somebody else has added the child since the register was asked about its applicant: who stays away
    would never be found out, and the other could do nothing (D36). How many were asked."""
    since = now - timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    added = Guardianship.objects.standing().filter(added_at__gte=since)
    later = added.filter(child=OuterRef("child"), added_at__gt=OuterRef("answered_at"))
    filed = Application.objects.active().filter(applicant=OuterRef("user"), child=OuterRef("child"))
    ties = Guardianship.objects.standing().filter(child__in=added.values("child"))
    left = ties.filter(Exists(later.exclude(user=OuterRef("user"))), Exists(filed))
    people = {tie.user for tie in left.select_related("user").order_by("?")[:AT_ONCE]}
    return sum(_is_answered(user, now=now) for user in people)


def _is_answered(user: User, *, now: datetime) -> bool:
    try:
        freshness.renew_unless_silent(user, now=now)
    except EgovError as error:
        logger.warning("registers not asked behind: %s", type(error).__name__)
        return False
    return True


def close_denied(*, now: datetime) -> int:
    """Ties that the register denied a while ago and denies once more; of how many that was so. What their
    person had typed for the child is kept for nobody; the schools that have an application of theirs are told
    (D34)."""
    due = Guardianship.objects.filter(denied_at__lte=now - CONFIRMED_AFTER, closed_at=None)
    rows = due.select_related("user", "child").order_by("?")[:AT_ONCE]
    return sum(_close(tie, now=now) for tie in rows if _is_denied_again(tie, now=now))


def _is_denied_again(tie: Guardianship, *, now: datetime) -> bool:
    try:
        freshness.renew(tie.user, now=now)
    except EgovError as error:
        logger.warning("a denied tie not asked again: %s", type(error).__name__)
        return False
    tie.refresh_from_db()
    return tie.denied_at is not None and tie.answered_at == now


@transaction.atomic
def _close(tie: Guardianship, *, now: datetime) -> bool:
    """Applications are locked before ties, as by a signature."""
    theirs = Application.objects.filter(applicant=tie.user, child=tie.child)
    for draft in theirs.filter(status=Status.DRAFT, channel=Channel.ONLINE):
        with suppress(drafts.NotADraft):  # signed before the register denied it
            drafts.delete(draft)
    closed = Guardianship.objects.filter(pk=tie.pk, closed_at=None).exclude(denied_at=None)
    if not closed.update(closed_at=now):
        return False
    for application in theirs.active().select_related("intake__school"):
        messages.not_represented(application, now=now)
    logger.info("a tie is closed: %s", tie)
    return True
