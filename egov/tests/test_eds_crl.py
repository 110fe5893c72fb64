"""The list of revoked certificates: decides only when nobody answers, and only when it can be believed."""

import random
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.management import call_command
from django.utils import timezone

from egov import eds
from egov.eds import Refusal, SignatureRefused, Unrevoked, crl
from egov.errors import Unavailable
from egov.http import Answer
from egov.tests.cast import AIGUL
from egov.tests.eds_cast import DATA, NOW, PARENT, STRANGER, Pki
from egov.tests.test_eds_sandbox import signed
from sandbox.kalkan import Key
from tests.cpu import cost
from tests.sandbox import Sandbox

URL = "http://crl.test/issuing.crl"
HOUR = timedelta(hours=1)


@pytest.fixture
def listed(pki: Pki, settings: Any) -> Pki:
    """The list is fetched, then OCSP falls silent."""
    settings.EDS_CRL_URLS = [URL]
    pki.key(kind="revoked")
    crl.fetch(URL, now=NOW)
    pki.lie = "down"
    return pki


def put(der: bytes) -> None:
    """Into the place of the fetched list, past every check."""
    crl._write(crl.path_of(URL), der)


def made(pki: Pki, *, signer: Key | None = None, extensions: Any = (), made_at: datetime = NOW) -> bytes:
    """A list in which nobody stands."""
    signer = signer or pki.authority.issuing
    builder = x509.CertificateRevocationListBuilder().issuer_name(signer.certificate.subject)
    builder = builder.last_update(made_at).next_update(made_at + 24 * HOUR)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer.private, hashes.SHA256()).public_bytes(Encoding.DER)


def verify(pki: Pki, *, now: datetime = NOW, kind: str = "sign") -> eds.Signer:
    return eds.verify(pki.sign(kind=kind), DATA, now=now)


def test_list_decides_when_nobody_answers(listed: Pki) -> None:
    signer = verify(listed)

    assert (signer.iin, signer.proof.ocsp) == (PARENT.iin, b"")
    assert signer.proof.crl == crl.path_of(URL).read_bytes()
    with pytest.raises(SignatureRefused) as caught:
        verify(listed, kind="revoked")
    assert caught.value.code == Refusal.REVOKED


def test_list_that_could_not_decide_is_told_to_ops(listed: Pki, settings: Any) -> None:
    assert crl.faults(now=NOW + HOUR) == []

    (told,) = crl.faults(now=NOW + timedelta(seconds=settings.EDS_CRL_MAX_AGE) + HOUR)
    assert told.startswith(f"{URL} is of 2") and told.endswith("too old to decide")
    settings.EDS_CRL_URLS = [URL, "http://crl.test/other.crl"]
    assert crl.faults(now=NOW) == ["http://crl.test/other.crl was never fetched"]


def test_answer_comes_before_the_list(listed: Pki) -> None:
    listed.lie = ""

    assert verify(listed).proof.crl == b""


def test_page_in_place_of_an_answer_is_silence(listed: Pki) -> None:
    listed.lie = "garbage"

    proof = verify(listed).proof

    assert (proof.ocsp, bool(proof.crl)) == (b"", True)
    assert proof.silence is not None
    assert proof.silence.detail == "not an OCSP answer"


@pytest.mark.parametrize("lie", ["stale", "nonce", "foreign", "unknown"])
def test_answer_that_cannot_be_believed_is_no_silence(listed: Pki, lie: str) -> None:
    listed.lie = lie

    with pytest.raises(SignatureRefused):
        verify(listed)


def test_certificate_names_no_list_that_we_would_fetch(pki: Pki, settings: Any, monkeypatch: Any) -> None:
    """Its distribution point is in the certificate; without a setting there is no list."""
    asked: list[str] = []

    def call(method: str, url: str, **more: Any) -> Answer:
        asked.append(url)
        return pki.call(method, url, **more)

    monkeypatch.setattr("egov.http.call", call)
    pki.lie = "down"

    with pytest.raises(Unavailable):
        verify(pki)
    assert asked == ["http://ocsp.test/"]


def test_list_of_an_address_that_was_taken_out_decides_nothing(listed: Pki, settings: Any) -> None:
    settings.EDS_CRL_URLS = []

    with pytest.raises(Unavailable):
        verify(listed)


@pytest.mark.parametrize("age", [timedelta(minutes=-6), 25 * HOUR])
def test_list_of_another_time_decides_nothing(listed: Pki, age: timedelta) -> None:
    put(made(listed, made_at=NOW - age))

    with pytest.raises(Unavailable):
        verify(listed)


