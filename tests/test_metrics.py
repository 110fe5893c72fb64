"""/metrics: shown to the token alone, of bounded labels, cheap, and an answer also without a database."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from accounts import outside, replica, security, storage
from accounts.models import User
from accounts.security import Event
from accounts.waiting.line import Standing
from accounts.waiting.room import Room
from accounts.waiting.terms import Mode
from applications.models import Application, Method, Paper, PaperKind, Purpose, Signature
from applications.papers import keys
from applications.signing import authority
from applications.status import Status
from egov import http, presented
from egov.errors import Misconfigured
from notifications import tasks
from notifications.models import Channel, Heartbeat, Lease, Message, MessageState
from oqu import pools, routes, unwatched
from oqu.metrics import counted, state
from tests.access.test_access import patterns
from tests.at_work import at_work

TOKEN = "Zk3_0-aQ1xY7mPw9LrT2vBn5HsDfGjKe"
ROOT = Path(__file__).resolve().parent.parent
MOST_QUERIES = 34  # of a scrape, however much lies in the tables


@pytest.fixture
def counting(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that counts, as gunicorn's and Celery's do when they begin."""
    settings.METRICS_TOKEN, settings.METRICS_DIR = TOKEN, tmp_path / "metrics"
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path, "test"
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    counted.counters.cache_clear()
    counted.begin()
    yield
    for signal, _listener, sender in counted.LISTENERS:
        signal.disconnect(sender=sender, dispatch_uid="metrics")
    counted.counters.cache_clear()
    values.close_all_multiprocess_files()


