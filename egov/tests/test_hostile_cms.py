"""A hundred and more hostile signatures: none is taken, none is dear, none puts a name into the log."""

import logging
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as questions

from egov import eds
from egov.eds import Refusal, SignatureRefused
from egov.errors import EgovError, Unavailable
from egov.http import Answer
from egov.tests.eds_cast import (
    DATA,
    DIRECTOR,
    NOW,
    PARENT,
    STRANGER,
    Pki,
    StillWorld,
    claim_gost,
)
from egov.tests.hostile_cms import Attack, corpus
from sandbox.ca import Authority
from tests.cpu import cost

CPU_SECONDS = 0.1
MEMORY_BYTES = 50 * 1024 * 1024


@pytest.fixture(scope="module")
def attacks(_authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attack]:
    return corpus(Pki(_authority, StillWorld(tmp_path_factory.mktemp("world"))), DATA)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Also what the portal's settings keep quiet, should somebody turn it up."""
    for name in ("", "egov", "pyhanko", "pyhanko_certvalidator", "django", "django.request"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    yield caplog


SILENT = "nobody answered"


def verdict(cms: bytes) -> str:
    try:
        return f"taken from {eds.verify(cms, DATA, now=NOW).iin}"
    except SignatureRefused as refused:
        return refused.code
    except Unavailable:
        return SILENT


def test_no_hostile_signature_is_taken(pki: Pki, attacks: dict[str, Attack]) -> None:
    assert verdict(pki.sign()) == f"taken from {PARENT.iin}"

    wrong = {name: said for name, one in attacks.items() if (said := verdict(one.cms)) not in one.codes}

    assert wrong == {}
    assert len(attacks) >= 150


def test_no_hostile_signature_is_dear(pki: Pki, attacks: dict[str, Attack]) -> None:
    for warm in (pki.sign(), pki.sign(kind="expired")):
        verdict(warm)
    costs = {name: cost(partial(verdict, one.cms), limit=CPU_SECONDS) for name, one in attacks.items()}

    assert {name: spent for name, spent in costs.items() if spent > CPU_SECONDS} == {}


def test_no_hostile_signature_takes_much_memory(pki: Pki, attacks: dict[str, Attack]) -> None:
    verdict(pki.sign())
    greedy = {}
    tracemalloc.start()
    try:
        for name, one in attacks.items():
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            verdict(one.cms)
            if (taken := tracemalloc.get_traced_memory()[1] - before) > MEMORY_BYTES:
                greedy[name] = taken
    finally:
        tracemalloc.stop()

    assert greedy == {}


def test_no_hostile_signature_puts_a_person_into_the_log(
    pki: Pki, attacks: dict[str, Attack], everything_logged: pytest.LogCaptureFixture
) -> None:
    for one in attacks.values():
        verdict(one.cms)
    for pki.lie in LIES:
        with suppress(EgovError):
            eds.verify(pki.sign(), DATA, now=NOW)

    said = everything_logged.text.upper()
    for human in (PARENT, STRANGER, DIRECTOR):
        assert not [fact for fact in (human.iin, human.surname, human.name) if fact.upper() in said]


LIES = {
    "stale": Refusal.OCSP_STALE,
    "foreign": Refusal.OCSP_FOREIGN,
    "nonce": Refusal.OCSP_NONCE,
    "unknown": Refusal.OCSP_UNKNOWN,
    "garbage": SILENT,
}


def answered(pki: Pki, **changes: Any) -> bytes:
    """An answer about the parent's certificate with something wrong in it, by the real responder."""
    key, responder = pki.key(), changes.get("responder", pki.authority.responder)
    builder = questions.OCSPResponseBuilder().add_response(
        cert=changes.get("about", key.certificate),
        issuer=pki.authority.issuing.certificate,
        algorithm=changes.get("algorithm", hashes.SHA256()),
        cert_status=questions.OCSPCertStatus.GOOD,
        this_update=changes.get("this_update", NOW),
        next_update=changes.get("next_update"),
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(questions.OCSPResponderEncoding.NAME, responder.certificate)
    builder = builder.certificates([responder.certificate])
    if nonce := changes.get("nonce", b"n" * 16):
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(responder.private, changes.get("digest", hashes.SHA256())).public_bytes(Encoding.DER)


def test_no_hostile_answer_about_a_certificate_is_believed(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    cms, minute = pki.sign(), timedelta(minutes=1)
    monkeypatch.setattr("os.urandom", lambda count: b"n" * count)
    good = answered(pki)
    flipped = bytearray(good)
    flipped[-300] ^= 1
    answers = {
        "without a nonce": (answered(pki, nonce=b""), Refusal.OCSP_NONCE),
        "a short nonce": (answered(pki, nonce=b"n"), Refusal.OCSP_NONCE),
        "about another": (answered(pki, about=pki.key(STRANGER).certificate), Refusal.OCSP_FOREIGN),
        "by SHA-1 names": (answered(pki, algorithm=hashes.SHA1()), Refusal.OCSP_FOREIGN),
        "by a person": (answered(pki, responder=pki.key(STRANGER)), Refusal.OCSP_FOREIGN),
        "by another authority": (answered(pki, responder=pki.authority.foreign()), Refusal.OCSP_FOREIGN),
        "of yesterday": (answered(pki, this_update=NOW - 1440 * minute), Refusal.OCSP_STALE),
        "of tomorrow": (answered(pki, this_update=NOW + 1440 * minute), Refusal.OCSP_STALE),
        "ended": (answered(pki, next_update=NOW - minute), Refusal.OCSP_STALE),
        "a bit changed": (bytes(flipped), Refusal.OCSP_FOREIGN),
        "cut": (good[:-20], SILENT),
        "nothing": (b"", SILENT),
        "a page": (b"<html>" * 10_000, SILENT),
        "a tower": (b"\x30\x80" * 30_000, SILENT),
    }
    verdicts = {}
    for name, (answer, _code) in {"good": (good, ""), **answers}.items():
        monkeypatch.setattr("egov.http.call", lambda *_a, a=answer, **_m: Answer("ocsp", 200, a))
        verdicts[name] = verdict(cms)
        assert cost(lambda: verdict(cms), limit=CPU_SECONDS) <= CPU_SECONDS, name

    assert verdicts.pop("good") == f"taken from {PARENT.iin}"
    assert verdicts == {name: code for name, (_answer, code) in answers.items()}


def test_gost_is_not_taken_on_its_own_word(pki: Pki, settings: Any) -> None:
    settings.NCANODE_URL = ""

    with pytest.raises(SignatureRefused) as caught:
        eds.verify(claim_gost(pki.sign()), DATA, now=NOW)
    assert caught.value.code == Refusal.GOST_OFF


def test_no_hostile_text_is_a_signature() -> None:
    armour = "-----BEGIN CMS-----"
    texts = [
        "", " " * 100_000, "=" * 8, "A" * 131_073, "AAAA" * 40_000, armour, armour * 5_000, "\0" * 9,
        "ЖСН" * 9, "AA==AA==", "AAA", "A===", "-----END CMS-----", f"{armour}\n!\n", "\ud800", "٣٣٣٣",
        "MIIB\x85AAAA",
    ]  # fmt: skip

    def refuse(text: str) -> None:
        with pytest.raises(SignatureRefused) as caught:
            eds.verify(eds.decode(text), DATA, now=NOW)
        assert caught.value.code == Refusal.MALFORMED

    for text in texts:
        assert cost(partial(refuse, text), limit=CPU_SECONDS) <= CPU_SECONDS, text[:20]


def test_signature_with_lengths_without_an_end_is_read(pki: Pki) -> None:
    """The country's tools write the outer values so; nothing in them is different."""
    good = pki.sign()
    head = 4  # a sequence with two octets of length

    assert good[:2] == b"\x30\x82"
    assert verdict(b"\x30\x80" + good[head:] + b"\0\0") == f"taken from {PARENT.iin}"
