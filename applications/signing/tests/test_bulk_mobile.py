"""eGov Mobile's API №1 and №2 with several documents: one request, one answer, each document on its own."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Signature
from applications.signing import batches
from applications.signing.tests.bulk_cast import (
    REFUSAL,
    Desk,
    fetch,
    outcomes,
    package,
    put,
    signed,
    signing_requests,
    statuses,
)
from applications.signing.words import advice
from applications.status import Status
from applications.tests.cast import evidence_of
from egov.tests.eds_cast import DIRECTOR, PARENT, Pki

pytestmark = pytest.mark.usefixtures("undrawn")

DONE, FAILED, OPEN, CANCELLED = "DONE", "FAILED", "OPEN", "CANCELLED"


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def desk(
    make_application: Callable[..., Application], executor: User, director: User, now: datetime, settings: Any
) -> Desk:
    settings.PUBLIC_URL = "https://oqu.example.kz"
    found = Desk(make_application, executor, director, now)
    found.client.force_login(director)
    return found


def heard(response: Any) -> tuple[int, str]:
    body = json.loads(response.content)
    assert body["code"] == str(response.status_code)
    return response.status_code, body["message"]


@pytest.mark.rule("R94", "R108")
def test_one_request_asks_for_several_signatures(desk: Desk) -> None:
    accepted, refused = desk.proposed(), desk.proposed(**REFUSAL)
    batch = desk.invite(accepted, refused)

    about = Client().get(reverse("signing:mobile", args=[batch.token])).json()
    body = fetch(batch)

    assert about["description"] == "1-сыныпқа қабылдау туралы шешімдер: 2"
    assert about["expiry_date"] == "2026-06-10T11:05:00.000+05:00"
    assert about["document"]["auth_token"] == batch.auth_token
    assert (body["signMethod"], body["version"]) == ("CMS_SIGN_ONLY", 1)
    assert [item["id"] for item in body["documentsToSign"]] == [1, 2]
    assert [item["meta"] for item in body["documentsToSign"]] == [
        [
            {"name": "Өтінім №", "value": accepted.number},
            {"name": "Бала", "value": accepted.child.full_name},
            {"name": "Шешім", "value": "Қабылдау"},
        ],
        [
            {"name": "Өтінім №", "value": refused.number},
            {"name": "Бала", "value": refused.child.full_name},
            {"name": "Шешім", "value": "Бас тарту"},
        ],
    ]
    assert len({item["document"]["file"]["data"] for item in body["documentsToSign"]}) == 2


@pytest.mark.parametrize("phone", ["", "kk", "en"])
def test_phone_hears_the_language_of_the_person(desk: Desk, phone: str) -> None:
    """Whatever its own system speaks, in every answer."""
    User.objects.filter(pk=desk.director.pk).update(lang="ru")
    batch = desk.invite(desk.proposed(), desk.proposed())
    headers = {"Accept-Language": phone} if phone else {}

    about = Client().get(reverse("signing:mobile", args=[batch.token]), headers=headers)
    given = fetch(batch, **headers)
    put(batch, {"status": "CANCELED"})
    over = Client().get(reverse("signing:mobile", args=[batch.token]), headers=headers)

    assert about.json()["description"] == "Решения о приёме в 1 класс: 2"
    assert given["documentsToSign"][1]["meta"][0]["name"] == "Заявление №"
    with translation.override("ru"):
        assert heard(over)[1].startswith(str(advice("CANCELLED").reason))
    assert {about.headers["Content-Language"], over.headers["Content-Language"]} == {"ru"}


@pytest.mark.rule("R94", "R108", "R109")
def test_one_answer_signs_them_all(desk: Desk, pki: Pki) -> None:
    accepted, refused = desk.proposed(), desk.proposed(**REFUSAL)
    batch = desk.invite(accepted, refused)
    cms = signed(pki, batch)

    assert heard(put(batch, package(batch, cms))) == (200, "success")

    assert statuses(accepted, refused) == [Status.ACCEPTED, Status.REFUSED]
    kept = Signature.objects.order_by("application__due_at")
    assert [(bytes(one.cms), one.method) for one in kept] == [(cms[0], "QR"), (cms[1], "QR")]
    assert pki.asked == 1


def test_repeated_answer_changes_nothing(desk: Desk, pki: Pki) -> None:
    applications = [desk.proposed(), desk.proposed()]
    batch = desk.invite(*applications)
    body = package(batch, signed(pki, batch))
    put(batch, body)

    assert heard(put(batch, body)) == (200, "success")
    assert heard(put(batch, {"status": "CANCELED"})) == (200, "success")
    assert outcomes(batch) == [(DONE, "")] * 2
    assert Signature.objects.count() == 2


def test_answer_is_read_by_id_in_any_order(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed(), desk.proposed())
    body = package(batch, signed(pki, batch))
    body["documentsToSign"].reverse()

    assert heard(put(batch, body)) == (200, "success")
    assert outcomes(batch) == [(DONE, "")] * 3


def test_one_tampered_document_is_refused_alone_and_heard_the_same_again(
    desk: Desk, pki: Pki, caplog: Any
) -> None:
    caplog.set_level("INFO")
    applications = [desk.proposed() for _ in range(3)]
    batch = desk.invite(*applications)
    cms = signed(pki, batch)
    cms[1] = pki.sign(DIRECTOR, "org", data=b"%PDF of the phone's own")
    body = package(batch, cms)

    first, again = heard(put(batch, body)), heard(put(batch, body))

    reason = str(advice("OTHER_DATA").reason)
    assert first == again
    assert [one for one in caplog.messages if one.startswith("signature-refused")] == [
        "signature-refused purpose=DECISION method=QR reason=OTHER_DATA"
    ]
    assert first[0] == 403 and first[1].startswith(f"Қол қойылғаны: 2, барлығы: 3. {reason}")
    assert outcomes(batch) == [(DONE, ""), (FAILED, "OTHER_DATA"), (DONE, "")]
    assert statuses(*applications) == [Status.ACCEPTED, Status.SIGNING, Status.ACCEPTED]


def test_missing_document_is_not_signed_and_unknown_one_is_passed_over(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed(), desk.proposed())
    body = package(batch, signed(pki, batch))
    body["documentsToSign"][1]["id"] = 77

    status, told = heard(put(batch, body))

    assert status == 403 and str(advice("MISSING").reason) in told
    assert outcomes(batch) == [(DONE, ""), (FAILED, "MISSING"), (DONE, "")]


def _twice(items: list[dict[str, Any]]) -> None:
    items[1]["id"] = 1


def _none_of_ours(items: list[dict[str, Any]]) -> None:
    items[0]["id"], items[1]["id"] = 5, "1"


def _no_text(items: list[dict[str, Any]]) -> None:
    items[1]["document"]["file"]["data"] = 5


def _no_file(items: list[dict[str, Any]]) -> None:
    del items[1]["document"]


def _odd_id(items: list[dict[str, Any]]) -> None:
    items[1]["id"] = {"a": 1}


@pytest.mark.parametrize("spoil", [_twice, _none_of_ours, _no_text, _no_file, _odd_id])
def test_answer_that_is_none_changes_nothing(desk: Desk, pki: Pki, spoil: Callable) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    body = package(batch, signed(pki, batch))
    spoil(body["documentsToSign"])

    assert heard(put(batch, body))[0] == 400
    assert outcomes(batch) == [(OPEN, "")] * 2


def test_refusal_on_the_phone_cancels_all_that_is_open(desk: Desk, pki: Pki) -> None:
    applications = [desk.proposed(), desk.proposed()]
    batch = desk.invite(*applications)
    body = package(batch, signed(pki, batch))

    assert heard(put(batch, {"status": "CANCELED"})) == (200, "success")

    assert outcomes(batch) == [(CANCELLED, "CANCELLED")] * 2
    assert heard(put(batch, body))[0] == 403
    assert statuses(*applications) == [Status.SIGNING] * 2
    assert not Signature.objects.exists()


def test_silent_authority_lets_the_phone_send_again(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    body = package(batch, signed(pki, batch))
    pki.lie = "down"
    assert heard(put(batch, body))[0] == 503
    assert (outcomes(batch), pki.asked) == ([(OPEN, "UNAVAILABLE")] * 2, 1)

    pki.lie = ""
    assert heard(put(batch, body)) == (200, "success")


def test_decision_changed_meanwhile_is_void_alone(desk: Desk, pki: Pki, now: datetime) -> None:
    ready, withdrawn = desk.proposed(), desk.proposed()
    batch = desk.invite(ready, withdrawn)
    body = package(batch, signed(pki, batch))
    evidence = evidence_of(withdrawn, "WITHDRAWAL", by=withdrawn.applicant, now=now)
    lifecycle.act(evidence, now=now)

    status, told = heard(put(batch, body))

    assert status == 403 and str(advice("WITHDRAWN").reason) in told
    assert outcomes(batch) == [(DONE, ""), (FAILED, "WITHDRAWN")]
    assert statuses(ready, withdrawn) == [Status.ACCEPTED, Status.WITHDRAWN]


def test_somebody_elses_phone_signs_none(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    cms = [pki.sign(PARENT, data=batches.payload_of(one)) for one in signing_requests(batch)]

    assert heard(put(batch, package(batch, cms)))[0] == 403
    assert outcomes(batch) == [(FAILED, "OTHER_PERSON")] * 2


def test_batch_lives_five_minutes(desk: Desk, pki: Pki, now: datetime) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    body = package(batch, signed(pki, batch))
    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        assert Client().get(reverse("signing:mobile", args=[batch.token])).status_code == 403
    with time_machine.travel(now + timedelta(minutes=7), tick=False):
        assert heard(put(batch, body))[0] == 403

    assert outcomes(batch) == [(FAILED, "TOO_LATE")] * 2


def test_lost_document_does_not_hold_up_the_others(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    cms = signed(pki, batch)
    lost = signing_requests(batch)[0]
    lost.payload.storage.delete(str(lost.payload.name))

    body = fetch(batch)
    put(batch, package(batch, cms[1:]))

    assert [item["id"] for item in body["documentsToSign"]] == [2]
    assert outcomes(batch) == [(FAILED, "MISSING"), (DONE, "")]


def test_large_batch_may_answer_at_length(desk: Desk, pki: Pki) -> None:
    """The limit of an answer grows with the documents."""
    batch = desk.invite(*[desk.proposed() for _ in range(3)])
    body = package(batch, signed(pki, batch))
    body["echo"] = "x" * 300_000
    assert heard(put(batch, body)) == (200, "success")


def test_answer_has_a_limit_all_the_same(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(*[desk.proposed() for _ in range(3)])

    assert heard(put(batch, {"status": "x" * 500_000}))[0] == 413