def scraped(client: Client | None = None) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each number by its name and labels."""
    answer = (client or Client()).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def number(found: dict[Any, float], name: str, **labels: str) -> float | None:
    return found.get((f"oqu_{name}", tuple(sorted(labels.items()))))


@pytest.mark.django_db
def test_who_has_no_token_finds_nothing(client: Client, settings: Any, subtests: pytest.Subtests) -> None:
    for token, shown, status in (
        ("", "", 404),
        ("", "Bearer ", 404),
        (TOKEN, "", 404),
        (TOKEN, TOKEN, 404),
        (TOKEN, f"Bearer {TOKEN[:-1]}", 404),
        (TOKEN, f"Bearer {TOKEN} ", 404),
        (TOKEN, "Bearer қ", 404),
        (TOKEN, f"Bearer {TOKEN}", 200),
    ):
        with subtests.test(shown):
            settings.METRICS_TOKEN = token
            answer = client.get("/metrics", headers={"Authorization": shown})
            assert answer.status_code == status
            assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("shown", "status"), [(f"Bearer {TOKEN}", 200), ("Bearer x", 404), ("", 404)])
def test_container_is_asked_by_its_own_address(settings: Any, shown: str, status: int) -> None:
    """No host of the portal, and no https; no other page is answered so."""
    settings.METRICS_TOKEN, settings.SECURE_SSL_REDIRECT = TOKEN, True
    settings.ALLOWED_HOSTS = ["oqu.example.kz"]
    client = Client(HTTP_HOST="10.1.2.3:8000", headers={"Authorization": shown})

    answer = client.get("/metrics")

    assert (answer.status_code, answer.headers["Cache-Control"][:9]) == (status, "max-age=0")
    assert client.get("/metrics/").status_code == client.get("/healthz").status_code == 400
    assert client.post("/metrics").status_code == 405


@pytest.mark.django_db
def test_state_is_that_of_health_and_doctor(
    counting: None,
    parent: User,
    make_application: Any,
    django_assert_max_num_queries: Any,
    time_machine: Any,
) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    keys.ensure(now=now)
    at_work(now=now)
    application: Application = make_application(Status.IN_REVIEW)
    due = {"created_at": now, "next_try_at": now - timedelta(minutes=7)}
    Paper.objects.create(application=application, kind=PaperKind.RECEIPT, **due)
    Message.objects.create(
        key="dead", channel=Channel.SMS, recipient=parent, template="x", state=MessageState.DEAD, **due
    )
    outside.failed(Misconfigured("sms", "code 8"), now=now - timedelta(minutes=3))
    scraped()

    with django_assert_max_num_queries(MOST_QUERIES):
        found = scraped()

    ends = keys.seal_ends()
    assert ends
    for name, labels, right in (
        ("up", {}, 1),
        ("check_ok", {"check": "worker"}, 1),
        ("queue_waiting", {"queue": "papers"}, 1),
        ("queue_oldest_seconds", {"queue": "papers"}, 420),
        ("queue_dead", {"queue": "sms"}, 1),
        ("queue_stopped", {"queue": "sms"}, 1),
        ("outside_failing", {"system": "sms", "fault": "ours"}, 1),
        ("outside_failing", {"system": "sms", "fault": "theirs"}, 0),
        ("outside_failing", {"system": "ocsp", "fault": "theirs"}, 0),
        ("outside_failing_seconds", {"system": "sms"}, 180),
        ("certificate_end_timestamp_seconds", {"of": "seal"}, ends.timestamp()),
        ("worker_beat_timestamp_seconds", {"queue": "papers"}, now.timestamp()),
        ("waiting_room_kept", {}, 0),  # a cache of this test's own keeps nobody
        ("waiting_room_signing", {}, 0),
    ):
        assert number(found, name, **labels) == pytest.approx(right), (name, labels)
    assert (number(found, "database_connections_max") or 0) > 1
    assert {value for (name, _), value in found.items() if name == "oqu_scrape_ok"} == {1}
    assert not any(parent.iin in str(key) or parent.surname in str(key) for key in found)


@pytest.mark.django_db
def test_dead_database_is_an_answer(counting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)

    found = scraped()

    assert (number(found, "up"), number(found, "check_ok", check="database")) == (0, 0)
    assert (number(found, "disk_free_bytes", disk="passing") or 0) > 0
    assert number(found, "queue_waiting", queue="papers") is None
    read = {dict(labels)["part"]: value for (name, labels), value in found.items() if name == "oqu_scrape_ok"}
    assert {part.__name__ for part in state.OF_DATABASE} == {part for part, ok in read.items() if not ok} - {
        "key_ages"
    }


def test_what_tells_why_a_scrape_is_slow_is_read_first() -> None:
    assert state.OF_MACHINE[0] is state.pool


@pytest.mark.django_db
def test_slow_database_is_told_of_in_part(counting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not reached in time is said to be unread; the rest comes."""
    clock = iter([0.0, 1.0, *[state.SECONDS] * 99])
    monkeypatch.setattr(state, "monotonic", lambda: next(clock))

    found = scraped()

    first, *others = (part.__name__ for part in state.OF_DATABASE)
    assert (number(found, "up"), number(found, "scrape_ok", part=first)) == (1, 1)
    assert {number(found, "scrape_ok", part=name) for name in others} == {0}
    assert number(found, "scrape_ok", part="machine") == 1


@pytest.mark.django_db
def test_part_that_cannot_be_read_hides_no_other(counting: None) -> None:
    """There are no keys here."""
    found = scraped()

    assert number(found, "scrape_ok", part="key_ages") == 0
    assert number(found, "queue_waiting", queue="papers") == 0


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_by_no_address(counting: None, client: Client) -> None:
    for address in ("/", "/", "/schools/", "/no-such-place/900708499904/", "/sign/tokentokentoken/"):
        client.get(address)

    found = scraped()

    assert number(found, "requests_total", route="public:home", status="200") == 2
    assert number(found, "requests_total", route="other", status="404") == 1
    assert number(found, "request_seconds_count", route="catalogue:schools") == 1
    routes = {dict(labels)["route"] for name, labels in found if name == "oqu_requests_total"}
    assert routes <= {name for name, _ in patterns()} | {"other"}
    assert not any("token" in str(key) or "900708499904" in str(key) for key in found)


