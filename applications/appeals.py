"""A refusal is appealed by the applicant through the portal (D73).

The Administrative Procedural and Process-Related Code: filed with the school within three months of the day
on which the decision became known (arts. 91, 92); the school decides otherwise or passes it on within three
working days (art. 91); the department answers within twenty working days of its coming (art. 99). A school
decides otherwise by a correction (D54), so nothing here moves an application.
"""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from applications import appeal_messages, correcting, hands, rights
from applications.holding import held
from applications.models import Appeal, Application, Decision, Outcome, Result, Stage, Wish
from applications.rights import NotAllowed
from applications.stops import Stop
from schools import calendar
from schools.models import Role
from schools.posts import officers_for

MONTHS = 3
PASS_DAYS = 3  # of work
ANSWER_DAYS = 20
MOST = 3  # of a decision, with those that were taken back


class TooLate(Exception):
    """The three months are over: what is left is a reason for the delay, or a court."""


class Corrected(NotAllowed):
    """Another decision stands than the one that was read, or no refusal any more."""


class Filed(Exception):
    """The decision is appealed already, in other words."""


class Spent(Exception):
    """As many of the decision as may be were filed and taken back: what is left is paper, or a court."""


class Ended(Exception):
    """Answered, taken back, or the school has decided otherwise meanwhile."""


class NotYet(Exception):
    """The school's three days are not over, and it has not passed the appeal on."""


def ends(signed: Decision) -> datetime:
    """The last second in which the decision may be appealed, of the day three months after the one of its
    telling."""
    assert signed.signed_at is not None
    told = timezone.localdate(signed.signed_at)
    year, month = divmod(told.month - 1 + MONTHS, 12)
    year, month = told.year + year, month + 1
    last = date(year, month, min(told.day, monthrange(year, month)[1]))
    return calendar.midnight(last + timedelta(days=1)) - timedelta(seconds=1)


def appealable(application: Application) -> Decision | None:
    """The refusal that stands, whether or not there is time left for it."""
    signed = correcting.standing(application)
    return signed if signed and signed.result == Result.REFUSE else None


def demand_read(signed: Decision | None, shown: str) -> Decision:
    """The refusal that stands is the one that the page of the button has `shown` (D82). Raises Corrected."""
    if signed is None or (shown and shown != str(signed.pk)):
        raise Corrected("a newer decision stands")
    return signed


def barrier(signed: Decision, application: Application, *, now: datetime) -> Stop | None:
    """What keeps the school from turning the refusal into an admission (D54), as an upheld appeal asks."""
    return correcting.stop(signed, application, now=now, result=Result.ACCEPT)


def of_decision(signed: Decision) -> Appeal | None:
    """The one that counts: what was taken back may be filed again."""
    return signed.appeals.exclude(outcome=Outcome.TAKEN_BACK).first()


def is_spent(signed: Decision) -> bool:
    """Each one is told to the school and the department: it is not filed and taken back without end."""
    return signed.appeals.count() >= MOST


def with_stages(application: Application, *, now: datetime) -> list[tuple[Appeal, Stage]]:
    """The newest first, each with where it stands."""
    made = application.appeals.select_related("decision__ground").prefetch_related("decision__corrections")
    found = []
    for one in made.order_by("-pk"):
        one.application = application
        found.append((one, one.stage(now)))
    return found


def file(
    application: Application, *, by: User, wish: Wish, words: str, now: datetime, shown: str = ""
) -> Appeal:
    """Told to the school and to the department at once; the same once more (a double click) is the first.
    `shown`: the decision that was read. Raises NotAllowed, Corrected, Filed, TooLate, Spent, Blocked."""
    with held(application) as locked:
        if by.pk != locked.applicant_id:
            raise NotAllowed("no refusal of theirs")
        signed = demand_read(appealable(locked), shown)
        rights.demand_tie(locked, by)
        if found := of_decision(signed):
            if (found.wish, found.words) != (wish, words):
                raise Filed
            return found
        if now > ends(signed):
            raise TooLate
        if is_spent(signed):
            raise Spent
        days = calendar.load_days(now)
        pass_by = calendar.closing(now, PASS_DAYS, days)
        made = Appeal.objects.create(
            number=f"{locked.number}/{locked.appeals.count() + 1}",
            application=locked, decision=signed, by=by, wish=wish, words=words, filed_at=now, pass_by=pass_by,
            answer_by=calendar.closing(pass_by, ANSWER_DAYS, days),
        )  # fmt: skip
        appeal_messages.filed(made, now=now)
    return made


def pass_on(appeal: Appeal, *, by: User, opinion: str, now: datetime) -> None:
    """The head of the school does not decide otherwise, and says why: once. In time, the department's term
    begins with it. Raises NotAllowed, Barred, Ended."""
    with _open(appeal, now=now) as row:
        rights.demand_post(row.application, by, Role.DIRECTOR)
        hands.demand(row.application, by)
        if row.opinion:
            raise Ended
        if now < row.pass_by:
            row.answer_by = calendar.closing(now, ANSWER_DAYS, calendar.load_days(now))
        row.opinion, row.opinion_at, row.opinion_by = opinion, now, by
        row.save(update_fields=["opinion", "opinion_at", "opinion_by", "answer_by"])
        appeal_messages.passed(row, now=now)


def answer(appeal: Appeal, *, by: User, outcome: Outcome, words: str, now: datetime) -> None:
    """The department upholds or declines. An upheld one obliges the school to decide anew by a correction
    (D54). Raises NotAllowed, Barred, NotYet, Ended."""
    with _open(appeal, now=now) as row:
        if not officers_for(row.application.chosen_intake.school).filter(user=by).exists():
            raise NotAllowed("no officer of this school's department")
        hands.demand(row.application, by)
        if row.stage(now) != Stage.AT_DEPARTMENT:
            raise NotYet
        row.outcome, row.answer, row.ended_at, row.ended_by = outcome, words, now, by
        row.save(update_fields=["outcome", "answer", "ended_at", "ended_by"])
        appeal_messages.answered(row, now=now)


def take_back(appeal: Appeal, *, by: User, now: datetime) -> None:
    """Raises NotAllowed, Ended."""
    with _open(appeal, now=now) as row:
        if row.by_id != by.pk:
            raise NotAllowed("somebody else's")
        row.outcome, row.ended_at, row.ended_by = Outcome.TAKEN_BACK, now, by
        row.save(update_fields=["outcome", "ended_at", "ended_by"])
        appeal_messages.taken_back(row, now=now)


@contextmanager
def _open(appeal: Appeal, *, now: datetime) -> Iterator[Appeal]:
    """Of the locked application: a correction comes before this, or after it. Raises Ended."""
    with held(appeal.application) as locked:
        row = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
        row.application = locked
        if not row.stage(now).is_open:
            raise Ended
        yield row
