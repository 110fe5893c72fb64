"""/healthz and `manage.py health`: true about the portal, silent about people, never waiting for Redis."""

import io
import os
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from accounts import outside
from accounts.models import User
from accounts.object_store import ObjectStore
from accounts.tests import store_cast
from accounts.tests.store_cast import bucket, moto  # noqa: F401  fixtures
from applications.models import Application, Paper, PaperKind
from applications.papers import keys
from applications.status import Status
from egov.errors import Misconfigured, Unavailable
from notifications import shares
from notifications.models import Channel, Heartbeat, Message, MessageState
from oqu import health, space, unwatched, watch
from oqu.doctor import findings, machine
from oqu.metrics import state
from oqu.setup import outside as setup_outside
from oqu.space import Disk
from tests.at_work import at_work
from tests.environment import undone
from tests.ports import held_port
from tests.test_architecture import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def beating() -> Heartbeat:
    at_work(now=timezone.now())
    return Heartbeat.objects.get(part="papers")


def make_message(recipient: User, *, due: timedelta, state: MessageState = MessageState.PENDING) -> Message:
    now = timezone.now()
    return Message.objects.create(
        key=f"key-{due}-{state}",
        channel=Channel.SMS,
        recipient=recipient,
        template="x",
        state=state,
        next_try_at=now + due,
        created_at=now - timedelta(hours=1),
    )


def make_late(beating: Heartbeat, seconds: int) -> None:
    beating.beat_at = timezone.now() - timedelta(seconds=seconds)
    beating.save(update_fields=["beat_at"])


def test_healthy_portal_answers_200_and_nothing_secret(client: Client, beating: Heartbeat) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    body = response.json()
    assert body["checks"]["worker"].pop("seconds") < 60
    assert body == {
        "healthy": True,
        "checks": {
            "database": {"ok": True},
            "migrations": {"ok": True},
            "worker": {"ok": True},
            "messages": {"ok": True, "seconds": None},
            "space": {"ok": True},
        },
    }
    assert "no-store" in response.headers["Cache-Control"]


def is_healthy(client: Client) -> bool:
    """What who watches reads; the load balancer reads the status, and goes on: all machines would say it."""
    response = client.get("/healthz")
    assert response.status_code == 200
    return bool(response.json()["healthy"])


def test_worker_that_never_beat_is_reported(client: Client) -> None:
    assert not is_healthy(client)
    assert client.get("/healthz").json()["checks"]["worker"] == {"ok": False, "seconds": None}


@pytest.mark.parametrize(("seconds", "well"), [(50, True), (61, False)])
def test_silent_worker_is_reported_after_a_minute(
    seconds: int, well: bool, client: Client, beating: Heartbeat
) -> None:
    make_late(beating, seconds)

    assert is_healthy(client) is well


@pytest.mark.parametrize(
    ("due", "state", "well"),
    [
        (timedelta(seconds=-50), MessageState.PENDING, True),
        (timedelta(seconds=-61), MessageState.PENDING, False),
        (timedelta(minutes=5), MessageState.PENDING, True),  # failed and waits for its next try
        (timedelta(hours=-1), MessageState.SENT, True),
        (timedelta(hours=-1), MessageState.DEAD, True),
    ],
)
def test_message_that_nobody_takes_is_reported(
    due: timedelta, state: MessageState, well: bool, client: Client, beating: Heartbeat, parent: User
) -> None:
    make_message(parent, due=due, state=state)

    assert is_healthy(client) is well


