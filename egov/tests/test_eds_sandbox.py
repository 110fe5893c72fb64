"""The sandbox signs and answers for certificates as the real tools do: NCALayer over its WebSocket, OCSP
over HTTP; what it signs passes our verification, and its wrong keys do not."""

import asyncio
import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from egov import eds
from egov.eds import KeyUser, Refusal, SignatureRefused
from egov.errors import Unavailable
from egov.tests.cast import AIGUL, DANIYAR, NURGUL
from tests.sandbox import Sandbox

DATA = b"%PDF what is to be signed"
ENCODED = base64.b64encode(DATA).decode()
BASICS, COMMON = "kz.gov.pki.knca.basics", "kz.gov.pki.knca.commonUtils"
DETACHED = {"decode": True, "encapsulate": False, "digested": False, "tsaProfile": {}}
PERSON = {"extKeyUsageOids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.1"], "iin": AIGUL, "chain": []}


def talk(sandbox: Sandbox, *questions: Any) -> list[Any]:
    """The greeting and the answers, in order."""

    async def run() -> list[Any]:
        async with aiohttp.ClientSession() as session, session.ws_connect(sandbox.ncalayer_url) as socket:
            answers = [await socket.receive_json()]
            for question in questions:
                if isinstance(question, str):
                    await socket.send_str(question)
                else:
                    await socket.send_json(question)
                answers.append(await socket.receive_json())
            return answers

    return asyncio.run(run())


def basics(data: Any = ENCODED, *, who: dict[str, Any] = PERSON, **how: Any) -> dict[str, Any]:
    args = {
        "allowedStorages": None, "format": "cms", "data": data, "signingParams": DETACHED | how,
        "signerParams": who, "locale": "kk",
    }  # fmt: skip
    return {"module": BASICS, "method": "sign", "args": args}


def signed(sandbox: Sandbox, **more: Any) -> bytes:
    return eds.decode(talk(sandbox, basics(**more))[1]["body"]["result"])


def common(method: str, *args: Any) -> dict[str, Any]:
    return {"module": COMMON, "method": method, "args": list(args)}


def now() -> datetime:
    return datetime.now(UTC)


def refusal(cms: bytes, data: bytes = DATA) -> Refusal:
    with pytest.raises(SignatureRefused) as caught:
        eds.verify(cms, data, now=now())
    return caught.value.code


def test_ncalayer_speaks_first(sandbox: Sandbox) -> None:
    assert talk(sandbox) == [{"result": {"version": "1.4"}}]


def test_basics_signs_with_the_key_of_the_person_named(sandbox: Sandbox) -> None:
    answer = talk(sandbox, basics())[1]

    assert answer.keys() == {"body", "status"} and answer["status"] is True
    assert answer["body"]["result"].startswith("-----BEGIN CMS-----\n")
    signer = eds.verify(eds.decode(answer["body"]["result"]), DATA, now=now())
    assert (signer.iin, signer.name, signer.bin) == (AIGUL, "СӘРСЕНОВА АЙГҮЛ", "")


def test_basics_signs_with_the_key_of_the_school_named(sandbox: Sandbox) -> None:
    who = {
        "extKeyUsageOids": ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2"],
        "iin": NURGUL,
        "bin": "990540099902",
        "chain": [],
    }

    signer = eds.verify(signed(sandbox, who=who), DATA, now=now())

    assert (signer.iin, signer.bin) == (NURGUL, "990540099902")
    assert KeyUser.FIRST_HEAD in signer.key_users


def test_basics_signs_a_list_of_documents(sandbox: Sandbox) -> None:
    other = b"%PDF another"

    answer = talk(sandbox, basics([ENCODED, base64.b64encode(other).decode()]))[1]

    first, second = (eds.decode(text) for text in answer["body"]["result"])
    assert eds.verify(first, DATA, now=now()).iin == AIGUL
    assert eds.verify(second, other, now=now()).iin == AIGUL


def test_basics_takes_a_digest_plain_text_and_content(sandbox: Sandbox) -> None:
    digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()

    assert eds.verify(signed(sandbox, data=digest, digested=True), DATA, now=now()).iin == AIGUL
    assert eds.verify(signed(sandbox, data="мәтін", decode=False), "мәтін".encode(), now=now()).iin == AIGUL
    assert refusal(signed(sandbox, encapsulate=True)) == Refusal.ATTACHED


def test_basics_gives_the_certificate_when_asked(sandbox: Sandbox) -> None:
    result = talk(sandbox, basics(outputCert=True))[1]["body"]["result"]

    signer = eds.verify(eds.decode(result["signatures"]), DATA, now=now())
    assert signer.certificate == base64.b64decode(result["certificate"])


def test_person_may_cancel(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"next": "cancel"})

    assert talk(sandbox, basics(), basics())[1] == {"body": {}, "status": True}
    assert talk(sandbox, basics())[1]["body"]["result"]  # ordered once


def test_nobodys_key_ends_as_a_cancelled_window(sandbox: Sandbox) -> None:
    nobody = PERSON | {"iin": "200315600408"}
    foreign = PERSON | {"bin": "990540099912"}  # not her organisation

    answers = talk(sandbox, basics(who=nobody), basics(who=foreign), basics(who={}))

    assert answers[1:] == [{"body": {}, "status": True}] * 3


