"""How many machines an opening needs (docs/capacity.md): people who come, what each of their questions costs,
and a queue before the cores that answer.

Costs are in bare pages, as `manage.py bench` tells them (docs/performance.md), times in seconds.
"""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

DRAWN_HERE = "signature, drawn by the web"
PEAK = 300.0  # seconds of the peak that are played
FULL = 0.7  # of a role's cores are busy at the peak, so that one machine of it may be lost


@dataclass(frozen=True)
class Question:
    """What a browser asks for, and the bare pages of CPU that it costs the web process and the database."""

    name: str
    web: float
    database: float


@dataclass(frozen=True)
class Costs:
    """Of one machine and one version: from a run of `bench`."""

    bare_page: float = 0.0023  # seconds of CPU, gunicorn's part with it
    page: Question = Question("page", 3.0, 1.0)
    signature: Question = Question("signature", 7.7, 7.0)
    paper: float = 85.0  # bare pages of the worker: the original, the receipt, their messages
    original: float = 42.4  # bare pages of the web where it draws the original itself
    seat: float = 0.004  # seconds in which the row of a school's seats is held


@dataclass(frozen=True)
class Opening:
    """Who comes. A wave of five regions, a third of it in the first hour, four times that in five minutes."""

    families: int = 90_000
    first_hour: float = 0.3
    peak: float = 4.0
    pages: int = 14  # that a family opens for one signature, the looking about of the others among them
    hottest: int = 400  # families who want one school in the peak
    # Of the originals that the press finds undrawn (D67): drafts that were begun or changed since the
    # evening, registers that were silent at the last look, a worker that had no time for them.
    undrawn: float = 0.1

    @property
    def signatures(self) -> float:
        """A second, in the peak."""
        return self.families * self.first_hour / 3600 * self.peak


@dataclass
class Answered:
    """How long it took from the question to the answer."""

    took: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, seconds: float) -> None:
        self.took.setdefault(name, []).append(seconds)

    def p95(self, name: str) -> float:
        found = sorted(self.took.get(name, [0.0]))
        return found[math.ceil(len(found) * 0.95) - 1]


def arrivals(
    opening: Opening, costs: Costs, *, seconds: float, chance: Random
) -> Iterator[tuple[float, Question]]:
    """Questions of the peak in the order they come: nobody waits for anybody, so the gaps are exponential."""
    rate = opening.signatures * (opening.pages + 1)
    moment = chance.expovariate(rate)
    drawn_here = Question(DRAWN_HERE, costs.signature.web + costs.original, costs.signature.database)
    while moment < seconds:
        signs = chance.random() * (opening.pages + 1) < 1
        signature = drawn_here if signs and chance.random() < opening.undrawn else costs.signature
        yield moment, signature if signs else costs.page
        moment += chance.expovariate(rate)


def serve(
    coming: Iterator[tuple[float, Question]], *, cores: int, bare_page: float, chance: Random
) -> Answered:
    """First come, first served by whichever core is free; a web process uses one, so there is one for each
    (docs/deploy.md). A question costs its mean, and now and then three
    times that (a gamma distribution of shape two); the database answers from machines of its own."""
    answered, free = Answered(), [0.0] * cores
    for moment, question in coming:
        work = bare_page * question.web * chance.gammavariate(2, 0.5)
        start = max(moment, heapq.heappop(free))
        heapq.heappush(free, start + work)
        answered.note(question.name, start + work - moment + bare_page * question.database)
    return answered


@dataclass(frozen=True)
class Role:
    """A kind of machine: how many cores it needs, and how many there would be."""

    name: str
    cores_needed: float  # busy at the peak, on average
    machines: int
    cores: int  # of each

    @property
    def full(self) -> float:
        return self.cores_needed / (self.machines * self.cores)


@dataclass(frozen=True)
class Plan:
    roles: list[Role]
    page_p95: float
    signature_p95: float
    drawn_here_p95: float  # of those whose original the web draws
    hottest_waits: float  # the last of those who want one school at the same moment
    papers_waiting: float  # seconds until the last paper of the peak is sealed

    @property
    def breaks_first(self) -> Role:
        return max(self.roles, key=lambda role: role.full)


def plan(opening: Opening, costs: Costs, *, cores: int, seed: int = 1) -> Plan:
    """The fewest machines of so many cores that stand the peak with one of them lost."""
    per_second = opening.signatures * costs.bare_page
    signature = costs.signature.web + opening.undrawn * costs.original
    web = per_second * (costs.page.web * opening.pages + signature)
    database = per_second * (costs.page.database * opening.pages + costs.signature.database)
    worker = per_second / opening.peak * costs.paper  # a paper may wait: the hour's rate is what counts
    roles = [
        _role("web", web, cores=cores, spare=1),
        _role("worker", worker, cores=cores, spare=1),
        _role("database", database, cores=max(cores, _even(database / FULL)), spare=0),
    ]
    chance = Random(seed)  # noqa: S311 - nothing is kept secret by it
    coming = arrivals(opening, costs, seconds=PEAK, chance=chance)
    left = (roles[0].machines - 1 or 1) * cores  # one is lost
    answered = serve(coming, cores=left, bare_page=costs.bare_page, chance=chance)
    behind = PEAK * opening.signatures * costs.paper * costs.bare_page / (roles[1].machines * cores) - PEAK
    return Plan(
        roles=roles,
        page_p95=answered.p95("page"),
        signature_p95=answered.p95("signature"),
        drawn_here_p95=answered.p95(DRAWN_HERE),
        hottest_waits=opening.hottest * costs.seat,
        papers_waiting=max(behind, 0.0),
    )


def _role(name: str, needed: float, *, cores: int, spare: int) -> Role:
    return Role(name, needed, math.ceil(needed / FULL / cores) + spare, cores)


def _even(cores: float) -> int:
    return 2 * math.ceil(cores / 2)
