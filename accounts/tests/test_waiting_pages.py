"""At the door: who passes and who waits, the lanes, what is never turned away, the page of who waits."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import throttle
from accounts.models import Child, Order, User
from accounts.tests.conftest import Egov, Known, come_back, sign_in, start
from accounts.waiting import line, middleware, room, slips, terms, turns
from accounts.waiting.room import Room
from applications.models import Application
from conftest import ALMATY
from oqu import rush as oqu_rush
from schools import rush
from schools.models import Role, School, StaffMember

pytestmark = pytest.mark.rule("D68")
LOGIN = "/login/?next=/applications/"
STAFF_DOOR = "/login/?next=/applications/&staff=1"
OTHER = Known("880120399905", "Ахметов", "Данияр")
PLACE = "Кезектегі орныңыз: "


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """clock(seconds): of this process, which a test moves; what it knew of the room is forgotten."""
    now = [1000.0]
    monkeypatch.setattr(room, "monotonic", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    room.room.__dict__.update(Room().__dict__)
    yield later
    room.room.__dict__.update(Room().__dict__)


@pytest.fixture
def full(own_redis: str, egov: Egov, settings: Any, clock: Callable[[float], None], db: None) -> Egov:
    """A room that is on, with one place, which is taken."""
    settings.WAITING_ROOM, settings.WAITING_ROOM_PLACES, settings.WAITING_ROOM_RATE = "on", 1, 60_000
    ask("come", slip=slips.new_name(0))
    egov.people[OTHER.iin] = OTHER
    return egov


def ask(what: str, **more: str) -> line.Answer:
    return line.ask(what, now=timezone.now().timestamp(), **more)


def make_room(settings: Any) -> None:
    settings.WAITING_ROOM_PLACES += 1


def waits(answer: Any) -> bool:
    return answer.status_code == 200 and PLACE in answer.content.decode()


def leads_to_egov(answer: Any, settings: Any) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(settings.EGOV_IDP_URL)


def test_one_waits_and_is_let_in_at_the_same_address(
    client: Client, full: Egov, settings: Any, subtests: pytest.Subtests
) -> None:
    with subtests.test("the page costs no question and no session, and is small"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get(LOGIN)
        assert waits(page)
        assert len(asked) == 0
        assert settings.SESSION_COOKIE_NAME not in page.cookies
        assert len(page.content) < 5000
        assert page["Cache-Control"] == "no-store"
        assert terms.SOONEST <= int(page["Refresh"]) == int(page["Retry-After"]) <= terms.LATEST * 1.25
    with subtests.test("the slip goes to the sign-in alone, and no script reads it"):
        cookie = page.cookies[slips.COOKIE]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/login/", True, "Lax")
    with subtests.test("in the other language"):
        russian = client.get(LOGIN, headers={"Accept-Language": "ru"}).content.decode()
        assert "Ваше место в очереди: 1" in russian
        assert '<html lang="ru">' in russian
    with subtests.test("it is said in words, and the place moves"):
        other = Client()
        assert "Алдыңызда тұрғандар: 1." in other.get(LOGIN).content.decode()
        make_room(settings)
        turn = client.get(LOGIN)
        assert (turn.status_code, turn["Location"]) == (302, LOGIN)
        assert "Алдыңызда тұрғандар: 0." in other.get(LOGIN).content.decode()
    with subtests.test("a pass that was lost on the way is given again, until it is used"):
        copy = Client()
        copy.cookies[slips.COOKIE] = cookie.value
        assert copy.get(LOGIN).status_code == 302
    with subtests.test("the page that was wanted"):
        answer = sign_in(client, full, next="/applications/")
        assert answer["Location"].endswith("/applications/")
        assert answer.cookies[slips.COOKIE].value == ""
    with subtests.test("who is in stays in, and the room's cookie is gone"):
        assert client.get("/profile/").status_code == 200
        assert client.get(LOGIN)["Location"] == "/applications/"


def test_pages_without_a_room(client: Client, full: Egov, parent: User, settings: Any) -> None:
    """Whoever must not be stopped is not: a visitor, a phone that signs, a machine, somebody inside."""
    for address in (
        "/", "/service/", "/schedule/", "/questions/", "/before/", "/schools/", "/check/", "/healthz",
        "/logout/", "/login/stale/", "/egov-sign/mgovSign/none", "/sign/none/",
    ):  # fmt: skip
        assert not waits(client.get(address)), address
    assert not waits(client.post("/webhooks/sms/mobizon/", {}))
    assert waits(client.get("/applications/", follow=True))  # by way of the sign-in
    client.force_login(parent)
    for address in ("/applications/", "/applications/new/", "/profile/", "/children/"):
        assert client.get(address).status_code == 200, address
    assert client.post("/profile/", {}).status_code == 400


def test_nobody_jumps(full: Egov, parent: User, settings: Any, subtests: pytest.Subtests) -> None:
    first = Client()
    assert waits(first.get(LOGIN))
    cookie = first.cookies[slips.COOKIE].value
    with subtests.test("by a button"):
        answer = Client().post("/login/", {"next": "/applications/"})
        assert (answer.status_code, answer["Location"]) == (303, LOGIN)
        answer = first.post("/login/", {"next": "/applications/"})
        assert (answer.status_code, answer["Location"]) == (303, LOGIN)
    with subtests.test("by a changed cookie, or none: a place at the end"):
        for forged in (cookie[:-1] + "x", "nonsense", "", cookie.replace(":", ".", 1)):
            jumper = Client()
            jumper.cookies[slips.COOKIE] = forged
            assert waits(jumper.get(LOGIN))
            assert jumper.cookies[slips.COOKIE].value != cookie
        assert f"{PLACE}1<" in first.get(LOGIN).content.decode()
    with subtests.test("by a pass that was copied: it is good for one person"):
        make_room(settings)
        assert first.get(LOGIN).status_code == 302
        thief = Client()
        thief.cookies[slips.COOKIE] = first.cookies[slips.COOKIE].value
        state, other = start(first), start(thief)
        late = Client()
        late.cookies[slips.COOKIE] = cookie  # the slip that was the pass's is spent by now
        assert waits(late.get(LOGIN))
        come_back(first, full, state)
        answer = come_back(thief, full, other, iin=OTHER.iin, code="other")
        assert answer["Location"].startswith("/login/")
        assert "_auth_user_id" not in thief.session
        assert waits(thief.get(LOGIN))


def test_staff_have_a_lane_that_is_no_parents(
    client: Client, full: Egov, parent: User, settings: Any, subtests: pytest.Subtests
) -> None:
    assert waits(client.get(LOGIN))
    Client().get(LOGIN)
    with subtests.test("a parent keeps the place they had"):
        answer = sign_in(client, full, staff="1", next="/applications/")
        assert answer["Location"] == "/login/?next=/applications/&refused=1"
        assert "_auth_user_id" not in client.session
        page = client.get(answer["Location"])
        assert waits(page)
        assert f"{PLACE}1<" in page.content.decode()
        assert "қызметкерлеріне арналған" in page.content.decode()
    with subtests.test("whose session has ended is led by a page with a button"):
        staff = Client()
        session = staff.session
        session["session_ended"] = True
        session.save()
        staff.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        page = staff.get(STAFF_DOOR)
        assert 'name="staff" value="1"' in page.content.decode()
        assert leads_to_egov(staff.post("/login/", {"next": "/", "staff": "1"}), settings)
    with subtests.test("who has a post is in at once"):
        StaffMember.objects.create(user=parent, role=Role.OPS)
        sign_in(client, full, staff="1")
        assert "_auth_user_id" in client.session


@pytest.fixture
def at_the_button(
    full: Egov, parent: User, make_application: Callable[..., Application], client: Client
) -> Callable[..., Any]:
    """Of a draft: who works here has come by the lane, while a parent waits at the door."""
    StaffMember.objects.create(user=parent, role=Role.OPS)
    waits(Client().get(LOGIN))
    sign_in(client, full, staff="1")
    mine = make_application()
    return lambda method, draft=mine: getattr(client, method)(reverse("filing:sign", args=[draft.public_id]))


def test_who_came_by_the_lane_signs_for_their_own_child_after_those_who_waited(
    client: Client, at_the_button: Callable[..., Any], full: Egov, settings: Any
) -> None:
    assert "/sign/" not in at_the_button("get")["Location"]  # nothing was pressed
    assert at_the_button("post")["Location"].startswith("/sign/")
    page = at_the_button("get")
    assert waits(page) and f"{PLACE}2<" in page.content.decode()
    assert "Қызметкерлердің кіру беті арқылы кірдіңіз" in page.content.decode()
    at_the_button("post")
    assert f"{PLACE}2<" in at_the_button("get").content.decode()
    assert client.get("/ops/").status_code == 200  # nothing else waits

    settings.WAITING_ROOM_PLACES += 2
    assert at_the_button("get").status_code == 403  # the turn has come: the register knows no such tie
    assert at_the_button("post").status_code == 403


def test_who_has_pressed_for_one_child_has_not_pressed_for_another(
    at_the_button: Callable[..., Any],
    make_application: Callable[..., Application],
    settings: Any,
) -> None:
    """Both stand at the one place of their parent."""
    other = make_application(child=Child.objects.create(iin="201231599999", birth_date=date(2020, 12, 31)))
    at_the_button("post")
    assert at_the_button("get", other)["Location"] == reverse("cabinet:application", args=[other.public_id])
    settings.WAITING_ROOM_PLACES += 2
    assert at_the_button("get", other)["Location"] == reverse("cabinet:application", args=[other.public_id])
    assert at_the_button("get").status_code == 403  # its turn has come


def test_a_lane_is_no_way_round_the_door(
    client: Client, at_the_button: Callable[..., Any], full: Egov, settings: Any
) -> None:
    client.get("/ops/")
    del client.cookies[settings.SESSION_COOKIE_NAME]
    assert waits(client.get(LOGIN))  # whoever had waited goes on
    sign_in(client, full, staff="1")
    assert at_the_button("post")["Location"].startswith("/sign/")

    ask("order", more="off")
    assert at_the_button("get").status_code == 403


@pytest.mark.parametrize("pressed", ["before", "meanwhile"])
def test_a_slow_moment_of_redis_lets_nobody_of_the_lane_jump_the_line(
    client: Client,
    at_the_button: Callable[..., Any],
    settings: Any,
    clock: Callable[[float], None],
    pressed: str,
) -> None:
    address = settings.CACHES["default"]["LOCATION"]
    if pressed == "before":
        at_the_button("post")
    move(settings, "unix:///no/such")
    assert at_the_button("post")["Location"].startswith("/sign/")
    assert "Орныңыз сақталып тұр." in at_the_button("get").content.decode()
    assert room.room.is_on()
    move(settings, address)
    clock(2)
    assert f"{PLACE}2<" in at_the_button("get").content.decode()

    move(settings, "unix:///no/such")
    at_the_button("get")
    clock(room.PATIENCE + 1)
    assert not room.room.is_on()
    assert at_the_button("get").status_code == 403  # as without a line
    assert "/sign/" not in at_the_button("get")["Location"]  # and the button was pressed once


def test_who_was_in_a_moment_ago_goes_on_alone(full: Egov, parent: User, settings: Any) -> None:
    """A session that reached its twelve hours under somebody's hands."""
    client = Client()
    client.force_login(parent)
    client.get("/profile/")
    del client.cookies[settings.SESSION_COOKIE_NAME]
    other = start(client)
    answer = come_back(client, full, other, iin=OTHER.iin)
    assert answer["Location"].startswith("/login/")
    sign_in(client, full)
    assert client.session["_auth_user_id"] == str(parent.pk)
    client.post("/logout/")
    assert waits(client.get(LOGIN))


