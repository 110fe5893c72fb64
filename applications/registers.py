"""The registers asked again before a page of an application and before its parent's signature, what they say
otherwise than the parent was shown (D34).

Never inside a transaction: the network is asked.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import consents, freshness, outside
from accounts.freshness import Standing
from accounts.models import Child, Relation, Sex, User
from applications import drafts, eligibility, enrolment, facts
from applications.eligibility import Blocked, Code
from applications.enrolment import Answer
from applications.models import Application, Channel
from applications.status import Status
from schools import periods

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


def prepare_signature(application: Application, *, user: User, now: datetime, in_rush: bool = False) -> None:
    """At the last step, so that the signature itself waits for nobody: of the education register too, whose
    silence is told when it matters. In a rush nor does this step. Raises as `before_signature`;
    Blocked(ENROLLED)."""
    with enrolment_beside(application, now=now, in_rush=in_rush) as answer:
        before_signature(application, user=user, now=now, pressed=now if in_rush else None)
        if application.step1_at is None:  # the page of that step asks
            return
        try:
            check_enrolment(application, now=now, answer=answer, in_rush=in_rush)
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


def window(application: Application, *, now: datetime) -> periods.Window:
    """Of the region of the chosen school."""
    if application.intake is None:
        return periods.Window(periods.State.NOT_ANNOUNCED)
    return periods.state(application.intake.school.locality_id, application.year, now)


def is_rush(window: periods.Window, *, now: datetime) -> bool:
    """The region has opened less than OPENING_RUSH ago: all its parents sign at once."""
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
