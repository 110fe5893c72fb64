"""The registers asked again, against the sandbox that plays what they can answer (D34)."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import children, consents, freshness, outside
from accounts.freshness import NotTheirs, Silent, Standing
from accounts.models import Child, ConsentStatus, Guardianship, User
from egov import http, persons
from egov.errors import Unavailable
from tests.sandbox import Sandbox

AIGUL, DANIYAR, OLGA = "900708499904", "880120399905", "780922499900"
T0 = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mother(db: None, sandbox: Sandbox) -> User:
    """Айгүл, whose two children were added at T0."""
    user = User.objects.create(iin=AIGUL, surname="Сәрсенова", name="Айгүл", password="!")
    for record in children.of_register(AIGUL):
        children.add(user, record, now=T0)
    return user


@pytest.fixture
def arman(mother: User) -> Child:
    return Child.objects.get(name="Арман")


def tie_of(user: User, child: Child) -> Guardianship:
    return Guardianship.objects.get(user=user, child=child)


def without(sandbox: Sandbox, adult: str, child: Child) -> None:
    ties = sandbox.person(adult)["children"]
    sandbox.person(adult, children=[tie for tie in ties if tie["iin"] != child.iin])


def silence(sandbox: Sandbox) -> None:
    for system in freshness.SYSTEMS:
        sandbox.fault(system, "fail")


@pytest.mark.rule("D34")
def test_fresh_answer_is_leaned_on_and_nobody_is_asked(mother: User, arman: Child, sandbox: Sandbox) -> None:
    silence(sandbox)

    assert freshness.demand_shown(mother, arman, now=T0 + DAY) == Standing(T0)
    assert freshness.demand_signed(mother, arman, now=T0 + timedelta(minutes=15)) == Standing(T0)


@pytest.mark.rule("D34")
def test_stale_answer_is_asked_again_and_every_fact_is_taken(
    mother: User, arman: Child, sandbox: Sandbox
) -> None:
    home = {"kato": "751410000", "street": "Жандосов көшесі", "house": "20", "text_kk": "Алматы"}
    sandbox.person(AIGUL, surname="Сәрсен", address=home)
    sandbox.person(arman.iin, name="Арыстан", birth_date="2020-03-16", address=home)
    now = T0 + timedelta(minutes=16)

    assert freshness.demand_signed(mother, arman, now=now) == Standing(now)

    mother.refresh_from_db()
    arman.refresh_from_db()
    assert (mother.surname, arman.name, f"{arman.birth_date}") == ("Сәрсен", "Арыстан", "2020-03-16")
    assert {one.registered_address["house"] for one in (mother, arman)} == {"20"}
    assert {mother.refreshed_at, arman.refreshed_at, tie_of(mother, arman).answered_at} == {now}


@pytest.mark.rule("D34")
def test_tie_that_is_gone_is_denied_until_the_register_has_it_again(
    mother: User, arman: Child, sandbox: Sandbox
) -> None:
    sandbox.control("POST", f"people/{AIGUL}/lose", {"child": arman.iin, "seconds": 60})

    with pytest.raises(NotTheirs):
        freshness.demand_signed(mother, arman, now=T0 + HOUR)
    assert tie_of(mother, arman).denied_at == T0 + HOUR
    assert [child.name for child in children.of(mother)] == ["Аружан"]

    sandbox.clock(61)
    assert freshness.demand_shown(mother, arman, now=T0 + HOUR) == Standing(T0 + HOUR)
    assert tie_of(mother, arman).denied_at is None


@pytest.mark.rule("D34")
def test_what_was_denied_stays_denied_while_the_register_is_silent(
    mother: User, arman: Child, sandbox: Sandbox
) -> None:
    without(sandbox, AIGUL, arman)
    with pytest.raises(NotTheirs):
        freshness.demand_signed(mother, arman, now=T0 + HOUR)
    silence(sandbox)

    with pytest.raises(NotTheirs):
        freshness.demand_shown(mother, arman, now=T0 + HOUR + timedelta(seconds=1))


def test_child_that_was_never_added_is_nobodys(mother: User, arman: Child) -> None:
    Guardianship.objects.filter(child=arman).delete()

    with pytest.raises(NotTheirs):
        freshness.demand_shown(mother, arman, now=T0)


@pytest.mark.rule("D34")
@pytest.mark.parametrize("mode", ["fail", "drop", "refuse", "slow", "late", "other"])
@pytest.mark.parametrize("system", freshness.SYSTEMS)
def test_silent_register_leaves_the_last_answer_for_three_days(
    mother: User, arman: Child, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, system: str, mode: str
) -> None:
    """Whatever it says instead of an answer, and of whomever: nothing known is lost by it."""
    monkeypatch.setattr(persons, "ROUND_SECONDS", 0.3)
    sandbox.fault(system, mode, seconds=1)
    rows = list(Child.objects.order_by("pk").values()), User.objects.values().get()

    assert freshness.demand_signed(mother, arman, now=T0 + 3 * DAY) == Standing(T0, silent=True)
    with pytest.raises(Silent):
        freshness.demand_signed(mother, arman, now=T0 + 3 * DAY + timedelta(seconds=1))
    assert (list(Child.objects.order_by("pk").values()), User.objects.values().get()) == rows


@pytest.mark.rule("D34")
def test_register_known_to_be_silent_is_not_waited_for(
    mother: User, arman: Child, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence(sandbox)
    assert freshness.demand_signed(mother, arman, now=T0 + HOUR).silent
    sandbox.repair()
    calls: list[str] = []
    monkeypatch.setattr(persons, "household", lambda *asked: calls.append("asked"))

    assert freshness.demand_signed(mother, arman, now=T0 + HOUR) == Standing(T0, silent=True)
    assert calls == []

    monkeypatch.undo()
    later = T0 + HOUR + timedelta(minutes=1)
    assert freshness.demand_signed(mother, arman, now=later) == Standing(later)


def test_questions_of_a_round_are_asked_side_by_side(
    mother: User, arman: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them waits until all are asked: one after another they would wait for ever."""
    all_asked, real = threading.Barrier(len(freshness.SYSTEMS), timeout=10), http.call

    def call(*args: Any, **more: Any) -> http.Answer:
        all_asked.wait()
        return real(*args, **more)

    monkeypatch.setattr(http, "call", call)

    assert freshness.demand_signed(mother, arman, now=T0 + HOUR) == Standing(T0 + HOUR)


