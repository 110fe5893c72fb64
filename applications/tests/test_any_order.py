"""Whatever people do, in whatever order, the rules hold: the real lifecycle over real rows, beside a model.

Eighteen hundred steps, the same in every run, or as many as LIFECYCLE_STEPS says, new ones each time.
Families and their first drafts are made once, every example is rolled back, and no paper is drawn.

    LIFECYCLE_STEPS=100000 ./run test applications/tests/test_any_order.py
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, pairwise
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import Phase, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import User
from applications import correcting, eligibility, facts, lifecycle, seat_counts, supplements
from applications.documents import added
from applications.eligibility import Code
from applications.evidence import Evidence
from applications.models import (
    Application,
    Decision,
    DocumentKind,
    Purpose,
    RefusalReason,
    Result,
    Route,
)
from applications.status import ACTIVE, DECIDED, NEXT, UNDER_REVIEW, Status
from applications.stops import Stop, Stopped
from applications.tests.any_order_cast import (
    SEATS,
    Case,
    Choice,
    Ticket,
    World,
    an_act,
    better,
    build,
    choose,
    draft_of,
)
from applications.tests.cast import evidence_of
from conftest import ALMATY
from egov.eds import Refusal, SignatureRefused
from schools import seats
from schools.models import Intake, Period, School

STEPS = int(os.environ.get("LIFECYCLE_STEPS", "1800"))
PARTS = 2  # for two workers, each with steps of its own
OF_EXAMPLE = 100
LATE = datetime(2026, 9, 1, tzinfo=ALMATY)  # the first second in which nothing is withdrawn
NOT_ALLOWED = "NOT_ALLOWED"

INTAKES_WITH_WHAT_WAS_FILED = """
    SELECT intake.id, held_local, held_outside, seats, outside_limit, filed.id, status, child_id, route
    FROM schools_intake intake
    LEFT JOIN applications_application filed ON filed.intake_id = intake.id AND status <> 'DRAFT'