def test_machine_whose_disk_is_full_is_taken_out(
    client: Client, beating: Heartbeat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And by no other disk: the store may be the same for all machines."""
    for passing, store, status in ((space.FULL - 1, 10**6, 503), (space.FULL, 0, 200)):
        found = {space.PASSING: Disk(tmp_path, 1, passing), "files": Disk(tmp_path, 2, store)}
        monkeypatch.setattr(space, "disks", lambda found=found: found)

        assert {client.get(address).status_code for address in ("/healthz", "/readyz")} == {status}


def test_dead_database_is_an_answer_not_a_crash(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection to server at 10.0.0.5 failed: password of oqu")

    monkeypatch.setattr(connection, "cursor", refuse)
    health._require_migrated.cache_clear()

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {
        "healthy": False,
        "checks": {"database": {"ok": False}, "space": {"ok": True}},
    }


def test_machine_stays_while_the_database_is_away_and_says_that_it_is_busy(
    client: Client, beating: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the address that the containers' probe asks: with the database away for all, a balancer that has
    taken all machines out shows an English page of its own."""
    (probe,) = re.findall(r'"GET", "(\S+)"', (ROOT / "deploy/compose/alive.py").read_text())

    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection to server at 10.0.0.5 failed")

    health._require_migrated.cache_clear()
    with monkeypatch.context() as away:
        away.setattr(connection, "cursor", refuse)
        assert client.get(probe).status_code == 503  # it never knew its tables: nobody is sent to new code
    assert client.get(probe).json() == {"checks": {"migrations": {"ok": True}, "space": {"ok": True}}}

    monkeypatch.setattr(connection, "cursor", refuse)
    assert client.get(probe).status_code == 200
    assert client.get("/healthz").status_code == 503
    monkeypatch.setattr(space, "is_full", lambda: True)
    assert client.get(probe).status_code == 503


def test_missing_migration_is_reported_and_asked_again(client: Client, beating: Heartbeat) -> None:
    health._require_migrated.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'notifications' RETURNING app, name, applied"
        )
        rows = cursor.fetchall()
        refused, out = client.get("/healthz"), client.get("/readyz")
        cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows)

    assert refused.status_code == 503
    assert refused.json()["checks"]["migrations"] == {"ok": False}
    assert (out.status_code, out.json()["checks"]["migrations"]) == (503, {"ok": False})
    assert set(refused.json()["checks"]) == {"database", "migrations", "space"}
    assert client.get("/healthz").status_code == 200


def test_tables_that_are_newer_than_the_code_serve_it(client: Client, beating: Heartbeat) -> None:
    """A version that was gone back to, after a migration of the next one."""
    health._require_migrated.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('applications', '9999_next', now())"
        )

    assert is_healthy(client)


