"""A list of revoked certificates, held to the second, to the byte and to the key."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from egov.eds import crl
from egov.eds.verdict import SignatureRefused
from egov.errors import Unavailable
from egov.http import Answer
from egov.tests.eds_cast import NOW, STRANGER, Pki

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ONE, TWO = "http://crl.test/1.crl", "http://crl.test/2.crl"


@pytest.fixture(autouse=True)
def _addresses(pki: Pki, settings: Any) -> None:
    settings.EDS_CRL_URLS = [ONE, TWO]


def made(
    pki: Pki,
    *,
    by: tuple[x509.Name, Any] | None = None,
    revoked: Iterable[int] = (),
    made_at: datetime = NOW,
    digest: Any = None,
    extensions: Iterable[tuple[Any, bool]] = (),
) -> bytes:
    issuing = pki.authority.issuing
    name, private = by or (issuing.certificate.subject, issuing.private)
    builder = x509.CertificateRevocationListBuilder().issuer_name(name)
    builder = builder.last_update(made_at).next_update(made_at + DAY)
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(made_at).build()
        builder = builder.add_revoked_certificate(entry)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    return builder.sign(private, digest or hashes.SHA256()).public_bytes(Encoding.DER)


def put(der: bytes, url: str = ONE) -> None:
    crl._write(crl.path_of(url), der)


def found(pki: Pki, *, now: datetime = NOW, issuer: x509.Certificate | None = None) -> bytes | None:
    return crl.find(pki.key().certificate, issuer or pki.authority.issuing.certificate, now=now)


def kept(pki: Pki, der: bytes, *, at: datetime = NOW) -> str:
    """What the list says of the certificate: "" when it is good."""
    try:
        crl.check_kept(der, pki.key().certificate, pki.authority.issuing.certificate, at=at)
    except SignatureRefused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    ("late", "code"),
    [
        (timedelta(minutes=-5), ""),
        (timedelta(minutes=-5) - SECOND, "CRL_STALE"),
        (timedelta(), ""),
        (DAY, ""),
        (DAY + SECOND, "CRL_STALE"),
    ],
)
def test_list_is_of_its_day(pki: Pki, late: timedelta, code: str) -> None:
    assert kept(pki, made(pki), at=NOW + late) == code


@pytest.mark.parametrize(("late", "decides"), [(HOUR, True), (HOUR + SECOND, False)])
def test_list_decides_as_long_as_ops_allow(pki: Pki, settings: Any, late: timedelta, decides: bool) -> None:
    settings.EDS_CRL_MAX_AGE = 3600
    put(made(pki))

    assert (found(pki, now=NOW + late) is not None) == decides


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        (hashes.SHA256(), ""),
        (hashes.SHA384(), ""),
        (hashes.SHA512(), ""),
        (hashes.SHA224(), "CRL_FOREIGN"),
    ],
)
def test_list_is_signed_with_a_strong_digest(pki: Pki, digest: Any, code: str) -> None:
    assert kept(pki, made(pki, digest=digest)) == code


def test_certificate_that_stands_in_it_is_revoked(pki: Pki) -> None:
    serial, other = pki.key().certificate.serial_number, pki.key(STRANGER).certificate.serial_number

    assert kept(pki, made(pki, revoked=[other])) == ""
    assert kept(pki, made(pki, revoked=[other, serial])) == "REVOKED"
    put(made(pki, revoked=[serial]))
    with pytest.raises(SignatureRefused, match="REVOKED"):
        found(pki)


def test_list_that_does_not_serve_leaves_the_word_to_the_next(pki: Pki, settings: Any) -> None:
    settings.EDS_CRL_MAX_AGE = 7200
    foreign, good = pki.authority.foreign(), made(pki)
    useless = [
        made(pki, by=(foreign.certificate.subject, foreign.private)),
        made(pki, made_at=NOW - 3 * HOUR),
        made(pki, made_at=NOW + HOUR),
        b"nonsense",
    ]
    put(good, TWO)
    for der in useless:
        put(der, ONE)
        assert found(pki) == good
    crl.path_of(TWO).unlink()
    assert found(pki) is None


def point(**only: Any) -> x509.IssuingDistributionPoint:
    flags = ["only_contains_user_certs", "only_contains_ca_certs", "indirect_crl"]
    values = dict.fromkeys([*flags, "only_contains_attribute_certs"], False) | only
    values = dict.fromkeys(["full_name", "relative_name", "only_some_reasons"]) | values
    return x509.IssuingDistributionPoint(**values)


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0")


@pytest.mark.parametrize(
    ("extension", "critical", "understood"),
    [
        (point(only_contains_user_certs=True), True, True),
        (point(only_contains_ca_certs=True), True, False),
        (point(only_contains_attribute_certs=True), True, False),
        (point(indirect_crl=True), True, False),
        (point(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), True, False),
        (x509.CRLNumber(7), False, True),
        (UNKNOWN, False, True),
        (UNKNOWN, True, False),
        (x509.DeltaCRLIndicator(1), False, False),
        (x509.DeltaCRLIndicator(1), True, False),
    ],
)
def test_list_is_about_all_and_understood(pki: Pki, extension: Any, critical: bool, understood: bool) -> None:
    der = made(pki, extensions=[(extension, critical)])

    assert kept(pki, der) == ("" if understood else "CRL_FOREIGN")


def authority_named(name: str, key: Any) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(1)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY).public_key(key.public_key())
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize("revoked", [0, 2, 6, 2000], ids=["below 128", "below 256", "two octets", "three"])
def test_signed_part_is_found_whatever_its_length(pki: Pki, revoked: int) -> None:
    private = pki.authority.issuing.private
    issuer = authority_named("x", private)
    serials = [2**150 + number for number in range(revoked)]
    der = made(pki, by=(issuer.subject, private), revoked=serials)
    parsed = x509.load_der_x509_crl(der)

    assert crl._signed_part(der) == parsed.tbs_certlist_bytes
    assert len(parsed.tbs_certlist_bytes).bit_length() in {0: range(8), 2: [8], 6: [9], 2000: [17]}[revoked]
    put(der)
    assert found(pki, issuer=issuer) == der


def test_list_is_signed_by_the_key_of_the_name_and_that_is_rsa(pki: Pki) -> None:
    private, other = pki.authority.issuing.private, ec.generate_private_key(ec.SECP256R1())
    issuer, elliptic = authority_named("x", private), authority_named("x", other)

    put(made(pki, by=(issuer.subject, private)))
    assert found(pki, issuer=issuer)
    assert found(pki, issuer=authority_named("y", private)) is None
    put(made(pki, by=(issuer.subject, pki.key(STRANGER).private)))
    assert found(pki, issuer=issuer) is None
    put(made(pki, by=(elliptic.subject, other)))
    assert found(pki, issuer=elliptic) is None


@pytest.fixture
def served(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each address gives, and in "asked" how it was asked."""
    by_address: dict[str, Any] = {ONE: made(pki), TWO: Unavailable("crl", "too late"), "asked": []}

    def call(method: str, url: str, **more: Any) -> Answer:
        by_address["asked"].append((method, url, more))
        if isinstance(by_address[url], Exception):
            raise by_address[url]
        return Answer("crl", 200, by_address[url])

    monkeypatch.setattr("egov.http.call", call)
    return by_address


