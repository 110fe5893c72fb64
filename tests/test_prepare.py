"""`manage.py prepare` while people work: a table that somebody holds for long is waited for by turns, and
nobody is held up behind it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from accounts import deadlines
from oqu.management.commands import prepare
from schools.models import Holiday
from tests.environment import PORTAL

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dump() -> Iterator[psycopg.Connection]:
    """Somebody who has read a table and goes on with the next, as pg_dump does."""
    told = connection.get_connection_params()
    named = {name: told[name] for name in ("dbname", "user", "password", "host", "port") if told.get(name)}
    with psycopg.connect(**named) as other:
        other.execute("LOCK TABLE schools_holiday IN ACCESS SHARE MODE")
        yield other


@pytest.fixture
def pending(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A migration is there, and nothing else to do; what `prepare` has called."""
    called: list[str] = []

    def call(name: str, *_given: Any, **_more: Any) -> None:
        if name == "migrate":
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE; SET statement_timeout = 5000")  # against hanging
            with connection.schema_editor() as editor:
                editor.execute("ALTER TABLE schools_holiday ADD COLUMN extra integer")
                editor.execute("ALTER TABLE schools_holiday DROP COLUMN extra")
        called.append(name)

    monkeypatch.setattr(prepare, "call_command", call)
    monkeypatch.setattr(prepare, "say_where", lambda **_how: None)
    monkeypatch.setattr(prepare, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(prepare, "sleep", lambda _seconds: None)
    return called


def test_table_that_is_held_ends_it_in_words_and_nobody_waits_behind(
    dump: psycopg.Connection, pending: list[str]
) -> None:
    with pytest.raises(CommandError, match="a dump, verify_journal"):
        call_command("prepare")

    assert "load_grounds" not in pending
    assert not Holiday.objects.exists(), "a reader beside the dump"


def test_it_goes_on_where_the_table_is_let_go(
    dump: psycopg.Connection, pending: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "sleep", lambda _seconds: dump.rollback())

    call_command("prepare")

    assert pending[-1] == "keys"


def test_every_change_but_one_beside_all_is_limited() -> None:
    def limit(sql: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    with deadlines.changing_tables(2):
        with transaction.atomic():
            assert limit("SELECT 1") == "0"
            assert limit("CREATE TEMPORARY TABLE tried (id integer)") == "2s"
        assert limit("CREATE INDEX CONCURRENTLY ON tried (id)") == "0"
        assert limit("ALTER TABLE tried ADD COLUMN more integer") == "0", "as before, after it"
    with transaction.atomic():
        assert limit("DROP TABLE tried") == "0"
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {PORTAL}")


@pytest.fixture
def owner() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET statement_timeout = 5000")  # against hanging
        yield
        cursor.execute(f"RESET statement_timeout; SET ROLE {PORTAL}")


def lock_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


def change(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD COLUMN extra integer")
        cursor.execute(f"ALTER TABLE {table} DROP COLUMN extra")
    return lock_timeout()


def is_refused(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == prepare.NOT_AVAILABLE


def test_who_has_changed_one_table_waits_for_the_next_only_as_long_as_is_left(
    dump: psycopg.Connection, owner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first was held by somebody too, for a minute; a little is always left."""
    clock = iter([0.0, 60.0, 70.0, 99.0, 99.0])
    monkeypatch.setattr(deadlines, "monotonic", lambda: next(clock))
    with deadlines.changing_tables(61):
        with pytest.raises(OperationalError) as caught, transaction.atomic():
            assert change("schools_school") == "1s"
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE schools_holiday ADD COLUMN extra integer")
        assert is_refused(caught.value)
        with transaction.atomic():
            assert change("schools_school") == "61s", "another transaction has its own time"


def test_change_outside_a_transaction_waits_no_longer(dump: psycopg.Connection, owner: None) -> None:
    with pytest.raises(OperationalError) as caught, deadlines.changing_tables(0.1):
        change("schools_holiday")

    assert is_refused(caught.value) and lock_timeout() == "0"