@pytest.mark.django_db
def test_what_happens_at_work_is_counted(counting: None, django_capture_on_commit_callbacks: Any) -> None:
    with pytest.raises(Misconfigured):
        http.call("GET", "nonsense://x", system="ocsp")
    security.happened(Event.SIGNATURE_REFUSED, purpose="APPLICATION", method="QR", reason="REVOKED")
    authority.compared.send(sender=None, seconds=2.5)
    tasks.heartbeat.apply(("papers",))
    signature = Signature(purpose=Purpose.APPLICATION, method=Method.QR)
    with django_capture_on_commit_callbacks(execute=True):
        counted.signature(instance=signature, created=True)
        counted.signature(instance=signature, created=False)
    with django_capture_on_commit_callbacks(execute=False):
        counted.signature(instance=signature, created=True)

    found = scraped()

    for name, labels, right in (
        ("outside_calls_total", {"system": "ocsp", "outcome": "ours"}, 1),
        ("outside_call_seconds_count", {"system": "ocsp"}, 1),
        ("signatures_refused_total", {"reason": "REVOKED"}, 1),
        ("security_events_total", {"event": "signature-refused"}, 1),
        ("signatures_total", {"purpose": "APPLICATION", "method": "QR"}, 1),
        ("ocsp_clock_ahead_seconds", {}, 2.5),
        ("tasks_total", {"task": "notifications.heartbeat", "state": "SUCCESS"}, 1),
    ):
        assert number(found, name, **labels) == right, name


