"""How many rows a second leave the tables of messages and papers while all that they lead to stands aside;
and after one failure for all of them: then each was tried, and all are due at one moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from applications.models import Paper, PaperKind
from applications.papers import making
from notifications import queue, relay
from notifications.models import Channel, Message
from notifications.ways import Way
from oqu.bench.clock import Clock, Cost
from oqu.bench.stage import Stage

LONG_AGO = timedelta(days=3650)  # before all that waits here in earnest
FAILED = "a failure of the gateway"


def _nobody(_message: Message) -> list[str]:
    return []


# A gateway that takes everything at once, under a name of its own.
ASIDE = Way("bench", (Channel.SMS,), lambda: True, lambda message: f"bench-{message.pk}", _nobody)


@dataclass(frozen=True)
class Emptied:
    rows: int
    cost: Cost


def messages(stage: Stage, clock: Clock, *, rows: int, failed: bool) -> Emptied:
    """Of as many people."""
    people = [stage.person("Ата-ана") for _ in range(rows)]
    due = _due_times(stage.now, rows, failed=failed)
    made = [
        Message(
            key=f"bench-{failed}-{number}", channel=Channel.SMS, recipient=person, template="filed",
            phone=person.phone, text="Bench", created_at=stage.now, attempts=int(failed), next_try_at=at,
            error=FAILED if failed else "",
        )
        for number, (person, at) in enumerate(zip(people, due, strict=True))
    ]  # fmt: skip
    Message.objects.bulk_create(made)
    return _emptied(lambda: relay.deliver_some(now=timezone.now(), way=ASIDE), clock, rows=rows)


def papers(stage: Stage, clock: Clock, *, rows: int, failed: bool) -> Emptied:
    due = _due_times(stage.now, rows, failed=failed)
    filed = [stage.filed(stage.family()) for _ in range(rows)]
    Paper.objects.bulk_create(
        Paper(
            application=one,
            kind=PaperKind.RECEIPT,
            created_at=stage.now,
            attempts=int(failed),
            next_try_at=at,
        )
        for one, at in zip(filed, due, strict=True)
    )
    waiting = Paper.objects.filter(rendered_at=None, created_at=stage.now)  # no other is of this moment

    def make(paper: Paper) -> None:
        paper.close(file="bench", sha256="0" * 64, rendered_at=stage.now)

    def step() -> int | None:
        return queue.do_some(waiting, make, now=timezone.now(), limit=making.TOGETHER)

    return _emptied(step, clock, rows=rows)


def _due_times(now: datetime, rows: int, *, failed: bool) -> list[datetime]:
    return [now - LONG_AGO + timedelta(seconds=0 if failed else number) for number in range(rows)]


def _emptied(step: Callable[[], int | None], clock: Clock, *, rows: int) -> Emptied:
    done: list[int] = []

    def work() -> None:
        while sum(done) < rows and (took := step()) is not None:
            done.append(took)

    cost = clock.spent(work)
    return Emptied(sum(done), cost)
