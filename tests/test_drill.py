"""A backup that was restored: what it must prove, what it refuses, and that nothing of it is left behind."""

import os
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
from django.conf import settings as portal_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import chain, copies
from accounts.models import Installation, JournalEntry, User
from applications.models import Application, Document, Paper
from applications.papers import heads, keys, making
from applications.papers.tests.audit_cast import filed  # noqa: F401  fixtures
from egov import http
from egov.tests.eds_cast import _authority, pki  # noqa: F401  fixtures
from oqu.drill import restoring
from oqu.drill.restoring import Target
from schools.models import Intake
from tests.environment import DATA_KEY, undone

IN_A_BUCKET: dict[str, Any] = {"BACKEND": "accounts.object_store.ObjectStore", "OPTIONS": {}}
WITHOUT_PROGRAMS = "PostgreSQL's programs are not installed"
pytestmark = pytest.mark.skipif(shutil.which("pg_dump") is None, reason=WITHOUT_PROGRAMS)


@dataclass(frozen=True)
class Backup:
    """Of the database of this test, with its files and keys."""

    dump: Path
    files: Path
    keys: Path

    def drill(self, **other: Path | None) -> list[str]:
        out, given = StringIO(), {"dump": self.dump, "files": self.files, "keys": self.keys} | other
        arguments = [f"--{name}={path}" for name, path in given.items() if path]
        call_command("drill", *arguments, stdout=out)
        return out.getvalue().splitlines()


@pytest.fixture
def at_work(
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    now: datetime,
) -> Application:
    """A portal that has filed an application and made its papers, alive a moment ago."""
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path / "keys", "test"
    settings.JOURNAL_EXPORT_DIR = tmp_path / "journal"
    settings.DATA_KEYS_FILE = tmp_path / "keys" / "data.keys"
    keys.ensure(now=now)
    settings.DATA_KEYS_FILE.write_text(f"{DATA_KEY}\n")
    settings.DATA_KEYS_FILE.chmod(0o600)
    settings.DATA_KEYS = []
    call = http.call
    application: Application = request.getfixturevalue("filed")
    monkeypatch.setattr(http, "call", call)  # the authority that is played has nothing more to say
    settings.TSP_URL = ""
    while making.render_next(now=now) is not None:
        pass
    copies.say_first(now=now)
    copies.leave_sign()
    chain.link()
    return application


