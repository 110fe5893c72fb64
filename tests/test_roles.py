"""Two roles in PostgreSQL: the portal's can only add to the journal, and production starts as no other."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from accounts import roles
from accounts.models import Trouble, User
from accounts.watching import JOURNAL

pytestmark = pytest.mark.django_db


def test_the_suite_works_as_the_portals_role() -> None:
    assert not roles.may_change_journal()


@pytest.mark.parametrize("table", JOURNAL)
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_one_right_too_many_is_seen(right: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(f"GRANT {right} ON {table} TO oqu_portal")
        cursor.execute("SET LOCAL ROLE oqu_portal")

    assert roles.may_change_journal()


def test_the_portals_role_puts_no_watch_to_sleep(parent: User) -> None:
    for how in (
        "ALTER TABLE accounts_user DISABLE TRIGGER oqu_journal_update",
        "SET LOCAL session_replication_role = replica",
        "DROP TABLE accounts_journallink",
        "CREATE OR REPLACE FUNCTION oqu_journal_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(how)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("role", "refused"), [("oqu_portal", False), ("NONE", True)])
def test_production_does_not_start_as_an_owner(role: str, refused: bool, settings: Any) -> None:
    settings.DEMO = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)  # the role of this test is the connection's
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
        try:
            roles.refuse_owner()
        except ImproperlyConfigured:
            assert refused
        else:
            assert not refused


def test_the_owner_named_is_the_owner_meanwhile(settings: Any) -> None:
    own = connection.settings_dict["USER"]
    settings.DATABASE_OWNER = {"USER": "somebody", "PASSWORD": "", "HOST": "", "PORT": ""}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "close", lambda: None)
        with roles.as_owner():
            assert connection.settings_dict["USER"] == "somebody"

    assert connection.settings_dict["USER"] == own
    assert not Trouble.objects.exists()
