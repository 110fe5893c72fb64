"""An empty place for a backup: a database that is made for the drill and dropped after it, beside a folder
that leads to the restored files. The portal's own database and files are no such place."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.conf import settings
from django.db import DatabaseError, connection
from psycopg import sql

from oqu import logs

MAINTENANCE = "postgres"  # a database that every PostgreSQL has
# Of one server at one run of it, and of one database in it: no other has all three.
_IDENTITY = """SELECT c.system_identifier, pg_postmaster_start_time(), d.oid
  FROM pg_control_system() c JOIN pg_database d ON d.datname = coalesce(%s, current_database())"""
OF_THE_PORTAL = ("KEYS_DIR", "DATA_KEYS_FILE", "EDS_CA_DIR", "JOURNAL_EXPORT_DIR")
# Said to be empty, for what is only left out comes back from `.env`; the portal's own store would be proven.
NOT_THERE = ("DATABASE_OWNER_URL", "DRILL_DATABASE_URL", "S3_ENDPOINT", "S3_BUCKET", "S3_KEY", "S3_SECRET")
INSTEAD_OF_KEYS = ("KEYS", "DATA_KEYS")


class Unfit(Exception):
    """Why the drill cannot be held or has failed, in words for who runs it."""


@dataclass(frozen=True)
class Target:
    """The database of DRILL_DATABASE_URL."""

    url: str

    @cached_property
    def parts(self) -> dict[str, Any]:
        found: dict[str, Any] = environ.Env.db_url_config(self.url)
        return found

    @property
    def name(self) -> str:
        return str(self.parts["NAME"])

    @property
    def parameters(self) -> dict[str, str]:
        """How it is reached, in the words of libpq."""
        own = {name.lower(): self.parts[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
        own |= self.parts.get("OPTIONS", {})
        return {name: str(value) for name, value in own.items() if value}

    def connect(self, database: str = "") -> "psycopg.Connection[Any]":
        """Raises Unfit."""
        wanted = {"dbname": database or self.name, "connect_timeout": 5, **self.parameters}
        try:
            return psycopg.connect(autocommit=True, **wanted)  # type: ignore[arg-type]  # libpq's own words
        except psycopg.Error as error:
            raise Unfit(f"the PostgreSQL of DRILL_DATABASE_URL: {type(error).__name__}") from None


def target() -> Target:
    if not settings.DRILL_DATABASE_URL:
        raise Unfit("DRILL_DATABASE_URL names the place for the restored database: it is not set")
    found = Target(settings.DRILL_DATABASE_URL)
    if not found.parts.get("NAME"):
        raise Unfit("DRILL_DATABASE_URL names no database")
    return found


def is_there(where: Target) -> bool:
    """Whether there is such a database. Raises Unfit where it is the portal's."""
    with where.connect(MAINTENANCE) as there:
        found = there.execute(_IDENTITY, [where.name]).fetchone()
    try:
        with connection.cursor() as cursor:
            cursor.execute(_IDENTITY, [None])
            own = cursor.fetchone()
    except DatabaseError:
        raise Unfit("the portal's own database does not answer: `manage.py prove` needs none") from None
    if found == own:
        raise Unfit("DRILL_DATABASE_URL is the portal's own database: a drill needs a place of its own")
    return found is not None


def check_files(folder: Path) -> Path:
    """Raises Unfit where they are none, or the portal's own: those prove nothing of a backup."""
    own = Path(settings.PRIVATE_STORES["disk"]["OPTIONS"]["location"]).resolve()
    found = folder.resolve()
    if not found.is_dir():
        raise Unfit(f"{folder} is no folder")
    if found == own or own in found.parents:
        raise Unfit(f"{folder} holds the portal's own files: name the restored ones")
    return found


def check_dump(dump: Path) -> None:
    """Raises Unfit where it cannot be read, before anything is made."""
    if shutil.which("pg_restore") is None:
        raise Unfit("pg_restore is not installed here")
    if not dump.is_file():
        raise Unfit(f"{dump} is no file")
    _pg_restore("--list", str(dump))


@contextmanager
def restored(dump: Path, where: Target) -> Iterator[None]:
    """Meanwhile the dump is in a database of its own, which is dropped however it ends."""
    _make(where)
    try:
        options = ("--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={where.name}")
        _pg_restore(*options, str(dump), where=where)
        with where.connect() as there:
            there.execute("ANALYZE")
        yield
    finally:
        with where.connect(MAINTENANCE) as there:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            there.execute(statement.format(sql.Identifier(where.name)))


def _make(where: Target) -> None:
    """Of two at once the second finds it there."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
    with where.connect(MAINTENANCE) as there:
        try:
            there.execute(statement.format(sql.Identifier(where.name)))
        except psycopg.errors.DuplicateDatabase:
            raise Unfit(
                f"the database {where.name} is there already: another drill runs, or one was killed. "
                "If it is nobody's, drop it"
            ) from None
        except psycopg.Error as error:
            raise Unfit(f"the database {where.name} cannot be made: {type(error).__name__}") from None


def _pg_restore(*arguments: str, where: Target | None = None) -> None:
    """Raises Unfit with its first word of what failed: a broken or locked dump, a full disk. A password on a
    command line would be anybody's to read."""
    reached = where.parameters if where else {}
    done = subprocess.run(  # noqa: S603  (no shell: words of ours and a path)
        ["pg_restore", *arguments],  # noqa: S607  (of the machine's PostgreSQL, wherever it lies)
        env=os.environ | {f"PG{name.upper()}": value for name, value in reached.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error: " in line), "no word of why")
        raise Unfit(f"the dump cannot be restored: {logs.NUMBERS.sub('…', said)}")


@contextmanager
def looking(files: Path, keys: Path | None) -> Iterator[dict[str, str]]:
    """The environment in which the restored place is proven: its files, and its keys where they were restored
    too. The heads that were carried away are the portal's."""
    with tempfile.TemporaryDirectory(prefix="oqu-drill-") as folder:
        (Path(folder) / "files").symlink_to(files)
        here = os.environ | {name: str(getattr(settings, name)) for name in OF_THE_PORTAL}
        if keys:
            here |= {"KEYS_DIR": str(keys), "DATA_KEYS_FILE": str(keys / "data.keys")}
        gone = NOT_THERE + (INSTEAD_OF_KEYS if keys else ())
        yield here | dict.fromkeys(gone, "") | {"VAR_DIR": folder, "FILES_STORE": "disk"}


def prove(where: Target, here: dict[str, str], *options: str) -> Iterator[str]:
    """The lines of `manage.py prove` there. Raises Unfit when it does not hold."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prove", *options]
    there = here | {"DATABASE_URL": where.url}
    with subprocess.Popen(command, env=there, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  (ourselves)
        assert process.stdout
        for line in process.stdout:
            yield line.rstrip("\n")
    if process.returncode:
        raise Unfit("the restored place does not prove what it should")