@pytest.fixture
def place(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """A database of the same PostgreSQL, which is not there yet."""
    own = connection.settings_dict
    name = f"{own['NAME']}_drill"
    at = own["HOST"] if own["HOST"].startswith("/") else f"{own['HOST']}:{own['PORT'] or 5432}"
    who = ":".join(filter(None, [own["USER"], own["PASSWORD"]]))
    settings.DRILL_DATABASE_URL = f"postgres://{who}@/{at}/{name}"
    monkeypatch.setenv("SEAL_PASSWORD", "test")
    yield restoring.target()
    connection.close()


def is_there(where: Target) -> bool:
    asked = "SELECT 1 FROM pg_database WHERE datname = %s"
    with where.connect(restoring.MAINTENANCE) as there:
        return there.execute(asked, [where.name]).fetchone() is not None


@pytest.fixture
def backup(at_work: Application, place: Target, tmp_path: Path) -> Backup:
    """Made as docs/backup.md says; the portal has gone on since."""
    dump, files = tmp_path / "oqu.dump", tmp_path / "restored"
    reached = os.environ | {f"PG{name.upper()}": value for name, value in place.parameters.items()}
    command = ["pg_dump", "--format=custom", f"--file={dump}", connection.settings_dict["NAME"]]
    subprocess.run(command, env=reached, check=True)
    shutil.copytree(default_storage.path(""), files)
    User.objects.update(phone="+77010000000")
    chain.link()
    heads.export(now=timezone.now())
    return Backup(dump, files, Path(portal_settings.KEYS_DIR))


@pytest.mark.django_db(transaction=True)
def test_backup_is_restored_and_proven(
    backup: Backup, place: Target, subtests: pytest.Subtests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subtests.test("what is no backup, or no place for one"):
        half, locked = tmp_path / "half", tmp_path / "locked"
        half.write_bytes(backup.dump.read_bytes()[: backup.dump.stat().st_size // 2])
        locked.write_bytes(b"age-encryption.org/v1\n-> X25519 x\n")
        own = Path(default_storage.path(""))
        wrong: list[tuple[str, dict[str, Path | None]]] = [
            ("could not read from input file: end of file", {"dump": half}),
            ("does not appear to be a valid archive", {"dump": locked}),
            ("is no file", {"dump": tmp_path / "none"}),
            ("is no folder", {"files": tmp_path / "none"}),
            ("is no folder", {"keys": tmp_path / "none"}),
            ("the portal's own files", {"files": own}),
        ]
        disk = {"OPTIONS": {"location": own}}  # wherever the portal's files lie by now
        monkeypatch.setattr(portal_settings, "PRIVATE_STORES", {"disk": disk})
        monkeypatch.setattr(portal_settings, "STORAGES", portal_settings.STORAGES | {"default": IN_A_BUCKET})
        for words, other in wrong:
            with pytest.raises(CommandError, match=words):
                backup.drill(**other)
            assert not is_there(place)
        with pytest.raises(CommandError, match="there is no database"):
            call_command("drill", "--restored", f"--files={backup.files}")
    with subtests.test("never the portal's own database"), pytest.MonkeyPatch.context() as patch:
        url = place.url.removesuffix("_drill")
        patch.setattr(portal_settings, "DRILL_DATABASE_URL", url)
        for arguments in ([f"--dump={backup.dump}"], ["--restored"]):
            with pytest.raises(CommandError, match="the portal's own database"):
                call_command("drill", *arguments, f"--files={backup.files}")
    with subtests.test("broken off it leaves nothing; of two at once the second waits"):

        def interrupted(*_told: object) -> Iterator[str]:
            assert is_there(place)
            with pytest.raises(CommandError, match="is there already"):
                backup.drill()
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr(restoring, "_pg_restore", lambda *_told, **_how: None)
            patch.setattr(restoring, "prove", interrupted)
            backup.drill()
        assert ended.value.code == 130
        assert not is_there(place)
    assert copies.drilled_at() is None

    said = backup.drill()
    assert [line for line in said if line.startswith("FAILED")] == []
    assert "ok       signatures: 1 good, 0 not re-checked (GOST)" in said
    assert any("it knows that it is a copy" in line for line in said)
    assert any(line.endswith("were written after it") for line in said)
    assert said[-1] == "a good drill"
    assert copies.drilled_at() is not None
    assert not is_there(place)
    assert JournalEntry.objects.filter(model="accounts.installation", kind="UPDATE").count() == 1


def prove(*arguments: str) -> tuple[int, dict[str, str]]:
    """Of the database of this test itself."""
    out, code = StringIO(), 0
    try:
        call_command("prove", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    found = (line.removeprefix("FAILED").removeprefix("ok").strip() for line in out.getvalue().splitlines())
    told = dict(line.split(": ", 1) for line in found)
    return code, {name: words for name, words in told.items() if f"FAILED   {name}: " in out.getvalue()}


@pytest.mark.django_db
def test_each_thing_that_does_not_hold_is_named(
    at_work: Application, subtests: pytest.Subtests, settings: Any, tmp_path: Path
) -> None:
    assert prove() == (1, {"copy": "it takes itself for the portal: nothing would keep it from sending"})
    Installation.objects.update(system=1)
    assert prove() == (0, {})

    def grow_old() -> None:
        Installation.objects.update(witnessed_at=at_work.submitted_at)
        assert prove("--any-age") == (0, {})

    def lose() -> None:
        default_storage.delete(str(Document.objects.earliest("pk").file))

    def cut() -> None:
        path = Path(default_storage.path(str(Paper.objects.earliest("pk").file)))
        path.write_bytes(path.read_bytes()[:-20])

    def rechain() -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE accounts_journallink SET hash = repeat('0', 64) WHERE position = 2")
            cursor.execute("SET LOCAL session_replication_role = DEFAULT; SET ROLE oqu_portal")

    spoils = {
        "no mark": (Installation.objects.all().delete, "copy", "it does not know whose it is"),
        "no sign": (lambda: Installation.objects.update(witnessed_at=None), "moment", "has never left"),
        "old": (grow_old, "moment", "more than 26 hours"),
        "lost": (lose, "files", "1 that rows name are not there"),
        "cut": (cut, "signatures", "PAPER"),
        "seats": (lambda: Intake.objects.update(held_local=5), "seats", "local counter 5, applications 1"),
        "chain": (rechain, "journal", "chain broken at 2 LINK_CHANGED"),
    }
    for name, (spoil, proof, words) in spoils.items():
        with subtests.test(name), undone():
            spoil()
            code, failed = prove("--sample=0")
            assert code == 1
            assert words in failed[proof]
    with subtests.test("wrong key"):
        settings.DATA_KEYS_FILE.write_text(f"another:{'b' * 43}=\n")
        assert "there is no data key 'test', and data lie under it" in prove()[1]["keys"]


def test_environment_of_the_proof_names_nothing_of_the_portal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not its store either; and a `.env` beside the code, which fills up what is not said, changes nothing of
    it."""
    lines = ["DATABASE_OWNER_URL=postgres://owner@/oqu", "KEYS=x", "DATA_KEYS=y", "S3_BUCKET=oqu", "S3_KEY=k"]
    (tmp_path / ".env").write_text("\n".join([*lines, "FILES_STORE=s3", "S3_ENDPOINT=https://s3.example.kz"]))
    monkeypatch.setenv("S3_SECRET", "secret")
    with restoring.looking(tmp_path / "files", tmp_path / "keys") as here:
        monkeypatch.setattr(environ.Env, "ENVIRON", here)
        environ.Env.read_env(tmp_path / ".env")
        told = {name: here[name] for name in restoring.NOT_THERE + restoring.INSTEAD_OF_KEYS}
        assert set(told.values()) == {""}
        read = runpy.run_path(str(portal_settings.BASE_DIR / "oqu" / "settings.py"))
    assert (read["FILES_STORE"], read["DATABASE_OWNER"], read["KEYS"], read["DATA_KEYS"]) == (
        "disk",
        {},
        [],
        [],
    )


def test_place_must_be_named_and_must_answer(settings: Any) -> None:
    settings.DRILL_DATABASE_URL = ""
    with pytest.raises(restoring.Unfit, match="it is not set"):
        restoring.target()
    settings.DRILL_DATABASE_URL = "postgres://drill:secret@127.0.0.1"
    with pytest.raises(restoring.Unfit, match="names no database"):
        restoring.target()
    settings.DRILL_DATABASE_URL = "postgres://drill:secret@127.0.0.1:1/drill?sslmode=disable"
    with pytest.raises(restoring.Unfit) as refused:
        restoring.target().connect()
    assert "OperationalError" in str(refused.value) and "secret" not in str(refused.value)
    assert refused.value.__suppress_context__ and issubclass(psycopg.OperationalError, psycopg.Error)
