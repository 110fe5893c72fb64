"""Locking anew: what lay plain or under an older key, once and again, beside a working portal."""

import secrets
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import data_keys, speaker, vault
from accounts.fields import LockedTextField
from accounts.models import Consent, User
from applications import stored
from applications.keeping import at_rest
from applications.keeping.tests import terms_cast
from applications.models import Application, Document, Paper, SigningBatch
from applications.papers import making
from applications.papers.tests.audit_cast import accepted, codes, filed  # noqa: F401  fixtures
from applications.tests.test_verify_journal import newest, verify
from tests.environment import DATA_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D42")]
NEW = data_keys.line("zz", secrets.token_bytes(32))  # sorts behind that of the other tests


def command(*arguments: str) -> tuple[int, list[str]]:
    out, code = StringIO(), 0
    try:
        with speaker.speaking("command encrypt_stored"):  # as manage.py says it
            call_command("encrypt_stored", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, out.getvalue().splitlines()


def paths() -> list[Path]:
    return [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]


def keys_used() -> set[str]:
    """Of files and rows, "" for what lies plain."""
    found = {vault.key_of(path.read_bytes()) for path in paths()}
    with connection.cursor() as cursor:
        for table, column in (("accounts_consent", "token"), ("applications_signingbatch", "auth_token")):
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> ''")
            found |= {vault.key_of_text(text) for (text,) in cursor.fetchall()}
    return found


def lay_plain() -> None:
    """As everything lay before there was a key."""
    for path in paths():
        path.write_bytes(vault.unlock(path.read_bytes()))
    tokens = list(Consent.objects.values_list("pk", "token"))
    with connection.cursor() as cursor:
        for key, token in tokens:
            cursor.execute("UPDATE accounts_consent SET token = %s WHERE id = %s", [token, key])


def test_what_lay_plain_works_on_and_is_locked_by_the_command(
    accepted: Application,  # noqa: F811  a fixture
    now: datetime,
    portal_keys: Path,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.JOURNAL_EXPORT_DIR = tmp_path / "heads"
    for paper in accepted.papers.all():
        making.render(paper, now=now)
    lay_plain()
    proven, before = codes(accepted), newest()
    assert "" in keys_used()
    assert set(proven.values()) == {""}

    code, told = command("--dry-run")
    assert code == 0
    assert [line.partition(":")[0] for line in told] == ["accounts.consent token", "files"]
    assert "" in keys_used()
    assert command()[0] == 0

    assert keys_used() == {"test"}
    assert codes(accepted) == proven
    assert Consent.objects.values_list("token", flat=True)[0] == "token"
    assert command() == (0, ["everything lies under test"])
    assert verify(after=before)[-1] == "the journal holds"


def test_after_a_new_key_everything_moves_under_it_and_the_old_one_may_go(
    accepted: Application,  # noqa: F811  a fixture
    settings: Any,
) -> None:
    settings.DATA_KEYS = [DATA_KEY, NEW]
    proven = codes(accepted)

    assert command()[0] == 0

    assert keys_used() == {"zz"}
    settings.DATA_KEYS = [NEW]
    assert codes(accepted) == proven
    assert at_rest.faults() == []
    assert Consent.objects.values_list("token", flat=True)[0] == "token"


def test_broken_off_it_goes_on_where_it_was(
    accepted: Application,  # noqa: F811  a fixture
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DATA_KEYS = [DATA_KEY, NEW]
    done: list[str] = []
    real = at_rest._file

    def dies(name: str, newest: str, *, dry_run: bool) -> str:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(name)
        return real(name, newest, dry_run=dry_run)

    monkeypatch.setattr(at_rest, "_file", dies)
    with pytest.raises(KeyboardInterrupt):
        at_rest.lock_anew()
    assert keys_used() == {"test", "zz"}
    assert all(stored.fault_of(one.file, one.sha256) == "" for one in Document.objects.all())

    monkeypatch.setattr(at_rest, "_file", real)
    at_rest.lock_anew()
    assert keys_used() == {"zz"}


def test_a_lost_file_and_one_under_a_lost_key_are_told_and_keep_nothing_up(
    make_application: Callable[..., Application], now: datetime, settings: Any
) -> None:
    lost = terms_cast.document(make_application(), now)
    default_storage.delete(str(lost.file.name))
    terms_cast.crl(now)
    settings.DATA_KEYS = [NEW]

    code, told = command()

    assert code == 1
    assert "files LOST: 1" in told
    assert any("LOCKED" in line for line in told)
    assert at_rest.faults() == ["there is no data key 'test', and data lie under it"]


def test_what_lies_under_another_key_of_the_newest_ones_name_is_told(
    make_application: Callable[..., Application], now: datetime, parent: User, settings: Any
) -> None:
    terms_cast.document(make_application(), now)
    name, _, _ = DATA_KEY.partition(":")
    settings.DATA_KEYS = [data_keys.line(name, secrets.token_bytes(32))]

    for code, told in (command(), command("--dry-run")):
        assert code == 1
        assert sorted(line.partition(" LOCKED")[0] for line in told) == ["accounts.consent token", "files"]
    assert at_rest.faults() == [f"data under {name!r} do not open: changed, or of another key of that name"]


def test_an_answer_that_comes_between_is_not_overwritten(parent: User) -> None:
    column: Any = Consent._meta.get_field("token")
    assert isinstance(column, LockedTextField)
    consent = Consent.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM accounts_consent")
        before = cursor.fetchone()[0]
    Consent.objects.update(token="newer")

    assert at_rest._row(column, consent.pk, before, "zz", dry_run=False) == ""
    assert Consent.objects.get().token == "newer"


def test_a_file_that_is_erased_meanwhile_does_not_come_back(
    make_application: Callable[..., Application], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = terms_cast.document(make_application(), now)
    path = Path(default_storage.path(str(document.file.name)))

    def lock(_plain: bytes) -> bytes:
        path.unlink()
        return b"locked"

    monkeypatch.setattr(vault, "lock", lock)

    at_rest._store().lock_anew(str(document.file.name))

    assert paths() == []


def test_without_a_key_nothing_is_done(settings: Any, parent: User) -> None:
    settings.DATA_KEYS = []

    with pytest.raises(CommandError, match="no data key"):
        call_command("encrypt_stored")


def test_a_changed_file_is_neither_handed_out_nor_taken_for_lost(
    make_application: Callable[..., Application], now: datetime
) -> None:
    document = terms_cast.document(make_application(), now)
    path = Path(default_storage.path(str(document.file.name)))
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    assert stored.fault_of(document.file, document.sha256) == stored.CHANGED


def test_the_phones_token_lies_locked(make_application: Callable[..., Application], now: datetime) -> None:
    batch = terms_cast.batch(now, make_application)

    assert keys_used() == {"test"}
    assert SigningBatch.objects.get().auth_token == batch.auth_token
    assert not Paper.objects.exists()


def keys_say(*arguments: str) -> str:
    out = StringIO()
    call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def test_keys_makes_lists_and_rotates_data_keys(settings: Any, tmp_path: Path, portal_keys: Path) -> None:
    settings.DATA_KEYS, settings.DATA_KEYS_FILE = [], tmp_path / "data.keys"

    assert "data key" in keys_say("ensure")
    first = vault.current()
    assert "nothing to make" in keys_say("ensure")
    assert "now encrypt_stored" in keys_say("rotate", "data")

    assert vault.current() != first
    assert f"data-{first}" in keys_say("list")
    assert data_keys.parse([keys_say("rotate", "data", "--pack")]).keys().isdisjoint(vault.keys())


def test_a_key_of_the_environment_is_added_there(settings: Any, portal_keys: Path) -> None:
    with pytest.raises(CommandError, match="on every machine"):
        keys_say("rotate", "data")
