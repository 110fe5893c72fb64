"""GOST signatures: NCANode's answers, the right ones and the wrong "valid": true, over real HTTP."""

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms

from egov import eds
from egov.eds import NotRechecked, Refusal, SignatureRefused, Unrevoked
from egov.errors import Misconfigured, Unavailable
from egov.tests.eds_cast import (
    DATA,
    DIRECTOR,
    GOST_SIGNATURE,
    NOW,
    PARENT,
    SCHOOL_BIN,
    STRANGER,
    claim_gost,
)
from sandbox import kalkan


@dataclass
class Node:
    """A stand-in for NCANode: says what it is told to say, keeps what it was asked."""

    status: int = 200
    answer: Any = None
    asked: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def node(settings: Any) -> Iterator[Node]:
    found = Node()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append({"path": self.path, **json.loads(body)})
            said = found.answer.current() if isinstance(found.answer, Turns) else found.answer
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.NCANODE_URL = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gost(_authority: Any) -> Callable[..., bytes]:
    """A CMS that claims GOST, with a certificate whose key does: the authority's own shape."""

    def make(human: Any = PARENT, kind: str = "sign", *, claim_only: bool = False) -> bytes:
        cms = kalkan.sign(DATA, _authority.key(human, kind), at=NOW)
        return claim_gost(cms, key_too=not claim_only)

    return make


@pytest.fixture
def good(_authority: Any) -> Callable[..., dict[str, Any]]:
    """What NCANode 3 answers about that CMS when everything is in order."""

    def make(human: Any = PARENT, kind: str = "sign") -> dict[str, Any]:
        certificate = _authority.key(human, kind).certificate
        subject = {"commonName": human.surname, "iin": human.iin, "bin": None, "country": "KZ"}
        if kind == "org":
            subject["bin"] = human.job.bin
        entry = {
            "valid": True,
            "revocations": [{"revoked": False, "by": "OCSP", "revocationTime": None, "reason": "OK"}],
            "notBefore": "2026-03-01T00:00:00.000+00:00",
            "notAfter": "2027-03-01T00:00:00.000+00:00",
            "keyUsage": "SIGN",
            "serialNumber": f"{certificate.serial_number:x}",
            "signAlg": "ECGOST3410-2015-512",
            "keyUser": ["INDIVIDUAL"],
            "subject": subject,
        }
        return {"status": 200, "message": "OK", "valid": True, "signers": [{"certificates": [entry]}]}

    return make


def refusal(cms: bytes) -> Refusal:
    with pytest.raises(SignatureRefused) as caught:
        eds.verify(cms, DATA, now=NOW)
    return caught.value.code


