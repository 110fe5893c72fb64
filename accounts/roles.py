"""Two roles in PostgreSQL: the owner makes the tables, the portal's own works in them and can only add to the
journal. DATABASE_URL is the portal's; DATABASE_OWNER_URL is known where `prepare` runs, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError, connection

from accounts.watching import JOURNAL

CHANGES = "UPDATE, DELETE, TRUNCATE"


@contextmanager
def as_owner() -> Iterator[None]:
    """Meanwhile the connection is the owner's, if one is named."""
    if not settings.DATABASE_OWNER:
        yield
        return
    own = connection.settings_dict
    connection.close()
    connection.settings_dict = own | {
        name: settings.DATABASE_OWNER[name] for name in ("USER", "PASSWORD", "HOST", "PORT")
    }
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = own


def give(role: str) -> None:
    """What the portal needs, and of the journal no more than to read it and to add to it. As the owner; a
    role that is missing is made, without a password."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchall():
            cursor.execute(f"CREATE ROLE {name} LOGIN")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in JOURNAL:
            cursor.execute(f"REVOKE {CHANGES} ON {table} FROM {name}")


def may_change_journal() -> bool:
    """Could this connection's role change what stands in the journal, or put the watch to sleep?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(t, %s)) FROM unnest(%s::regclass[]) t",
            [CHANGES, list(JOURNAL)],
        )
        found: bool = cursor.fetchone()[0]
    return found


class NotTheOwner(Exception):
    """Only the owner of the tables can do this: DATABASE_OWNER_URL is not set."""

    def __str__(self) -> str:
        return str(self.__doc__)


def gather_statistics(*tables: str) -> None:
    """By which PostgreSQL chooses its plans, and without which it chooses blindly. Raises NotTheOwner: to
    anybody else ANALYZE says no more than a warning."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", [table]
            )
            if not cursor.fetchone()[0]:
                raise NotTheOwner
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def refuse_owner() -> None:
    """A production portal does not start as a role that could rewrite its journal. Raises
    ImproperlyConfigured. A database that does not answer, or has no tables yet, is no reason:
    `health` tells of it."""
    if settings.DEMO:
        return
    try:
        owner = may_change_journal()
    except (OperationalError, ProgrammingError):
        return
    finally:
        connection.close()
    if owner:
        raise ImproperlyConfigured(
            "Not fit for production: the role of DATABASE_URL may change the journal. It must be a role of "
            "its own, neither superuser nor owner of the tables; `manage.py prepare` with DATABASE_OWNER_URL "
            "gives it what it needs."
        )
