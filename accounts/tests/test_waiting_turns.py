"""The line of those who sign as their region opens, by a clock of its own and against the real Redis."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.waiting import terms, turns, words
from accounts.waiting.line import Said
from accounts.waiting.room import Room

pytestmark = pytest.mark.rule("D79")
OPENS = datetime(2026, 6, 28, 19, tzinfo=UTC)


@dataclass
class Button:
    """One signs each second; who asks has pressed it, unless it is said otherwise."""

    rate: int = 60
    now: datetime = field(default=OPENS - timedelta(minutes=10))

    def press(self, who: int, *, joins: bool = True) -> turns.Turn:
        return turns.ask(who, opens=OPENS, joins=joins, rate=self.rate, now=self.now)

    def passed(self, people: list[int], *, at: float) -> list[int]:
        """Which of these may sign when all look again, in this order, so many seconds after the opening."""
        self.now = OPENS + timedelta(seconds=at)
        return [who for who in people if self.press(who, joins=False).said is Said.IN]


@pytest.fixture
def button(own_redis: str) -> Button:
    return Button()


def test_in_the_order_of_pressing_at_the_rate_from_the_opening_on(button: Button) -> None:
    crowd = list(range(40))
    assert {button.press(who).said for who in crowd} == {Said.WAIT}
    assert [button.press(who).before for who in (0, 7, 39)] == [0, 7, 39]  # a second press moves nobody

    assert button.passed(crowd, at=-1) == []
    assert sorted(button.passed(crowd[::-1], at=0)) == crowd[: terms.BURST]  # whoever looks first
    assert button.passed(crowd[10:], at=0.5) == []
    assert button.passed(crowd[10:], at=3) == [10, 11, 12]
    assert button.press(20).before == 7
    assert button.passed(crowd[13:], at=60) == crowd[13 : 13 + terms.BURST]  # and no stampede after a pause
    late = button.press(99)
    assert (late.said, late.before, late.came_at) == (Said.WAIT, 17, button.now)


def test_where_nobody_waits_the_button_opens_at_once_and_who_has_passed_never_waits_again(
    button: Button,
) -> None:
    button.now = OPENS + timedelta(hours=1)
    assert button.press(1).said is Said.IN
    assert {button.press(who).said for who in range(2, 30)} == {Said.IN, Said.WAIT}
    assert button.press(1, joins=False).said is Said.IN


def test_the_absent_hold_nobody_up_and_have_their_number_again(button: Button) -> None:
    ghosts, crowd = list(range(100, 120)), list(range(5))
    for who in ghosts:
        button.press(who)
    button.now = OPENS - timedelta(minutes=1)
    for who in crowd:
        button.press(who)
    assert button.press(0).before == 0
    assert button.press(119).before == 0
    assert button.press(0).before == 1
    assert button.passed(crowd, at=0) == crowd
    assert button.press(119).came_at == OPENS - timedelta(minutes=10)


def test_pages_closed_at_the_front_hold_nobody_up_for_longer_than_two_looks(button: Button) -> None:
    button.now = OPENS - timedelta(seconds=10)
    for who in range(100, 150):
        button.press(who)
    button.now = OPENS
    assert button.press(1).before == 50

    assert [at for at in (10, 20, 30) if button.passed([1], at=at)] == [30]
    assert button.press(100, joins=False).said is Said.IN  # to their number, and nothing was used up


@pytest.mark.parametrize("place", [1, 2, 8, 11, 12, 16, 61])
def test_no_page_that_looks_again_by_itself_is_taken_for_closed(
    own_redis: str, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """After the longest time that it is told to let pass."""
    monkeypatch.setattr("accounts.waiting.words.secrets.randbelow", lambda end: end - 1)
    for minutes in (0, 1, 2, 7, 10, 11, 20):
        ask = partial(turns.ask, opens=OPENS + timedelta(minutes=minutes), joins=True, rate=1)
        for who in range(place):  # the first has passed, or waits for the opening
            ask(who, now=OPENS)
        told = words.minutes(ask(10**6, now=OPENS).before, 1)
        assert told
        longest = timedelta(seconds=words.reload_after(told + minutes))
        assert ask(10**7, now=OPENS + longest).before > 0, minutes


def test_clocks_that_differ_draw_nothing_twice_and_nobody_in_too_soon(button: Button) -> None:
    crowd = list(range(60))
    for who in crowd:
        button.press(who)
    passed = [who for who in crowd if button.passed([who], at=0.4 if who % 2 else 0.2)]
    assert passed == crowd[: terms.BURST]
    button.now = OPENS - timedelta(seconds=0.1)
    assert (button.press(0).said, button.press(0).before) == (Said.WAIT, 0)  # by the clock of this machine
    assert button.passed([0], at=0) == [0]


def test_who_has_not_pressed_has_no_place_and_each_opening_a_line_of_its_own(button: Button) -> None:
    assert button.press(1, joins=False).said is Said.NONE
    assert button.press(1).said is Said.WAIT
    other = turns.ask(2, opens=OPENS + timedelta(days=3), joins=True, rate=60, now=button.now)
    assert (other.said, other.before, turns.waiting(OPENS)) == (Said.WAIT, 0, 1)


def test_line_is_there_while_a_region_opens_and_ops_want_a_room(own_redis: str, settings: Any) -> None:
    settings.WAITING_ROOM, settings.WAITING_ROOM_RATE = "auto", 90
    settings.WAITING_ROOM_BEFORE, settings.WAITING_ROOM_AFTER = 30, 60
    mine, minute = Room(), timedelta(minutes=1)

    there = {at: mine.has_turns(OPENS, now=OPENS + at * minute) for at in (-31, -30, 0, 59, 60)}

    assert there == {-31: False, -30: True, 0: True, 59: True, 60: False}
    assert not mine.has_turns(None, now=OPENS)
    assert mine.signatures() == 90 * terms.SIGNATURES
    mine.order(terms.Mode.AUTO, rate=10)
    assert mine.signatures() == 10 * terms.SIGNATURES
    mine.order(terms.Mode.OFF)
    assert not mine.has_turns(OPENS, now=OPENS)


def test_without_redis_nobody_is_held(settings: Any, own_redis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///no/such"}}

    assert Room().turn(1, opens=OPENS, joins=True, now=OPENS) is None