def changed(answer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The answer with fields of its one certificate changed."""
    answer = deepcopy(answer)
    answer["signers"][0]["certificates"][0] |= fields
    return answer


def test_gost_signature_is_asked_of_ncanode(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()
    cms = gost()

    signer = eds.verify(cms, DATA, now=NOW)

    assert (signer.iin, signer.bin, signer.algorithm) == (PARENT.iin, "", GOST_SIGNATURE)
    assert signer.proof == Unrevoked()
    assert node.asked == [
        {
            "path": "/cms/verify",
            "cms": base64.b64encode(cms).decode(),
            "data": base64.b64encode(DATA).decode(),
            "revocationCheck": ["OCSP"],
        }
    ]


def test_gost_signature_of_a_director_names_the_school(node: Node, gost: Any, good: Any) -> None:
    node.answer = good(DIRECTOR, "org")

    assert eds.verify(gost(DIRECTOR, "org"), DATA, now=NOW).bin == SCHOOL_BIN


def test_answer_of_the_newer_version_is_understood(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()
    node.answer["signers"][0] |= {"status": "VALID", "subIndication": None, "adesLevel": "B"}

    assert eds.verify(gost(), DATA, now=NOW).iin == PARENT.iin


OCSP_SILENT = {"revoked": False, "by": "OCSP", "revocationTime": None, "reason": "connect timed out"}
OCSP_REVOKED = {
    "revoked": True,
    "by": "OCSP",
    "revocationTime": "2026-06-01T00:00:00.000+00:00",
    "reason": "OK",
}
MISSING = "REVOCATION_DATA_MISSING"
CRL_GOOD = {"revoked": False, "by": "CRL", "revocationTime": None, "reason": None}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"revocations": [OCSP_REVOKED]}, Refusal.REVOKED),  # and yet "valid": true
        ({"valid": False}, Refusal.UNKNOWN_CA),
        ({"keyUsage": "AUTH"}, Refusal.NOT_SIGNING_KEY),
        ({"keyUsage": "UNKNOWN"}, Refusal.NOT_SIGNING_KEY),
        ({"subject": {"iin": STRANGER.iin, "bin": None}}, Refusal.NO_IIN),
        ({"subject": {"iin": PARENT.iin, "bin": SCHOOL_BIN}}, Refusal.NO_IIN),
    ],
)
def test_doubtful_certificate_in_a_valid_answer_is_refused(
    node: Node, gost: Any, good: Any, fields: dict[str, Any], code: Refusal
) -> None:
    node.answer = changed(good(), **fields)

    assert refusal(gost()) == code


@pytest.mark.parametrize(
    "fields",
    [
        {"revocations": []},
        {"revocations": None},
        {"revocations": [CRL_GOOD]},  # not the source we asked for
        {"revocations": [OCSP_SILENT], "valid": False},
        {"revocations": [OCSP_SILENT]},
        # in no words of the protocol, so the fault is NCANode's
        {"valid": "true"},
        {"serialNumber": "77"},  # looked at another certificate
        {"serialNumber": "not hex"},
        {"subject": None},
        {"subject": {"iin": "1", "bin": None}},
        {"subject": {"iin": PARENT.iin, "bin": "1"}},
        {"keyUsage": "sign"},
    ],
)
def test_question_that_ncanode_could_not_ask_is_no_verdict(
    node: Node, gost: Any, good: Any, fields: dict[str, Any]
) -> None:
    """Neither good nor bad: the same signature may be sent again."""
    node.answer = changed(good(), **fields)

    with pytest.raises(Unavailable):
        eds.verify(gost(), DATA, now=NOW)


class Turns:
    """NCANode's answers by the source that it is asked for."""

    def __init__(self, node: Node, answers: dict[str, Any]) -> None:
        self._node, self._answers = node, answers

    def current(self) -> Any:
        return self._answers[self._node.asked[-1]["revocationCheck"][0]]


@pytest.mark.parametrize(
    ("listed", "good_by_list"),
    [
        (CRL_GOOD, True),
        (CRL_GOOD | {"reason": "OK"}, True),
        (CRL_GOOD | {"reason": "CRL not loaded"}, False),
        (OCSP_SILENT, False),  # of another source than was asked for
    ],
)
@pytest.mark.parametrize("allowed", [True, False])
def test_list_of_ncanode_decides_where_ocsp_gave_it_no_answer(
    node: Node, gost: Any, good: Any, settings: Any, listed: Any, good_by_list: bool, allowed: bool
) -> None:
    settings.EDS_GOST_CRL = allowed
    silent = changed(good(), revocations=[OCSP_SILENT], valid=False)
    node.answer = Turns(node, {"OCSP": silent, "CRL": changed(good(), revocations=[listed])})

    if allowed and good_by_list:
        assert eds.verify(gost(), DATA, now=NOW).iin == PARENT.iin
    else:
        with pytest.raises(Unavailable):
            eds.verify(gost(), DATA, now=NOW)
    assert [one["revocationCheck"] for one in node.asked] == [["OCSP"], ["CRL"]][: 1 + allowed]


def test_key_that_stands_in_ncanodes_list_is_refused(node: Node, gost: Any, good: Any, settings: Any) -> None:
    settings.EDS_GOST_CRL = True
    silent = changed(good(), revocations=[OCSP_SILENT], valid=False)
    revoked = changed(good(), revocations=[CRL_GOOD | {"revoked": True}], valid=False)
    node.answer = Turns(node, {"OCSP": silent, "CRL": revoked})

    assert refusal(gost()) == Refusal.REVOKED


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"signers": []}, Refusal.NO_SIGNER),  # and yet "valid": true
        ({"valid": False}, Refusal.BAD_SIGNATURE),
    ],
)
def test_doubtful_verdict_is_refused(
    node: Node, gost: Any, good: Any, fields: dict[str, Any], code: Refusal
) -> None:
    node.answer = good() | fields

    assert refusal(gost()) == code


@pytest.mark.parametrize(
    "fields",
    [
        {"signers": None},
        {"signers": [{"certificates": []}]},
        {"signers": [{}]},
        {"signers": ["x"]},
        {"valid": "true"},
        {"valid": None},
    ],
)
def test_answer_that_is_no_verdict_is_the_fault_of_the_system(
    node: Node, gost: Any, good: Any, fields: dict[str, Any]
) -> None:
    node.answer = good() | fields

    with pytest.raises(Unavailable):
        eds.verify(gost(), DATA, now=NOW)


