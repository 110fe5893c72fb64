"""What a line of the log says, and what none must say."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery.signals import before_task_publish, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from accounts import security, speaker
from accounts.models import JournalEntry, User
from applications.converters import Token
from egov.errors import Unavailable
from notifications import tasks
from oqu import celery, errors, logs
from oqu.logs import Brief, Facts, Json, Line, withhold

NUMBER = "0f" * 16
UUID = "7f1d3c8e-0b2a-4c55-9d70-6a1e2b3c4d5e"


def record(message: str, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(
        "x", logging.ERROR, "x.py", 1, message, more.pop("args", None), more.pop("exc_info", None)
    )
    made.__dict__.update(more)
    Facts().filter(made)
    return made


def as_json(line: logging.LogRecord) -> dict[str, Any]:
    written = Json().format(line)
    assert "\n" not in written
    told: dict[str, Any] = json.loads(written)
    return told


class Ear(logging.Handler):
    """Hears as production does."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self.setFormatter(Json())
        self.addFilter(Facts())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def events(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "event" in line]


@contextmanager
def numbered(number: str) -> Iterator[None]:
    speaker.number(number)
    yield
    speaker.number(None)


@pytest.fixture
def ear() -> Iterator[Ear]:
    heard = Ear()
    logging.getLogger().addHandler(heard)
    yield heard
    logging.getLogger().removeHandler(heard)


@pytest.mark.django_db
@pytest.mark.parametrize("formatter", [Line(), Json()])
def test_broken_constraint_does_not_print_the_row(formatter: logging.Formatter) -> None:
    values = {"iin": "not " + "an iin", "surname": "Сәр" + "сенова"}
    try:
        User.objects.create(**values)
    except IntegrityError:
        failed = record("failed", exc_info=sys.exc_info())

    text = formatter.format(failed)

    assert "user_iin_has_twelve_digits" in text
    assert "Сәрсенова" not in text and "not an iin" not in text


