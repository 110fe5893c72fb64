"""Encryption at rest: what lies on disk and in the database opens with the keys alone that lie apart."""

import base64
import secrets
import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts import data_keys, vault
from accounts.models import Consent, User
from tests.environment import DATA_KEY

OLD, NEW = (data_keys.line(day, secrets.token_bytes(32)) for day in ("260101", "260601"))


def raw(column: str = "token") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_consent")
        found: str = cursor.fetchone()[0]
    return found


@given(st.binary(max_size=5000))
def test_bytes_come_back_as_they_were(plain: bytes) -> None:
    from django.test import override_settings

    with override_settings(DATA_KEYS=[DATA_KEY]):
        stored = vault.lock(plain)

        assert vault.unlock(stored) == plain
        assert plain not in stored.removeprefix(vault.FILE_MARK) or len(plain) < 5


def test_the_newest_key_locks_and_all_unlock(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    before, word = vault.lock(b"%PDF"), vault.lock_text("token")
    settings.DATA_KEYS = [NEW, OLD]

    assert vault.current() == "260601"
    assert (vault.unlock(before), vault.unlock_text(word)) == (b"%PDF", "token")
    assert vault.key_of(vault.lock(b"%PDF")) == "260601"
    assert vault.key_of_text(vault.lock_text("token")) == "260601"


def test_what_lay_plain_is_read_as_it_is() -> None:
    assert vault.unlock(b"%PDF-1.7") == b"%PDF-1.7"
    assert vault.unlock_text("token") == "token"
    assert vault.lock_text("") == ""


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_changed_byte_is_told(place: int) -> None:
    stored = bytearray(vault.lock(b"A child's card, long enough to be changed anywhere"))
    stored[len(vault.FILE_MARK) + 5 + place] ^= 1

    with pytest.raises(vault.Tampered):
        vault.unlock(bytes(stored))


@pytest.mark.parametrize("cut", [0, 1, 12, 20])
def test_a_file_that_was_cut_is_told(cut: int) -> None:
    stored = vault.lock(b"%PDF-1.7 of a child")

    with pytest.raises(vault.Tampered):
        vault.unlock(stored[: len(vault.FILE_MARK) + 5 + cut])


def test_a_text_that_was_changed_is_told() -> None:
    stored = vault.lock_text("token")

    for other in (stored[:-4] + "AAAA", stored[:20], f"{stored}é"):
        with pytest.raises(vault.Tampered):
            vault.unlock_text(other)


def test_without_its_key_it_stays_locked(settings: Any) -> None:
    stored = vault.lock(b"%PDF")
    settings.DATA_KEYS = [NEW]
    with pytest.raises(vault.NoDataKey, match="test"):
        vault.unlock(stored)
    settings.DATA_KEYS = []
    with pytest.raises(vault.NoDataKey, match="no data key"):
        vault.lock(b"%PDF")
    assert vault.faults() == ["there is no data key"]


def test_one_key_does_not_pass_for_another(settings: Any) -> None:
    """The id is bound to what was locked: the same bytes under another id are tampered with."""
    settings.DATA_KEYS = [f"a:{OLD.partition(':')[2]}", f"b:{OLD.partition(':')[2]}"]
    stored = vault.lock(b"%PDF").replace(vault.FILE_MARK + b"b", vault.FILE_MARK + b"a")

    with pytest.raises(vault.Tampered):
        vault.unlock(stored)


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "id:",
        "id:AAAA",
        f"id:{'a' * 44}",
        f"i d:{'a' * 43}=",
        f"{'i' * 21}:{'a' * 43}=",
        f"é:{'a' * 43}=",
    ],
)
def test_a_line_that_is_no_key_is_refused_without_being_told(line: str, settings: Any) -> None:
    with pytest.raises(data_keys.Unreadable) as refused:
        data_keys.parse([line])
    assert str(refused.value) == ""

    settings.DATA_KEYS = [line]
    assert vault.faults() == ["the data keys cannot be read"]


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(data_keys.Unreadable):
        data_keys.parse([OLD, data_keys.line("260101", secrets.token_bytes(32))])
    assert len(data_keys.parse([OLD, OLD, "", "# a word", NEW])) == 2


