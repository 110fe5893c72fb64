"""The platform's keys: made once, never overwritten, never readable by others, rotated without loss."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import CommandError, call_command
from django.utils import timezone

from applications.papers import keyring, keys

NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path / "keys", "test"


@pytest.fixture
def quick_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short key: these tests are of the handling, not of the strength."""
    monkeypatch.setattr(keys, "SEAL_BITS", 2048)


def test_seal_key_is_strong_enough(settings: Any) -> None:
    keys.make(keys.SEAL, now=NOW)
    (certificate,) = keys.seal_certificates()

    public, digest = certificate.public_key(), certificate.signature_hash_algorithm
    assert isinstance(public, rsa.RSAPublicKey) and public.key_size == 3072
    assert digest is not None and digest.name == "sha256"
    assert f"BIN{settings.PORTAL_BIN}" in certificate.subject.rfc4514_string()


def test_ensure_makes_what_is_missing_and_then_nothing(quick_seal: None) -> None:
    assert [str(key) for key in keys.ensure(now=NOW)] == ["seal-260610", "qr-260610"]
    before = {path.name: path.read_bytes() for path in keyring.folder().iterdir()}

    assert keys.ensure(now=NOW + timedelta(days=9)) == []

    assert {path.name: path.read_bytes() for path in keyring.folder().iterdir()} == before
    assert sorted(before) == ["qr-260610.key", "qr-260610.pub", "seal-260610.crt", "seal-260610.p12"]


def test_private_parts_are_for_the_owner_and_under_the_password(quick_seal: None, settings: Any) -> None:
    keys.ensure(now=NOW)

    assert keyring.folder().stat().st_mode & 0o777 == 0o700
    for path in [*keyring.folder().glob("*.p12"), *keyring.folder().glob("*.key")]:
        assert path.stat().st_mode & 0o777 == 0o600
    settings.SEAL_PASSWORD = "wrong"
    with pytest.raises((keyring.NoKey, ValueError)):
        keys.qr_sign(b"x")
    with pytest.raises((keyring.NoKey, ValueError)):
        keys.seal_signer()


def test_rotation_on_one_day_gives_each_key_its_own_name() -> None:
    names = [keys.make(keys.QR, now=NOW).id for _ in range(3)]

    assert names == ["260610", "260610b", "260610c"]
    assert keys.current(keys.QR).id == "260610c"


def test_faults_name_what_ops_must_do(quick_seal: None) -> None:
    assert keys.faults(now=NOW) == ["there is no seal key", "there is no qr key"]
    keys.ensure(now=NOW)
    assert keys.faults(now=NOW) == []
    (keyring.folder() / "qr-260610.key").chmod(0o644)

    faults = keys.faults(now=NOW + keys.SEAL_LIFE - timedelta(days=59))

    assert faults == ["seal-260610 ends on 2029-06-09: rotate it", "qr-260610.key can be read by others"]


