"""How long a question to the database may take, and what follows when it takes longer."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from accounts import deadlines
from accounts.deadlines import Kind
from accounts.models import User
from applications.models import FamilyExport
from notifications import queue
from oqu import celery
from oqu.logs import Brief, Line
from tests.sessions import in_force
from tests.test_architecture import ROOT

NO_LIMIT = dict.fromkeys(deadlines.wanted(Kind.WEB), 0)
ENTRY = re.compile(r"^oqu_(\w+) = .* connect_query='(.*)'$", re.M)


def ask_too_long() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(60)")


def slow(request: HttpRequest) -> HttpResponse:
    ask_too_long()
    raise AssertionError("it was not ended")


urlpatterns = [path("slow/", slow), path("", include("oqu.urls"))]
handler500 = "oqu.errors.server_error"


@contextmanager
def kept(database: dict[str, Any]) -> Iterator[None]:
    before = dict(database)
    yield
    connection.close()
    database.update(before)


@pytest.mark.django_db(transaction=True)
def test_each_kind_of_process_has_its_limits_and_a_command_has_none(subtests: Any) -> None:
    assert in_force() == NO_LIMIT
    for kind, begin in ((Kind.WEB, deadlines.begin), (Kind.WORKER, celery.end_long_questions)):
        with subtests.test(str(kind)), kept(connection.settings_dict):
            begin(kind=kind)
            assert in_force() == deadlines.wanted(kind)
            assert min(in_force().values()) > 0


@pytest.mark.django_db(transaction=True)
def test_what_the_address_says_of_the_session_stands_beside_the_limits() -> None:
    with kept(connection.settings_dict):
        given = connection.settings_dict["OPTIONS"] | {"options": "-c work_mem=5MB"}
        connection.settings_dict["OPTIONS"] = given
        deadlines.begin(Kind.WEB)

        assert in_force() == deadlines.wanted(Kind.WEB)
        with connection.cursor() as cursor:
            cursor.execute("SHOW work_mem")
            assert cursor.fetchone() == ("5MB",)


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_the_database_is_cut_off_and_the_next_question_is_answered() -> None:
    with connection.cursor() as cursor:  # as of a page: nothing goes on for who is gone
        cursor.execute("SET client_connection_check_interval = 50")
    begun = monotonic()
    with deadlines.cut_after(0.05), pytest.raises(OperationalError):
        ask("SELECT pg_sleep(60)")
    assert monotonic() - begun < 10
    with deadlines.cut_after(60):
        assert ask("SELECT 1") == 1
    before = connection.connection
    assert ask("SELECT 1") == 1 and connection.connection is before, "who was in time keeps the connection"


class Closing:
    """A connection that its own thread closes while another looks at it."""

    closed = False

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def fileno(self) -> int:
        if not self.numbers:
            raise psycopg.OperationalError("the connection is closed")
        return self.numbers.pop(0)


@pytest.mark.parametrize("same", [True, False], ids=["the same", "another by now"])
def test_only_the_connection_itself_is_shut(same: bool) -> None:
    mine, other = socket.socketpair()
    with mine, other:
        deadlines._shut(Closing(mine.fileno(), mine.fileno() if same else other.fileno()))
        deadlines._shut(Closing(mine.fileno()))
        deadlines._shut(Closing())
        other.settimeout(0)
        if same:
            assert other.recv(1) == b""
        else:
            with pytest.raises(BlockingIOError):
                other.recv(1)


def test_of_what_has_got_the_number_meanwhile_no_copy_is_left_open() -> None:
    with Path(os.devnull).open() as file:
        before = len(list(Path("/proc/self/fd").iterdir()))
        deadlines._shut(Closing(file.fileno(), file.fileno() + 1))
        deadlines._shut(Closing(file.fileno()))
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def ask(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_pages_are_given_up_before_tasks() -> None:
    web, worker = deadlines.wanted(Kind.WEB), deadlines.wanted(Kind.WORKER)

    assert all(web[name] <= worker[name] for name in web)
    assert worker["statement_timeout"] < celery.app.conf.task_soft_time_limit * 1000


def test_pooler_of_the_documents_sets_the_same() -> None:
    entries = dict(ENTRY.findall((ROOT / "docs/deploy.md").read_text()))

    assert {kind: dict(re.findall(r"SET (\w+) = (\d+)", said)) for kind, said in entries.items()} == {
        str(kind): {name: str(number) for name, number in deadlines.wanted(kind).items()} for kind in Kind
    }


def test_web_begins_with_its_limits() -> None:
    """As gunicorn does; another process, since what it sets would stay in this one."""
    asks = (
        "from oqu import wsgi; from django.db import connection; print(connection.settings_dict['OPTIONS'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env=os.environ | {"DEMO": "1"}, capture_output=True, text=True
    )

    assert f"statement_timeout={deadlines.wanted(Kind.WEB)['statement_timeout']}" in done.stdout, done.stderr


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.test_deadlines")
def test_person_whose_page_takes_too_long_reads_that_nothing_is_lost(caplog: Any) -> None:
    answer = Client(raise_request_exception=False).get("/slow/")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    (line,) = [one for one in caplog.records if one.name == "django.request"]
    assert logs_say(line) == "Service Unavailable: /slow/ (OperationalError: QueryCanceled)"


def logs_say(line: Any) -> str:
    """The line as it is written."""
    Brief().filter(line)
    return Line().format(line).partition("django.request ")[2].partition(" [")[0]


@pytest.mark.django_db
def test_row_of_a_queue_whose_question_takes_too_long_comes_back(parent: User, now: datetime) -> None:
    row = FamilyExport.objects.create(user=parent, ordered_at=now, next_try_at=now)

    assert queue.do_next(FamilyExport.objects.all(), lambda _row: ask_too_long(), now=now) is False

    row.refresh_from_db()
    assert (row.lease_until, row.dead, row.attempts) == (None, False, 1)
    assert now < row.next_try_at < now + timedelta(minutes=1)
    assert queue.do_next(FamilyExport.objects.all(), lambda _row: None, now=row.next_try_at) is True