def test_list_older_than_ops_allow_decides_nothing(listed: Pki, settings: Any) -> None:
    put(made(listed, made_at=NOW - 3 * HOUR))
    assert verify(listed).proof.crl

    settings.EDS_CRL_MAX_AGE = 2 * 3600

    with pytest.raises(Unavailable):
        verify(listed)


def without_end(pki: Pki, *, made_at: datetime = NOW) -> bytes:
    """A list that says "until further notice": well signed, and an attacker may keep it for ever."""
    parsed = asn1_crl.CertificateList.load(made(pki, made_at=made_at))
    del parsed["tbs_cert_list"]["next_update"]
    signed_part = parsed["tbs_cert_list"].dump(force=True)
    private = pki.authority.issuing.private
    parsed["signature"] = private.sign(signed_part, padding.PKCS1v15(), hashes.SHA256())
    return parsed.dump(force=True)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=-1), 25 * HOUR, timedelta(days=400)])
def test_clock_that_jumped_makes_no_list_good(listed: Pki, jump: timedelta) -> None:
    """By whichever way: nothing is filed by an old list, and a good one decides again afterwards."""
    certificate, issuer = listed.key().certificate, listed.authority.issuing.certificate

    assert crl.find(certificate, issuer, now=NOW + jump) is None
    assert crl.find(certificate, issuer, now=NOW)


def part(**only: Any) -> x509.IssuingDistributionPoint:
    names = ["full_name", "relative_name", "only_some_reasons"]
    flags = ["only_contains_user_certs", "only_contains_ca_certs", "indirect_crl"]
    values: dict[str, Any] = dict.fromkeys([*flags, "only_contains_attribute_certs"], False)
    values |= dict.fromkeys(names) | only
    return x509.IssuingDistributionPoint(**values)


def lists(pki: Pki) -> dict[str, bytes]:
    """None of them may decide that somebody is not revoked."""
    good = made(pki)
    flipped = bytearray(good)
    flipped[60] ^= 1
    extensions = {
        "a delta": (x509.DeltaCRLIndicator(1), True),
        "a delta, not critical": (x509.DeltaCRLIndicator(1), False),
        "of authorities only": (part(only_contains_ca_certs=True), True),
        "of others' certificates": (part(indirect_crl=True), True),
        "of attributes only": (part(only_contains_attribute_certs=True), True),
        "of some reasons": (part(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), True),
        "unknown": (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True),
    }
    return {
        "without an end": without_end(pki),
        "of another authority of the name": made(pki, signer=pki.authority.foreign()),
        "of the root": made(pki, signer=pki.authority.root),
        "of a person": made(pki, signer=pki.key(STRANGER)),
        "of the responder": made(pki, signer=pki.authority.responder),
        **{name: made(pki, extensions=[extension]) for name, extension in extensions.items()},
        "a bit changed": bytes(flipped),
        "cut": good[:-1],
        "with a tail": good + b"\0",
        "nothing": b"",
        "a page": b"<html></html>",
        "a tower": b"\x30\x80" * 10_000,
    }


def test_list_that_proves_nothing_decides_nothing(listed: Pki) -> None:
    for name, der in lists(listed).items():
        put(der)
        with pytest.raises(Unavailable):
            verify(listed)
            raise AssertionError(name)


def test_list_that_proves_nothing_is_not_even_kept(listed: Pki, monkeypatch: Any) -> None:
    before = crl.path_of(URL).read_bytes()
    for name, der in lists(listed).items():
        monkeypatch.setattr("egov.http.call", lambda *_a, d=der, **_m: Answer("crl", 200, d))
        with pytest.raises(SignatureRefused):
            crl.fetch(URL, now=NOW)
            raise AssertionError(name)
        assert crl.path_of(URL).read_bytes() == before


@pytest.mark.parametrize("made_at", [NOW - 30 * HOUR, NOW + HOUR, NOW - HOUR])
def test_old_list_does_not_replace_a_newer_one(listed: Pki, monkeypatch: Any, made_at: datetime) -> None:
    """Also one that is still current: in it a newly revoked key would be good again."""
    der = made(listed, made_at=made_at)
    monkeypatch.setattr("egov.http.call", lambda *_a, **_m: Answer("crl", 200, der))

    with pytest.raises(SignatureRefused) as caught:
        crl.fetch(URL, now=NOW)
    assert caught.value.code == Refusal.CRL_STALE


def test_newer_list_is_seen_at_once(listed: Pki) -> None:
    assert verify(listed).iin == PARENT.iin
    listed.world.part("revoked")[f"{listed.key().certificate.serial_number:x}"] = NOW.timestamp()

    crl.fetch(URL, now=NOW)

    with pytest.raises(SignatureRefused) as caught:
        verify(listed)
    assert caught.value.code == Refusal.REVOKED