@pytest.fixture
def hung_redis() -> Iterator[socket.socket]:
    """Accepts connections and never answers, as a stopped Redis does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        server.setblocking(False)
        yield server


def test_hung_redis_is_not_waited_for(
    client: Client, beating: Heartbeat, hung_redis: socket.socket, settings: Any
) -> None:
    address = f"redis://127.0.0.1:{hung_redis.getsockname()[1]}/0"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": address}
    }
    settings.CELERY_BROKER_URL = address

    response = client.get("/healthz")

    assert response.status_code == 200
    with pytest.raises(BlockingIOError):  # nobody has knocked
        hung_redis.accept()


@pytest.fixture
def platform_keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """…and authorities, which the sandbox makes where it has been started."""
    monkeypatch.setattr("egov.eds.trust.faults", lambda **_now: [])
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path, "test"
    keys.ensure(now=timezone.now())


def test_command_says_the_same_for_people_and_cron(beating: Heartbeat, platform_keys: None) -> None:
    said = io.StringIO()
    call_command("health", stdout=said)
    assert said.getvalue().splitlines()[0] == "database: ok"
    assert "keys: ok" in said.getvalue().splitlines()
    assert said.getvalue().splitlines()[-1].startswith("warning: TSP_URL is empty")

    make_late(beating, 120)
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("health", stdout=said)

    assert ended.value.code == 1
    assert "worker: NOT OK (120 s)" in said.getvalue().splitlines()


def test_command_warns_of_a_key_that_ends_and_the_page_goes_on(
    client: Client, beating: Heartbeat, platform_keys: None, time_machine: Any
) -> None:
    time_machine.move_to(timezone.now() + keys.SEAL_LIFE - timedelta(days=59), tick=False)
    make_late(beating, 0)
    said = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("health", stdout=said)

    assert re.search(r"^keys: seal-\d{6} ends on 20\d\d-\d\d-\d\d: rotate it$", said.getvalue(), re.MULTILINE)
    assert client.get("/healthz").status_code == 200


@pytest.mark.rule("D78")
def test_keys_of_smartbridge_are_looked_at_wherever_certificates_are(
    platform_keys: None, settings: Any, tmp_path: Path
) -> None:
    settings.SMARTBRIDGE_WSS = True
    names = {"KEY": "key", "SIGNERS": "signer", "CA": "authority"}
    for name in names:
        setattr(settings, f"SMARTBRIDGE_{name}", tmp_path / "none")
    now = timezone.now()
    lines = {f"SMARTBRIDGE_{name} names no file that can be read" for name in names}

    assert lines <= set(watch.certificate_faults(now=now))
    (found,) = machine.certificates(findings.Asked(now, 2026))  # which `setup --check` shows, too
    assert found.urgency is findings.Urgency.NOW
    assert all(line in str(found.details) for line in lines)
    (ends,) = state.certificates(now)
    told = {each.labels["of"]: each.value for each in ends.samples}
    assert [told[f"smartbridge {of}"] for of in names.values()] == [0, 0, 0]


# --- What only `manage.py health` says ------------------------------------------------------------


def said_by_command() -> tuple[str, int]:
    said, code = io.StringIO(), 0
    try:
        call_command("health", stdout=said)
    except SystemExit as ended:
        code = int(str(ended.code))
    return said.getvalue(), code


@pytest.mark.parametrize("system", sorted(outside.SYSTEMS))
@pytest.mark.parametrize("fault", [Misconfigured, Unavailable])
def test_system_that_fails_is_named_with_its_reason_and_stops_no_traffic(
    system: str,
    fault: type[Unavailable],
    client: Client,
    beating: Heartbeat,
    platform_keys: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside, "is_on", lambda _system: True)
    outside.failed(fault(system, "HTTP 499"), now=timezone.now())

    said, code = said_by_command()

    line = next(line for line in said.splitlines() if line.startswith("outside: "))
    title, ours = outside.SYSTEMS[system]
    assert f"{system} ({title}) since 20" in line
    assert "HTTP 499" in line
    assert (f"the fault is ours, look at {ours}" if fault is Misconfigured else "the fault is theirs") in line
    assert code == 1
    assert client.get("/healthz").status_code == 200


def test_what_works_again_is_no_longer_named(beating: Heartbeat, platform_keys: None) -> None:
    outside.failed(Misconfigured("sms", "code 8"), now=timezone.now())
    outside.worked("sms")

    assert said_by_command()[1] == 0


def test_what_was_theirs_fades_and_what_is_ours_stays(
    beating: Heartbeat, platform_keys: None, time_machine: Any
) -> None:
    outside.failed(Unavailable("ocsp", "HTTP 503"), now=timezone.now())
    outside.failed(Misconfigured("login", "invalid_client"), now=timezone.now())
    time_machine.move_to(timezone.now() + outside.FADES, tick=False)

    said, _code = said_by_command()

    assert "invalid_client" in said
    assert "ocsp" not in said


def test_stopped_queue_is_not_taken_for_a_dead_relay(
    client: Client, beating: Heartbeat, platform_keys: None, parent: User
) -> None:
    make_message(parent, due=timedelta(hours=-1))
    assert not is_healthy(client)

    outside.failed(Misconfigured("sms", "code 14"), now=timezone.now())

    assert is_healthy(client)
    assert "code 14" in said_by_command()[0]


def test_disk_that_fills_up_is_named(
    client: Client, beating: Heartbeat, platform_keys: None, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR, settings.DISK_FREE_MB = tmp_path, 10**9

    said, code = said_by_command()

    assert re.search(rf"^disk: {re.escape(str(tmp_path))} has \d+ MB left, less than 1000000000", said, re.M)
    assert (code, client.get("/healthz").status_code) == (1, 200)
    settings.DISK_FREE_MB = 0
    assert "disk: ok" in said_by_command()[0]


def test_a_store_of_files_that_fails_is_named_and_stops_no_traffic(
    client: Client,
    beating: Heartbeat,
    platform_keys: None,
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With how long its answer took; a disk is not asked. `setup` asks it as it asks the systems outside."""
    monkeypatch.setattr("oqu.setup.outside.knocking.ask", list)
    settings.FILES_STORE = "s3"

    assert client.get("/healthz").json()["checks"]["store"].keys() == {"ok", "seconds"}
    assert re.search(r"^store: ok \(\d.*s\)\n(?s:.*)^bucket: ok$", said_by_command()[0], re.M)
    assert "files" not in space.disks()

    with store_cast.failing(settings, "no rights") as words:
        answer = client.get("/healthz")
        said, code = said_by_command()
        asked = next(one for one in setup_outside.ask() if one.system == setup_outside.STORE)
    assert (answer.status_code, answer.json()["healthy"], answer.json()["checks"]["store"]["ok"]) == (
        200,
        False,
        False,
    )
    assert (f"bucket: {words}" in said.splitlines(), code) == (True, 1)
    assert setup_outside.in_words(asked).startswith(f"{words}; look at S3_ENDPOINT")