@time_machine.travel(NOW, tick=False)
def test_command_makes_lists_rotates_checks_and_exports(
    quick_seal: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call_command("keys", "check")
    call_command("keys", "ensure")
    call_command("keys", "rotate", "qr")
    call_command("keys", "check")
    call_command("keys", "list")
    call_command("keys", "export", str(tmp_path / "public"))

    day = f"{timezone.localtime(NOW):%y%m%d}"
    said = capsys.readouterr().out
    assert f"made seal-{day}, qr-{day}" in said
    assert "keys are in order" in said
    lines = {line.split()[0]: line for line in said.splitlines() if "no end" in line or "ends 20" in line}
    assert "in use" in lines[f"qr-{day}b"]
    assert "checks old papers" in lines[f"qr-{day}"]
    assert {path.suffix for path in (tmp_path / "public").iterdir()} == {".crt", ".pub"}


def test_keys_may_come_from_the_environment(
    quick_seal: None, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `keys pack` writes is all a machine needs; nothing of it lies on its disk."""
    keys.ensure(now=NOW)
    old = keys.seal_certificates()[0]
    call_command("keys", "pack")
    settings.KEYS = capsys.readouterr().out.strip().split(",")
    settings.KEYS_DIR = tmp_path / "empty"

    assert [str(key) for key in keys.listed() if key.private] == ["seal-260610", "qr-260610"]
    assert keys.faults(now=NOW) == []
    assert keys.seal_signer().signing_cert.serial_number == old.serial_number
    key_id, signature = keys.qr_sign(b"x")
    public = keys.qr_public(key_id)
    assert public is not None
    public.verify(signature, b"x")
    assert old in keys.seal_certificates()


@pytest.fixture
def packed(quick_seal: None, settings: Any, tmp_path: Path) -> list[str]:
    """A machine that has its keys from the environment; what KEYS holds."""
    keys.ensure(now=NOW)
    settings.KEYS, settings.KEYS_DIR = keyring.pack().split(","), tmp_path / "empty"
    return list(settings.KEYS)


def test_file_that_only_one_machine_has_is_a_fault(packed: list[str], settings: Any) -> None:
    settings.KEYS = []
    keys.make(keys.QR, now=NOW + timedelta(days=1))  # a newer one on disk is the one in use
    settings.KEYS = packed

    assert str(keys.current(keys.QR)) == "qr-260611"
    assert keys.faults(now=NOW) == ["qr-260611 is in use here and not in KEYS: pack again, for every machine"]
    settings.KEYS = keyring.pack().split(",")
    assert keys.faults(now=NOW) == []


@pytest.mark.parametrize("arguments", [["rotate"], ["rotate", "seal"], ["rotate", "qr"], ["ensure"]])
def test_no_key_is_written_beside_those_of_the_environment(
    packed: list[str], settings: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be used by this machine alone, or be gone with it; `ensure` makes no missing kind either."""
    if arguments == ["ensure"]:
        call_command("keys", "ensure")  # nothing lacks: every start may say it
        assert "nothing to make" in capsys.readouterr().out
        settings.KEYS = [part for part in packed if not part.startswith("qr-")]

    with pytest.raises(CommandError, match=r"keys come from KEYS.*rotate --pack"):
        call_command("keys", *arguments)

    assert not keyring.folder().exists()
    assert capsys.readouterr().out == ""


@time_machine.travel(NOW + timedelta(days=1), tick=False)
def test_rotation_may_be_packed_for_the_environment(
    packed: list[str], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for, the value with the new keys is printed, private parts under the password; old papers stay
    checkable, and nothing lies on the disk."""
    old = keys.seal_certificates()

    call_command("keys", "rotate", "--pack")

    printed = capsys.readouterr().out
    assert not keyring.folder().exists()
    settings.KEYS = printed.strip().split(",")
    assert set(packed) < set(settings.KEYS)
    assert [str(keys.current(kind)) for kind in (keys.SEAL, keys.QR)] == ["seal-260611", "qr-260611"]
    assert keys.faults(now=NOW) == []
    assert keys.seal_signer().signing_cert.dump() == keys.seal_certificates()[0].public_bytes(Encoding.DER)
    assert keys.seal_certificates()[1:] == old
    settings.SEAL_PASSWORD = "wrong"
    with pytest.raises(ValueError, match=r"."):
        keys.qr_sign(b"x")


@pytest.mark.parametrize("text", ["x", "seal-1.p12:?", "seal-1.exe:AAAA"])
def test_broken_environment_is_said_aloud(settings: Any, text: str) -> None:
    settings.KEYS = [text]

    with pytest.raises(keyring.NoKey, match="keys pack"):
        keys.listed()


def test_keys_are_not_made_without_a_password(settings: Any) -> None:
    settings.SEAL_PASSWORD = ""

    with pytest.raises(CommandError):
        call_command("keys", "ensure")
