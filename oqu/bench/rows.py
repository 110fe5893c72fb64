"""The rows of the table: what each costs, in which unit, and how much of a unit it may cost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse

from applications.models import Paper
from oqu.bench import bare, journey, queues
from oqu.bench.clock import Clock, Cost, middle
from oqu.bench.journey import Journey
from oqu.bench.outside import Authority
from oqu.bench.queues import Emptied
from oqu.bench.stage import Stage
from oqu.bench.walk import Visitor

PAGE, DRAWING, LOCK = "bare page", "bare drawing", "bare locked row"
WEB, WORKER, WHOLE = "a whole application: web", "a whole application: worker", "a whole application"
SEALED = "receipt with its seal"


@dataclass(frozen=True)
class Row:
    name: str
    cost: Cost
    unit: str

    def ratio(self, units: dict[str, Cost]) -> float:
        """Of this thread: what a database works is told beside it, where it can be."""
        return self.cost.here / units[self.unit].here


@dataclass(frozen=True)
class Table:
    units: dict[str, Cost]
    rows: list[Row]
    queues: dict[str, Emptied]
    hot: dict[str, float]  # what a second sees done at one school, of the same at many


def measure(
    stage: Stage,
    handler: WSGIHandler,
    authority: Authority,
    clock: Clock,
    *,
    rounds: int,
    rows: int,
    hot: dict[str, float],
) -> Table:
    """Each round measures everything once, so that a busy moment of the machine tells on all alike."""
    bare_page, staff = bare.page(stage.director), _of_staff(stage, handler)
    if rounds > 1:  # what a process does once is done before
        Journey(stage, handler, authority, clock).walk()
    kept: dict[str, list[Cost]] = {}
    web: dict[str, list[Cost]] = {}
    worker: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        walk = Journey(stage, handler, authority, clock)
        walk.walk()
        paper = Paper.objects.get(application__applicant=walk.parent)
        words = journey.words_of(paper)
        everything: dict[str, Callable[[], object]] = {
            PAGE: bare_page,
            DRAWING: partial(bare.drawing, words),
            LOCK: partial(bare.locked_row, stage.intake),
            SEALED: partial(journey.make, paper),
            **staff,
        }
        for name, work in everything.items():
            kept.setdefault(name, []).append(clock.spent(work))
        for told, into in ((walk.web, web), (walk.worker, worker)):
            for name, cost in told.items():
                into.setdefault(name, []).append(cost)
    middles = {name: middle(costs) for name, costs in kept.items()}
    units = {name: middles.pop(name) for name in (PAGE, DRAWING, LOCK)}
    return Table(
        units=units,
        rows=list(_rows(middles, _middles(web), _middles(worker))),
        queues=_queues(stage, clock, rows=rows),
        hot=hot,
    )


def _of_staff(stage: Stage, handler: WSGIHandler) -> dict[str, Callable[[], object]]:
    """The queue, the desk, the department's pages and ops'."""
    director, officer = Visitor(stage.director, handler), Visitor(stage.officer, handler)
    ops, school = Visitor(stage.ops, handler), stage.schools[0].pk
    desk = reverse("review:application", args=[stage.queue[0].public_id])
    pages: dict[str, Callable[[], object]] = {
        "director's queue": partial(director.get, reverse("review:queue")),
        "director's desk": partial(director.get, desk),
        "department": partial(officer.get, reverse("review:department")),
        "department's school": partial(officer.get, reverse("review:department_school", args=[school])),
        "school's people": partial(director.get, reverse("schools:staff_of_school", args=[school])),
        "ops": partial(ops.get, reverse("ops:page")),
    }
    for page in pages.values():
        page()
    return pages


def _middles(costs: dict[str, list[Cost]]) -> dict[str, Cost]:
    return {name: middle(found) for name, found in costs.items()}


def _rows(others: dict[str, Cost], web: dict[str, Cost], worker: dict[str, Cost]) -> Iterator[Row]:
    paper = others.pop(SEALED)
    for name, cost in (web | worker | others).items():
        yield Row(name, cost, PAGE)
    of_web, of_worker = _sum(web), _sum(worker)
    yield Row(WEB, of_web, PAGE)
    yield Row(WORKER, of_worker, PAGE)
    yield Row(WHOLE, of_web + of_worker, PAGE)
    yield Row(SEALED, paper, DRAWING)


def _sum(costs: dict[str, Cost]) -> Cost:
    return sum(costs.values(), Cost(0, 0))


def _queues(stage: Stage, clock: Clock, *, rows: int) -> dict[str, Emptied]:
    return {
        f"{what}, {state}": empty(stage, clock, rows=rows, failed=failed)
        for what, empty in (("messages", queues.messages), ("papers", queues.papers))
        for state, failed in (("fresh", False), ("after a failure of all", True))
    }