@pytest.mark.parametrize(("hours", "code"), [(0, 0), (25, 0), (27, 1), (None, 1)])
def test_backup_that_was_not_made_is_named(
    hours: int | None, code: int, beating: Heartbeat, platform_keys: None, settings: Any, tmp_path: Path
) -> None:
    settings.BACKUP_STAMP = str(tmp_path / "stamp")
    if hours is not None:
        made = timezone.now().timestamp() - hours * 3600
        (tmp_path / "stamp").touch()
        os.utime(tmp_path / "stamp", (made, made))

    said, ended = said_by_command()

    assert ended == code
    assert ("backup: ok" in said) is (code == 0)


@pytest.mark.parametrize("setting", unwatched.EMPTY)
def test_what_nobody_has_set_up_is_not_called_well(
    setting: str, beating: Heartbeat, platform_keys: None, settings: Any, tmp_path: Path
) -> None:
    """In production; nobody is woken by it, and the doctor says it too."""
    settings.DEMO, settings.DATABASE_POOLED = False, True
    settings.PUBLIC_CERTIFICATE = settings.BACKUP_STAMP = str(tmp_path)
    settings.EDS_CRL_URLS, settings.METRICS_TOKEN, settings.DRILL_MAX_DAYS = ["http://crl"], "token", 1
    settings.POOLER_URL = "postgres://oqu@127.0.0.1:1/pgbouncer"
    line = {of: name for name, of in unwatched.LINES.items()}.get(setting)
    before, _code = said_by_command()
    assert f"warning: {setting}" not in before and f"{line}: not watched" not in before

    setattr(settings, setting, type(getattr(settings, setting))())
    after, _code = said_by_command()

    assert f"warning: {setting} is empty: {unwatched.EMPTY[setting]}" in after.splitlines()
    assert line is None or f"{line}: not watched" in after.splitlines()
    (found,) = machine.unseen(findings.Asked(timezone.now(), 2026))
    assert found.urgency is findings.Urgency.SOON and setting in str(found.details)


def test_demo_and_development_watch_nothing(beating: Heartbeat, platform_keys: None, settings: Any) -> None:
    settings.BACKUP_STAMP = ""

    said, code = said_by_command()

    assert (code, "is empty" in said.replace(watch.NO_STAMPS, "")) == (0, False)


def test_log_that_is_archived_nowhere_is_told(settings: Any) -> None:
    """As in the PostgreSQL of the tests."""
    settings.DEMO = False

    assert unwatched.NO_ARCHIVE in watch.warnings(now=timezone.now())