def test_failure_has_the_shape_of_the_real_one(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"next": "error"})

    answers = talk(sandbox, basics(), basics(data="not base64!"), {"module": BASICS, "method": "sign"})

    wrong = basics()
    wrong["args"]["signingParams"] = 555
    details = talk(sandbox, wrong)[1]["details"]
    assert details == 'org.json.JSONException: JSONObject["signingParams"] is not a JSONObject.'
    for answer in answers[1:]:
        assert answer.pop("details") is not None
        assert answer == {
            "status": False,
            "code": "INVOCATION_ERROR",
            "message": "An invoked method threw an exception.",
        }


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("auth", Refusal.NOT_SIGNING_KEY),
        ("expired", Refusal.EXPIRED),
        ("revoked", Refusal.REVOKED),
        ("foreign", Refusal.UNKNOWN_CA),
    ],
)
def test_wrong_key_may_be_ordered(sandbox: Sandbox, order: str, code: Refusal) -> None:
    sandbox.control("PUT", "ncalayer", {"next": order})

    assert refusal(signed(sandbox)) == code


def test_another_persons_key_may_be_ordered(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"next": "other"})

    assert eds.verify(signed(sandbox), DATA, now=now()).iin != AIGUL


def test_older_module_signs_with_the_card_in_the_reader(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"iin": DANIYAR, "old": True})

    answers = talk(
        sandbox,
        basics(),
        {"module": COMMON, "method": "getActiveTokens"},
        common("createCAdESFromBase64", "AKKZIDCardStore", "SIGNATURE", ENCODED, False),
        common("createCAdESFromBase64", "AKKZIDCardStore", "AUTHENTICATION", ENCODED, False),
        common("getKeyInfo", "AKKZIDCardStore"),
        common("changeLocale", "kk"),
    )

    assert "status" not in answers[1] and answers[1]["code"] == "500"
    assert answers[2] == {"responseObject": ["AKKZIDCardStore"], "code": "200"}
    assert eds.verify(eds.decode(answers[3]["responseObject"]), DATA, now=now()).iin == DANIYAR
    assert refusal(eds.decode(answers[4]["responseObject"])) == Refusal.NOT_SIGNING_KEY
    assert answers[5]["responseObject"]["algorithm"] == "RSA"
    assert answers[6] == {"code": "200"}


def test_older_module_answers_trouble_as_recorded(sandbox: Sandbox) -> None:
    sandbox.control("PUT", "ncalayer", {"iin": DANIYAR, "next": "cancel"})
    call = common("createCAdESFromBase64", "AKKZIDCardStore", "SIGNATURE", ENCODED, False)

    wrong = common("createCAdESFromBase64", "AKKZIDCardStore", 123, "MTEK", False)
    answers = talk(sandbox, call, wrong, common("changeLocale", 2))

    mismatch = "java.lang.IllegalArgumentException: argument type mismatch. Method: "
    assert answers[1] == {"code": "500", "message": "action.canceled"}
    assert answers[2] == {"code": "500", "message": mismatch + "createCAdESFromBase64"}
    assert answers[3] == {"code": "500", "message": mismatch + "changeLocale"}


def test_every_question_is_answered(sandbox: Sandbox) -> None:
    """A client waits for its answer: the probe for another program's module must not hang."""
    probe = {"module": "kz.digiflow.mobile.extensions", "method": "getVersion"}

    answers = talk(sandbox, probe, "not json", "[]", {"module": 5})

    assert [answer["code"] for answer in answers[1:]] == ["500"] * 4


@pytest.mark.parametrize("mode", ["fail", "drop", "refuse"])
def test_ocsp_in_trouble_is_never_taken_for_good(sandbox: Sandbox, mode: str) -> None:
    cms = signed(sandbox)
    sandbox.fault("ocsp", mode)

    with pytest.raises(Unavailable):
        eds.verify(cms, DATA, now=now())


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("stale", Refusal.OCSP_STALE),
        ("nonce", Refusal.OCSP_NONCE),
        ("foreign", Refusal.OCSP_FOREIGN),
        ("unknown", Refusal.OCSP_UNKNOWN),
    ],
)
def test_ocsp_may_be_told_to_lie(sandbox: Sandbox, code: str, refused: Refusal) -> None:
    cms = signed(sandbox)
    sandbox.fault("ocsp", "refuse", code=code)

    assert refusal(cms) == refused


def test_ocsp_too_late_is_silence(sandbox: Sandbox, settings: Any) -> None:
    cms = signed(sandbox)
    settings.EGOV_TIMEOUT = 0.3
    sandbox.fault("ocsp", "late", seconds=5)

    with pytest.raises(Unavailable):
        eds.verify(cms, DATA, now=now())


def test_key_may_be_revoked_and_given_back(sandbox: Sandbox) -> None:
    cms = signed(sandbox)

    sandbox.control("POST", "revoke", {"iin": AIGUL})
    assert refusal(cms) == Refusal.REVOKED
    sandbox.control("POST", "revoke", {"iin": AIGUL, "revoked": False})
    assert eds.verify(cms, DATA, now=now()).iin == AIGUL
