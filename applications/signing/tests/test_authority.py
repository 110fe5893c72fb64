"""What OCSP and NCANode answer to a signature: whose fault it is, what ops read, what may be sent again."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import outside
from accounts.models import Trouble, User
from applications.models import Application, Method, Purpose, SigningRequest, SigningState
from applications.signing import authority, batches, completion
from applications.signing.reasons import Outcome
from applications.tests.cast import complete
from egov import eds
from egov.eds import Refusal, crl
from egov.errors import Misconfigured, Unavailable
from egov.http import Answer
from egov.tests.eds_cast import NOW, Pki, claim_gost

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(autouse=True)
def _authority_knows_the_time(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """The responder of the tests writes the machine's time into its answers, whatever the test's is."""
    monkeypatch.setattr(eds, "produced_at", lambda _answer: now)


@pytest.fixture
def signing_request(
    make_application: Callable[..., Application], parent: User, now: datetime
) -> SigningRequest:
    draft = complete(make_application(), now=now)
    return batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)


def send(signing_request: SigningRequest, pki: Pki, *, now: datetime, gost: bool = False) -> str:
    cms = pki.sign(data=batches.payload_of(signing_request))
    if gost:
        cms = claim_gost(cms, key_too=True)
    text = base64.b64encode(cms).decode()
    asked = completion.requests_of(signing_request.batch)[0]
    code = completion.complete(asked, cms=text, method=Method.EDS, now=now)
    signing_request.refresh_from_db()
    return code


def standing() -> list[tuple[str, bool, str]]:
    """The education register is silent in these tests, and that is not what they are about."""
    rows = Trouble.objects.exclude(system="enrolment")
    return sorted(rows.values_list("system", "ours", "reason"))


@pytest.mark.parametrize(
    ("answer", "ours", "reason"),
    [
        (b"<html>502</html>", False, "not an OCSP answer"),
        (b"", False, "not an OCSP answer"),
        (Unavailable("ocsp", "HTTP 503"), False, "HTTP 503"),
        (Unavailable("ocsp", "too late"), False, "too late"),
        (Misconfigured("ocsp", "HTTP 403"), True, "HTTP 403"),
        (Misconfigured("ocsp", "HTTP 404"), True, "HTTP 404"),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_same_signature_is_taken_later_or_by_the_list_at_hand(
    signing_request: SigningRequest,
    pki: Pki,
    now: datetime,
    settings: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    ours: bool,
    reason: str,
    listed: bool,
) -> None:
    if listed:
        settings.EDS_CRL_URLS, settings.EDS_CRL_DIR = ["http://crl.test/a.crl"], tmp_path / "crl"
        crl.fetch_all(now=NOW)

    def call(*_args: object, **_more: object) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return Answer("ocsp", 200, answer)

    with monkeypatch.context() as patch:
        patch.setattr("egov.http.call", call)
        code = send(signing_request, pki, now=now)

    assert standing() == [("ocsp", ours, reason)]  # also where the list has hidden it from the person
    if not listed:
        assert (code, signing_request.state) == (Outcome.UNAVAILABLE, SigningState.OPEN)
        code = send(signing_request, pki, now=now)
        assert standing() == []
    assert (code, signing_request.state) == ("", SigningState.DONE)


@pytest.mark.parametrize(
    ("error", "ours"),
    [(Misconfigured("ncanode", "HTTP 403"), True), (Unavailable("ncanode", "HTTP 500"), False)],
)
def test_trouble_of_ncanode_is_written_down_and_the_request_stays_open(
    signing_request: SigningRequest,
    pki: Pki,
    now: datetime,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Unavailable,
    ours: bool,
) -> None:
    settings.NCANODE_URL = "http://127.0.0.1:9"

    def call(*_args: object, **_more: object) -> Answer:
        raise error

    monkeypatch.setattr("egov.http.call", call)

    assert send(signing_request, pki, now=now, gost=True) == Outcome.UNAVAILABLE
    assert signing_request.state == SigningState.OPEN
    assert standing() == [("ncanode", ours, error.detail)]


def test_gost_without_ncanode_ends_the_request_and_names_the_way(
    signing_request: SigningRequest, pki: Pki, now: datetime, settings: Any
) -> None:
    settings.NCANODE_URL = ""

    assert send(signing_request, pki, now=now, gost=True) == Refusal.GOST_OFF
    assert signing_request.state == SigningState.FAILED
    assert standing() == []  # a choice of the portal, guarded at its start


@pytest.mark.parametrize(
    ("drift", "reason"),
    [
        (timedelta(seconds=60), ""),
        (timedelta(seconds=-60), ""),
        (timedelta(seconds=61), "61 s behind OCSP's"),
        (timedelta(seconds=90), "90 s behind OCSP's"),
        (timedelta(seconds=-200), "200 s ahead of OCSP's"),
    ],
)
def test_clock_is_held_against_the_authoritys(
    pki: Pki, db: None, now: datetime, drift: timedelta, reason: str
) -> None:
    """`drift`: how far the authority is ahead of us."""
    source = authority.Watched(eds.ask)
    key, issuer = pki.key().certificate, pki.authority.issuing.certificate

    source(key, issuer, now - drift)

    assert standing() == ([("clock", True, reason)] if reason else [])
    source(key, issuer, now)
    assert standing() == []


def test_signature_that_ocsp_did_not_judge_shows_that_ncanode_works(
    pki: Pki, db: None, now: datetime
) -> None:
    source = authority.Watched(eds.ask)
    outside.failed(Unavailable("ncanode", "HTTP 500"), now=now)
    source(pki.key().certificate, pki.authority.issuing.certificate, now)

    authority.note_success(source)
    assert standing() == [("ncanode", False, "HTTP 500")]

    authority.note_success(authority.Watched(eds.ask))
    assert standing() == []


def test_answers_that_look_stale_are_blamed_on_the_clock(pki: Pki, db: None) -> None:
    source = authority.Watched(eds.ask)

    with pytest.raises(eds.SignatureRefused):
        source(pki.key().certificate, pki.authority.issuing.certificate, NOW + timedelta(hours=1))

    assert [(system, ours) for system, ours, _reason in standing()] == [("clock", True)]
