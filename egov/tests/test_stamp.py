"""Time stamps: asked of the authority and judged; one that is wrong, replayed or of another is none."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import cms
from django.utils import timezone

from egov import eds
from egov.eds import container, stamp, structure, trust
from egov.eds.stamp import Fault, StampRefused
from egov.eds.verdict import SignatureRefused
from egov.errors import Misconfigured, Unavailable
from egov.tests.eds_cast import DATA, NOW, Pki
from sandbox import tsa
from tests.sandbox import Sandbox


def stamper() -> stamp.Stamper:
    return stamp.Stamper(now=NOW, known=trust.authorities())


def test_stamp_is_over_the_bytes_and_of_the_moment(pki: Pki) -> None:
    token = stamp.ask(DATA, stamper=stamper())

    found = stamp.check(token, DATA, now=NOW, known=trust.authorities())

    assert found.at == NOW
    assert found.certificate.dump() == pki.authority.tsa().asn1.dump()


WRONG = {
    "rejected": "refused, or with another nonce",
    "nonce": "not a stamp",
    "imprint": Fault.OTHER_DATA,
    "foreign": Fault.FOREIGN,
    "broken": Fault.BROKEN,
    "back": Fault.WRONG_TIME,
    "ahead": Fault.WRONG_TIME,
    "garbage": "not a stamp",
    "down": "ConnectionError",
}


@pytest.mark.parametrize("lie", WRONG)
def test_no_wrong_answer_is_a_stamp(pki: Pki, lie: str) -> None:
    """Every lie that the sandbox knows ends as Unavailable: the paper waits, nobody is refused."""
    pki.tsa_lie = lie

    with pytest.raises(Unavailable) as error:
        stamp.ask(DATA, stamper=stamper())

    assert error.value.detail == WRONG[lie]


@pytest.mark.parametrize(
    ("mode", "more", "detail"),
    [
        ("slow", {"seconds": 30}, "too late"),
        ("fail", {}, "HTTP 500"),
        ("drop", {}, "the connection was cut"),
        ("refuse", {}, "refused, or with another nonce"),
        ("refuse", {"code": "nonce"}, "not a stamp"),
        ("refuse", {"code": "foreign"}, Fault.FOREIGN),
        ("refuse", {"code": "back"}, Fault.WRONG_TIME),
    ],
)
def test_authority_that_is_down_or_lies_over_the_network_gives_no_stamp(
    sandbox: Sandbox, settings: Any, mode: str, more: dict[str, Any], detail: str
) -> None:
    settings.EGOV_TIMEOUT = 1.0 if mode == "slow" else 30.0
    sandbox.fault("tsp", mode, **more)
    asking = stamp.Stamper(now=timezone.now(), known=trust.authorities())

    with pytest.raises(Unavailable) as error:
        stamp.ask(DATA, stamper=asking)
    assert error.value.detail == detail

    sandbox.repair()
    token = stamp.ask(DATA, stamper=asking)
    assert stamp.check(token, DATA, now=timezone.now(), known=trust.authorities())


def test_every_lie_of_the_sandbox_is_tried() -> None:
    assert set(WRONG) == {*tsa.LIES, "down"}


def test_without_an_address_nobody_is_asked(pki: Pki, settings: Any) -> None:
    settings.TSP_URL = ""

    with pytest.raises(Misconfigured, match="no TSP_URL"):
        stamp.ask(DATA, stamper=stamper())


def token_of(pki: Pki, *, lie: str = "") -> cms.ContentInfo:
    return tsa.stamp(pki.world, pki.authority, hashlib.sha256(DATA).digest(), lie=lie)


@pytest.mark.parametrize(
    ("moved", "believed"),
    [
        (stamp.OLDER, True),
        (stamp.OLDER + timedelta(seconds=1), False),
        (-stamp.AHEAD, True),
        (-stamp.AHEAD - timedelta(seconds=1), False),
    ],
)
def test_moment_of_a_stamp_may_differ_by_the_drift_of_clocks_alone(
    pki: Pki, moved: timedelta, believed: bool
) -> None:
    token = token_of(pki)

    if believed:
        assert stamp.check(token, DATA, now=NOW + moved, known=trust.authorities()).at == NOW
        return
    with pytest.raises(StampRefused) as refused:
        stamp.check(token, DATA, now=NOW + moved, known=trust.authorities())
    assert refused.value.fault == Fault.WRONG_TIME


def test_stamp_of_any_time_is_read(pki: Pki) -> None:
    assert stamp.read(token_of(pki, lie="back"), DATA, known=trust.authorities()).at < NOW


def test_persons_key_makes_no_stamps(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the same authority, but not for this purpose."""
    monkeypatch.setattr(pki.authority, "tsa", lambda: pki.key())

    with pytest.raises(StampRefused) as refused:
        stamp.check(token_of(pki), DATA, now=NOW, known=trust.authorities())

    assert refused.value.fault == Fault.NOT_AUTHORITY


