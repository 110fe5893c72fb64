"""Whoever sees a screen can read its QR: the person is told, and a stranger's phone ends nothing (D45)."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Application, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.doubts import ADVICE, Doubt
from applications.signing.tests.bulk_cast import Desk, outcomes
from applications.status import Status
from applications.tests.cast import complete
from egov.tests.eds_cast import PARENT, STRANGER, Pki

pytestmark = pytest.mark.usefixtures("undrawn")

HOME, ELSEWHERE = "10.1.1.1", "10.2.2.2"


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki) -> Iterator[Any]:
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


def begin(owner: Client, draft: Application, **more: str) -> SigningBatch:
    assert owner.post(reverse("filing:sign", args=[draft.public_id]), more).status_code == 302
    return SigningBatch.objects.latest("pk")


def about(batch: SigningBatch, *, network: str) -> Any:
    """API №1."""
    return Client(REMOTE_ADDR=network).get(reverse("signing:mobile", args=[batch.token]))


def call(batch: SigningBatch, *, network: str, body: Any = None) -> Any:
    """API №2."""
    address = reverse("signing:mobile_documents", args=[batch.token])
    client, bearer = Client(REMOTE_ADDR=network), {"Authorization": f"Bearer {batch.auth_token}"}
    if body is None:
        return client.get(address, headers=bearer)
    return client.put(address, json.dumps(body), content_type="application/json", headers=bearer)


def with_signature(cms: bytes | str) -> dict[str, Any]:
    data = cms if isinstance(cms, str) else base64.b64encode(cms).decode()
    return {"documentsToSign": [{"id": 1, "document": {"file": {"data": data}}}]}


def page(owner: Client, batch: SigningBatch) -> str:
    shown = owner.get(reverse("signing:page", args=[batch.token]), {"way": "qr"}, follow=True)
    return " ".join(shown.content.decode().split())


def status(owner: Client, batch: SigningBatch) -> dict[str, Any]:
    answer: dict[str, Any] = owner.get(reverse("signing:status", args=[batch.token])).json()
    return answer


def request_of(batch: SigningBatch) -> SigningRequest:
    return batch.signing_requests.get()


def good(pki: Pki, batch: SigningBatch) -> bytes:
    return pki.sign(PARENT, data=batches.payload_of(request_of(batch)))


@pytest.mark.rule("D45")
def test_person_sees_when_a_phone_has_read_the_qr(owner: Client, batch: SigningBatch, clock: Any) -> None:
    before = page(owner, batch)
    clock.shift(timedelta(minutes=1))
    assert about(batch, network=HOME).status_code == 200
    clock.shift(timedelta(minutes=1))
    about(batch, network=HOME)
    call(batch, network=HOME)

    after, told = page(owner, batch), status(owner, batch)

    assert "data-oqu-opened hidden" in before and "data-oqu-opened hidden" not in after
    assert "11:01" in after and "«Жаңа QR»" in after
    assert "data-oqu-elsewhere hidden" in after
    assert (told["opened"], told["elsewhere"]) == ("11:01", "")


@pytest.mark.rule("D45")
def test_person_sees_that_another_network_has_read_it_too(
    owner: Client, batch: SigningBatch, clock: Any
) -> None:
    about(batch, network=HOME)
    clock.shift(timedelta(minutes=2))
    about(batch, network=ELSEWHERE)
    clock.shift(timedelta(minutes=1))
    call(batch, network="10.3.3.3")

    told = status(owner, batch)

    assert (told["opened"], told["elsewhere"]) == ("11:00", "11:02")
    assert "data-oqu-elsewhere hidden" not in page(owner, batch)


def test_wrong_bearer_opens_nothing(owner: Client, batch: SigningBatch) -> None:
    address = reverse("signing:mobile_documents", args=[batch.token])

    Client().get(address, headers={"Authorization": "Bearer wrong"})

    assert status(owner, batch)["opened"] == ""


def test_network_is_kept_as_a_hash_of_this_batch_alone(
    owner: Client, batch: SigningBatch, draft: Application
) -> None:
    about(batch, network=HOME)
    second = begin(owner, draft, fresh="1")
    about(second, network=HOME)

    kept = set(SigningBatch.objects.values_list("opened_from", flat=True))

    assert len(kept) == 2 and all(len(one) == 16 for one in kept)
    assert not any(HOME in one for one in kept)


@pytest.mark.rule("D45")
def test_only_the_first_phone_may_refuse(owner: Client, batch: SigningBatch, caplog: Any) -> None:
    caplog.set_level("INFO")
    about(batch, network=HOME)
    about(batch, network=ELSEWHERE)

    refused = call(batch, network=ELSEWHERE, body={"status": "CANCELED"})

    assert refused.status_code == 403
    assert refused.json()["message"].startswith(str(ADVICE[Doubt.OTHER_PHONE].reason).rstrip("."))
    assert request_of(batch).state == SigningState.OPEN
    assert "phone-refused reason=OTHER_PHONE" in caplog.messages
    assert not any(ELSEWHERE in line for line in caplog.messages)

    assert call(batch, network=HOME, body={"status": "CANCELED"}).status_code == 200
    assert request_of(batch).state == SigningState.CANCELLED


@pytest.mark.rule("D45")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("bm90IGEgc2lnbmF0dXJl", "MALFORMED"),
        ("", "MALFORMED"),
        ("stranger", "OTHER_PERSON"),
        ("other data", "OTHER_DATA"),
        ("auth", "NOT_SIGNING_KEY"),
    ],
)
def test_wrong_signature_of_another_phone_ends_nothing(
    batch: SigningBatch, pki: Pki, caplog: Any, answer: str, reason: str
) -> None:
    """It would be a cancel by another name."""
    caplog.set_level("INFO")
    payload = batches.payload_of(request_of(batch))
    made: dict[str, Any] = {
        "stranger": lambda: pki.sign(STRANGER, data=payload),
        "other data": lambda: pki.sign(PARENT, data=b"%PDF other"),
        "auth": lambda: pki.sign(PARENT, "auth", data=payload),
    }
    about(batch, network=HOME)

    body = with_signature(made[answer]() if answer in made else answer)
    refused = call(batch, network=ELSEWHERE, body=body)

    assert refused.status_code == 403 and refused.json()["message"]
    assert (request_of(batch).state, request_of(batch).error) == (SigningState.OPEN, "")
    assert f"phone-refused reason={reason}" in caplog.messages

    assert call(batch, network=HOME, body=body).status_code == 403
    assert request_of(batch).state == SigningState.FAILED


@pytest.mark.rule("D45", "R96")
def test_persons_own_signature_counts_from_any_network(
    batch: SigningBatch, draft: Application, pki: Pki
) -> None:
    """A telephone goes from one network to another between two questions."""
    about(batch, network=HOME)

    assert call(batch, network=ELSEWHERE, body=with_signature(good(pki, batch))).status_code == 200

    draft.refresh_from_db()
    assert draft.status == Status.IN_REVIEW


@pytest.mark.rule("D45", "R108")
def test_answer_of_another_phone_ends_no_document_by_leaving_it_out(
    make_application: Callable[..., Application], executor: User, director: User, now: datetime, pki: Pki
) -> None:
    """The one that it names is over already, so there is no signature to judge."""
    desk = Desk(make_application, executor, director, now)
    desk.client.force_login(director)
    batch = desk.invite(desk.proposed(), desk.proposed())
    about(batch, network=HOME)
    first = batch.signing_requests.all()[0]
    SigningRequest.objects.filter(pk=first.pk).update(state=SigningState.FAILED, error="EXPIRED")

    assert call(batch, network=ELSEWHERE, body=with_signature("eA==")).status_code == 403

    assert outcomes(batch) == [(SigningState.FAILED, "EXPIRED"), (SigningState.OPEN, "")]


def test_silent_authority_is_no_doubt_about_the_phone(batch: SigningBatch, pki: Pki) -> None:
    about(batch, network=HOME)
    pki.lie = "down"

    assert call(batch, network=ELSEWHERE, body=with_signature(good(pki, batch))).status_code == 503

    assert request_of(batch).state == SigningState.OPEN


@pytest.mark.rule("D45")
def test_new_qr_ends_the_old_one(owner: Client, batch: SigningBatch, draft: Application, pki: Pki) -> None:
    cms = good(pki, batch)

    second = begin(owner, draft, fresh="1", way="qr")

    assert (request_of(batch).state, request_of(batch).error) == (SigningState.CANCELLED, "RENEWED")
    assert about(batch, network=HOME).status_code == 403
    assert call(batch, network=HOME).status_code == 403
    assert call(batch, network=HOME, body=with_signature(cms)).status_code == 403
    assert request_of(second).state == SigningState.OPEN
    assert "Бұл сұраудың орнына жаңасы ашылған." in page(owner, batch)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_new_qr_leaves_alone_what_is_signed_and_what_others_sign(
    owner: Client, batch: SigningBatch, draft: Application, make_application: Callable[..., Application],
    stranger: User, now: datetime, pki: Pki,
) -> None:  # fmt: skip
    theirs = batches.open_one(draft, purpose=Purpose.APPLICATION, by=stranger, now=now)
    call(batch, network=HOME, body=with_signature(good(pki, batch)))

    batches.open_one(draft, purpose=Purpose.APPLICATION, by=draft.applicant, now=now, fresh=True)

    theirs.refresh_from_db()
    assert (request_of(batch).state, theirs.state) == (SigningState.DONE, SigningState.OPEN)
