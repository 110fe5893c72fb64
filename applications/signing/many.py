"""Many decisions under one PIN of the director: what may be signed together, and what may not and why
(R108, D1, D16, D17). Each stays a decision, a document and a signature of its own.

Decisions that wait for the signature are signed as they were prepared. An application that nobody has
decided on yet can be accepted along with them; a refusal needs its reason and is written on its own page.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import facts, hands, lifecycle, supplements
from applications.hands import Barred
from applications.models import Application, Decision, Purpose, Result, Route, SigningBatch
from applications.papers import drawing
from applications.signing import batches
from applications.signing.batches import Wanted
from applications.status import UNDER_REVIEW, Status
from schools.models import Intake

MOST = 50  # documents in one go: a page of the queue, and no more than people look through at once


class Changed(Exception):
    """What would be signed is not what the director has seen."""


class Hindrance(TextChoices):
    WITHDRAWN = "WITHDRAWN", _("Ата-ана өтінімді кері қайтарып алды.")
    DECIDED = "DECIDED", _("Бұл өтінім бойынша шешімге қол қойылған.")
    TRANSPORT = (
        "TRANSPORT",
        _("Тасымалдау сұралған: өтінімді ашып, шешіммен бірге жауабын беріңіз."),
    )
    RETURNED = (
        "RETURNED",
        _("Шешім орындаушыға қайтарылған: жаңасын күтіңіз немесе өтінімді ашып, шешімді өзіңіз қабылдаңыз."),
    )
    DOCUMENT = "DOCUMENT", _("Ата-анадан құжат сұралған: өтінімді ашып, ол бойынша жеке шешім қабылдаңыз.")
    OTHER_SCHOOL = (
        "OTHER_SCHOOL",
        _("Басқа мектептің өтінімі: оған сол мектептің кілтімен қол қойылады."),
    )
    OWN_CHILD = (
        "OWN_CHILD",
        _("Өз балаңыздың өтінімі: шешімге директордың міндетін атқарушы қол қояды."),
    )
    ALONE = (
        "ALONE",
        _("Өтінімді өзіңіз тіркегенсіз: шешімді әріптесіңіз дайындайды немесе қол қояды."),
    )


@dataclass(frozen=True)
class Row:
    """An application that was ticked: with the decision to sign, or with what hinders it."""

    application: Application
    decision: Decision | None = None  # without a key: an acceptance that is yet to be written
    hindrance: Hindrance | None = None

    @property
    def school(self) -> int:
        return self.application.chosen_intake.school_id


@dataclass(frozen=True)
class SeatSum:
    """The seats of an intake, now and after these signatures. An application holds its seat since it was
    filed, so an acceptance takes none and a refusal gives one back."""

    intake: Intake
    accepted: int
    accepting: int
    refused_local: int
    refused_outside: int

    @property
    def accepted_after(self) -> int:
        return self.accepted + self.accepting

    @property
    def refusing(self) -> int:
        return self.refused_local + self.refused_outside

    @property
    def local_after(self) -> int:
        return self.intake.held_local - self.refused_local

    @property
    def outside_after(self) -> int:
        return self.intake.held_outside - self.refused_outside


@dataclass(frozen=True)
class Selection:
    to_sign: list[tuple[Application, Decision]]
    left_out: list[Row]
    later: int = 0  # how many more could be signed: they are beyond what is signed in one go

    @property
    def seen(self) -> str:
        return seen(self.to_sign)

    @property
    def left_out_by_reason(self) -> dict[str, list[Row]]:
        """What is left out, under the words that say why."""
        found = {str(one.label): [row for row in self.left_out if row.hindrance == one] for one in Hindrance}
        return {said: rows for said, rows in found.items() if rows}


def keys_of(typed: Iterable[str]) -> list[UUID]:
    """Public numbers of applications, each once; what is none is passed over."""
    found: dict[UUID, None] = {}
    for one in typed:
        try:
            found[UUID(one)] = None
        except ValueError:
            continue
    return list(found)


def select(keys: Iterable[UUID], *, director: User, now: datetime) -> Selection:
    """The director's own applications among these, the most urgent first."""
    mine = Application.objects.for_director(director).filter(public_id__in=keys).with_facts()
    applications = list(supplements.marked(mine, now=now).order_by("due_at", "pk"))
    last_words = latest(applications)
    rows = [_row(one, last_words.get(one.pk), by=director) for one in applications]
    rows = _of_one_school(_barred(rows, by=director))
    to_sign = [(row.application, row.decision) for row in rows if row.decision]
    return Selection(
        to_sign=to_sign[:MOST],
        later=len(to_sign[MOST:]),
        left_out=[row for row in rows if row.hindrance],
    )