def test_weak_hash_is_no_proof(pki: Pki) -> None:
    token = tsa.stamp(pki.world, pki.authority, hashlib.sha1(DATA).digest(), algorithm="sha1")

    with pytest.raises(StampRefused) as refused:
        stamp.check(token, DATA, now=NOW, known=trust.authorities())

    assert refused.value.fault == Fault.WEAK


def test_no_changed_byte_of_a_stamp_is_believed(pki: Pki) -> None:
    der = token_of(pki).dump()
    for place in range(0, len(der), 29):
        bent = bytearray(der)
        bent[place] ^= 0x55
        try:
            structure.check(bytes(bent))
            token = cms.ContentInfo.load(bytes(bent))
            found = stamp.check(token, DATA, now=NOW, known=trust.authorities())
        except (StampRefused, ValueError, IndexError):
            continue
        assert found.at == NOW, (
            place
        )  # of a byte that nothing is read from: a spare NULL, the token's version


INSIDE = {"imprint": "STAMP_WRONG", "broken": "STAMP_WRONG", "back": "STAMP_TIME", "ahead": "STAMP_TIME"}


@pytest.mark.rule("D44")
@pytest.mark.parametrize("lie", ["", *sorted(tsa.LIES)])
def test_stamp_inside_of_a_signature_is_judged(pki: Pki, lie: str) -> None:
    read = container.read(pki.stamped(pki.sign(), lie=lie))
    known = trust.authorities()

    if code := INSIDE.get(lie):
        with pytest.raises(SignatureRefused) as refused:
            eds.verify(read.der, DATA, now=NOW)
        assert refused.value.code == code
        assert pki.asked == 0  # before the network
    else:  # what nobody can judge is not counted; a lie that is told to a question alone is a good stamp here
        signer = eds.verify(read.der, DATA, now=NOW)
        assert signer.stamped_at == (None if lie == "foreign" else NOW)
        assert stamp.time_of(read, now=NOW, known=known) == signer.stamped_at


def test_signature_without_a_stamp_has_none(pki: Pki) -> None:
    assert stamp.time_of(container.read(pki.sign()), now=NOW, known=trust.authorities()) is None


def test_too_many_stamps_are_not_read(pki: Pki) -> None:
    content = cms.ContentInfo.load(pki.sign())
    values = [token_of(pki) for _ in range(stamp.MAX_TOKENS + 1)]
    attributes = [{"type": "signature_time_stamp_token", "values": values}]
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(attributes)

    with pytest.raises(SignatureRefused):
        stamp.time_of(container.read(content.dump()), now=NOW, known=trust.authorities())


def test_answer_with_something_behind_it_is_no_stamp(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tsa.Response.dump
    monkeypatch.setattr(tsa.Response, "dump", lambda self: honest(self) + b"\0")

    with pytest.raises(Unavailable):
        stamp.ask(DATA, stamper=stamper())