def test_second_signer_in_the_answer_is_refused(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()
    node.answer["signers"] *= 2

    assert refusal(gost()) == Refusal.MANY_SIGNERS


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        ("INVALID", "CERT_REVOKED", Refusal.REVOKED),
        ("INVALID", "REVOKED", Refusal.REVOKED),
        ("INDETERMINATE", "CHAIN_INCOMPLETE", Refusal.UNKNOWN_CA),
        ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", Refusal.UNKNOWN_CA),
        ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE", Refusal.EXPIRED),
        ("INDETERMINATE", "EXPIRED", Refusal.EXPIRED),
        ("INVALID", "HASH_FAILURE", Refusal.OTHER_DATA),
        ("INVALID", "SIG_CRYPTO_FAILURE", Refusal.BAD_SIGNATURE),
        ("INDETERMINATE", None, Refusal.BAD_SIGNATURE),
    ],
)
def test_status_of_the_signer_outweighs_valid(
    node: Node, gost: Any, good: Any, status: str, reason: str, code: Refusal
) -> None:
    node.answer = good()
    node.answer["signers"][0] |= {"status": status, "subIndication": reason}

    assert refusal(gost()) == code


@pytest.mark.parametrize(("kind", "code"), [("auth", Refusal.NOT_SIGNING_KEY), ("expired", Refusal.EXPIRED)])
def test_certificate_is_read_by_us_first(node: Node, gost: Any, good: Any, kind: str, code: Refusal) -> None:
    node.answer = good(kind=kind)

    assert refusal(gost(kind=kind)) == code
    assert node.asked == []


def test_attached_content_never_reaches_ncanode(node: Node, gost: Any, good: Any) -> None:
    """It ignores `data` then, and would judge whatever stands inside."""
    node.answer = good()
    content = asn1_cms.ContentInfo.load(gost())
    content["content"]["encap_content_info"]["content"] = b"other bytes"

    assert refusal(content.dump(force=True)) == Refusal.ATTACHED
    assert node.asked == []


