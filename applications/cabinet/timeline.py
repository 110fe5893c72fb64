"""The line of time of an application: what has been, in whose hands it is now, what comes and by when (D74).

Made of rows that the page has read already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from applications import appeals
from applications.models import Appeal, Application, Stage, StatusChange, Supplement
from applications.status import UNDER_REVIEW, Status


class When(StrEnum):
    DONE = "done"
    LATE = "late"  # should have been, and has not
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Step:
    """One point of the line: in words, or a move of the application, which the page words."""

    when: When
    at: datetime | None
    words: str = ""
    change: StatusChange | None = None
    by: bool = False  # `at` is a term: until then, and not the moment itself


@dataclass(frozen=True)
class Line:
    """What the line is drawn from."""

    application: Application
    now: datetime
    changes: list[StatusChange]
    supplements: list[Supplement]
    appeals: list[tuple[Appeal, Stage]]  # the newest first

    def steps(self) -> list[Step]:
        """What was, in its order; then what is now; then what is ahead."""
        past = sorted(self._past(), key=lambda step: step.at or self.now)
        return [*past, *self._now(), *self._ahead()]

    def _past(self) -> Iterable[Step]:
        yield from (Step(When.DONE, one.at, change=one) for one in self.changes)
        yield from self._clock()
        for one in self.supplements:
            yield from self._asked(one)
        for appeal, _stage in self.appeals:
            yield from self._appealed(appeal)

    def _clock(self) -> Iterable[Step]:
        """Filed after hours, the school's term begins later (R120)."""
        filed, received = self.application.submitted_at, self.application.received_at
        if filed and received and filed < received <= self._reviewed_until():
            yield Step(When.DONE, received, _("Мектеп: қарау мерзімі басталды."))

    def _asked(self, one: Supplement) -> Iterable[Step]:
        kind = one.get_kind_display()
        yield Step(When.DONE, one.asked_at, _("Мектеп: құжат сұралды: %(kind)s.") % {"kind": kind})
        if one.answered_at:
            yield Step(
                When.DONE, one.answered_at, _("Өтініш беруші: құжат қосылды: %(kind)s.") % {"kind": kind}
            )
        elif not self._is_waited_for(one) and one.until <= self._reviewed_until():
            yield Step(When.DONE, one.until, _("Құжат мерзімінде қосылмады."))

    def _reviewed_until(self) -> datetime:
        """No term has begun or ended after the answer, or the withdrawal."""
        ends = (one.at for one in self.changes if Status(one.new) not in UNDER_REVIEW)
        return min(ends, default=self.now)

    def _appealed(self, one: Appeal) -> Iterable[Step]:
        yield Step(When.DONE, one.filed_at, _("Өтініш беруші: бас тартуға шағым берілді."))
        mended = (other.signed_at for other in one.decision.corrections.all() if other.signed_at)
        if one.passed_at <= (one.ended_at or min(mended, default=self.now)):
            yield Step(When.DONE, one.passed_at, _("Шағым білім басқармасына берілді."))
        if one.ended_at:
            yield Step(
                When.DONE,
                one.ended_at,
                _("Шағым бойынша нәтиже: %(said)s.") % {"said": one.get_outcome_display()},
            )

    def _is_waited_for(self, one: Supplement) -> bool:
        return Status(self.application.status) in UNDER_REVIEW and one.is_waited_for(self.now)

    def _now(self) -> Iterable[Step]:
        status, waited = Status(self.application.status), None
        if status in UNDER_REVIEW:
            if self.application.is_overdue(self.now):
                yield Step(When.LATE, self.application.due_at, _("Мектептің жауап беру мерзімі өтті."))
            waited = next(filter(self._is_waited_for, self.supplements), None)
        if waited:
            words = _("Өтініш берушіде: мектеп сұраған құжатты қосу керек.")
            yield Step(When.NOW, waited.until, words, by=True)
        elif status == Status.IN_REVIEW:
            yield Step(When.NOW, None, _("Мектепте: өтінім қаралып жатыр."))
        elif status == Status.SIGNING:
            yield Step(When.NOW, None, _("Мектеп директорында: шешімге қол қойылуы керек."))
        elif status == Status.ACCEPTED and self._begins() > self.now:
            yield Step(
                When.NOW, None, _("Өтініш берушіде: әрі қарай не істеу керегін мектептен нақтылау керек.")
            )
        elif status == Status.REFUSED and self.appeals:
            yield from self._open_appeal(*self.appeals[0])

    def _open_appeal(self, one: Appeal, stage: Stage) -> Iterable[Step]:
        if stage == Stage.AT_SCHOOL:
            yield Step(When.NOW, one.pass_by, _("Мектепте: шағым қаралып жатыр."), by=True)
            yield Step(When.AHEAD, one.answer_by, _("Білім басқармасы: шағымға жауап береді."), by=True)
        elif stage == Stage.AT_DEPARTMENT:
            late = When.LATE if one.answer_by < self.now else When.NOW
            yield Step(late, one.answer_by, _("Білім басқармасында: шағым қаралып жатыр."), by=True)
        elif stage == Stage.UPHELD:
            yield Step(When.NOW, None, _("Мектепте: шағым қанағаттандырылды, шешім түзетілуі керек."))

    def _ahead(self) -> Iterable[Step]:
        application = self.application
        if Status(application.status) in UNDER_REVIEW and not application.is_overdue(self.now):
            if application.received_at and application.received_at > self.now:
                yield Step(When.AHEAD, application.received_at, _("Мектеп: қарау мерзімі басталады."))
            yield Step(When.AHEAD, application.due_at, _("Мектеп: жауап береді."), by=True)
        elif application.status == Status.ACCEPTED and self._begins() > self.now:
            yield Step(When.AHEAD, self._begins(), _("Бала мектепте: оқу жылы басталады."))

    def _begins(self) -> datetime:
        """The first day of the academic year."""
        return timezone.make_aware(datetime.combine(date(self.application.year, 9, 1), time.min))


def context(application: Application, supplements: Iterable[Supplement], *, now: datetime) -> dict[str, Any]:
    """What the page of an application shows its line with, and the appeals in it: only what was decided has
    any."""
    made = appeals.with_stages(application, now=now) if application.decided_at else []
    line = Line(application, now, list(application.changes.all()), list(supplements), made)
    return {"steps": line.steps(), "appeals": made}
