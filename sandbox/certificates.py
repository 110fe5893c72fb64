"""Certificates in the shape of the National Certification Authority: names, usages, policies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from sandbox.kalkan import Key
from sandbox.people import Human
from sandbox.texts import Text

USERS = "1.2.398.3.3.4."
POLICIES = "1.2.398.3.3.2."
INDIVIDUAL, ORGANISATION = USERS + "1.1", USERS + "1.2"
FIRST_HEAD, EMPLOYEE = USERS + "1.2.1", USERS + "1.2.5"
# Addresses as a real certificate has them. Nobody may follow them: this name answers nowhere.
OCSP, CA_CERTIFICATE = "http://ocsp.sandbox.invalid/", "http://pki.sandbox.invalid/issuing.cer"
CRL = "http://crl.sandbox.invalid/issuing.crl"

# How old the authority itself is: its expired keys must be younger, and the sandbox's clock may be set back.
BEFORE = timedelta(days=800)

SIGNING, AUTHENTICATION = "sign", "auth"


def _individual(_human: Human) -> list[str]:
    return [INDIVIDUAL]


def _employee(human: Human) -> list[str]:
    director = human.job is not None and human.job.role == "director"
    return [ORGANISATION, FIRST_HEAD if director else EMPLOYEE]


@dataclass(frozen=True)
class Kind:
    title: Text
    usage: str = SIGNING
    organisation: bool = False
    users: Callable[[Human], list[str]] = _individual
    policy: str = POLICIES + "3"


KINDS = {
    "sign": Kind(Text("Жеке тұлғаның қол қою кілті", "Ключ подписи физлица", "Individual's signing key")),
    "org": Kind(
        Text("Ұйымның қол қою кілті", "Ключ подписи организации", "Organisation's signing key"),
        organisation=True,
        users=_employee,
        policy=POLICIES + "1",
    ),
    "auth": Kind(
        Text("Аутентификация кілті (қате)", "Ключ аутентификации (ошибка)", "Authentication key (wrong)"),
        usage=AUTHENTICATION,
        policy=POLICIES + "4",
    ),
    "expired": Kind(
        Text("Мерзімі өткен кілт (қате)", "Просроченный ключ (ошибка)", "Expired key (wrong)"),
    ),
    "revoked": Kind(
        Text("Кері қайтарылған кілт (қате)", "Отозванный ключ (ошибка)", "Revoked key (wrong)"),
    ),
    "foreign": Kind(
        Text("Бөтен орталықтың кілті (қате)", "Ключ чужого центра (ошибка)", "Foreign CA's key (wrong)"),
    ),
}


def kinds_of(human: Human) -> list[str]:
    """The keys this person may be asked to use."""
    return [kind for kind, shape in KINDS.items() if human.job or not shape.organisation]


def _name(*parts: tuple[ObjectIdentifier, str]) -> x509.Name:
    """Without the library's limit of 64 bytes, which is 32 Kazakh letters."""
    return x509.Name([x509.NameAttribute(oid, value, _validate=False) for oid, value in parts if value])


def subject_of(human: Human, *, organisation: bool) -> x509.Name:
    """GN holds the patronymic; the first name stands in CN only."""
    surname = human.surname.upper()
    parts = [
        (NameOID.COMMON_NAME, f"{surname} {human.name.upper()}"),
        (NameOID.SURNAME, surname),
        (NameOID.SERIAL_NUMBER, "IIN" + human.iin),
        (NameOID.COUNTRY_NAME, "KZ"),
    ]
    if organisation and human.job:
        parts.append((NameOID.ORGANIZATION_NAME, human.job.organisation_kk))
        parts.append((NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN" + human.job.bin))
    return _name(*parts, (NameOID.GIVEN_NAME, human.patronymic.upper()))


def organisation(name: str, number: str) -> x509.Name:
    """Of a key that is no person's."""
    return _name(
        (NameOID.COMMON_NAME, name),
        (NameOID.COUNTRY_NAME, "KZ"),
        (NameOID.ORGANIZATION_NAME, name),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "BIN" + number),
    )


def _usage(**on: bool) -> x509.KeyUsage:
    names = [
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    ]  # fmt: skip
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


def _builder(
    subject: x509.Name, key: RSAPrivateKey, issuer: x509.Name, valid: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(builder: x509.CertificateBuilder, *, length: int | None) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=length), critical=True)
    return builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)