"""
HISTORIES = "SELECT application_id, old, new FROM applications_statuschange ORDER BY id"


class AnyOrder(RuleBasedStateMachine):
    world: World
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.cases = [Case(draft, choice) for draft, choice in self.world.drafts]
        self.signing_requests: list[Ticket] = []
        self.seats = list(SEATS)
        self.ratios = [settings.OUTSIDE_RATIO] * len(SEATS)
        self.looked = 0

    @property
    def now(self) -> datetime:
        """A second later at each step, so that what comes after a document is told from what was before."""
        return self.world.now + timedelta(seconds=self.looked)

    def teardown(self) -> None:
        try:
            assert seat_counts.disagreements() == []
            self.histories_follow_the_table()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
            type(self).steps += self.looked - 1  # it looks once before the first step

    @rule(act=an_act)
    def somebody(self, act: tuple[str, dict[str, Any]]) -> None:
        name, how = act
        getattr(self, name)(**how)

    # --- what people do ---------------------------------------------------------------------------
    def choose(self, child: int, second: bool, outside: bool, intake: int) -> None:
        """A parent, one or the other, chooses the way and the school."""
        draft = draft_of(self.world, child, second=second)
        choose(draft, self.world.intakes[intake], outside=outside)
        case = next((one for one in self.cases if one.application == draft), None)
        if case is None:
            self.cases.append(case := Case(draft, Choice(outside, intake)))
        case.application, case.choice = draft, Choice(outside, intake)

    def ask_to_file(self, which: int) -> None:
        """The parent opens a batch to sign; the signature is an act of its own, some time later."""
        case = self._case(which, Status.DRAFT)
        self._open(case, Purpose.APPLICATION, by=case.application.applicant)

    def ask_to_withdraw(self, which: int) -> None:
        case = self._case(which, *ACTIVE)
        self._open(case, Purpose.WITHDRAWAL, by=case.application.applicant)

    def propose(self, which: int, accept: bool, stranger: bool) -> None:
        """The executor prepares a decision; or a person of another school tries to."""
        case = self._case(which, Status.IN_REVIEW)
        by = self.world.post(self.world.strangers if stranger else self.world.executors, case)
        allowed, stop = case.status == Status.IN_REVIEW and not stranger, self._why_not_refused(case, accept)

        decision = self._verb(lifecycle.propose, case, allowed=allowed, stop=stop, by=by, **wish(accept))

        if decision:
            case.decisions.append(decision)
            case.status, case.waits = Status.SIGNING, True

    def prepare(self, which: int, accept: bool) -> None:
        """The director writes a decision of their own, over any that waits."""
        case = self._case(which, *UNDER_REVIEW)
        by, allowed = self.world.post(self.world.directors, case), case.status in UNDER_REVIEW

        stop = self._why_not_refused(case, accept)
        decision = self._verb(lifecycle.prepare, case, allowed=allowed, stop=stop, by=by, **wish(accept))

        if decision:
            case.decisions.append(decision)
            case.waits = True

    def ask_to_decide(self, which: int, older: int, stranger: bool) -> None:
        """By the newest decision, or by one that was replaced, returned or overtaken."""
        case = self._case(which, *UNDER_REVIEW & {case.status for case in self.cases if case.decisions})
        if not case.decisions:
            return self.prepare(which, accept=True)
        decision = case.decisions[max(-1 - older, -len(case.decisions))]
        by = self.world.post(self.world.strangers if stranger else self.world.directors, case)
        self._open(case, Purpose.DECISION, by=by, decision=decision, stranger=stranger)

    def send_back(self, which: int) -> None:
        case = self._case(which, Status.SIGNING)
        by, allowed = self.world.post(self.world.directors, case), case.status == Status.SIGNING

        self._verb(lifecycle.return_to_executor, case, allowed=allowed, by=by, reason="Қайта қараңыз.")

        if allowed:
            case.status, case.waits = Status.IN_REVIEW, False

    def correct(self, which: int, accept: bool) -> None:
        """The director writes another answer in place of the one that is signed (D54)."""
        case = self._case(which, *DECIDED)
        if not case.decisions:
            return self.prepare(which, accept=accept)
        by, allowed = self.world.post(self.world.directors, case), case.status in DECIDED
        signed = correcting.standing(case.application) if allowed else case.decisions[0]
        said = wish(accept) | {"mistake": "Басқа баланікімен шатасқан.", "corrects": signed}

        decision = self._verb(
            lifecycle.prepare, case, allowed=allowed, stop=self._why_not_corrected(case, accept=accept),
            by=by, **said,
        )  # fmt: skip

        if decision:
            case.decisions.append(decision)
            case.waits = True
            self._open(case, Purpose.DECISION, by=by, decision=decision)

    def ask_document(self, which: int) -> None:
        """Twice of one application at the most, one at a time (D55)."""
        case = self._case(which, Status.IN_REVIEW)
        how: dict[str, Any] = {"kind": DocumentKind.F065, "why": "Бет жоқ.", "now": self.now}
        how["by"] = self.world.post(self.world.executors, case)
        if case.status != Status.IN_REVIEW:
            with pytest.raises(lifecycle.NotAllowed):
                supplements.ask(case.application, **how)
        elif case.awaits or case.asked == supplements.MOST:
            with pytest.raises(supplements.NotAsked):
                supplements.ask(case.application, **how)
        else:
            supplements.ask(case.application, **how)
            case.asked, case.awaits = case.asked + 1, True

    def add_document(self, which: int) -> None:
        """The parent uploads what is waited for and signs it at once."""
        case = self._case(which, *UNDER_REVIEW & {case.status for case in self.cases if case.awaits})
        found = better(case.application, now=self.now)
        if case.status not in UNDER_REVIEW or not case.awaits:
            with pytest.raises(lifecycle.NotAllowed):
                added.keep(case.application, found, now=self.now)
            return
        added.keep(case.application, found, now=self.now)
        stated = facts.stated_supplement(case.application, case.application.supplements.latest("pk"))
        by = case.application.applicant
        evidence = evidence_of(case.application, Purpose.SUPPLEMENT, by=by, now=self.now, stated=stated)
        got = sign(evidence, now=self.now)
        assert isinstance(got, Application), got
        case.application, case.awaits, case.came_at = got, False, self.now

    def signature_arrives(self, which: int, late: bool) -> None:
        """Mostly of the newest batch, else of any; of one that is done already, once more."""
        if not self.signing_requests:
            return self.ask_to_file(which)
        signing_request = self.signing_requests[-1 if which % 4 else which // 4 % len(self.signing_requests)]
        self._arrive(
            signing_request,
            late=late and signing_request.evidence.signing_request.purpose == Purpose.WITHDRAWAL,
        )

    def change_seats(self, intake: int, count: int) -> None:
        self._change(intake, count, self.ratios[intake], lambda row: seats.set_seats(row, count))

    def change_ratio(self, intake: int, ratio: int | None) -> None:
        new = settings.OUTSIDE_RATIO if ratio is None else ratio
        self._change(intake, self.seats[intake], new, lambda row: seats.set_ratio(row, ratio))

    # --- how it is done, and what is expected of it -----------------------------------------------
    def _case(self, which: int, *usual: Status) -> Case:
        """Mostly one that the act is for; one time of eight any."""
        fitting = [case for case in self.cases if case.status in usual]
        cases = fitting if fitting and which % 8 else self.cases
        return cases[which // 8 % len(cases)]

    def _open(self, case: Case, purpose: Purpose, *, by: User, stranger: bool = False, **more: Any) -> None:
        evidence = evidence_of(case.application, purpose, by=by, now=self.now, **more)
        self.signing_requests.append(Ticket(evidence, case, case.choice, stranger))

    def _arrive(self, signing_request: Ticket, *, late: bool = False) -> None:
        case, purpose = signing_request.case, signing_request.evidence.signing_request.purpose
        expected = set() if signing_request.done else self._obstacles(signing_request, late=late)

        got = sign(signing_request.evidence, now=LATE if late else self.now)

        if expected or signing_request.done:
            assert got in expected if expected else got == case.application
            return
        assert isinstance(got, Application), got
        case.application, signing_request.done, case.waits = got, True, False
        if purpose == Purpose.DECISION:
            decision = signing_request.evidence.signing_request.decision
            accepts = decision is not None and decision.result == Result.ACCEPT
            case.status = Status.ACCEPTED if accepts else Status.REFUSED
        else:
            case.status = Status.WITHDRAWN if purpose == Purpose.WITHDRAWAL else Status.IN_REVIEW

    def _obstacles(self, signing_request: Ticket, *, late: bool) -> set[str]:
        case, request = signing_request.case, signing_request.evidence.signing_request
        if request.purpose == Purpose.APPLICATION:
            return self._why_not_filed(signing_request)
        if request.purpose == Purpose.WITHDRAWAL:
            return {NOT_ALLOWED} if case.status not in ACTIVE or late else self._changed(signing_request)
        decision = request.decision
        newest = case.waits and decision == case.decisions[-1]
        if decision is None or not newest or signing_request.stranger:
            return {NOT_ALLOWED}
        accept = decision.result == Result.ACCEPT
        if decision.corrects:
            stop = self._why_not_corrected(case, accept=accept)
        else:
            stop = self._why_not_refused(case, accept) or self._unheard(case, decision)
        return {stop} if stop else set()

    def _why_not_refused(self, case: Case, accept: bool) -> Stop | None:
        return Stop.DOCUMENT_AWAITED if case.awaits and not accept else None

    def _unheard(self, case: Case, decision: Decision) -> Stop | None:
        """A refusal that was written before the document came."""
        before = case.came_at is not None and decision.prepared_at <= case.came_at
        return Stop.DOCUMENT_CAME if before and decision.result == Result.REFUSE else None

    def _why_not_corrected(self, case: Case, *, accept: bool) -> Stop | None:
        """An admission in place of a refusal wants the child free, and a seat if it comes from outside."""
        if case.status != Status.REFUSED or not accept:
            return None
        if any(one.status in ACTIVE and one.child == case.child for one in self.cases):
            return Stop.FILED_AGAIN
        intake, outside = case.choice.intake, case.choice.outside
        left = min(
            self.seats[intake] - self._held(intake), self._limit(intake) - self._held(intake, outside=True)
        )
        return Stop.SEAT_GONE if outside and left <= 0 else None

    def _why_not_filed(self, signing_request: Ticket) -> set[str]:
        case, choice = signing_request.case, signing_request.case.choice
        if case.status != Status.DRAFT:
            return {NOT_ALLOWED, Code.ACTIVE}
        if any(one.status in ACTIVE and one.child == case.child for one in self.cases):
            return {Code.ACTIVE}
        if not choice.outside and choice.intake not in self.world.local:
            return {Code.NOT_LOCAL}
        if choice.outside and self._held(choice.intake) >= self.seats[choice.intake]:
            return {Code.SCHOOL_FULL}
        if choice.outside and self._held(choice.intake, outside=True) >= self._limit(choice.intake):
            return {Code.OUTSIDE_FULL}
        return self._changed(signing_request)

    def _changed(self, signing_request: Ticket) -> set[str]:
        """What the paper showed is no longer what stands."""
        same = signing_request.choice == signing_request.case.choice
        return set() if same else {Refusal.CHANGED}

    def _verb(
        self, verb: Callable[..., Any], case: Case, *, allowed: bool, stop: Stop | None = None, **more: Any
    ) -> Decision | None:
        if allowed and not stop:
            return verb(case.application, now=self.now, **more)
        refusal, said = (Stopped, str(stop)) if allowed else (lifecycle.NotAllowed, None)
        with pytest.raises(refusal, match=said):
            verb(case.application, now=self.now, **more)
        return None

    def _change(self, intake: int, count: int, ratio: int, change: Callable[[Intake], None]) -> None:
        if seats.outside_limit(count, ratio) < self._held(intake, outside=True):
            with pytest.raises(seats.LimitUnderHeld):
                change(self.world.intakes[intake])
            return
        change(self.world.intakes[intake])
        self.seats[intake], self.ratios[intake] = count, ratio

    def _held(self, intake: int, *, outside: bool = False) -> int:
        """All seats held, or those of children from outside."""
        active = [case.choice for case in self.cases if case.status in ACTIVE]
        return len([one for one in active if one.intake == intake and (one.outside or not outside)])

    def _limit(self, intake: int) -> int:
        return seats.outside_limit(self.seats[intake], self.ratios[intake])

    # --- what must hold ---------------------------------------------------------------------------
    @invariant()
    def rows_are_as_the_rules_want_them(self) -> None:
        """Counters equal to the rows, as `manage.py check_seats` asks of live data; never more outside than
        the limit, never negative; one active application of a child; each status the expected one."""
        self.looked += 1
        intakes: dict[tuple, list[tuple]] = defaultdict(list)
        for row in query(INTAKES_WITH_WHAT_WAS_FILED):
            intakes[row[:5]] += [row[5:]] if row[5] else []
        filed = [one for rows in intakes.values() for one in rows]
        active = [child for _, status, child, _ in filed if status in ACTIVE]

        expected = {case.application.pk: case.status for case in self.cases if case.status != Status.DRAFT}
        assert {pk: status for pk, status, _, _ in filed} == expected
        assert len(set(active)) == len(active)
        for (pk, local, outside, total, limit), rows in intakes.items():
            number = next(n for n, intake in enumerate(self.world.intakes) if intake.pk == pk)
            held = Counter(route for _, status, _, route in rows if status in ACTIVE)
            assert (local, outside) == (held[Route.LOCAL], held[Route.OUTSIDE])
            assert 0 <= outside <= limit == self._limit(number)
            assert total == self.seats[number]

    def histories_follow_the_table(self) -> None:
        moves: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for pk, old, new in query(HISTORIES):
            moves[pk].append((old, new))
        first = Decision.objects.filter(signed_at__isnull=False, corrects=None)
        signed = first.values_list("application", flat=True)
        assert len(set(signed)) == len(signed)
        for case in self.cases:
            states = [Status.DRAFT, *(Status(new) for _, new in moves[case.application.pk])]

            assert [old for old, _ in moves[case.application.pk]] == states[:-1] and states[-1] == case.status
            assert all(new in NEXT[old] or {old, new} <= DECIDED for old, new in pairwise(states))
            assert (case.application.pk in signed) == bool({Status.ACCEPTED, Status.REFUSED} & set(states))


def query(sql: str) -> list[tuple]:
    """Plain SQL: it is asked after every step."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def wish(accept: bool) -> dict[str, Any]:
    if accept:
        return {"result": Result.ACCEPT}
    return {"result": Result.REFUSE, "reason_code": RefusalReason.OTHER, "reason": "Құжаттар басқа баланікі."}


