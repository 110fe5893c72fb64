"""The platform's own keys: the seal on papers (RSA) and the signature in QR codes (Ed25519).

They are files of settings.KEYS_DIR, named by a key id that sorts by age:

    seal-<id>.p12  seal-<id>.crt    the seal: private part under SEAL_PASSWORD, certificate
    qr-<id>.key    qr-<id>.pub      the QR line: private part under SEAL_PASSWORD, public key

The newest private part is in use. Public parts of old keys stay, so old papers stay checkable; their
private parts may be destroyed. `manage.py keys` makes, lists, rotates and checks them.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone

SEAL, QR = "seal", "qr"
SEAL_BITS = 3072
SEAL_LIFE = timedelta(days=3 * 365)
WARN_BEFORE = timedelta(days=60)


class NoKey(Exception):
    """There is no key to sign with: `manage.py keys ensure` makes one."""


@dataclass(frozen=True)
class Key:
    """A key on disk; `expires` is None for QR keys, `private` false when only the public part is left."""

    kind: str
    id: str
    private: bool
    expires: datetime | None

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"


def listed() -> list[Key]:
    """Every key, oldest first."""
    found = [_read(path, SEAL) for path in sorted(_folder().glob("seal-*.crt"))]
    found += [_read(path, QR) for path in sorted(_folder().glob("qr-*.pub"))]
    return found


def current(kind: str) -> Key:
    """The newest key that can sign."""
    usable = [key for key in listed() if key.kind == kind and key.private]
    if not usable:
        raise NoKey(f"no {kind} key in {_folder()}")
    return usable[-1]


def ensure(*, now: datetime) -> list[Key]:
    """Make what is missing; the keys that were made."""
    return [make(kind, now=now) for kind in (SEAL, QR) if not _has(kind)]


def make(kind: str, *, now: datetime) -> Key:
    """A new key, in use from now on."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key_id = _new_id(kind, now)
    (_make_seal if kind == SEAL else _make_qr)(folder, key_id, now)
    return current(kind)


def faults(*, now: datetime) -> list[str]:
    """What ops must know: a missing key, a certificate that ends within sixty days, open permissions."""
    found = [f"there is no {kind} key" for kind in (SEAL, QR) if not _has(kind)]
    if _has(SEAL) and (expires := current(SEAL).expires) and expires - now < WARN_BEFORE:
        found.append(f"{current(SEAL)} ends on {expires:%Y-%m-%d}: rotate it")
    for path in [*_folder().glob("*.p12"), *_folder().glob("*.key")]:
        if path.stat().st_mode & 0o077:
            found.append(f"{path.name} can be read by others")
    return found


def seal_signer() -> Any:
    """pyHanko's signer with the current seal key."""
    return _seal_signer(_folder() / f"{current(SEAL)}.p12")


def seal_certificates() -> list[x509.Certificate]:
    """Ours, old ones too, newest first."""
    paths = sorted(_folder().glob("seal-*.crt"), reverse=True)
    return [x509.load_pem_x509_certificate(path.read_bytes()) for path in paths]


def qr_sign(data: bytes) -> tuple[str, bytes]:
    """The key id and the signature."""
    key = current(QR)
    return key.id, _qr_private(_folder() / f"{key}.key").sign(data)


def qr_public(key_id: str) -> Ed25519PublicKey | None:
    """By its id, which comes from outside: only an id that names a file of ours is looked up."""
    known = {path.stem.removeprefix("qr-"): path for path in _folder().glob("qr-*.pub")}
    if key_id not in known:
        return None
    loaded = load_pem_public_key(known[key_id].read_bytes())
    return loaded if isinstance(loaded, Ed25519PublicKey) else None


def export(folder: Path) -> list[Path]:
    """Copy the public parts for whoever checks papers without the portal."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for path in sorted([*_folder().glob("*.crt"), *_folder().glob("*.pub")]):
        copies.append(folder / path.name)
        copies[-1].write_bytes(path.read_bytes())
    return copies


def _folder() -> Path:
    return Path(settings.KEYS_DIR)


def _password() -> bytes:
    return settings.SEAL_PASSWORD.encode()


def _has(kind: str) -> bool:
    return any(key.kind == kind and key.private for key in listed())


def _read(public: Path, kind: str) -> Key:
    private = public.with_suffix(".p12" if kind == SEAL else ".key").is_file()
    expires = None
    if kind == SEAL:
        expires = x509.load_pem_x509_certificate(public.read_bytes()).not_valid_after_utc
    return Key(kind, public.stem.removeprefix(f"{kind}-"), private, expires)


def _new_id(kind: str, now: datetime) -> str:
    """The day, and a letter for each further key of that day: ids sort by age."""
    day = f"{timezone.localtime(now):%y%m%d}"
    taken = [key.id for key in listed() if key.kind == kind and key.id.startswith(day)]
    return day + ("" if not taken else chr(ord("a") + len(taken)))


def _make_seal(folder: Path, key_id: str, now: datetime) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=SEAL_BITS)
    certificate = _certificate(key, now)
    bundle = pkcs12.serialize_key_and_certificates(
        b"OQU", key, certificate, None, BestAvailableEncryption(_password())
    )
    _write(folder / f"seal-{key_id}.p12", bundle, 0o600)
    _write(folder / f"seal-{key_id}.crt", certificate.public_bytes(Encoding.PEM), 0o644)


def _certificate(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "OQU"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "OQU ұлттық білім беру платформасы"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{settings.PORTAL_BIN}"),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
        ]
    )
    uses = dict.fromkeys(
        ["key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"], False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clocks of others may be behind
        .not_valid_after(now + SEAL_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                encipher_only=False,
                decipher_only=False,
                **uses,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )


def _make_qr(folder: Path, key_id: str, now: datetime) -> None:
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_password()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(folder / f"qr-{key_id}.key", secret, 0o600)
    _write(folder / f"qr-{key_id}.pub", public, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Never over an existing key; the file is complete or absent."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=mode)
    draft.chmod(mode)
    draft.write_bytes(content)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


@lru_cache(maxsize=2)
def _seal_signer(path: Path) -> Any:
    from pyhanko.sign.signers import SimpleSigner  # slow import

    signer = SimpleSigner.load_pkcs12(str(path), passphrase=_password())
    if signer is None:
        raise NoKey(f"{path.name} does not open with SEAL_PASSWORD")
    return signer


@lru_cache(maxsize=2)
def _qr_private(path: Path) -> Ed25519PrivateKey:
    loaded = load_pem_private_key(path.read_bytes(), password=_password())
    if not isinstance(loaded, Ed25519PrivateKey):
        raise NoKey(f"{path.name} is no Ed25519 key")
    return loaded
