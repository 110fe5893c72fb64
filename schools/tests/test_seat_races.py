"""Many signers at once for the last places: exactly the right number win, every time (R75, D3)."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from schools import seats
from schools.models import Intake, School

SIGNERS, REPEATS = 24, 5


def race(moves: list[Callable[[], object]]) -> Counter[str]:
    """Run every move in a thread and a transaction of its own, all let go together; how did they end?"""
    gate, ends = threading.Barrier(len(moves)), []

    def run(move: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=120)
            with transaction.atomic():
                move()
            ends.append("won")
        except seats.SeatsError as error:
            ends.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def taking(intake: Intake, *, outside: bool) -> Callable[[], object]:
    return lambda: seats.take(intake.pk, outside=outside)


@pytest.mark.rule("R75", "R200", "D3")
@pytest.mark.django_db(transaction=True)
def test_exactly_the_outside_places_are_won(make_school: Callable[..., School]) -> None:
    for repeat in range(REPEATS):
        intake = make_school("711210000", f"№{repeat} мектеп", kk=20).intakes.get()

        ends = race([taking(intake, outside=True)] * SIGNERS)

        intake.refresh_from_db()
        assert ends == {"won": 5, "OutsideFull": SIGNERS - 5}
        assert (intake.held_local, intake.held_outside) == (0, 5)


@pytest.mark.rule("D3", "D3a")
@pytest.mark.django_db(transaction=True)
def test_microdistrict_always_wins_and_outside_stops_in_time(make_school: Callable[..., School]) -> None:
    for repeat in range(REPEATS):
        intake = make_school("711210000", f"№{repeat} мектеп", kk=12).intakes.get()

        ends = race([taking(intake, outside=number % 2 == 0) for number in range(SIGNERS)])

        intake.refresh_from_db()
        assert intake.held_local == SIGNERS // 2
        assert intake.held_outside <= 3
        assert ends["won"] == intake.held_local + intake.held_outside
        assert ends.total() == SIGNERS


@pytest.mark.rule("R113", "D3")
@pytest.mark.django_db(transaction=True)
def test_places_given_back_and_taken_at_once_are_counted_right(make_school: Callable[..., School]) -> None:
    intake = make_school("711210000", "№63 мектеп", kk=40).intakes.get()
    with transaction.atomic():
        for _ in range(10):
            seats.take(intake.pk, outside=True)

    def giving() -> None:
        seats.give_back(intake.pk, outside=True)

    ends = race([giving] * 10 + [taking(intake, outside=True)] * 14)

    intake.refresh_from_db()
    took = ends["won"] - 10
    assert intake.held_outside == took <= 10
    assert ends["OutsideFull"] == 14 - took