def test_rsa_certificate_that_claims_gost_is_refused(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()

    assert refusal(gost(claim_only=True)) == Refusal.BAD_SIGNATURE
    assert node.asked == []


def test_container_that_ncanode_cannot_read_is_malformed(node: Node, gost: Any) -> None:
    node.status, node.answer = 400, {"status": 400, "message": "java.io.IOException"}

    assert refusal(gost()) == Refusal.MALFORMED


@pytest.mark.parametrize(
    ("status", "answer", "fault"),
    [
        (500, {"status": 500, "message": "boom"}, Unavailable),
        (502, b"", Unavailable),
        (429, b"", Unavailable),
        (200, b"<html>", Unavailable),
        (200, b"", Unavailable),
        (200, ["x"], Unavailable),
        (200, {}, Unavailable),
        (200, {"status": 500, "message": "boom"}, Unavailable),
        (
            200,
            {"status": 200, "signers": [{"status": "INDETERMINATE", "subIndication": MISSING}]},
            Unavailable,
        ),
        (400, b"<html>bad request</html>", Misconfigured),  # whatever stands before NCANode
        (400, b"", Misconfigured),
        (400, {"message": "no"}, Misconfigured),
        *[(status, b"<html>", Misconfigured) for status in (401, 403, 404, 405, 413, 415)],
    ],
)
def test_trouble_of_ncanode_is_no_verdict(
    node: Node, gost: Any, good: Any, status: int, answer: Any, fault: type[Unavailable]
) -> None:
    node.status, node.answer = status, answer
    if isinstance(answer, dict) and "signers" in answer:
        answer["signers"][0]["certificates"] = good()["signers"][0]["certificates"]

    with pytest.raises(Unavailable) as caught:
        eds.verify(gost(), DATA, now=NOW)

    ours = isinstance(caught.value, Misconfigured)
    assert (ours, caught.value.system) == (fault is Misconfigured, "ncanode")


def test_gost_without_ncanode_is_refused_in_its_own_words(settings: Any, gost: Any) -> None:
    """Waiting would not help the person: only another key does."""
    settings.NCANODE_URL = ""

    assert refusal(gost()) == Refusal.GOST_OFF


def again(cms: bytes, *, years: float = 0.5) -> eds.Signer:
    return eds.reverify(cms, DATA, proof=Unrevoked(), at=NOW, now=NOW + timedelta(days=365 * years))


def revoked_on(day: str | None) -> dict[str, Any]:
    return {"revoked": True, "by": "OCSP", "revocationTime": day, "reason": "OK"}


def test_old_gost_signature_that_is_good_today_was_good(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()

    assert again(gost()).iin == PARENT.iin


@pytest.mark.parametrize(
    ("verdict", "fields", "years", "code"),
    [
        ({}, {"revocations": [revoked_on("2026-06-01T00:00:00.000+00:00")]}, 0.5, Refusal.REVOKED),
        ({"valid": False}, {}, 0.5, Refusal.BAD_SIGNATURE),
        ({}, {"subject": {"iin": STRANGER.iin, "bin": None}}, 0.5, Refusal.NO_IIN),
        ({"status": "INVALID", "subIndication": "HASH_FAILURE"}, {}, 5, Refusal.OTHER_DATA),
        ({"status": "INVALID", "subIndication": "SIG_CRYPTO_FAILURE"}, {}, 5, Refusal.BAD_SIGNATURE),
    ],
)
def test_old_gost_signature_that_was_bad_is_refused(
    node: Node, gost: Any, good: Any, verdict: Any, fields: Any, years: float, code: Refusal
) -> None:
    node.answer = changed(good(), **fields)
    if "subIndication" in verdict:
        node.answer["signers"][0] |= verdict
    else:
        node.answer |= verdict

    with pytest.raises(SignatureRefused) as caught:
        again(gost(), years=years)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({"valid": False}, 5),  # the certificate has ended since
        ({"revocations": [], "valid": False}, 5),
        ({"revocations": [revoked_on("2026-07-01T00:00:00.000+00:00")]}, 0.5),  # after it was used
        ({"revocations": [revoked_on(None)]}, 0.5),
        ({"revocations": [OCSP_SILENT]}, 0.5),
    ],
)
def test_doubt_of_today_says_nothing_about_the_past(
    node: Node, gost: Any, good: Any, fields: dict[str, Any], years: float
) -> None:
    node.answer = changed(good(), **fields)
    node.answer["valid"] = fields.get("valid", True)

    with pytest.raises(NotRechecked) as caught:
        again(gost(), years=years)
    assert caught.value.signer.iin == PARENT.iin


def test_bare_no_to_a_certificate_that_has_ended_says_nothing_about_the_past(
    node: Node, gost: Any, good: Any
) -> None:
    """NCANode judges by its own clock; while the certificate lives, the same word is a verdict."""
    node.answer = good() | {"valid": False}

    with pytest.raises(NotRechecked):
        again(gost(), years=5)
    with pytest.raises(SignatureRefused):
        again(gost(), years=0.5)