def _of_one_school(rows: list[Row]) -> list[Row]:
    """One key signs for one school: that of the most urgent decision."""
    school = next((row.school for row in rows if row.decision), None)
    other = Hindrance.OTHER_SCHOOL
    return [
        Row(row.application, hindrance=other) if row.decision and row.school != school else row
        for row in rows
    ]


def _barred(rows: list[Row], *, by: User) -> list[Row]:
    """Without those that are not for this person's hands (D39)."""
    bars = hands.bars([(row.application, row.decision) for row in rows if row.decision], by)
    found = {pk: Hindrance(str(bar)) for pk, bar in bars.items()}
    return [
        Row(row.application, hindrance=found[row.application.pk]) if row.application.pk in found else row
        for row in rows
    ]


def latest(applications: list[Application]) -> dict[int, Decision]:
    """The last word on each application, signed, waiting or sent back."""
    decisions = Decision.objects.filter(application__in=applications).select_related("prepared_by", "ground")
    return {decision.application_id: decision for decision in decisions.order_by("pk")}


def _row(application: Application, latest: Decision | None, *, by: User) -> Row:
    if closed := closed_by(application):
        return Row(application, hindrance=closed)
    if latest and latest.returned_at:  # something is wrong with it: not to be accepted in passing
        return Row(application, hindrance=Hindrance.RETURNED)
    if application.document_awaited and (latest is None or latest.result == Result.REFUSE):  # D55
        return Row(application, hindrance=Hindrance.DOCUMENT)
    if latest:
        latest.application = application
        return Row(application, latest)
    if application.transport:
        return Row(application, hindrance=Hindrance.TRANSPORT)
    return Row(application, Decision(application=application, result=Result.ACCEPT, prepared_by=by))


def closed_by(application: Application) -> Hindrance | None:
    """What has ended the review, so that no decision is signed any more."""
    status = Status(application.status)
    if status in UNDER_REVIEW:
        return None
    return Hindrance.WITHDRAWN if status == Status.WITHDRAWN else Hindrance.DECIDED


def seen(documents: Iterable[tuple[Application, Decision]]) -> str:
    """A hash of what these decisions say, so that what is signed is what was shown."""
    said = [[str(application.public_id), facts.words(decision)] for application, decision in documents]
    return facts.sha256(sorted(said, key=lambda one: str(one[0])))


def seats_of(selection: Selection) -> list[SeatSum]:
    intakes = {one.chosen_intake.pk: one.chosen_intake for one, _decision in selection.to_sign}
    accepted = Counter(_accepted(list(intakes)).values_list("intake", flat=True))
    count = Counter((one.chosen_intake.pk, one.route, decision.result) for one, decision in selection.to_sign)
    return [
        SeatSum(
            intake=intake,
            accepted=accepted[key],
            accepting=sum(count[key, route, Result.ACCEPT] for route in Route),
            refused_local=count[key, Route.LOCAL, Result.REFUSE],
            refused_outside=count[key, Route.OUTSIDE, Result.REFUSE],
        )
        for key, intake in intakes.items()
    ]


def _accepted(intakes: list[int]) -> QuerySet[Application]:
    return Application.objects.filter(intake__in=intakes, status=Status.ACCEPTED)


def open_batch(
    selection: Selection, *, shown: str, by: User, now: datetime, fresh: bool = False
) -> SigningBatch:
    """One batch to sign all that can be signed, if it still is what was shown. Acceptances that nobody
    has prepared are written first. Raises Changed."""
    if not selection.to_sign or selection.seen != shown:
        raise Changed
    try:
        wanted = [_wanted(one, decision, by=by, now=now) for one, decision in selection.to_sign]
        return batches.open_batch(wanted, by=by, now=now, fresh=fresh)
    except (lifecycle.NotAllowed, Barred, drawing.Changed):
        raise Changed from None


def _nobody_has_decided(locked: Application) -> None:
    """A refusal that was proposed since is not signed over unseen."""
    if locked.decisions.exists():
        raise lifecycle.NotAllowed("decided meanwhile")


def _wanted(application: Application, decision: Decision, *, by: User, now: datetime) -> Wanted:
    if decision.pk is None:
        decision = lifecycle.prepare(
            application, by=by, now=now, check=_nobody_has_decided, result=Result.ACCEPT
        )
        decision.application = application
    return Wanted.of(application, Purpose.DECISION, decision)