def test_keys_of_a_file_are_made_added_and_seen_at_once(settings: Any, tmp_path: Path, now: datetime) -> None:
    settings.DATA_KEYS, settings.DATA_KEYS_FILE = [], tmp_path / "keys" / "data.keys"

    assert vault.ensure(now=now).startswith("260610a")
    assert vault.ensure(now=now) == ""
    stored = vault.lock(b"%PDF")
    assert (second := vault.make(now=now)).startswith("260610b")
    assert vault.current() == second
    assert (third := vault.make(now=now + timedelta(days=1))).startswith("260611a")
    assert vault.current() == third

    assert vault.unlock(stored) == b"%PDF"
    assert stat.S_IMODE(settings.DATA_KEYS_FILE.stat().st_mode) == 0o600
    settings.DATA_KEYS_FILE.chmod(0o644)
    assert vault.faults() == ["data.keys can be read by others"]


def test_keys_that_two_machines_make_on_one_day_are_two(settings: Any, now: datetime) -> None:
    settings.DATA_KEYS = [OLD]
    here, there = vault.new_line(now=now), vault.new_line(now=now)
    settings.DATA_KEYS = [OLD, there]
    stored = vault.lock(b"%PDF")
    settings.DATA_KEYS = [OLD, here]
    with pytest.raises(vault.NoDataKey):  # it is named as missing, not taken for tampering
        vault.unlock(stored)

    settings.DATA_KEYS = [OLD, here, there]
    assert vault.unlock(stored) == b"%PDF"
    assert len(vault.keys()) == 3


@pytest.mark.parametrize(
    "before", ["260610", "2606101", "260610A", "260610b", "260609z00000000", "260610a00000000"]
)
def test_a_new_key_sorts_behind_those_of_its_day_in_any_form(
    before: str, settings: Any, now: datetime
) -> None:
    settings.DATA_KEYS = [data_keys.line(before, secrets.token_bytes(32))]
    settings.DATA_KEYS = [*settings.DATA_KEYS, made := vault.new_line(now=now)]

    assert vault.current() == made.partition(":")[0]


def test_many_keys_of_one_day_can_all_be_read(settings: Any, now: datetime) -> None:
    for number in range(30):
        settings.DATA_KEYS = [*settings.DATA_KEYS, vault.new_line(now=now)]
        assert len(vault.keys()) == number + 2


def test_a_key_is_put_behind_a_line_without_an_end(settings: Any, tmp_path: Path, now: datetime) -> None:
    settings.DATA_KEYS, settings.DATA_KEYS_FILE = [], tmp_path / "data.keys"
    settings.DATA_KEYS_FILE.write_text(OLD)
    stored = vault.lock(b"%PDF")

    made = [vault.make(now=now), vault.make(now=now)]

    assert list(vault.keys()) == ["260101", *made]
    assert vault.unlock(stored) == b"%PDF"
    assert len(settings.DATA_KEYS_FILE.read_text().splitlines()) == 3


@pytest.mark.django_db
def test_a_token_lies_locked_and_reads_plain(parent: User) -> None:
    Consent.objects.update(token="secret", public_key="")

    assert raw().startswith(f"{vault.TEXT_MARK}test:")
    assert "secret" not in base64.b64decode(raw().rpartition(":")[2]).decode("latin1")
    assert (Consent.objects.get().token, raw("public_key")) == ("secret", "")
    assert Consent.objects.exclude(token="").count() == 1


@pytest.mark.django_db
def test_a_token_from_before_there_was_a_key_reads_plain(parent: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_consent SET token = 'plain'")

    assert Consent.objects.get().token == "plain"


@pytest.mark.parametrize("tamper", [lambda path: path.write_bytes(b"%PDF-other"), lambda path: None])
def test_a_file_lies_locked_and_reads_plain(tamper: Callable[[Path], object]) -> None:
    name = default_storage.save("ab/cdef", ContentFile(b"%PDF-1.7 of a child"))
    path = Path(default_storage.path(name))

    assert b"child" not in path.read_bytes()
    assert path.read_bytes().startswith(vault.FILE_MARK)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with default_storage.open(name) as opened:
        assert opened.read() == b"%PDF-1.7 of a child"