def _issued_by(builder: x509.CertificateBuilder, issuer: Key) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.private.public_key()), critical=False
    )


def root(key: RSAPrivateKey, name: str, now: datetime, life: timedelta) -> x509.Certificate:
    subject = _name((NameOID.COUNTRY_NAME, "KZ"), (NameOID.COMMON_NAME, name))
    builder = _builder(subject, key, subject, (now - BEFORE, now + life))
    return _authority(builder, length=None).sign(key, hashes.SHA256())


def issuing(key: RSAPrivateKey, issuer: Key, name: str, now: datetime, life: timedelta) -> x509.Certificate:
    subject = _name((NameOID.COUNTRY_NAME, "KZ"), (NameOID.COMMON_NAME, name))
    builder = _builder(subject, key, issuer.certificate.subject, (now - BEFORE, now + life))
    return _issued_by(_authority(builder, length=0), issuer).sign(issuer.private, hashes.SHA256())


def responder(key: RSAPrivateKey, issuer: Key, now: datetime, life: timedelta) -> x509.Certificate:
    """May answer for the issuing authority, and does nothing else."""
    subject = _name((NameOID.COUNTRY_NAME, "KZ"), (NameOID.COMMON_NAME, "OQU SANDBOX OCSP (RSA)"))
    builder = _builder(subject, key, issuer.certificate.subject, (now - BEFORE, now + life))
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True)
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)  # nobody answers for who answers
    return _issued_by(builder, issuer).sign(issuer.private, hashes.SHA256())


def stamper(key: RSAPrivateKey, issuer: Key, now: datetime, life: timedelta) -> x509.Certificate:
    """Of a time stamping authority: this purpose alone, and critical (RFC 3161, 2.3)."""
    subject = _name((NameOID.COUNTRY_NAME, "KZ"), (NameOID.COMMON_NAME, "OQU SANDBOX TSA (RSA)"))
    builder = _builder(subject, key, issuer.certificate.subject, (now - BEFORE, now + life))
    builder = builder.add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return _issued_by(_addresses(builder), issuer).sign(issuer.private, hashes.SHA256())


def leaf(
    key: RSAPrivateKey,
    issuer: Key,
    *,
    subject: x509.Name,
    usage: str,
    users: list[str],
    policy: str,
    valid: tuple[datetime, datetime],
) -> x509.Certificate:
    """A person's certificate; a signing key and an authentication key differ in their usages."""
    if usage == SIGNING:
        key_usage = _usage(digital_signature=True, content_commitment=True)
        purpose = ExtendedKeyUsageOID.EMAIL_PROTECTION
    else:
        key_usage = _usage(digital_signature=True, key_encipherment=True)
        purpose = ExtendedKeyUsageOID.CLIENT_AUTH
    builder = _builder(subject, key, issuer.certificate.subject, valid)
    builder = builder.add_extension(key_usage, critical=True)
    purposes = [purpose, *map(ObjectIdentifier, users)]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    information = x509.PolicyInformation(ObjectIdentifier(policy), None)
    builder = builder.add_extension(x509.CertificatePolicies([information]), critical=False)
    return _issued_by(_addresses(builder), issuer).sign(issuer.private, hashes.SHA256())


def _addresses(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, _uri(OCSP)),
            x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, _uri(CA_CERTIFICATE)),
        ]
    )
    point = x509.DistributionPoint([_uri(CRL)], None, None, None)
    return builder.add_extension(access, critical=False).add_extension(
        x509.CRLDistributionPoints([point]), critical=False
    )


def _uri(address: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(address)
