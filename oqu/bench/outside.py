"""In place of the state: an authority that issues a key to each person, and answers for it. Nobody but this
run believes it, and nothing goes over the network. What answers works in a thread of its own, so that none of
its time counts. The education register knows of no pupil; all others are silent, for a first hour leans on
what they have said before."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.test.utils import override_settings

from accounts.models import User
from egov import http, smartbridge
from egov.eds import KeyUser
from egov.errors import Unavailable

KEY_BITS, LIFE = 2048, timedelta(days=1)
ENROLMENT = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><SendMessageResponse><response>'
    "<responseInfo><status><code>{code}</code></status></responseInfo><responseData><data><iin>{iin}</iin></data>"
    "</responseData></response></SendMessageResponse></e:Body></e:Envelope>"
)
_NO = dict.fromkeys(
    ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
)
_OF_AUTHORITY = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_cert_sign=True, crl_sign=True, **_NO
)
_OF_PERSON = x509.KeyUsage(
    digital_signature=True, content_commitment=True, key_cert_sign=False, crl_sign=False, **_NO
)


class Authority:
    """A root, an issuing authority below it that also answers whether a certificate is revoked, and one key
    for all people: making keys is what costs."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._keys = [rsa.generate_private_key(65537, KEY_BITS) for _ in range(3)]
        root_name, name = _named("Bench root"), _named("Bench authority")
        self.root = self._sign(root_name, root_name, signer=0, of=0, authority=True)
        self.issuing = self._sign(name, root_name, signer=0, of=1, authority=True)
        self._issued: dict[int, x509.Certificate] = {}

    def issue(self, user: User) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, user.full_name),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, f"IIN{user.iin}"),
            ]
        )
        certificate = self._sign(subject, self.issuing.subject, signer=1, of=2, authority=False)
        self._issued[certificate.serial_number] = certificate
        return certificate

    def signature(self, data: bytes, certificate: x509.Certificate) -> bytes:
        """DER of a detached CMS."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        signed = builder.add_signer(certificate, self._keys[2], hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        return signed.sign(Encoding.DER, [*options, pkcs7.PKCS7Options.NoCapabilities])

    def answer(self, question: bytes) -> bytes:
        """OCSP: each certificate of ours is good."""
        asked, at = ocsp.load_der_ocsp_request(question), datetime.now(self.now.tzinfo)
        builder = ocsp.OCSPResponseBuilder().add_response(
            self._issued[asked.serial_number], self.issuing, hashes.SHA256(),
            ocsp.OCSPCertStatus.GOOD, at, None, None, None,
        ).responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuing)  # fmt: skip
        nonce = asked.extensions.get_extension_for_class(x509.OCSPNonce).value
        signed = builder.add_extension(nonce, critical=False).sign(self._keys[1], hashes.SHA256())
        return signed.public_bytes(Encoding.DER)

    def _sign(
        self, subject: x509.Name, issuer: x509.Name, *, signer: int, of: int, authority: bool
    ) -> x509.Certificate:
        public = self._keys[of].public_key()
        builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(self.now - LIFE).not_valid_after(self.now + LIFE)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        builder = builder.add_extension(_OF_AUTHORITY if authority else _OF_PERSON, critical=True)
        for extension in (
            x509.SubjectKeyIdentifier.from_public_key(public),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._keys[signer].public_key()),
        ):
            builder = builder.add_extension(extension, critical=False)
        if not authority:
            purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier(KeyUser.INDIVIDUAL)]
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        return builder.sign(self._keys[signer], hashes.SHA256())


def _nowhere(question: bytes) -> bytes:
    asked = re.search(rb"<iin>(\d+)</iin>", question)
    assert asked
    return ENROLMENT.format(code=smartbridge.SUCCESS, iin=asked[1].decode()).encode()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@contextmanager
def instead(folder: Path, now: datetime) -> Iterator[Authority]:
    """Meanwhile this authority is the only one, it answers at once, and all else outside is silent."""
    authority = Authority(now)
    folder.mkdir()
    for name, certificate in (("root", authority.root), ("issuing", authority.issuing)):
        (folder / f"{name}.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    with ThreadPoolExecutor(1) as beside:

        def call(_method: str, _url: str, *, system: str, data: Any = None, **_how: Any) -> http.Answer:
            told = {"ocsp": authority.answer, "enrolment": _nowhere}.get(system)
            if told is None:
                raise Unavailable(system, "not asked in a measurement")
            return http.Answer(system, http.OK, beside.submit(told, data).result())

        with (
            patch.object(http, "call", call),
            override_settings(EDS_CA_DIR=folder, TSP_URL="", SMARTBRIDGE_WSS=False),
        ):
            yield authority
