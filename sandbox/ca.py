"""The certification authority of the sandbox: keys and certificates in the shape of the real one, kept in
files beside the state. Nobody but the demo and the tests may believe them.

<state>/ca/     root.cer and issuing.cer: what a portal of the demo trusts (EDS_CA_DIR)
<state>/keys/   private keys; a person's are made when first needed, for that takes a while
<state>/smartbridge/  key.p12, the portal's own, with which it signs its messages to the bus, signers.pem,
                the certificates of the bus, and ca.pem, the authority above them, which knows no person
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import RLock

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from sandbox import certificates
from sandbox.certificates import KINDS, subject_of
from sandbox.kalkan import Key
from sandbox.people import Human
from sandbox.world import WORLD

KEY_BITS = 2048  # the real authority's own keys have 4096; these let a test begin at once
ROOT = "OQU SANDBOX ROOT (RSA)"
ISSUING = "OQU SANDBOX CA (RSA)"
BUS_ROOT = "OQU SANDBOX SHEP ROOT (RSA)"
PORTAL, BUS = ("OQU", "990540099902"), ("SHEP", "120740001099")  # organisations: name, BIN
KEY_PASSWORD = "sandbox-key"  # noqa: S105  (of the portal's key, known to everybody)
LIFE = timedelta(days=365)
CA_LIFE = timedelta(days=20 * 365)


class Authority:
    def __init__(self, state: Path, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self._keys = state / "keys"
        self._public = state / "ca"
        self._smartbridge = state / "smartbridge"
        self._issued_file = self._keys / "issued.json"
        self._kept: dict[str, Key] = {}
        self._one_by_one = RLock()  # who asks at once for what is not there yet finds one and the same
        for folder in (self._keys, self._public, self._smartbridge):
            folder.mkdir(parents=True, exist_ok=True)
        # serial in hex -> {"iin", "kind"}: what the OCSP responder knows
        self.issued: dict[str, dict[str, str]] = {}
        if self._issued_file.is_file():
            self.issued = json.loads(self._issued_file.read_text("utf-8"))
        self.root = self._own("root", lambda key: certificates.root(key, ROOT, now(), CA_LIFE))
        self.issuing = self._own("issuing", lambda key: self._below(self.root, key, ISSUING))
        self.responder = self._own(
            "ocsp", lambda key: certificates.responder(key, self.issuing, now(), CA_LIFE)
        )
        self._publish()
        self._hand_out()

    @property
    def folder(self) -> Path:
        """What a portal that believes this authority is given as EDS_CA_DIR."""
        return self._public

    def foreign(self) -> Key:
        """Another authority that has taken the same names."""
        root = self._own("foreign-root", lambda key: certificates.root(key, ROOT, self.now(), CA_LIFE))
        return self._own("foreign-issuing", lambda key: self._below(root, key, ISSUING))

    def tsa(self) -> Key:
        """The time stamping authority's key, known to the OCSP responder."""
        key = self._own("tsa", lambda key: certificates.stamper(key, self.issuing, self.now(), CA_LIFE))
        serial = f"{key.certificate.serial_number:x}"
        if serial not in self.issued:
            self._remember(serial, iin="", kind="tsa")
        return key

    def foreign_tsa(self) -> Key:
        issuer = self.foreign()
        return self._own("foreign-tsa", lambda key: certificates.stamper(key, issuer, self.now(), CA_LIFE))

    def portal(self) -> Key:
        """The organisation's that runs the portal: by it the bus knows whose messages they are."""
        return self._own("portal", lambda key: self._organisation(key, self.issuing, PORTAL))

    def bus(self) -> Key:
        return self._own("shep", lambda key: self._organisation(key, self.bus_root(), BUS))

    def bus_root(self) -> Key:
        """The bus's own authority, which certifies nobody else."""
        return self._own("shep-root", lambda key: certificates.root(key, BUS_ROOT, self.now(), CA_LIFE))

    def bus_among_people(self) -> Key:
        """A key of the bus's name by the authority of the citizens."""
        return self._own("shep-citizen", lambda key: self._organisation(key, self.issuing, BUS))

    def foreign_bus(self) -> Key:
        issuer = self.foreign()
        return self._own("foreign-shep", lambda key: self._organisation(key, issuer, BUS))

    def former_bus(self) -> Key:
        """With a certificate that has ended, handed out as one of before."""
        end = self.now() - timedelta(days=1)
        key = self._own("former-shep", lambda key: self._organisation(key, self.bus_root(), BUS, end=end))
        self._hand_out()
        return key

    def _organisation(
        self, key: rsa.RSAPrivateKey, issuer: Key, who: tuple[str, str], *, end: datetime | None = None
    ) -> x509.Certificate:
        begin = self.now() - timedelta(days=30)
        return certificates.leaf(
            key,
            issuer,
            subject=certificates.organisation(*who),
            usage=certificates.SIGNING,
            users=[certificates.ORGANISATION],
            policy=certificates.POLICIES + "1",
            valid=(begin, end or begin + CA_LIFE),
        )

    def key(self, human: Human, kind: str = "sign") -> Key:
        """The person's key of this kind (see certificates.KINDS), made when asked for the first time."""
        name = f"{human.iin}-{kind}"
        with self._one_by_one:
            kept = self._read(name)
            if kept and (kind == "expired" or kept.certificate.not_valid_after_utc > self.now()):
                return kept
            return self._make(name, lambda key: self.issue(human, kind, key))

    def issue(self, human: Human, kind: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
        shape = KINDS[kind]
        begins = self.now() - timedelta(days=1)
        if kind == "expired":
            begins -= LIFE + timedelta(days=30)
        issuer = self.foreign() if kind == "foreign" else self.issuing
        certificate = certificates.leaf(
            key,
            issuer,
            subject=subject_of(human, organisation=shape.organisation),
            usage=shape.usage,
            users=shape.users(human),
            policy=shape.policy,
            valid=(begins, begins + LIFE),
        )
        if kind != "foreign":
            self._remember(f"{certificate.serial_number:x}", iin=human.iin, kind=kind)
        return certificate

    def _remember(self, serial: str, *, iin: str, kind: str) -> None:
        with self._one_by_one:
            self.issued[serial] = {"iin": iin, "kind": kind}
            _write(self._issued_file, json.dumps(self.issued).encode())

    def _responder(self, key: rsa.RSAPrivateKey) -> x509.Certificate:
        return certificates.responder(key, self.issuing, self.now(), CA_LIFE)

    def _below(self, issuer: Key, key: rsa.RSAPrivateKey, name: str) -> x509.Certificate:
        return certificates.issuing(key, issuer, name, self.now(), CA_LIFE)

    def _own(self, name: str, certify: Callable[[rsa.RSAPrivateKey], x509.Certificate]) -> Key:
        """Read once: loading a private key takes longer than signing with it."""
        with self._one_by_one:
            if name not in self._kept:
                self._kept[name] = self._read(name) or self._make(name, certify)
            return self._kept[name]

    def _make(self, name: str, certify: Callable[[rsa.RSAPrivateKey], x509.Certificate]) -> Key:
        private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        certificate = certify(private)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(self._keys / f"{name}.pem", pem + certificate.public_bytes(Encoding.PEM))
        return Key(private, certificate)

    def _read(self, name: str) -> Key | None:
        try:
            content = (self._keys / f"{name}.pem").read_bytes()
        except FileNotFoundError:
            return None
        return _opened(content)

    def _publish(self) -> None:
        for name, key in (("root", self.root), ("issuing", self.issuing)):
            der = key.certificate.public_bytes(Encoding.DER)
            path = self._public / f"{name}.cer"
            if not path.is_file() or path.read_bytes() != der:
                _write(path, der)

    def _hand_out(self) -> None:
        """What whoever connects to the bus is given."""
        portal = self.portal()
        locked = BestAvailableEncryption(KEY_PASSWORD.encode())
        key = serialize_key_and_certificates(b"portal", portal.private, portal.certificate, None, locked)
        _write(self._smartbridge / "key.p12", key)
        known = [self.bus(), self._read("former-shep")]
        pem = [one.certificate.public_bytes(Encoding.PEM) for one in known if one]
        _write(self._smartbridge / "signers.pem", b"".join(pem))
        _write(self._smartbridge / "ca.pem", self.bus_root().certificate.public_bytes(Encoding.PEM))


@lru_cache(maxsize=512)
def _opened(content: bytes) -> Key:
    """Whether the numbers of a key fit each other takes a tenth of a second to find out."""
    private = load_pem_private_key(content, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return Key(private, x509.load_pem_x509_certificate(content))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a sandbox may be killed at any moment."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


AUTHORITY = web.AppKey("authority", Authority)


def routes(app: web.Application) -> None:
    app[AUTHORITY] = Authority(app[WORLD].dir, now=app[WORLD].now)