def test_every_list_is_fetched_and_every_outcome_said(pki: Pki, served: dict[str, Any]) -> None:
    assert crl.fetch_all(now=NOW) == {ONE: "", TWO: "too late"}

    assert found(pki) == served[ONE]
    wanted = {"system": "crl", "max_bytes": 32 * 1024 * 1024, "timeout": 12.0, "repeat": True}
    assert served["asked"] == [("GET", ONE, wanted), ("GET", TWO, wanted)]


def test_same_list_again_is_no_old_one(served: dict[str, Any]) -> None:
    assert crl.fetch(ONE, now=NOW).der == crl.fetch(ONE, now=NOW).der == served[ONE]


def test_list_of_tomorrow_and_of_nobody_known_is_not_kept(pki: Pki, served: dict[str, Any]) -> None:
    foreign = pki.authority.foreign()
    served[ONE] = made(pki, made_at=NOW + HOUR)
    served[TWO] = made(pki, by=(foreign.certificate.subject, foreign.private))

    assert crl.fetch_all(now=NOW) == {ONE: "CRL_STALE", TWO: "CRL_FOREIGN"}
    assert not crl.path_of(ONE).exists() and not crl.path_of(TWO).exists()


def test_each_address_has_a_file_of_its_own(settings: Any) -> None:
    name = hashlib.sha256(ONE.encode()).hexdigest()[:16]

    assert crl.path_of(ONE) == Path(settings.EDS_CRL_DIR) / f"{name}.crl"
    assert crl.path_of(ONE) != crl.path_of(TWO)


def test_folder_of_the_lists_is_made_and_holds_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "one.crl"

    crl._write(path, b"1")
    crl._write(path, b"2")

    assert [one.read_bytes() for one in path.parent.iterdir()] == [b"2"]