@pytest.mark.django_db
def test_clock_that_was_compared_long_ago_is_told_no_more(
    counting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody signs by night, and an alarm over yesterday's clock would sound until somebody does."""
    authority.compared.send(sender=None, seconds=90.0)
    assert number(scraped(), "ocsp_clock_ahead_seconds") == 90
    monkeypatch.setattr(counted, "time", lambda: time.time() + counted.CLOCK_STANDS + 1)
    assert number(scraped(), "ocsp_clock_ahead_seconds") is None


@pytest.mark.django_db
def test_what_cannot_be_counted_stops_nobody(
    counting: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError

    monkeypatch.setattr(counted, "counters", full)
    monkeypatch.setattr(full, "cache_clear", lambda: None, raising=False)

    assert client.get("/").status_code == 200


COUNT = """
import sys
from pathlib import Path
from prometheus_client import Counter
from oqu.metrics import slots
slots.use(Path(sys.argv[1]))
Counter("oqu_requests", "x", ["route"], registry=None).labels("a").inc()
print("counted", flush=True)
sys.stdin.read()
"""


def test_processes_count_together_and_a_dead_ones_slot_is_taken_over(tmp_path: Path) -> None:
    def begin() -> "subprocess.Popen[str]":
        made = subprocess.Popen(
            [sys.executable, "-c", COUNT, str(tmp_path)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert made.stdout and made.stdout.readline() == "counted\n"
        return made

    first, second = begin(), begin()
    first.kill()
    first.wait()
    third = begin()
    for process in (second, third):
        process.communicate("")
    if first.stdin and first.stdout:
        first.stdin.close()
        first.stdout.close()

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(tmp_path))
    assert 'oqu_requests_total{route="a"} 3.0' in generate_latest(registry).decode()
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_0.db", "counter_1.db"]


# --- What lies in deploy/ ---------------------------------------------------------------------------
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
BOARD = json.loads((ROOT / "deploy/grafana/oqu.json").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
SHOWN = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
NAME = re.compile(r"\boqu_\w+")


ASKED = re.compile(r'\b(oqu_\w+)(?:\{(\w+)="([^"]*)"\})?')
NOBODY_WAITS = Standing(True, Mode.ON, 0, 0, 0, 0, None, 0, 60)
NOTHING_COUNTED = "nothing was counted yet, and the first counts"
SILENT = {
    "OquClockWrong": "OCSP was not asked yet; the database's half is there",
    "OquCertificateEnds": "PUBLIC_CERTIFICATE",  # its half of the public one
    "OquListsOld": "EDS_CRL_URLS",
    "OquPoolWaits": "POOLER_URL",
    "OquReplicaAway": "no replica",
    "OquStoreSilent": "files lie on the disk",
    "OquSignaturesRefused": NOTHING_COUNTED,
}


def has(told: dict[Any, float], name: str, label: str, value: str) -> bool:
    return any(found == name and (not label or (label, value) in labels) for found, labels in told)


def expr_of(alert: str) -> str:
    return str(next(rule["expr"] for rule in RULES if rule["alert"] == alert))


def names(questions: list[str]) -> set[str]:
    return {name for question in questions for name in NAME.findall(question)}


@pytest.mark.django_db
def test_alarm_that_cannot_sound_is_told_of(
    counting: None, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a portal in which nothing is set that may be left empty: over a number that is not there none
    sounds. So each is there, or `health` warns of the setting, or what it watches is not there either."""
    settings.EDS_CRL_URLS = []
    monkeypatch.setattr(Room, "standing", lambda _room: NOBODY_WAITS)
    keys.ensure(now=timezone.now())
    at_work(now=timezone.now())
    client.get("/")
    told = scraped()
    asked = {rule["alert"]: ASKED.findall(rule["expr"]) for rule in RULES}
    silent = {name for name, numbers in asked.items() if not all(has(told, *one) for one in numbers)}

    assert {name: why for name, why in SILENT.items() if name not in silent} == {}
    assert silent - SILENT.keys() == set()
    assert {why for why in SILENT.values() if why.isupper()} <= unwatched.EMPTY.keys()
    assert all("or vector(0)" in expr_of(name) for name, why in SILENT.items() if why == NOTHING_COUNTED)
    assert "absent(up" in expr_of("OquSilent")


@pytest.mark.django_db
def test_alarms_and_board_ask_for_what_is_told(
    counting: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all that may be there: a heartbeat, a backup, keys, a waiting room, a store, a replica, a pooler,
    lists."""
    settings.EDS_CRL_URLS = ["http://crl.test/a.crl"]
    keys.ensure(now=timezone.now())
    at_work(now=timezone.now())
    monkeypatch.setattr(Room, "standing", lambda _room: NOBODY_WAITS)
    monkeypatch.setattr(storage, "look", lambda: storage.Look((), 0.1))
    monkeypatch.setattr(replica, "is_on", lambda: True)
    settings.POOLER_URL = "postgres://oqu@127.0.0.1:1/pgbouncer"
    monkeypatch.setattr(pools, "standing", lambda: [pools.Pool("oqu_web", 0, 0.0)])
    monkeypatch.setattr(replica.Watch, "standing", lambda _watch: replica.Standing("", 0.0))
    told = {name for name, _labels in scraped()}
    for one in vars(counted.counters()).values():
        for family in one.describe():
            ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
            told |= {family.name + end for end in ends}

    woken, shown = names([rule["expr"] for rule in RULES]), names(SHOWN)

    assert len(shown) > 40
    assert (woken | shown) - told == set()
    assert woken - shown == set(), "who is woken sees on the board since when"
    assert {"oqu_store_answer_seconds", "oqu_replica_lag_seconds"} <= shown


@pytest.mark.django_db
def test_each_queue_has_a_sign_of_its_own_and_beat_too(counting: None) -> None:
    now = timezone.now()
    at_work(now=now)
    Heartbeat.objects.filter(part="papers").update(beat_at=now - timedelta(minutes=2))
    found = scraped()
    silent = {queue: number(found, "worker_silent", queue=queue) for queue in routes.LANES}

    assert len(silent) == 6 and {queue for queue, value in silent.items() if value} == {"papers"}
    assert set(silent.values()) == {0, 1} and number(found, "beat_silent") == 0
    Lease.objects.all().delete()
    assert number(scraped(), "beat_silent") == 1


def test_alarm_of_a_certificate_leaves_time_to_who_acts() -> None:
    """The public one is renewed by a program a month before its end: who is woken then is woken each time."""
    (asked,) = [rule["expr"] for rule in RULES if rule["alert"] == "OquCertificateEnds"]
    days = dict(re.findall(r'\{of(!?=)"public"\}\) - time\(\) < (\d+) \* 86400', asked))

    assert days == {"!=": "30", "=": str(presented.BY_ITSELF.days)}


def test_alarm_has_its_paragraph() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    headings = re.findall(r"^#+ (Oqu\w+)\n\S", text, re.MULTILINE)

    assert headings == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
