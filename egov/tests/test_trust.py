"""The folder of authorities: which files are read, what of them is believed, and when they are read anew."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from egov.eds import trust
from egov.errors import Misconfigured
from egov.tests.eds_cast import STRANGER
from sandbox.ca import Authority

NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
Certificates = dict[str, x509.Certificate]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), now=lambda: NOW)


@pytest.fixture(scope="session")
def certificates(authority: Authority) -> Certificates:
    foreign = authority.foreign()
    return {
        "root": authority.root.certificate,
        "issuing": authority.issuing.certificate,
        "foreign": foreign.certificate,
        "leaf": authority.key(STRANGER).certificate,
    }


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.EDS_CA_DIR = str(tmp_path)
    return tmp_path


def write(path: Path, *certificates: x509.Certificate, pem: bool = False) -> None:
    path.parent.mkdir(exist_ok=True)
    form = Encoding.PEM if pem else Encoding.DER
    path.write_bytes(b"".join(one.public_bytes(form) for one in certificates))


@pytest.mark.parametrize("pem", [False, True])
@pytest.mark.parametrize("suffix", [".cer", ".crt", ".pem", ".der", ".CER"])
def test_root_and_issuing_authority_are_read(
    folder: Path, certificates: Certificates, suffix: str, pem: bool
) -> None:
    write(folder / f"root{suffix}", certificates["root"], pem=pem)
    write(folder / f"issuing{suffix}", certificates["issuing"], pem=pem)

    found = trust.authorities()

    assert found == trust.Authorities((certificates["root"],), (certificates["issuing"],))


def test_one_file_may_hold_several(folder: Path, certificates: Certificates) -> None:
    write(folder / "all.pem", *(certificates[name] for name in ("root", "issuing", "foreign")), pem=True)

    found = trust.authorities()

    assert (len(found.roots), len(found.issuing)) == (1, 2)


@pytest.mark.parametrize("name", ["root.txt", "root.pem.bak", "root", ".cer~"])
def test_other_files_are_not_read(folder: Path, certificates: Certificates, name: str) -> None:
    write(folder / "issuing.cer", certificates["issuing"])
    write(folder / name, certificates["root"])

    with pytest.raises(Misconfigured):
        trust.authorities()


@pytest.mark.parametrize("missing", ["root", "issuing"])
def test_half_of_a_chain_is_nothing_to_trust(folder: Path, certificates: Certificates, missing: str) -> None:
    for name in {"root", "issuing"} - {missing}:
        write(folder / f"{name}.cer", certificates[name])

    with pytest.raises(Misconfigured) as caught:
        trust.authorities()
    assert caught.value.system == "eds"


def test_folder_that_is_not_there_is_nothing_to_trust(folder: Path, settings: Any) -> None:
    settings.EDS_CA_DIR = str(folder / "none")

    with pytest.raises(Misconfigured):
        trust.authorities()


def test_authority_that_ends_soon_is_told_to_ops(
    folder: Path, certificates: Certificates, settings: Any
) -> None:
    write(folder / "all.pem", certificates["root"], certificates["issuing"], pem=True)
    ends = min(certificates[name].not_valid_after_utc for name in ("root", "issuing"))

    assert trust.faults(now=ends - trust.WARN_BEFORE) == []
    told = trust.faults(now=ends - trust.WARN_BEFORE + timedelta(seconds=1))
    assert told and all(line.endswith(f"ends on {ends:%Y-%m-%d}") for line in told)
    settings.EDS_CA_DIR = str(folder / "none")
    assert trust.faults(now=NOW) == ["EDS_CA_DIR: no certification authorities"]


def test_file_that_is_no_certificate_does_not_hide_the_others(
    folder: Path, certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.cer").write_bytes(b"nonsense")
    (folder / "b.cer").write_bytes(b"-----BEGIN nonsense")
    write(folder / "c.pem", certificates["root"], certificates["issuing"], pem=True)

    assert len(trust.authorities().roots) == 1
    assert "a.cer" in caplog.text and "b.cer" in caplog.text


def test_file_that_cannot_be_read_is_a_fault_of_ours_until_it_can(
    folder: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is refused for an authority that the portal was given."""
    closed, read = folder / "b.cer", Path.read_bytes
    write(folder / "a.pem", certificates["root"], certificates["issuing"], pem=True)
    write(closed, certificates["foreign"])

    def refused(path: Path) -> bytes:
        if path == closed:
            raise PermissionError
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        with pytest.raises(Misconfigured):
            trust.authorities()
        assert trust.faults(now=NOW) == ["EDS_CA_DIR: a file cannot be read"]
        assert trust.first_end() is None

    assert len(trust.authorities().issuing) == 2 and trust.first_end()


@pytest.mark.parametrize(("size", "is_read"), [(64 * 1024, True), (64 * 1024 + 1, False)])
def test_of_a_file_sixty_four_kilobytes_are_read(
    folder: Path, certificates: Certificates, size: int, is_read: bool
) -> None:
    write(folder / "issuing.cer", certificates["issuing"])
    root = certificates["root"].public_bytes(Encoding.PEM).strip()  # its last byte is the last one read
    (folder / "root.pem").write_bytes(b" " * (size - len(root) - 1) + b"\n" + root)

    if is_read:
        assert trust.authorities().roots == (certificates["root"],)
    else:
        with pytest.raises(Misconfigured):
            trust.authorities()


def test_retired_authority_is_believed_of_old_signatures_only(
    folder: Path, certificates: Certificates
) -> None:
    write(folder / "root.cer", certificates["root"])
    write(folder / "foreign.cer", certificates["foreign"])
    write(folder / "retired" / "issuing.cer", certificates["issuing"])

    today, before = trust.authorities(), trust.authorities(retired=True)

    assert today.issuing == (certificates["foreign"],)
    assert set(before.issuing) == {certificates["foreign"], certificates["issuing"]}


def test_issuer_is_known_by_its_key_and_not_by_its_name(folder: Path, certificates: Certificates) -> None:
    """The other authority has taken the same names."""
    write(folder / "root.cer", certificates["root"])
    write(folder / "foreign.cer", certificates["foreign"])
    assert trust.authorities().issuer_of(certificates["leaf"]) is None

    write(folder / "issuing.cer", certificates["issuing"])

    assert trust.authorities().issuer_of(certificates["leaf"]) == certificates["issuing"]
    assert trust.authorities().issuer_of(certificates["issuing"]) is None  # by a root: no end of a chain


def test_folder_is_read_anew_when_a_file_changes_and_not_before(
    folder: Path, certificates: Certificates
) -> None:
    write(folder / "root.cer", certificates["root"])
    write(folder / "issuing.cer", certificates["issuing"])
    first = trust.authorities()
    assert trust.authorities() is first

    write(folder / "issuing.cer", certificates["foreign"])
    os.utime(folder / "issuing.cer", ns=(1, 1))

    assert trust.authorities().issuing == (certificates["foreign"],)
