"""EGOV_MOBILE_AUTH=Eds: by the person's own key a phone shows whose it is, and gets the document (D45)."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from applications.models import Application, SigningBatch, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.doubts import ADVICE, Doubt, advice
from applications.signing.tests.test_phones import ELSEWHERE, HOME, begin, page, request_of, with_signature
from applications.status import Status
from applications.tests.cast import complete
from egov.eds.login_proof import Doubt as OfLogin
from egov.tests.eds_cast import NOW, PARENT, STRANGER, Pki
from sandbox import xmldsig

pytestmark = [pytest.mark.rule("D45"), pytest.mark.usefixtures("undrawn")]


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki, settings: Any) -> Iterator[Any]:
    settings.EGOV_MOBILE_AUTH = "Eds"
    settings.PUBLIC_URL = "https://oqu.example.kz"
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def owner(client: Client, parent: User) -> Client:
    client.force_login(parent)
    return client


@pytest.fixture
def batch(owner: Client, draft: Application) -> SigningBatch:
    return begin(owner, draft)


def address(batch: SigningBatch) -> str:
    return reverse("signing:mobile_documents", args=[batch.token])


def login(
    pki: Pki, batch: SigningBatch, *, human: Any = PARENT, kind: str = "auth", at: datetime = NOW
) -> str:
    url = f"https://oqu.example.kz{address(batch)}"
    return xmldsig.login(url, at.isoformat(timespec="milliseconds"), pki.key(human, kind))


def post(batch: SigningBatch, body: Any, *, network: str = HOME) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body)
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR=network)
    return client.post(address(batch), content, content_type="application/json")


def put(batch: SigningBatch, body: Any, *, network: str = HOME) -> Any:
    client = Client(REMOTE_ADDR=network)
    return client.put(address(batch), json.dumps(body), content_type="application/json")


def heard(response: Any) -> str:
    return str(response.json()["message"])


def said(code: str) -> str:
    return str(advice(code).reason).rstrip(".")


def state(batch: SigningBatch) -> tuple[str, str]:
    one: SigningRequest = request_of(batch)
    return one.state, one.error


def signed(pki: Pki, batch: SigningBatch) -> dict[str, Any]:
    return with_signature(pki.sign(PARENT, data=batches.payload_of(request_of(batch))))


def test_every_doubt_is_said_in_both_languages() -> None:
    for doubt in (*Doubt, *OfLogin):
        told = {}
        for language in ("kk", "ru"):
            with translation.override(language):
                told[language] = (str(ADVICE[doubt].reason), str(ADVICE[doubt].remedy))
        assert all(told["kk"]) and not set(told["kk"]) & set(told["ru"])


def test_qr_leads_to_a_question_for_the_persons_key(batch: SigningBatch) -> None:
    about = Client().get(reverse("signing:mobile", args=[batch.token])).json()["document"]

    assert about == {
        "uri": f"https://oqu.example.kz{address(batch)}", "auth_type": "Eds", "auth_token": "",
    }  # fmt: skip


def test_person_is_given_the_document_and_signs(
    owner: Client, batch: SigningBatch, draft: Application, pki: Pki
) -> None:
    given = post(batch, {"xml": login(pki, batch)})

    assert given.status_code == 200 and given.json()["documentsToSign"][0]["document"]["file"]["data"]
    assert "data-oqu-proven hidden" not in page(owner, batch)
    assert put(batch, signed(pki, batch)).status_code == 200
    draft.refresh_from_db()
    assert draft.status == Status.IN_REVIEW


@pytest.mark.parametrize("bearer", [False, True])
def test_plain_question_gives_nothing(batch: SigningBatch, bearer: bool) -> None:
    headers = {"Authorization": f"Bearer {batch.auth_token}"} if bearer else {}

    answer = Client().get(address(batch), headers=headers)

    assert (answer.status_code, list(answer.json())) == (403, ["code", "message"])
    assert heard(answer).startswith(said(Doubt.NOT_PROVEN))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda pki, batch: login(pki, batch, human=STRANGER), "OTHER_PERSON"),
        (lambda pki, batch: login(pki, batch, kind="sign"), "NOT_AUTH_KEY"),
        (lambda pki, batch: login(pki, batch, at=NOW - timedelta(minutes=6)), "OUT_OF_TIME"),
        (lambda pki, batch: login(pki, batch).replace("</login>", " x</login>"), "MALFORMED"),
        (lambda pki, batch: None, "NOT_PROVEN"),
        (lambda pki, batch: ["x"], "NOT_PROVEN"),
    ],
)
def test_who_is_not_the_person_is_given_nothing(
    owner: Client, batch: SigningBatch, pki: Pki, caplog: Any, make: Any, code: str
) -> None:
    caplog.set_level("INFO")

    answer = post(batch, {"xml": make(pki, batch)})

    assert answer.status_code == 403 and "documentsToSign" not in answer.json()
    assert heard(answer).startswith(said(code))
    assert f"phone-refused reason={code}" in caplog.messages
    assert STRANGER.iin not in caplog.text and PARENT.iin not in caplog.text
    assert state(batch) == (SigningState.OPEN, "")
    assert "data-oqu-proven hidden" in page(owner, batch)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"[" * 100_000, b'{"xml": "' + b"x" * 70_000])
def test_body_that_is_none_is_refused(batch: SigningBatch, body: bytes) -> None:
    assert post(batch, body).status_code == 403


def test_login_for_another_qr_opens_nothing(
    owner: Client, batch: SigningBatch, draft: Application, pki: Pki
) -> None:
    first = login(pki, batch)
    second = begin(owner, draft, fresh="1")

    answer = post(second, {"xml": first})

    assert (answer.status_code, heard(answer).startswith(said("OTHER_ADDRESS"))) == (403, True)


def test_login_is_taken_once(batch: SigningBatch, pki: Pki) -> None:
    xml = login(pki, batch)
    dressed = xml.replace("<ds:SignatureValue>", "<ds:SignatureValue>\n")

    assert post(batch, {"xml": xml}).status_code == 200
    for again in (xml, dressed):
        answer = post(batch, {"xml": again}, network=ELSEWHERE)
        assert (answer.status_code, heard(answer).startswith(said("REPLAYED"))) == (403, True)
    assert put(batch, {"status": "CANCELED"}, network=ELSEWHERE).status_code == 403
    assert post(batch, {"xml": login(pki, batch, at=NOW + timedelta(seconds=1))}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_login_sent_twice_at_once_is_taken_once(batch: SigningBatch, pki: Pki) -> None:
    body = {"xml": login(pki, batch)}

    def send(_number: int) -> int:
        try:
            return int(post(batch, body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [200, 403, 403, 403]


def test_only_the_phone_that_has_proven_itself_refuses(batch: SigningBatch, pki: Pki) -> None:
    Client(REMOTE_ADDR=ELSEWHERE).get(reverse("signing:mobile", args=[batch.token]))  # the first to read
    cancel = {"status": "CANCELED"}

    assert put(batch, cancel).status_code == put(batch, cancel, network=ELSEWHERE).status_code == 403
    post(batch, {"xml": login(pki, batch)})
    assert put(batch, cancel, network=ELSEWHERE).status_code == 403
    assert state(batch) == (SigningState.OPEN, "")

    assert put(batch, cancel).status_code == 200
    assert state(batch) == (SigningState.CANCELLED, "CANCELLED")


def test_login_in_the_answer_is_as_good(batch: SigningBatch, pki: Pki) -> None:
    """The telephone has left its network in between."""
    theirs = {"status": "CANCELED", "xml": login(pki, batch, human=STRANGER)}
    mine = {"status": "CANCELED", "xml": login(pki, batch)}

    assert put(batch, theirs).status_code == 403
    assert state(batch) == (SigningState.OPEN, "")
    assert put(batch, mine).status_code == 200
    assert state(batch) == (SigningState.CANCELLED, "CANCELLED")


def test_signature_stands_by_itself_and_a_strangers_ends_nothing(
    batch: SigningBatch, draft: Application, pki: Pki
) -> None:
    theirs = with_signature(pki.sign(STRANGER, data=batches.payload_of(request_of(batch))))

    assert put(batch, theirs, network=ELSEWHERE).status_code == 403
    assert put(batch, with_signature("eA=="), network=ELSEWHERE).status_code == 403
    assert state(batch) == (SigningState.OPEN, "")

    assert put(batch, signed(pki, batch), network=ELSEWHERE).status_code == 200
    draft.refresh_from_db()
    assert draft.status == Status.IN_REVIEW


def test_silent_authority_is_asked_again(batch: SigningBatch, pki: Pki) -> None:
    pki.lie = "down"
    assert post(batch, {"xml": login(pki, batch)}).status_code == 503

    pki.lie = ""
    assert post(batch, {"xml": login(pki, batch)}).status_code == 200


def test_batch_that_is_over_asks_nobodys_key(batch: SigningBatch, pki: Pki, clock: Any) -> None:
    clock.shift(timedelta(minutes=5))

    answer = post(batch, {"xml": login(pki, batch, at=NOW + timedelta(minutes=5))})

    assert (answer.status_code, pki.asked) == (403, 0)
    assert heard(answer).startswith("Қол қою уақыты аяқталды")


def test_who_guesses_is_stopped_before_the_authority_is_asked(batch: SigningBatch, pki: Pki) -> None:
    theirs = {"xml": login(pki, batch, human=STRANGER)}

    answers = [post(batch, theirs, network="10.9.9.9").status_code for _ in range(31)]

    assert answers == [403] * 30 + [429]
    assert pki.asked == 0


def test_without_the_setting_no_login_is_taken(batch: SigningBatch, pki: Pki, settings: Any) -> None:
    settings.EGOV_MOBILE_AUTH = "Token"

    assert post(batch, {"xml": login(pki, batch)}).status_code == 405