def test_the_sign_in_that_began_before_the_room_is_finished(full: Egov, parent: User, settings: Any) -> None:
    for mode in ("off", "auto"):
        ask("order", more=mode)
        room.room.__dict__.update(Room().__dict__)
        if mode == "auto":
            settings.WAITING_ROOM_PLACES = 50
        client = Client()
        state = start(client)
        ask("order", more="on")
        settings.WAITING_ROOM_PLACES = 1
        come_back(client, full, state, code=mode)
        assert client.session["_auth_user_id"] == str(parent.pk), mode


def test_off_costs_a_look_a_second_and_counts_nobody(
    client: Client, full: Egov, parent: User, settings: Any, clock: Callable[[float], None], monkeypatch: Any
) -> None:
    settings.WAITING_ROOM = "off"
    asked: list[str] = []
    plain = line.ask

    def noted(what: str, **more: Any) -> line.Answer:
        asked.append(what)
        return plain(what, **more)

    monkeypatch.setattr(line, "ask", noted)
    for _visit in range(5):
        assert leads_to_egov(Client().get(LOGIN), settings)
    client.force_login(parent)
    client.get("/profile/")
    assert asked == ["look"]
    clock(2)
    client.get("/service/")
    assert leads_to_egov(Client().get(LOGIN), settings)
    assert asked == ["look", "look"]
    settings.WAITING_ROOM = "auto"
    clock(2)
    other = Client()
    other.force_login(parent)
    other.get("/profile/")
    other.get("/profile/")
    assert asked == ["look"] * 3 + ["present"]