def token_routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the portal that a token opens, as it is written in the URL configuration."""
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from token_routes(one, route)
        elif isinstance(one, URLPattern) and any(
            isinstance(known, Token) for known in one.pattern.converters.values()
        ):
            yield route


@pytest.mark.parametrize("route", sorted(token_routes()))
@pytest.mark.parametrize("token", ["Zk3_0-aQ1", "x" * 40])
def test_no_line_holds_a_token_of_an_address(route: str, token: str) -> None:
    address = "/" + route.replace("<token:token>", token)
    for text in (
        f"Not Found: {address}",
        f"GET https://oqu.kz{address}?a=1 failed",
        f"<WSGIRequest: GET '{address}'>",
    ):
        assert token not in withhold(text)
        assert "/…" in withhold(text)


def test_addresses_of_tokens_are_found() -> None:
    assert len(list(token_routes())) >= 8


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"/sign/{UUID}/withdrawal/", f"/sign/{UUID}/withdrawal/"),
        ("of 123456789012 and +77011234567.", "of … and …."),
        ("CN=A,SN=IIN123456789012,O=BIN123456789012 87011234567", "CN=A,SN=IIN…,O=BIN… …"),
        ("in 20270401 took 1234567890123 ns", "in 20270401 took 1234567890123 ns"),
        (f"document {UUID} is lost", f"document {UUID} is lost"),
        ("a-123456789012", "a-123456789012"),
    ],
)
def test_numbers_of_people_are_withheld_and_those_of_things_are_not(text: str, written: str) -> None:
    assert withhold(text) == written


@pytest.mark.parametrize("formatter", [Line(), Json()])
def test_times_bear_their_offset(formatter: logging.Formatter) -> None:
    text = formatter.format(record("x"))
    told = json.loads(text)["time"] if text.startswith("{") else text.split()[0]

    time = datetime.fromisoformat(told)

    assert time.utcoffset() == timedelta(hours=5)
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=1)


@pytest.mark.parametrize(("status", "kept"), [(503, False), (500, True)])
def test_known_outage_is_one_line_and_a_defect_has_its_traceback(status: int, kept: bool) -> None:
    try:
        raise OperationalError("of 1.2.3.4")
    except OperationalError:
        line = record("%s: /x/", args=("Busy",), status_code=status, exc_info=sys.exc_info())

    Brief().filter(line)

    told = as_json(line)
    assert ("exception" in told) is kept
    assert told["message"] == ("Busy: /x/" if kept else "Busy: /x/ (OperationalError)")


def of_celery(failed: Exception, *, task: str = "", said: str = "") -> logging.LogRecord:
    """As Celery writes of a task that failed, or of its own connections."""
    try:
        raise failed
    except type(failed):
        line = record(said, exc_info=sys.exc_info())
    line.name = "celery.app.trace" if task else "celery.worker.consumer"
    if task:
        line.msg = "Task %(name)s[%(id)s] raised: %(exc)s"
        line.args = {"name": task, "id": "1", "exc": failed}
    return line


def test_task_that_finds_something_away_is_a_line_a_minute(
    subtests: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 1000.0
    monkeypatch.setattr(logs, "monotonic", lambda: moment)
    faults = [OperationalError("1.2.3.4"), BrokerAway("x"), RedisError("x"), Unavailable("sms", "HTTP 503")]
    for failed in faults:
        with subtests.test(type(failed).__name__):
            brief = Brief()
            line = of_celery(failed, task="a.b")
            assert brief.filter(line)
            told = as_json(line)
            assert told["message"] == f"Task a.b failed ({type(failed).__name__})"
            assert "exception" not in told
            assert not brief.filter(of_celery(failed, task="a.b"))
            assert brief.filter(of_celery(failed, task="a.c"))
    moment += logs.AGAIN
    assert brief.filter(of_celery(faults[-1], task="a.b"))

    lost = of_celery(RedisError("x"), said="Connection to broker lost.")
    assert brief.filter(lost)
    assert as_json(lost)["message"] == "Connection to broker lost. (RedisError)"

    stumbled = AttributeError("None has no such attribute")
    stumbled.__context__ = RedisError("x")
    for task, is_brief in (("", True), ("a.b", False)):
        line = of_celery(stumbled, task=task, said="Error on restarting Gossip")
        assert brief.filter(line)
        assert ("exception" not in as_json(line)) is is_brief


def test_defect_of_a_task_keeps_its_traceback_each_time() -> None:
    brief = Brief()
    for _again in range(2):
        line = of_celery(KeyError("x"), task="a.b")
        assert brief.filter(line)
        assert "KeyError" in as_json(line)["exception"]


def test_line_without_a_request_says_so_by_silence() -> None:
    assert set(as_json(record("x"))) == {"time", "level", "logger", "message"}


def test_what_a_library_hangs_on_a_line_is_left_out() -> None:
    request = RequestFactory().get("/sign/abc/")

    told = as_json(record("x", request=request, status_code=404, data={"args": "Айгүл"}))

    assert set(told) == {"time", "level", "logger", "message", "by"}


def test_traceback_is_one_field() -> None:
    try:
        raise ValueError("at /check/abcdef/")
    except ValueError:
        told = as_json(record("x", exc_info=sys.exc_info()))

    assert "Traceback" in told["exception"] and told["exception"].endswith("ValueError: at /check/…/")


@pytest.mark.django_db
def test_line_says_who_and_asks_nobody(django_assert_num_queries: Any) -> None:
    user = User.objects.create(iin="990101300012")

    with speaker.speaking("page cabinet:applications", user=user), django_assert_num_queries(0):
        told = as_json(record("x"))

    assert (told["by"], told["user"]) == ("page cabinet:applications", user.pk)


@pytest.mark.django_db
def test_line_asks_nobody_for_a_person_not_loaded_yet(client: Client, ear: Ear) -> None:
    client.cookies["oqu"] = "of-no-session"

    client.get("/nothing-here/")

    assert all("user" not in line for line in ear.lines)


# --- The number of a request -----------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "told", "taken"),
    [
        (1, NUMBER, True),
        (0, NUMBER, False),  # a visitor's own word
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'a"},{"event":"forged', False),
        (1, "", False),
    ],
)
def test_number_is_the_proxys_or_our_own(
    client: Client, monkeypatch: pytest.MonkeyPatch, ear: Ear, proxies: int, told: str, taken: bool
) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", proxies)

    response = client.get("/nothing-here/", headers={"X-Request-ID": told})

    number = response.headers["X-Request-ID"]
    assert (number == told) is taken
    assert len(number) >= 8
    assert [line["request"] for line in ear.lines if line["logger"] == "django.request"] == [number]
    assert speaker.request_number() is None


@pytest.mark.django_db
def test_two_requests_have_two_numbers(client: Client) -> None:
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))

    assert first != second


@pytest.mark.django_db
def test_change_bears_the_number_of_its_request() -> None:
    with numbered(NUMBER), speaker.speaking("page x"):
        user = User.objects.create(iin="990101300012")

    entry = JournalEntry.objects.filter(model="accounts.user", row=str(user.pk)).last()
    assert entry is not None and entry.said == {"by": "page x", "request": NUMBER}


def test_task_bears_the_number_of_the_request_that_ordered_it(ear: Ear) -> None:
    headers: dict[str, Any] = {}
    with numbered(NUMBER):
        before_task_publish.send(sender="x", headers=headers)

    task = SimpleNamespace(name="x", request=SimpleNamespace(**headers))
    task_prerun.send(sender="x", task=task)
    logging.getLogger("x").warning("in the task")
    task_prerun.send(sender="y", task=SimpleNamespace(name="y", request=SimpleNamespace()))
    logging.getLogger("x").warning("in another")

    ordered, other = ear.lines
    assert (ordered["by"], ordered["request"]) == ("task x", NUMBER)
    assert (other["by"], other.get("request")) == ("task y", None)


def test_celery_gives_a_task_what_the_header_says() -> None:
    """The name is one of the task's request: this is what Celery does with headers that it does not know."""
    request = tasks.heartbeat.request_stack
    context = type(tasks.heartbeat.request)({celery.REQUEST: NUMBER})
    request.push(context)
    try:
        assert getattr(tasks.heartbeat.request, celery.REQUEST) == NUMBER
    finally:
        request.pop()