def test_pooler_that_does_not_answer_is_named(beating: Heartbeat, platform_keys: None, settings: Any) -> None:
    """Also where the database does not answer, for that may be why."""
    with held_port() as nobody:
        settings.POOLER_URL = f"postgres://oqu:secret@127.0.0.1:{nobody}/pgbouncer"
        silent = "pool: its console does not answer: OperationalError; look at POOLER_URL and stats_users"
        for checks in (health.examine(now=timezone.now()), {"database": {"ok": False}}):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(health, "examine", lambda now, checks=checks: checks)
                said, code = said_by_command()
            assert (silent in said.splitlines(), code) == (True, 1)


def test_command_without_tables_says_so_and_does_not_crash(beating: Heartbeat) -> None:
    health._require_migrated.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts' RETURNING app, name, applied")
        rows = cursor.fetchall()
        said, code = said_by_command()
        cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows)

    assert (said, code) == ("database: ok\nmigrations: NOT OK\nspace: ok\n", 1)


# --- Each state in which a parent is hurt -----------------------------------------------------------


def make_sms(recipient: User, states: dict[MessageState, int], **more: Any) -> None:
    now = timezone.now()
    Message.objects.bulk_create(
        Message(
            key=f"sms-{state}-{number}", channel=Channel.SMS, recipient=recipient, template="x", state=state,
            next_try_at=now, created_at=now, **more,
        )
        for state, count in states.items()
        for number in range(count)
    )  # fmt: skip


def test_what_hurts_a_parent_is_named_beyond_its_bound(
    beating: Heartbeat,
    platform_keys: None,
    parent: User,
    make_application: Callable[..., Application],
    settings: Any,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    now = timezone.now()
    application = make_application(Status.IN_REVIEW)
    gone, lost, came = MessageState.DEAD, MessageState.UNDELIVERED, MessageState.DELIVERED

    def paper(**more: Any) -> None:
        Paper.objects.create(
            application=application, kind=PaperKind.RECEIPT, created_at=now, next_try_at=now, **more
        )

    def ours(name: str) -> None:
        settings.CONNECTIONS = {"smartbridge": {"cert": str(settings.KEYS_DIR / name)}}

    states: dict[str, tuple[Callable[[], Any], str]] = {
        "a dead paper": (lambda: paper(dead=True), "queues: papers: 1 were given up"),
        "a late paper": (lambda: paper(), "queues: papers: 1 wait, the oldest for 6 min"),
        "ten dead SMS": (lambda: make_sms(parent, {gone: 10}), "queues: ok"),
        "eleven": (lambda: make_sms(parent, {gone: 11}), "queues: sms: 11 were given up"),
        "eleven that people know": (lambda: make_sms(parent, {gone: 11}, reached_at=now), "queues: ok"),
        "a fifth is lost": (lambda: make_sms(parent, {lost: 10, came: 40}), "delivery: ok"),
        "more": (lambda: make_sms(parent, {lost: 11, came: 39}), "delivery: 11 of 50 SMS are lost, 22 %"),
        "too few to tell": (lambda: make_sms(parent, {lost: 11, came: 38}), "delivery: ok"),
        "those of who works here": (
            lambda: make_sms(parent, {lost: 11, came: 39}, good_until=now),
            "delivery: ok",
        ),
        "a certificate that cannot be read": (
            lambda: ours("data.keys"),
            "certificates: CONNECTIONS.smartbridge: our certificate or its key cannot be read",
        ),
    }
    for name, (spoil, told) in states.items():
        with subtests.test(name), undone(), time_machine.travel(now, tick=False):
            spoil()
            later = now + timedelta(minutes=6) if "late" in name else now
            make_late(beating, int((now - later).total_seconds()))
            with time_machine.travel(later, tick=False):
                said, code = said_by_command()
            assert told in said.splitlines()
            assert code == (0 if told.endswith(": ok") else 1)


def test_share_looks_at_one_day_and_at_a_bounded_part_of_the_table(
    parent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sms(parent, {MessageState.UNDELIVERED: 60})
    now = timezone.now()

    assert shares.lately(now=now).lost == 60
    assert shares.lately(now=now + timedelta(days=1)).lost == 0
    monkeypatch.setattr(shares, "NEWEST", 5)
    assert shares.lately(now=now).lost == 5
