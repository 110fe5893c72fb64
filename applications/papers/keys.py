"""The platform's own keys: the seal on papers (RSA) and the signature in QR codes (Ed25519).

They are files of settings.KEYS_DIR, or parts of settings.KEYS, named by a key id that sorts by age:

    seal-<id>.p12  seal-<id>.crt    the seal: private part under SEAL_PASSWORD, certificate
    qr-<id>.key    qr-<id>.pub      the QR line: private part under SEAL_PASSWORD, public key

The newest private part is in use. Public parts of old keys stay, so old papers stay checkable; their
private parts may be destroyed. `manage.py keys` makes, lists, rotates and checks them.
"""

from dataclasses import dataclass, replace
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

from applications.papers import keyring
from applications.papers.keyring import NoKey

SEAL, QR = "seal", "qr"
PRIVATE, PUBLIC = {SEAL: ".p12", QR: ".key"}, {SEAL: ".crt", QR: ".pub"}
SEAL_BITS = 3072
SEAL_LIFE = timedelta(days=3 * 365)
WARN_BEFORE = timedelta(days=60)


@dataclass(frozen=True)
class Key:
    """A key; `expires` is None for QR keys, `private` false when only the public part is left."""

    kind: str
    id: str
    private: bool
    expires: datetime | None

    def __str__(self) -> str:
        return f"{self.kind}-{self.id}"


def listed() -> list[Key]:
    """Every key, oldest first."""
    return [key for kind in (SEAL, QR) for key in _of(kind)]


def current(kind: str) -> Key:
    """The newest key that can sign."""
    usable = [key for key in listed() if key.kind == kind and key.private]
    if not usable:
        raise NoKey(f"no {kind} key in {keyring.folder()}")
    return usable[-1]


def ensure(*, now: datetime) -> list[Key]:
    """Make what is missing; the keys that were made."""
    return [make(kind, now=now) for kind in (SEAL, QR) if not _has(kind)]


def make(kind: str, *, now: datetime) -> Key:
    """A new key, in use from now on. Raises keyring.KeptElsewhere."""
    for name, content in _new_parts(kind, now).items():
        keyring.write(name, content)
    return current(kind)


def packed_with_new(kinds: list[str], *, now: datetime) -> str:
    """The value of KEYS with a new key of each kind beside the old ones; nothing is written."""
    new = {name: content for kind in kinds for name, content in _new_parts(kind, now).items()}
    return keyring.pack(new)


def faults(*, now: datetime) -> list[str]:
    """What ops must know: what is broken, and a certificate that ends within sixty days."""
    expires = seal_ends()
    ends_soon = expires is not None and expires - now < WARN_BEFORE
    return ([f"{current(SEAL)} ends on {expires:%Y-%m-%d}: rotate it"] if ends_soon else []) + broken()


def seal_ends() -> datetime | None:
    """When the certificate in use ends; None where there is no key."""
    return current(SEAL).expires if _has(SEAL) else None


def broken() -> list[str]:
    """A missing key, a key that no other machine has, open permissions."""
    found = [f"there is no {kind} key" for kind in (SEAL, QR) if not _has(kind)]
    in_use = [current(kind) for kind in (SEAL, QR) if _has(kind)]
    left_out = [key for key in in_use if keyring.is_left_out(f"{key}{PRIVATE[key.kind]}")]
    found += [f"{key} is in use here and not in KEYS: pack again, for every machine" for key in left_out]
    return found + [f"{name} can be read by others" for name in keyring.open_to_others()]


def seal_signer() -> Any:
    """pyHanko's signer with the current seal key."""
    name = f"{current(SEAL)}.p12"
    try:
        return _seal_signer(keyring.read(name), _password())
    except ValueError:
        raise NoKey(f"{name} does not open with SEAL_PASSWORD") from None


def seal_certificates() -> list[x509.Certificate]:
    """Ours, old ones too, newest first."""
    return [x509.load_pem_x509_certificate(_public(key)) for key in reversed(_of(SEAL))]


def seal_chains() -> list[x509.Certificate]:
    """The same with the authorities above them, where one has issued the key: each .crt may hold them."""
    return [one for key in _of(SEAL) for one in x509.load_pem_x509_certificates(_public(key))]