@pytest.mark.parametrize(
    "failed", [errors.server_error, lambda request: errors.not_found(request, Exception())]
)
def test_page_of_an_error_tells_the_number_to_read_out(failed: Any) -> None:
    with numbered(NUMBER):
        page, case = failed(RequestFactory().get("/")).content.decode(), speaker.case_in_groups()

    assert page.count(f'<b class="nowrap">{case}</b>') == 2  # in both languages


# --- Events ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sign_in_and_out_are_events(client: Client, ear: Ear) -> None:
    user = User.objects.create(iin="990101300012")

    client.force_login(user)
    client.post("/logout/")

    assert [(line["event"], line["user"]) for line in ear.events()] == [
        ("sign-in", user.pk),
        ("sign-out", user.pk),
    ]


@pytest.mark.django_db
def test_page_of_somebody_else_is_an_event_with_person_and_page(client: Client, ear: Ear) -> None:
    user = User.objects.create(iin="990101300012")
    client.force_login(user)

    client.get(f"/school/applications/{UUID}/")

    (told,) = [line for line in ear.events() if line["event"] == "refused"]
    assert (told["user"], told["page"], told["status"]) == (user.pk, "review:application", 404)
    assert told["request"]


@pytest.mark.django_db
def test_forged_form_is_an_event(ear: Ear) -> None:
    Client(enforce_csrf_checks=True).post("/logout/")

    (told,) = ear.events()
    assert (told["event"], told["what"]) == ("forged", "form")


def test_what_an_event_says_is_withheld_too() -> None:
    told = as_json(record("x", event={"event": "forged", "reason": "from /sign/abc/", "page": 1}))

    assert (told["event"], told["reason"], told["page"]) == ("forged", "from /sign/…/", 1)


@pytest.mark.django_db
def test_event_is_written_where_posts_cannot_be_asked_for(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    user = User.objects.create(iin="990101300012")
    connection.execute_wrappers.append(_away)
    try:
        with speaker.speaking("page x", user=user):
            security.happened(security.Event.REFUSED, page="x")
    finally:
        connection.execute_wrappers.remove(_away)

    (told,) = ear.events()
    assert (told["user"], told["event"]) == (user.pk, "refused")


def _away(*_statement: Any) -> Any:
    raise OperationalError("gone")


@pytest.mark.parametrize("shape", logs.FORMATS)
def test_configuration_is_one_that_python_takes(shape: str) -> None:
    """In a process of its own: this one's log is the tests'."""
    told = f"import logging.config as c; from oqu import logs; c.dictConfig(logs.config({shape!r}, 'INFO'))"
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{told}; import logging; logging.getLogger('gunicorn.error').info('up at /sign/abc/')",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.BASE_DIR,
    )

    (line,) = said.stderr.splitlines()
    assert line.endswith("INFO gunicorn.error up at /sign/…/") if shape == "line" else json.loads(line)


def test_unknown_shape_is_refused_in_words() -> None:
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be one of json, line"):
        logs.config("xml", "INFO")