def sign(evidence: Evidence, *, now: datetime) -> Application | str:
    """The application that a good signature moved, or what stood against it."""
    try:
        return lifecycle.act(evidence, now=now)
    except eligibility.Blocked as blocked:
        return blocked.code
    except SignatureRefused as refused:
        return refused.code
    except Stopped as stopped:
        return stopped.stop
    except lifecycle.NotAllowed:
        return NOT_ALLOWED


@pytest.mark.rule("R52", "R71", "R75", "R104", "R113", "R117", "R118", "R185", "R202")
@pytest.mark.rule("D1", "D3", "D3a", "D4", "D12", "D23", "D54", "D55")
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db
def test_no_order_of_acts_breaks_the_rules(
    school: School, other_school: School, settings: Any, part: int
) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"default": memory}
    fixed = "LIFECYCLE_STEPS" not in os.environ
    AnyOrder.steps = 0
    Period.objects.update(asks_documents=True)
    AnyOrder.world = build(school, other_school, now=datetime(2026, 7, 1, 11, tzinfo=ALMATY))

    seeds = count(part, PARTS) if fixed else (Random().getrandbits(64) for _ in count())
    while (left := STEPS // PARTS - AnyOrder.steps) > 0:  # an example may end early: then there is one more
        _run(next(seeds), examples=left // OF_EXAMPLE + 1)


def _run(number: int, *, examples: int) -> None:
    run_state_machine_as_test(
        seed(number)(AnyOrder),
        settings=hypothesis_settings(
            max_examples=examples,
            stateful_step_count=OF_EXAMPLE,
            phases=(Phase.generate, Phase.shrink),
        ),
    )