@dataclass(frozen=True)
class Published:
    """A certificate of the seal, as anybody is told of it."""

    id: str
    certificate: x509.Certificate
    chain: bytes  # PEM, with the authorities above it
    in_use: bool

    @property
    def fingerprint(self) -> str:
        """SHA-256, as viewers show it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def issuer(self) -> str:
        """The authority's name; "" where we have given it ourselves."""
        if self.certificate.issuer == self.certificate.subject:
            return ""
        names = self.certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.issuer.rfc4514_string()


def published() -> list[Published]:
    """Every certificate that ever sealed a paper, the newest first."""
    in_use = current(SEAL) if _has(SEAL) else None
    return [
        Published(key.id, x509.load_pem_x509_certificate(pem), pem, key == in_use)
        for key in reversed(_of(SEAL))
        for pem in [_public(key)]
    ]


def qr_sign(data: bytes) -> tuple[str, bytes]:
    """The key id and the signature."""
    key = current(QR)
    return key.id, _qr_private(keyring.read(f"{key}.key"), _password()).sign(data)


def qr_public(key_id: str) -> Ed25519PublicKey | None:
    """By its id, which comes from outside: only an id that names a file of ours is looked up."""
    key = next((key for key in _of(QR) if key.id == key_id), None)
    if key is None:
        return None
    loaded = load_pem_public_key(_public(key))
    return loaded if isinstance(loaded, Ed25519PublicKey) else None


def export(folder: Path) -> list[Path]:
    """Copy the public parts for whoever checks papers without the portal."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for key in listed():
        copies.append(folder / f"{key}{PUBLIC[key.kind]}")
        copies[-1].write_bytes(_public(key))
    return copies


def _password() -> bytes:
    answer: bytes = settings.SEAL_PASSWORD.encode()
    return answer


def _has(kind: str) -> bool:
    return any(key.kind == kind and key.private for key in listed())


def _of(kind: str) -> list[Key]:
    """Keys of a kind, oldest first: wherever a public part is."""
    names = keyring.names()
    stems = [name.removesuffix(PUBLIC[kind]) for name in names if _is(name, kind, PUBLIC[kind])]
    private = {name.removesuffix(PRIVATE[kind]) for name in names if _is(name, kind, PRIVATE[kind])}
    return [_key(kind, stem.removeprefix(f"{kind}-"), stem in private) for stem in stems]


def _is(name: str, kind: str, suffix: str) -> bool:
    return name.startswith(f"{kind}-") and name.endswith(suffix)


def _key(kind: str, key_id: str, private: bool) -> Key:
    key = Key(kind, key_id, private, None)
    if kind == QR:
        return key
    return replace(key, expires=x509.load_pem_x509_certificate(_public(key)).not_valid_after_utc)


def _public(key: Key) -> bytes:
    return keyring.read(f"{key}{PUBLIC[key.kind]}")


def _new_id(kind: str, now: datetime) -> str:
    """The day, and a letter for each further key of that day: ids sort by age."""
    day = f"{timezone.localtime(now):%y%m%d}"
    taken = [key.id for key in listed() if key.kind == kind and key.id.startswith(day)]
    return day + ("" if not taken else chr(ord("a") + len(taken)))


def _new_parts(kind: str, now: datetime) -> dict[str, bytes]:
    """The private part first: a key that is seen by its public part is whole."""
    return (_seal_parts if kind == SEAL else _qr_parts)(_new_id(kind, now), now)


def _seal_parts(key_id: str, now: datetime) -> dict[str, bytes]:
    key = _new_rsa_key()
    certificate = _certificate(key, now)
    bundle = pkcs12.serialize_key_and_certificates(
        b"OQU", key, certificate, None, BestAvailableEncryption(_password())
    )
    return {f"seal-{key_id}.p12": bundle, f"seal-{key_id}.crt": certificate.public_bytes(Encoding.PEM)}


def _new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=SEAL_BITS)


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


def _qr_parts(key_id: str, now: datetime) -> dict[str, bytes]:
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_password()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {f"qr-{key_id}.key": secret, f"qr-{key_id}.pub": public}


@lru_cache(maxsize=2)
def _seal_signer(bundle: bytes, password: bytes) -> Any:
    from applications.papers import held_key  # slow import

    return held_key.load(bundle, password)


@lru_cache(maxsize=2)
def _qr_private(secret: bytes, password: bytes) -> Ed25519PrivateKey:
    loaded = load_pem_private_key(secret, password=password)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise NoKey("the private part in use is no Ed25519 key")
    return loaded
