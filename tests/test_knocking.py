"""A system outside that answers and keeps us out is no system that is well (D61): each is asked with what the
portal shows of itself, and nobody is asked about."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts import outside as troubles
from accounts.models import Trouble
from applications.signing import authority
from egov import eds, reach
from egov.eds import lasting
from egov.errors import Misconfigured
from egov.tests.odd_server import odd_server
from oqu import knocking
from oqu.doctor import machine
from oqu.doctor.findings import Asked
from oqu.setup import outside
from oqu.tasks import ask_again
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D61")]
# Each secret of ours, and who refuses it when it is wrong.
SECRETS = {
    "EGOV_CLIENT_SECRET": {"login"},
    "EGOV_CLIENT_ID": {"login"},
    "SMARTBRIDGE_PASSWORD": set(reach.BUS),
    "SMARTBRIDGE_SENDER": set(reach.BUS),
    "MOBIZON_KEY": {"sms"},
}


def refused() -> dict[str, bool]:
    """By the system, whether the fault is ours."""
    return {one.system: one.ours for one in knocking.ask() if one.why}


@pytest.fixture(autouse=True)
def mobizon(sandbox: Sandbox, settings: Any) -> None:
    settings.SMS_GATEWAY = "mobizon"


def test_a_wrong_secret_is_told_from_health(sandbox: Sandbox, settings: Any, subtests: Any) -> None:
    with subtests.test("all of them let us in, and nobody has heard of it"):
        assert {one.system for one in knocking.ask()} >= {"login", "person", "sms", "ocsp", "tsp", "crl"}
        assert refused() == {}
        assert sandbox.sms() == []
    for name, systems in SECRETS.items():
        with subtests.test(name), override_settings(**{name: "wrong"}):
            assert refused() == dict.fromkeys(systems, True)
    with subtests.test("what fails by itself is theirs"):
        sandbox.fault("tsp", "fail")
        assert refused() == {"tsp": False}


def test_service_under_another_id_is_named_with_what_to_look_at(
    sandbox: Sandbox, settings: Any, subtests: Any
) -> None:
    """Each of the bus, or it is said that it is not asked."""
    ids = settings.SMARTBRIDGE_SERVICES
    for name in ids:
        settings.SMARTBRIDGE_SERVICES = ids | {name: "OTHER"}
        found = {one.system: one for one in knocking.ask() if one.why}
        told = dict(outside.unasked())
        with subtests.test(name):
            assert set(found) == ({name} if name not in told else set())
            words = told[name] if name in told else outside.in_words(found[name])
            assert f"SERVICE_{name.upper()}" in words
            assert name in (*told, "medical") or outside.is_missed(found[name])
    assert sandbox.sms() == []


# What each answers to who asks nothing; all else a real question would be told as well.
ANSWERS = {
    "ocsp": {200, 400, 415},
    "tsp": {200, 400, 415},
    "crl": {200, 405},
    "ncanode": {200, 400, 404, 405, 406, 415},
}
THEIRS = {302, 429, 503}


@pytest.fixture
def alone(settings: Any) -> None:
    """Of the systems outside only those that are asked nothing."""
    settings.EGOV_IDP_URL = settings.SMARTBRIDGE_URL = ""
    settings.SMS_GATEWAY, settings.DEMO, settings.EDS_CRL_URLS = "console", True, []


def status_of(status: int) -> bytes:
    return f"HTTP/1.1 {status} No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    "status", [200, 301, 302, 308, 400, 401, 403, 404, 405, 406, 407, 410, 415, 429, 503]
)
@pytest.mark.usefixtures("sandbox", "alone")
def test_who_would_answer_no_real_question_is_told(settings: Any, status: int) -> None:
    """A proxy before NCANode, an authority that lets in some addresses or has moved, a list that is gone. Who
    only finds no question in what was asked has let us in."""
    with odd_server(status_of(status)) as server:
        settings.OCSP_URL = settings.NCANODE_URL = settings.TSP_URL = server.url.rstrip("/")
        settings.EDS_CRL_URLS = [server.url]
        told = {system: status not in THEIRS for system, fine in ANSWERS.items() if status not in fine}
        assert refused() == told


@pytest.mark.usefixtures("sandbox", "alone")
def test_of_two_lists_the_one_that_is_gone_is_named(settings: Any) -> None:
    settings.OCSP_URL = settings.NCANODE_URL = settings.TSP_URL = ""
    with odd_server(status_of(200)) as good, odd_server(status_of(404)) as gone, odd_server(b"") as silent:
        settings.EDS_CRL_URLS = [gone.url, good.url, silent.url]
        told = knocking.faults()
        (found,) = machine.reachable(Asked(timezone.now(), 2027))
        words = [outside.in_words(one) for one in knocking.ask() if one.system == "crl"]

    assert [system for system, _line in told] == ["crl", "crl"]
    assert told[0][1] == f"crl {gone.url}: HTTP 404" and told[1][1].startswith(f"crl {silent.url}: ")
    assert [one.code for one in found.details] == [line for _system, line in told]
    assert words[0] == f"{gone.url} HTTP 404; look at EDS_CRL_URLS"
    assert words[1].startswith(f"{good.url} answered in ")


# --- What nobody meets any more ---------------------------------------------------------------------
ASKED_ANEW = {"login", "person", "medical", "sms", "sms-reports", "ocsp", "tsp", "clock", "eds"}
OFF = {"antivirus", "ncanode", "email"}  # here, by the settings
ONLY_IN_NEED = {"consent"}


def fail(*systems: str, ago: timedelta) -> None:
    for system in systems:
        troubles.failed(Misconfigured(system, "HTTP 401"), now=timezone.now() - ago)


def told() -> set[str]:
    return {row.system for row in troubles.standing(now=timezone.now())}


@pytest.mark.rule("D87")
def test_fault_that_nobody_meets_any_more_is_asked_about_and_what_is_off_has_none(
    sandbox: Sandbox, settings: Any
) -> None:
    """By night, and where a way was switched off."""
    every = ASKED_ANEW | OFF | ONLY_IN_NEED
    fail(*every, ago=troubles.UNASKED - timedelta(minutes=1))
    assert told() == every - OFF
    ask_again()
    assert told() == every - OFF, "who is asked by people is left to them"
    assert set(Trouble.objects.values_list("system", flat=True)) == every - OFF

    Trouble.objects.all().delete()
    fail(*every, ago=troubles.UNASKED)
    ask_again()
    assert told() == ONLY_IN_NEED
    assert sandbox.sms() == []

    Trouble.objects.all().delete()
    fail(*ONLY_IN_NEED, ago=troubles.FORGOTTEN)
    assert told() == set()


@pytest.mark.rule("D87")
def test_one_that_takes_the_whole_round_does_not_keep_the_others_from_being_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    fail("tsp", ago=2 * troubles.UNASKED)
    fail("sms", ago=troubles.UNASKED)
    monkeypatch.setattr(knocking, "_ask_again", lambda system, _knock: asked.append(system))
    monkeypatch.setattr(knocking, "monotonic", lambda: len(asked) * knocking.SECONDS)

    for _round in range(60):
        asked.clear()
        ask_again()
        if asked == ["sms"]:
            break

    assert asked == ["sms"]


def test_what_nobody_has_needed_for_a_day_is_not_asked_about() -> None:
    fail("sms", ago=troubles.FORGOTTEN + timedelta(seconds=1))
    fail("tsp", ago=troubles.FORGOTTEN - timedelta(minutes=1))

    assert [row.system for row in troubles.unasked(now=timezone.now())] == ["tsp"]


def test_each_is_asked_at_its_own_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round may last, and to a clock a quarter of a minute is a fault."""
    told: list[Any] = []
    for module, name in ((authority, "compare_clock"), (lasting, "kit")):
        monkeypatch.setattr(module, name, lambda *, now: told.append(now))
    knocks = knocking._knocks()
    begun = timezone.now()

    for system in ("clock", "tsp"):
        knocks[system]()

    assert len(told) == 2 and min(told) >= begun


@pytest.mark.rule("D87")
def test_fault_that_stays_is_seen_again_and_silence_says_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    fail("sms", "clock", "ocsp", ago=troubles.UNASKED)
    ahead = timezone.now() + timedelta(seconds=90)
    monkeypatch.setattr(eds, "produced_at", lambda _answer: ahead)
    with override_settings(MOBIZON_KEY="wrong"):
        ask_again()
    rows = {row.system: row for row in troubles.standing(now=timezone.now())}
    assert set(rows) == {"sms", "clock"} and rows["clock"].reason.endswith("s behind OCSP's")
    assert all(timezone.now() - row.seen_at < timedelta(minutes=1) for row in rows.values())

    Trouble.objects.all().delete()
    fail("sms", "clock", ago=troubles.UNASKED)
    before = list(Trouble.objects.values())
    for system in ("sms", "ocsp"):
        sandbox.fault(system, "fail")
    ask_again()
    assert list(Trouble.objects.values()) == before