def test_kept_list_proves_years_later(listed: Pki) -> None:
    cms, revoked = listed.sign(), listed.sign(kind="revoked")
    proof = eds.verify(cms, DATA, now=NOW).proof
    crl.path_of(URL).unlink()

    def again(cms: bytes, proof: Unrevoked, at: datetime = NOW) -> str:
        try:
            return eds.reverify(cms, DATA, proof=proof, at=at, now=NOW + 50_000 * HOUR).iin
        except SignatureRefused as refused:
            return refused.code

    assert again(cms, proof) == PARENT.iin
    assert again(revoked, proof) == "REVOKED"
    assert again(cms, proof, at=NOW + 25 * HOUR) == "CRL_STALE"
    assert again(cms, Unrevoked(crl=proof.crl[:-1] + bytes([proof.crl[-1] ^ 1]))) == "CRL_FOREIGN"
    assert again(cms, Unrevoked(crl=made(listed, signer=listed.authority.foreign()))) == "CRL_FOREIGN"
    assert again(cms, Unrevoked()) == "NO_PROOF"


def test_list_of_a_hundred_thousand_costs_a_page_little(listed: Pki) -> None:
    certificate, issuer = listed.key().certificate, listed.authority.issuing.certificate
    numbers = random.Random(1)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(NOW)
    entry = x509.RevokedCertificateBuilder().revocation_date(NOW)
    reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
    builder._revoked_certificates = [
        entry.serial_number(numbers.getrandbits(159) | 1).add_extension(reason, False).build()
        for _ in range(100_000)
    ]  # one by one, the library copies the list each time
    der = builder.next_update(NOW + HOUR).sign(listed.authority.issuing.private, hashes.SHA256())
    put(der.public_bytes(Encoding.DER))
    assert len(crl.path_of(URL).read_bytes()) > 5_000_000
    remembered = [one for one in vars(crl).values() if hasattr(one, "cache_clear")]

    def look_up() -> None:
        assert crl.find(certificate, issuer, now=NOW)

    def read_anew() -> None:
        for one in remembered:
            one.cache_clear()
        look_up()

    assert cost(read_anew, limit=0.08) <= 0.08, "read, parsed, its signature checked, looked up: 34 ms"
    assert cost(look_up, limit=0.04) <= 0.04, "looked up: 14 ms"


# --- the sandbox, over real HTTP ------------------------------------------------------------------
def fetch() -> tuple[int, str]:
    out, code = StringIO(), 0
    try:
        call_command("fetch_crls", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue().splitlines()[-1]


def test_portal_goes_on_when_ocsp_is_down_and_the_list_is_there(sandbox: Sandbox) -> None:
    assert fetch() == (0, "1 of 1 fetched")
    sandbox.fault("ocsp", "fail")

    cms = signed(sandbox)
    assert eds.verify(cms, b"%PDF what is to be signed", now=timezone.now()).iin == AIGUL

    sandbox.control("PUT", "ncalayer", {"next": "revoked"})
    revoked = signed(sandbox)
    assert fetch() == (0, "1 of 1 fetched")
    with pytest.raises(SignatureRefused) as caught:
        eds.verify(revoked, b"%PDF what is to be signed", now=timezone.now())
    assert caught.value.code == Refusal.REVOKED


def test_key_revoked_since_the_last_list_is_found_with_the_next(sandbox: Sandbox) -> None:
    cms = signed(sandbox)
    sandbox.control("POST", "revoke", {"iin": AIGUL})
    fetch()
    sandbox.fault("ocsp", "drop")

    with pytest.raises(SignatureRefused) as caught:
        eds.verify(cms, b"%PDF what is to be signed", now=timezone.now())
    assert caught.value.code == Refusal.REVOKED


@pytest.mark.parametrize(
    ("mode", "code"), [("refuse", "stale"), ("refuse", "foreign"), ("fail", ""), ("drop", "")]
)
def test_list_that_cannot_be_had_is_said_and_decides_nothing(sandbox: Sandbox, mode: str, code: str) -> None:
    sandbox.fault("crl", mode, code=code)
    assert fetch() == (1, "0 of 1 fetched")
    sandbox.fault("ocsp", "fail")

    with pytest.raises(Unavailable):
        eds.verify(signed(sandbox), b"%PDF what is to be signed", now=timezone.now())


def test_list_without_end_is_not_read_to_the_end(sandbox: Sandbox, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(crl, "MAX_BYTES", 100)

    with pytest.raises(Unavailable, match="too long"):
        crl.fetch(f"{sandbox.url}/crl/issuing.crl", now=timezone.now())