def test_late_answer_does_not_overwrite_that_of_a_later_question(
    mother: User, arman: Child, sandbox: Sandbox
) -> None:
    freshness.renew(mother, now=T0 + HOUR)
    sandbox.person(AIGUL, surname="Ескі", children=[])

    freshness.renew(mother, now=T0 + HOUR - timedelta(seconds=1))

    assert User.objects.get(pk=mother.pk).surname == "Сәрсенова"
    assert tie_of(mother, arman).denied_at is None


def test_two_parents_share_one_child(mother: User, arman: Child, sandbox: Sandbox) -> None:
    """What one of them learns of the child is true for the other; the ties are each one's own."""
    father = User.objects.create(iin=DANIYAR, name="Данияр", password="!")
    for record in children.of_register(DANIYAR):
        children.add(father, record, now=T0)
    without(sandbox, AIGUL, arman)
    sandbox.person(arman.iin, name="Арыстан")

    freshness.renew(father, now=T0 + HOUR)
    freshness.renew(mother, now=T0 + HOUR)

    arman.refresh_from_db()
    assert arman.name == "Арыстан"
    assert tie_of(father, arman).denied_at is None
    assert tie_of(mother, arman).denied_at == T0 + HOUR


@pytest.mark.rule("D22")
def test_guardian_comes_with_the_number_of_the_decree(db: None, sandbox: Sandbox) -> None:
    olga = User.objects.create(iin=OLGA, name="Ольга", password="!")
    child = children.add(olga, children.of_register(OLGA)[0], now=T0)
    assert (tie_of(olga, child).relation, tie_of(olga, child).document) == ("GUARDIAN", "№ 214-қ, 12.02.2024")
    sandbox.person(OLGA, children=[{"iin": child.iin, "relation": "PARENT"}])

    freshness.renew(olga, now=T0 + HOUR)

    assert (tie_of(olga, child).relation, tie_of(olga, child).document) == ("PARENT", "")


@pytest.fixture
def granted(mother: User, arman: Child, sandbox: Sandbox) -> None:
    consents.ask(mother, subject=arman.iin, now=T0)
    sandbox.reply(AIGUL)
    consents.check(mother, subject=arman.iin, now=T0)


@pytest.mark.usefixtures("granted")
def test_consent_taken_back_at_1414_ends_here(mother: User, arman: Child, sandbox: Sandbox) -> None:
    freshness.demand_signed(mother, arman, now=T0 + HOUR)
    assert consents.valid(mother, arman, T0 + HOUR)
    sandbox.control("POST", f"people/{AIGUL}/revoke")

    freshness.demand_signed(mother, arman, now=T0 + 2 * HOUR)

    assert consents.valid(mother, arman, T0 + 2 * HOUR) is None
    assert mother.consents.get().status == ConsentStatus.REVOKED


@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize("mode", ["fail", "refuse"])
def test_silent_1414_takes_nothing_back(mother: User, arman: Child, sandbox: Sandbox, mode: str) -> None:
    sandbox.fault("consent", mode)

    assert freshness.demand_signed(mother, arman, now=T0 + HOUR) == Standing(T0 + HOUR)
    assert consents.valid(mother, arman, T0 + HOUR)


def test_trouble_of_a_round_is_written_down(mother: User, arman: Child, sandbox: Sandbox) -> None:
    sandbox.fault("children", "fail")

    with pytest.raises(Unavailable):
        freshness.renew(mother, now=T0 + HOUR)

    assert outside.trouble("children") is not None
