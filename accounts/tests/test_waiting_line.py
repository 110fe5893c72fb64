"""The line before the sign-in, by a clock of its own and against the real Redis: who is let in, and when."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from accounts.waiting import line, slips, terms, words
from accounts.waiting.line import Answer, Said

pytestmark = pytest.mark.rule("D68")
NOON = 1_780_000_000.0


class Door:
    """The line, its clock and those who stand in it, by the names that a test gives them."""

    def __init__(self) -> None:
        self.now = NOON
        self.names: dict[str, str] = {}
        self.numbers: dict[str, int] = {}

    def ask(self, what: str, who: str = "", more: str = "") -> Answer:
        return line.ask(what, now=self.now, slip=self.names.get(who, who), more=more)

    def come(self, who: str, network: str = "") -> Said:
        self.names[who] = slips.new_name(self.now)
        answer = self.ask("come", who, network)
        self.numbers[who] = answer.number
        return answer.said

    def come_all(self, people: list[str]) -> set[Said]:
        return {self.come(who) for who in people}

    def reload(self, who: str) -> Said:
        """What the browser does: it asks, and goes in when it is its turn."""
        said = self.ask("ask", who, str(self.numbers[who])).said
        return self.ask("enter", who).said if said is Said.TURN else said

    def let_in(self, people: list[str], *, after: float) -> list[str]:
        """Who of these comes in when all look again, so many seconds later."""
        self.now += after
        return [who for who in people if self.reload(who) is Said.IN]


@pytest.fixture
def door(settings: Any, own_redis: str) -> Door:
    """One is let in each second, as long as fewer than fifty are inside; the first second is spent."""
    settings.WAITING_ROOM, settings.WAITING_ROOM_RATE, settings.WAITING_ROOM_PLACES = "on", 60, 50
    door = Door()
    assert door.come("first of all") is Said.IN
    return door


def people(count: int, kind: str = "p") -> list[str]:
    return [f"{kind}{number}" for number in range(count)]


def test_in_the_order_of_coming_at_the_rate(door: Door) -> None:
    crowd = people(40)
    assert door.come_all(crowd) == {Said.WAIT}

    came = [door.let_in(list(reversed(crowd)), after=1) for _second in range(5)]
    assert came == [["p0"], ["p1"], ["p2"], ["p3"], ["p4"]]  # whoever looks first
    assert door.let_in(crowd[5:], after=4) == crowd[5:9]
    assert door.ask("ask", "p20", "22").before == 20 - 9
    after_a_pause = door.let_in(crowd[9:], after=100)
    assert after_a_pause == crowd[9 : 9 + terms.BURST]  # and no stampede


def test_a_newcomer_goes_in_at_once_only_where_nobody_waits(door: Door) -> None:
    door.now += 10
    assert door.come("a") is Said.IN
    door.come_all(people(10))
    assert door.come("late") is Said.WAIT


def test_places_are_given_when_others_have_gone(door: Door, settings: Any) -> None:
    settings.WAITING_ROOM_PLACES = 3
    crowd = people(20)
    door.come_all(crowd)

    assert door.let_in(crowd, after=5) == crowd[:2]  # with who came first of all
    assert door.let_in(crowd[2:], after=5) == []
    for person, who in enumerate(["first of all", *crowd[:2]]):
        assert door.ask("spend", who, str(person)).said is Said.IN
    for minute in range(4):  # one goes on working
        door.now += terms.MINUTE
        door.ask("present", more="0")
        assert door.let_in(crowd[2:], after=0) == [], minute
    assert door.let_in(crowd[2:], after=62) == crowd[2:4]


def test_the_absent_hold_nobody_up_and_come_back_to_their_place(door: Door, settings: Any) -> None:
    settings.WAITING_ROOM_PLACES = 1
    ghosts, crowd = people(10, "ghost"), people(5)
    door.come_all(ghosts)
    door.come_all(crowd)
    step = terms.ABSENT - 1
    assert door.let_in(crowd, after=step) == []  # the first ghost is called, the place held
    door.now += 2
    assert door.ask("look").room.waiting == len(crowd)
    assert door.ask("ask", "p0", str(door.numbers["p0"])).before == 0
    assert door.let_in(crowd, after=terms.CALLED) == ["p0"]  # the other ghosts are gone, and then the called

    assert door.reload("ghost3") is Said.WAIT
    assert door.ask("ask", "ghost3", str(door.numbers["ghost3"])).before == 0  # before p1 again
    settings.WAITING_ROOM_PLACES = 2
    assert door.let_in(["p1", "ghost3"], after=1) == ["ghost3"]
    settings.WAITING_ROOM_PLACES = 3
    assert door.let_in(["p1"], after=1) == ["p1"]
    door.now += terms.GRACE
    assert door.reload("ghost4") is Said.NONE


def test_who_is_called_and_does_not_come_uses_up_nothing_of_the_rate(door: Door, settings: Any) -> None:
    settings.WAITING_ROOM_PLACES = 1000
    door.ask("spend", "first of all", "0")
    door.come_all(people(5, "ghost"))
    door.now += 5
    assert door.ask("look").room.called == 5
    door.come_all(people(300))

    for _look in range(terms.CALLED // 5):
        door.now += 5
        standing = door.ask("look").room

    assert standing.waiting == 300 - terms.CALLED - 5  # the ghosts are given up by now


def test_slips_that_are_none(door: Door, settings: Any, subtests: pytest.Subtests) -> None:
    door.come("honest")
    with subtests.test("one that nobody has given out"):
        door.numbers["mine"] = -1000
        assert door.reload("mine") is Said.NONE
        assert door.ask("enter", "mine").said is Said.NONE
    with subtests.test("a number of one's own beside a true name moves nobody"):
        door.come("liar")
        door.numbers["liar"] = -1000
        assert door.reload("liar") is Said.WAIT
        assert door.ask("ask", "liar", "-1000").before == 1
    with subtests.test("a place is no pass"):
        assert door.ask("enter", "honest").said is Said.NONE
    with subtests.test("a copied slip lets in nobody else, and a spent one nobody"):
        assert door.let_in(["honest"], after=1) == ["honest"]
        assert door.reload("honest") is Said.NONE
    with subtests.test("a copied pass lets in one person, again and again, and nobody else"):
        assert door.ask("spend", "honest", "1").said is Said.IN
        assert door.ask("spend", "honest", "2").said is Said.NONE
        assert door.ask("enter", "honest").said is Said.IN  # to sign in once more
        assert door.ask("spend", "honest", "1").said is Said.IN
    with subtests.test("a pass that nobody used ends"):
        assert door.let_in(["liar"], after=1) == ["liar"]
        door.now += terms.PASS + 1
        assert door.ask("enter", "liar").said is Said.NONE
        assert door.ask("spend", "honest", "1").said is Said.NONE
    with subtests.test("one of an earlier opening"):
        door.come_all(people(20))
        assert door.reload("p15") is Said.WAIT
        door.ask("order", more="off")
        assert door.reload("p15") is Said.FREE
        door.ask("order", more="")
        assert door.reload("p15") is Said.NONE


def test_who_asks_for_many_slips_is_served_once_for_each_that_comes(door: Door) -> None:
    """A thousand slips before an honest one cost it nothing, once they are not looked after."""
    door.come_all(people(300, "robot"))
    door.come("honest")
    door.reload("honest")
    for _minute in range(4):
        door.now += terms.MINUTE - 1
        door.reload("honest")
    assert door.ask("ask", "honest", "302").before > 0
    assert door.let_in(["honest"], after=terms.MINUTE) == ["honest"]


@pytest.mark.parametrize("homes", [1, 10**6])
def test_one_network_without_an_account_takes_no_more_than_its_share(
    door: Door, settings: Any, homes: int
) -> None:
    """Three robots a second beside one parent, as many as the rate, from one village or from everywhere; all
    reload every twenty seconds and use their pass."""
    settings.WAITING_ROOM_PLACES = 600
    waiting: dict[str, int] = {}
    let_in = {"robot": 0, "parent": 0}
    for second in range(120):
        door.now += 1
        come = {f"robot-{second}-{one}": "robots" for one in range(3)}
        come |= {f"parent-{second}": f"home {second % homes}"}
        said = {who: door.come(who, network) for who, network in come.items()}
        said |= {who: door.reload(who) for who, since in waiting.items() if (second - since) % 20 == 0}
        waiting |= dict.fromkeys(come, second)
        for who in [who for who, told in said.items() if told is Said.IN]:
            del waiting[who]
            let_in[who.partition("-")[0]] += 1
            if who.startswith("parent"):
                door.ask("spend", who, who)

    assert let_in["parent"] > {1: 36, 10**6: 52}[homes]  # in the order of coming 26


def test_passes_that_are_reloaded_for_ever_fill_no_place_for_ever(door: Door, settings: Any) -> None:
    """Two robots a minute, without an account, show each pass that they have got every hundred seconds."""
    settings.WAITING_ROOM_RATE, settings.WAITING_ROOM_PLACES = 6, 30
    waiting: list[str] = []
    passes: dict[str, int] = {}
    came_in: list[int] = []
    for tick in range(40 * 3):
        door.now += 20
        comes = [f"{kind}-{tick}" for kind in ("robot", "parent") if tick % 3 < 2]
        waiting += [who for who in comes if door.come(who, who if "parent" in who else "robots") is Said.WAIT]
        for who in [who for who in waiting if door.reload(who) is Said.IN]:
            waiting.remove(who)
            if who.startswith("robot"):
                passes[who] = tick
            else:
                door.ask("spend", who, who)
                came_in.append(tick // 3)
        for who in [who for who, since in passes.items() if (tick - since) % 5 == 0]:
            door.ask("enter", who)

    assert came_in.count(39) > 0
    assert len(passes) > settings.WAITING_ROOM_PLACES
    assert door.ask("enter", min(passes, key=lambda who: passes[who])).said is Said.NONE


def test_a_sign_in_that_began_with_a_pass_may_end_after_it(door: Door) -> None:
    door.now += terms.PASS - 1
    assert door.ask("enter", "first of all").said is Said.IN
    door.now += 10 * terms.MINUTE  # eGov takes its time
    assert door.ask("enter", "first of all").said is Said.NONE
    assert door.ask("spend", "first of all", "1").said is Said.IN


def test_a_network_with_thousands_of_phones_loses_nothing_where_nobody_else_waits(
    door: Door, settings: Any
) -> None:
    settings.WAITING_ROOM_PLACES = 600
    crowd = people(100)
    for who in crowd:
        door.come(who, "operator")
    came = [who for _turn in range(10) for who in door.let_in(crowd, after=5)]
    assert came == crowd[:50]

    door.come("alone", "village")
    assert door.ask("ask", "p70", str(door.numbers["p70"])).before == 20
    came = [who for _turn in range(4) for who in door.let_in([*crowd[50:], "alone"], after=5)]
    assert "alone" in came  # before the rest, who keep their order
    assert [who for who in came if who != "alone"] == crowd[50 : 50 + len(came) - 1]


def test_who_is_held_is_told_a_wait_of_their_own(door: Door, settings: Any) -> None:
    settings.WAITING_ROOM_PLACES = 1000
    door.now = (NOON // 60 + 1) * 60  # a minute begins
    for one in range(100):
        door.come(f"p{one}", "operator")
    came_at = int(door.now)
    door.now += 5
    for one in range(100):
        door.come(f"home{one}", f"home {one}")
    for _look in range(6):
        door.now += 5
        door.ask("look")

    for after in (0, 31):  # also when the next minute has begun, and nobody is held yet
        door.now += after
        last = door.ask("ask", "p99", str(door.numbers["p99"]))
        assert last.said is Said.WAIT
        assert last.per_minute == 20
        assert door.ask("ask", "home99", str(door.numbers["home99"])).per_minute == 60
        assert last.room.longest == int(door.now) - came_at


def test_who_signs_in_slowly_uses_up_their_share_of_the_rate_once(door: Door, settings: Any) -> None:
    settings.WAITING_ROOM_PLACES = 600
    door.come("slow")
    assert door.let_in(["slow"], after=1) == ["slow"]
    door.come("quick")
    assert door.let_in(["quick"], after=1) == ["quick"]
    door.come_all(people(300))
    waiting = []
    for look in range(terms.SIGNING_IN // 5 + 1):
        door.now += 5
        if look == 1:
            door.ask("spend", "quick", "2")
        waiting.append(door.ask("look").room.waiting)
    assert waiting[0] - waiting[-1] == 5 * (len(waiting) - 1) + 2  # that of who came first of all, and this
    for _again in range(2):
        door.ask("spend", "slow", "1")

    door.now += 5
    assert door.ask("look").room.waiting == waiting[-1] - 4


@pytest.mark.parametrize(("somebody", "most"), [(False, 1), (True, 2)])
def test_an_outage_of_the_sign_in_neither_opens_the_door_wide_nor_shuts_it(
    door: Door, settings: Any, monkeypatch: pytest.MonkeyPatch, somebody: bool, most: int
) -> None:
    """For eight minutes nobody, or hardly anybody, who is let in can sign in; then all of them at once."""
    settings.WAITING_ROOM_PLACES = 3000
    monkeypatch.setattr(terms, "ABSENT", terms.GRACE)
    waiting = people(1100)
    door.come_all(waiting)
    let_in: list[str] = []

    def go_on(minutes: int) -> int:
        before = len(let_in)
        for _look in range(minutes * 20):
            door.now += 3
            if somebody:
                door.ask("spend", "first of all", "1")
            while waiting and door.reload(waiting[0]) is Said.IN:
                let_in.append(waiting.pop(0))
        return len(let_in) - before

    assert 8 * 60 <= go_on(8) <= (8 * most + 1) * 60
    for who in let_in:
        door.ask("spend", who, who)
    assert 60 < go_on(2 + most) <= (2 + most) * 60 * most


def test_twice_at_once(door: Door) -> None:
    door.come("one")
    door.now += 1
    assert door.ask("ask", "one", "2").said is Said.TURN
    with ThreadPoolExecutor(8) as pool:
        fresh = [slips.new_name(door.now) for _each in range(200)]
        numbers = pool.map(lambda name: door.ask("come", name).number, fresh)
        assert sorted(numbers) == list(range(3, 203))  # nobody has another's
        entered = list(pool.map(lambda _time: door.ask("enter", "one").said, range(16)))
        assert set(entered) == {Said.IN}  # a reload beside a reload
        assert door.ask("look").room.let_in == 2
        spent = list(pool.map(lambda person: door.ask("spend", "one", str(person)).said, range(16)))
        assert spent.count(Said.IN) == 1


def test_by_load_and_by_the_clock(door: Door, settings: Any, subtests: pytest.Subtests) -> None:
    settings.WAITING_ROOM, settings.WAITING_ROOM_PLACES = "auto", 10
    settings.WAITING_ROOM_BEFORE, settings.WAITING_ROOM_AFTER = 30, 60
    door.now += terms.ACTIVE
    with subtests.test("as many as there are places go in without a room, the next waits"):
        assert door.come_all(people(10)) == {Said.FREE}
        assert door.come("late") is Said.WAIT
        assert door.ask("look").room.on
    with subtests.test("it stays while somebody waits, then ends by itself"):
        assert door.let_in(["late"], after=terms.SIGNING_IN + 1) == ["late"]
        assert not door.ask("look").room.on
    with subtests.test("before a region opens, and after"):
        opens = door.now + 3600
        line.announce([opens])
        for minutes, on in ((-31, False), (-29, True), (0, True), (59, True), (61, False)):
            door.now = opens + minutes * terms.MINUTE
            assert door.ask("look").room.on == on, minutes
    with subtests.test("who came before the opening does not come in at once then"):
        settings.WAITING_ROOM_RATE = 600
        line.announce([door.now + 1000])
        settings.WAITING_ROOM_PLACES = 20
        crowd = people(40, "early")
        door.come_all(crowd)
        assert len(door.let_in(crowd, after=1010)) == 20


def test_words_are_coarse_and_never_hopeful(subtests: pytest.Subtests) -> None:
    cases = [
        (0, 60.0, 1, "Бір минуттай күтесіз."),
        (59, 60.0, 1, "Бір минуттай күтесіз."),
        (60, 60.0, 2, "Шамамен 2 минут күтесіз."),
        (11 * 60, 60.0, 15, "Шамамен 15 минут күтесіз."),
        (61 * 60, 60.0, 90, "Шамамен 1 сағат 30 минут күтесіз."),
        (99 * 60, 60.0, 120, "Шамамен 2 сағат күтесіз."),
        (5, None, None, "Қанша күтетініңізді әзірге айту мүмкін емес."),
        (5, 0.0, None, "Қанша күтетініңізді әзірге айту мүмкін емес."),
    ]
    for before, rate, minutes, told in cases:
        with subtests.test(f"{before} at {rate}"):
            assert words.minutes(before, rate) == minutes
            assert words.in_words(minutes) == told
    assert {words.reload_after(1) for _time in range(200)} == {10, 11, 12}
    assert max(words.reload_after(10_000) for _time in range(200)) < terms.ABSENT