def test_question_may_be_repeated_and_its_answer_is_bounded(
    gost: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def call(*_args: Any, **named: Any) -> Any:
        asked.append(named)
        raise Unavailable("ncanode", "too late")

    settings.NCANODE_URL = "http://127.0.0.1:9"
    monkeypatch.setattr("egov.http.call", call)
    with pytest.raises(Unavailable):
        eds.verify(gost(), DATA, now=NOW)

    (named,) = asked
    assert (named["repeat"], named["max_bytes"], named["system"]) == (True, 1024 * 1024, "ncanode")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
def test_old_gost_signature_without_ncanode_is_not_rechecked(settings: Any, gost: Any, url: str) -> None:
    settings.NCANODE_URL = url

    with pytest.raises(NotRechecked):
        again(gost())


def test_old_gost_signature_is_read_by_us_as_of_its_day(node: Node, gost: Any) -> None:
    for kind, code in (("expired", Refusal.EXPIRED), ("auth", Refusal.NOT_SIGNING_KEY)):
        with pytest.raises(SignatureRefused) as caught:
            again(gost(kind=kind))
        assert caught.value.code == code
    assert node.asked == []


def test_own_certificate_is_found_among_others(node: Node, gost: Any, good: Any) -> None:
    node.answer = good()
    own = node.answer["signers"][0]["certificates"][0]
    node.answer["signers"][0]["certificates"] = [own | {"serialNumber": "77", "valid": False}, own]

    assert eds.verify(gost(), DATA, now=NOW).iin == PARENT.iin


def test_every_word_of_the_source_we_asked_counts(node: Node, gost: Any, good: Any) -> None:
    """One good word beside silence, or beside a revocation, is not enough."""
    said = good()["signers"][0]["certificates"][0]["revocations"]
    for more, error in ((OCSP_SILENT, Unavailable), (OCSP_REVOKED, SignatureRefused)):
        node.answer = changed(good(), revocations=[*said, more])
        with pytest.raises(error):
            eds.verify(gost(), DATA, now=NOW)
    node.answer = changed(good(), revocations=[CRL_GOOD, *said])
    assert eds.verify(gost(), DATA, now=NOW).iin == PARENT.iin


@pytest.mark.parametrize("status", ["PASSED", "valid", "", None, 1])
def test_status_in_other_words_is_no_verdict(node: Node, gost: Any, good: Any, status: Any) -> None:
    node.answer = good()
    node.answer["signers"][0] |= {"status": status, "subIndication": "HASH_FAILURE"}

    with pytest.raises(Unavailable):
        eds.verify(gost(), DATA, now=NOW)


def test_organisation_that_ncanode_reads_otherwise_is_refused(node: Node, gost: Any, good: Any) -> None:
    for subject, code in (
        ({"iin": DIRECTOR.iin, "bin": None}, Refusal.NO_IIN),
        ({"iin": DIRECTOR.iin, "bin": "990540099912"}, Refusal.NO_IIN),
        ({"iin": DIRECTOR.iin}, Refusal.NO_IIN),
    ):
        node.answer = changed(good(DIRECTOR, "org"), subject=subject)
        assert refusal(gost(DIRECTOR, "org")) == code


def outcome_again(cms: bytes, *, now: datetime) -> str:
    try:
        return eds.reverify(cms, DATA, proof=Unrevoked(), at=NOW, now=now).iin
    except SignatureRefused as refused:
        return refused.code
    except NotRechecked:
        return "not rechecked"


@pytest.mark.parametrize("reason", ["HASH_FAILURE", "SIG_CRYPTO_FAILURE", "FORMAT_FAILURE"])
def test_what_is_wrong_with_the_bytes_is_wrong_for_ever(
    node: Node, gost: Any, good: Any, reason: str
) -> None:
    node.answer = good()
    node.answer["signers"][0] |= {"status": "INVALID", "subIndication": reason}

    expected = Refusal.OTHER_DATA if reason == "HASH_FAILURE" else Refusal.BAD_SIGNATURE
    assert outcome_again(gost(), now=NOW + timedelta(days=3000)) == expected


def test_no_counts_to_the_last_second_of_the_certificate(
    node: Node, gost: Any, good: Any, _authority: Any
) -> None:
    node.answer = good() | {"valid": False}
    end = _authority.key(PARENT, "sign").certificate.not_valid_after_utc

    assert outcome_again(gost(), now=end) == Refusal.BAD_SIGNATURE
    assert outcome_again(gost(), now=end + timedelta(seconds=1)) == "not rechecked"


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (NOW - timedelta(seconds=1), Refusal.REVOKED),
        (NOW, Refusal.REVOKED),
        (NOW + timedelta(seconds=1), "not rechecked"),
        (None, "not rechecked"),
    ],
)
def test_what_was_revoked_by_the_day_of_the_signature_never_was_one(
    node: Node, gost: Any, good: Any, moment: datetime | None, found: str
) -> None:
    day = moment.isoformat() if moment else None
    for signer in ({}, {"status": "INVALID", "subIndication": None}):  # a bare no, to what is revoked today
        node.answer = changed(good(), revocations=[revoked_on(day)])
        node.answer["signers"][0] |= signer
        assert outcome_again(gost(), now=NOW + timedelta(days=30)) == found


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": None},
        {"serialNumber": "77"},
        {"revocations": [{"revoked": "yes", "by": "OCSP"}]},
        {"revocations": [revoked_on("the day before")]},
        {"valid": "true"},
    ],
)
def test_nonsense_of_today_says_nothing_about_the_past(
    node: Node, gost: Any, good: Any, fields: dict[str, Any]
) -> None:
    node.answer = changed(good(), **fields)

    assert outcome_again(gost(), now=NOW + timedelta(days=30)) == "not rechecked"


def test_old_signature_of_another_person_is_refused_whatever_ncanode_says_of_it(
    node: Node, gost: Any, good: Any
) -> None:
    node.answer = changed(good(), subject={"iin": STRANGER.iin, "bin": None}, valid=False)

    assert outcome_again(gost(), now=NOW + timedelta(days=3000)) == Refusal.NO_IIN