def test_nobody_slips_through_while_a_process_starts(full: Egov) -> None:
    fresh, together = Room(), Barrier(8)

    def come(_each: int) -> bool:
        together.wait()
        return fresh.is_at_work()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(come, range(8))) == {True}


@pytest.mark.parametrize(("mode", "kept"), [("on", True), ("auto", True), ("off", False)])
def test_a_process_that_begins_while_redis_is_silent_holds_as_the_settings_say(
    full: Egov, settings: Any, clock: Callable[[float], None], mode: str, *, kept: bool
) -> None:
    """For the same moment as one that knew the room; then the way is free."""
    settings.WAITING_ROOM = mode
    move(settings, "unix:///no/such")

    assert (room.room.is_at_work(), room.room.holds()) == (kept, kept)
    assert ("Орныңыз сақталып тұр." in Client().get(LOGIN).content.decode()) is kept
    clock(room.PATIENCE + 1)
    assert (room.room.is_at_work(), room.room.holds()) == (kept, False)
    assert leads_to_egov(Client().get(LOGIN), settings)


def within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those in which the throttle counts."""
    begun = time.time()
    monkeypatch.setattr(throttle, "time", lambda: begun)


def test_many_slips_of_one_address(full: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "SLIPS", 3)
    within_one_minute(monkeypatch)
    browsers = [Client() for _each in range(3)]
    for browser in browsers:
        assert waits(browser.get(LOGIN))
    for browser in browsers:
        assert waits(browser.get(LOGIN))  # who has one is not counted again
    late = [Client().get(LOGIN) for _each in range(9)]
    assert {answer.status_code for answer in late} == {200}
    assert not any(slips.COOKIE in answer.cookies or waits(answer) for answer in late)
    again = {int(answer["Refresh"]) for answer in late}
    assert terms.SOONEST <= min(again) < max(again) < terms.SOONEST + terms.MINUTE  # spread
    told = late[0].content.decode()
    assert "сіздің желіңізден" in told and "Орныңыз сақталып тұр." not in told
    assert "Сұрау тым жиі" not in told
    assert "орын алуға қайта әрекет жасайды" in told and "орын береді" not in told  # no promise
    russian = Client().get(LOGIN, headers={"Accept-Language": "ru"}).content.decode()
    assert "Сейчас из вашей сети" in russian

    monkeypatch.setattr(middleware, "SLIPS", 300)
    assert waits(Client().get(LOGIN))  # when it looks again


def test_one_address_is_not_held_up_where_nobody_waits(
    own_redis: str, egov: Egov, settings: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WAITING_ROOM, settings.WAITING_ROOM_PLACES = "auto", 100
    monkeypatch.setattr(middleware, "SLIPS", 1)

    assert all(leads_to_egov(Client().get(LOGIN), settings) for _each in range(3))


def test_many_slips_of_many_networks_that_are_one_persons(
    full: Egov, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRUSTED_PROXIES = 1
    monkeypatch.setattr(middleware, "SLIPS_OF_SITE", 3)
    within_one_minute(monkeypatch)

    def come(address: str) -> bool:
        return waits(Client().get(LOGIN, headers={"X-Forwarded-For": address}))

    assert [come(f"2001:db8:0:{n}::1") for n in range(4)] == [True, True, True, False]
    assert come("2001:db8:1:1::1")


@pytest.fixture
def full_redis(own_redis: str, tmp_path: Path) -> Iterator[str]:
    """A Redis whose memory is used up."""
    program = redis.Redis.from_url(own_redis).info("server")["executable"]
    address = tmp_path / "full.sock"
    options = [
        "--port",
        "0",
        "--unixsocket",
        str(address),
        "--save",
        "",
        "--maxmemory",
        "1",
        "--dir",
        str(tmp_path),
    ]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        while not is_listening(address):
            assert process.poll() is None
            time.sleep(0.01)
        yield f"unix://{address}"
    finally:
        process.terminate()
        process.wait()


def is_listening(address: Path) -> bool:
    """The file is there a moment before."""
    with socket.socket(socket.AF_UNIX) as asking:
        return asking.connect_ex(str(address)) == 0


def move(settings: Any, address: str) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}


def test_without_redis_the_door_is_open(
    client: Client,
    full: Egov,
    settings: Any,
    clock: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert waits(client.get(LOGIN))
    address = settings.CACHES["default"]["LOCATION"]
    move(settings, "unix:///no/such")
    held = client.get(LOGIN).content.decode()
    assert "Орныңыз сақталып тұр." in held
    assert "Қанша күтетініңізді әзірге айту мүмкін емес." not in held
    clock(room.PATIENCE - 1)
    assert "Орныңыз сақталып тұр." in Client().get(LOGIN).content.decode()
    move(settings, address)
    clock(2)
    assert f"{PLACE}1<" in client.get(LOGIN).content.decode()  # a slow moment has let in nobody
    move(settings, "unix:///no/such")
    client.get(LOGIN)
    clock(room.PATIENCE + 1)
    sign_in(client, full)
    assert "_auth_user_id" in client.session
    told = [one.getMessage() for one in caplog.records if "the waiting room" in one.getMessage()]
    assert [words.partition(":")[0] for words in told] == [
        "the waiting room keeps nobody", "the waiting room is back", "the waiting room keeps nobody",
    ]  # fmt: skip


def test_a_full_redis_keeps_the_order(client: Client, full: Egov, full_redis: str, settings: Any) -> None:
    """What it refuses is the first word of a step; a step of ours begins with taking away."""
    move(settings, full_redis)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        redis.Redis.from_url(full_redis).set("one", "more")
    assert leads_to_egov(client.get(LOGIN), settings)
    assert waits(Client().get(LOGIN))
    opens = timezone.now() + timedelta(minutes=1)
    press = partial(room.room.turn, opens=opens, joins=True)
    turns = [press(who, now=opens - timedelta(seconds=1)) for who in range(3)]
    assert [turn.before for turn in turns if turn] == [0, 1, 2]
    told = [press(who, now=opens) for who in range(3)]
    assert [turn.said for turn in told if turn] == [line.Said.IN] * 3


@pytest.mark.parametrize("then", ["absent", "called", "spent", "nobody inside"])
def test_a_full_redis_takes_whatever_has_to_be_tidied(
    full: Egov, full_redis: str, settings: Any, then: str
) -> None:
    """Who has gone away, who was called and did not come, a pass and people whose time is over."""
    move(settings, full_redis)
    begun = timezone.now().timestamp()
    names = [slips.new_name(begun + place) for place in range(3)]

    def step(what: str, name: str = "", *, after: float, more: str = "") -> line.Answer:
        return line.ask(what, now=begun + after, slip=name, more=more)

    assert [step("come", name, after=0).said for name in names] == [line.Said.IN, *[line.Said.WAIT] * 2]
    if then == "absent":
        assert step("look", after=terms.ABSENT + 1).room.waiting == 0
        assert step("ask", names[2], after=terms.ABSENT + 2, more="3").said is not line.Said.NONE
    elif then == "called":
        make_room(settings)
        assert step("ask", names[2], after=1, more="3").room.called == 1
        assert step("look", after=terms.CALLED + 10).room.called == 1  # the other one
    else:
        if then == "spent":
            assert step("spend", names[0], after=1, more="7").said is line.Said.IN
        assert step("look", after=2 * terms.PASS).room.inside == 0


def test_what_the_line_of_signatures_is_refused_is_no_silence_at_the_door(
    client: Client, full: Egov, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SCRIPT", "return redis.error_reply('no')")
    now = timezone.now()

    assert room.room.turn(1, opens=now, joins=True, now=now) is None
    assert room.room.holds_turns()
    assert (room.room.holds(), waits(client.get(LOGIN))) == (False, True)


def test_ops_see_the_room_and_order_it(
    client: Client, full: Egov, parent: User, settings: Any, capsys: Any, clock: Callable[[float], None]
) -> None:
    """From their page, with the rate, and from the console; an unknown order, one on a page that is out of
    date and one that Redis does not take change nothing."""
    StaffMember.objects.create(user=parent, role=Role.OPS)
    client.force_login(parent)
    waiting = Client()
    waiting.get(LOGIN)
    shown = client.get("/ops/").content.decode()
    assert "минутына 60000 адам кіреді" in shown
    assert "people wait before the sign-in" not in shown
    assert "Кіру алдындағы кезекте тұрғандар: 1" in shown
    call_command("waiting_room")
    told = "on (mode on): 1 wait, 2 inside, 1 let in in the last minute, the first has waited "
    assert capsys.readouterr().out.startswith(told)
    typed = {"why": "толқын азайды, ешкім күтпесін", "rate": "90"}
    for wanted, seen, status, on, rate in (
        ("nonsense", "on 60000", 400, True, 60_000),
        ("off", "on 60000", 302, False, 90),
        ("on", "on 60000", 409, False, 90),  # as it was before
        ("on", "off 90", 302, True, 90),
    ):
        answer = client.post("/ops/room/", typed | {"mode": wanted, "seen": seen})
        assert answer.status_code == status, (wanted, seen)
        room_now = ask("look").room
        assert (room_now.on, room_now.rate) == (on, rate), (wanted, seen)
    assert list(Order.objects.order_by("pk").values_list("kind", "about", "number", "by")) == [
        ("ROOM", "off", 90, parent.pk), ("ROOM", "on", 90, parent.pk),
    ]  # fmt: skip
    call_command("waiting_room", "off")
    settings.WAITING_ROOM = "off"
    call_command("waiting_room", "set")
    assert ask("look").room.rate == 60_000
    assert capsys.readouterr().out.startswith("off (mode off): 0 wait")
    move(settings, "unix:///no/such")
    clock(10)
    with pytest.raises(CommandError):
        call_command("waiting_room", "on")
    silent = client.post("/ops/room/", typed | {"mode": "on", "seen": "off 60000"})
    assert silent.status_code == 503 and "Redis жауап бермей тұр" in silent.content.decode()
    assert Order.objects.count() == 2
    settings.WAITING_ROOM = "auto"
    assert oqu_rush.faults() == [oqu_rush.SILENT]


def test_the_clock_is_told_when_regions_open(own_redis: str, school: School, settings: Any) -> None:
    """Waves 1 and 2 of the cast open on 27 May and on 29 June."""
    eve = datetime(2026, 6, 28, 23, 0, tzinfo=ALMATY)
    rush.tell(now=eve)
    settings.WAITING_ROOM, settings.WAITING_ROOM_BEFORE, settings.WAITING_ROOM_AFTER = "auto", 30, 60
    assert oqu_rush.warnings(now=eve) == []
    hours = {0.4: False, 0.6: True, 1: True, 1.9: True, 2.1: False}
    for hour, on in hours.items():
        at = (eve + timedelta(hours=hour)).timestamp()
        assert line.ask("look", now=at).room.on == on, hour
    ask("order", more="off")
    assert oqu_rush.warnings(now=eve) == [
        "the waiting room is off, and a region opens on 2026-06-29: `manage.py waiting_room auto`"
    ]
    move(settings, "unix:///no/such")
    rush.tell(now=eve)
