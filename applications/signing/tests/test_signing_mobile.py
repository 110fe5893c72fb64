"""eGov Mobile's API №1 and №2, as the phone sees them."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.models import Application, Purpose, Signature, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.views.egov_mobile import same_device_link, scan_text
from applications.signing.words import advice
from applications.status import Status
from applications.tests.cast import complete
from egov.tests.eds_cast import PARENT, STRANGER, Pki

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture
def signing_request(
    make_application: Callable[..., Application], parent: User, now: datetime, settings: Any
) -> SigningRequest:
    settings.PUBLIC_URL = "https://oqu.example.kz"
    return batches.open_one(
        complete(make_application(), now=now), purpose=Purpose.APPLICATION, by=parent, now=now
    )


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


class Phone:
    """An application without cookies or CSRF tokens: only what the QR and API №1 have told it."""

    def __init__(self, signing_request: SigningRequest) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.token = signing_request.batch.token
        self.bearer = f"Bearer {signing_request.batch.auth_token}"

    def about(self, **headers: str) -> Any:
        return self.client.get(reverse("signing:mobile", args=[self.token]), headers=headers)

    def fetch(self) -> Any:
        return self.client.get(self._address, headers={"Authorization": self.bearer})

    def put(self, body: Any) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.put(
            self._address, content, content_type="application/json", headers={"Authorization": self.bearer}
        )

    def signed(self, cms: bytes) -> dict[str, Any]:
        """What API №2 gave, with the signature in place of the document."""
        body = json.loads(self.fetch().content)
        body["documentsToSign"][0]["document"]["file"]["data"] = base64.b64encode(cms).decode()
        return body

    @property
    def _address(self) -> str:
        return reverse("signing:mobile_documents", args=[self.token])


@pytest.fixture
def phone(signing_request: SigningRequest) -> Phone:
    return Phone(signing_request)


def answer(response: Any) -> tuple[int, str]:
    body = json.loads(response.content)
    assert body["code"] == str(response.status_code)
    return response.status_code, body["message"]


@pytest.mark.rule("R94", "D19")
def test_qr_and_link_lead_to_the_public_address(signing_request: SigningRequest) -> None:
    assert (
        scan_text(signing_request.batch)
        == f"mobileSign:https://oqu.example.kz/egov-sign/mgovSign/{signing_request.batch.token}"
    )
    assert same_device_link(signing_request.batch).endswith(
        f"?link=https%3A%2F%2Foqu.example.kz%2Fegov-sign%2FmgovSign%2F{signing_request.batch.token}"
        "&isi=1476128386&ibi=kz.egov.mobile&apn=kz.mobile.mgov"
    )
    assert len(signing_request.batch.token) == 32  # 192 random bits


def test_api_1_tells_what_is_asked(signing_request: SigningRequest, phone: Phone, settings: Any) -> None:
    settings.PORTAL_BIN = "123456789012"

    body = phone.about(host="localhost:9").json()

    number = signing_request.application.number
    assert body == {
        "description": f"1-сыныпқа қабылдау туралы өтінім № {number}",
        "expiry_date": "2026-06-10T11:05:00.000+05:00",
        "organisation": {
            "nameKz": "OQU ұлттық білім беру платформасы",
            "nameRu": "Национальная образовательная платформа OQU",
            "nameEn": "OQU national education platform",
            "bin": "123456789012",
        },
        "document": {
            "uri": f"https://oqu.example.kz/egov-sign/documents/{signing_request.batch.token}",
            "auth_type": "Token",
            "auth_token": signing_request.batch.auth_token,
        },
    }


def test_api_1_speaks_the_language_of_the_person(phone: Phone, parent: User) -> None:
    User.objects.filter(pk=parent.pk).update(lang="ru")

    russian = phone.about().json()

    assert russian["description"].startswith("Заявление о приёме в 1 класс №")


def test_api_2_gives_the_document(signing_request: SigningRequest, phone: Phone) -> None:
    body = phone.fetch().json()

    assert body == {
        "signMethod": "CMS_SIGN_ONLY",
        "version": 1,
        "documentsToSign": [
            {
                "id": 1,
                "nameKz": "1-сыныпқа қабылдау туралы өтінім",
                "nameRu": "Заявление о приёме в 1 класс",
                "nameEn": "Application for grade 1",
                "meta": [{"name": "Өтінім №", "value": signing_request.application.number}],
                "document": {
                    "file": {
                        "mime": "@file/pdf",
                        "data": base64.b64encode(batches.payload_of(signing_request)).decode(),
                    }
                },
            }
        ],
    }


@pytest.mark.rule("R93", "R94", "R96")
def test_good_signature_files_the_application(
    signing_request: SigningRequest, phone: Phone, pki: Pki
) -> None:
    cms = pki.sign(data=batches.payload_of(signing_request))

    assert answer(phone.put(phone.signed(cms))) == (200, "success")

    signing_request.refresh_from_db()
    kept = Signature.objects.get()
    assert signing_request.state == SigningState.DONE
    assert signing_request.application.status == Status.IN_REVIEW
    assert (bytes(kept.cms), kept.method, kept.signer_iin) == (cms, "QR", PARENT.iin)
    assert kept.payload.name == signing_request.payload.name
    assert kept.payload_sha256 == signing_request.payload_sha256
    assert bytes(kept.ocsp)


def test_repeated_answer_changes_nothing(signing_request: SigningRequest, phone: Phone, pki: Pki) -> None:
    body = phone.signed(pki.sign(data=batches.payload_of(signing_request)))
    phone.put(body)

    assert answer(phone.put(body)) == (200, "success")
    assert answer(phone.put({"status": "CANCELED"})) == (200, "success")
    assert Signature.objects.count() == 1
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.DONE


@pytest.mark.parametrize(
    ("human", "kind", "code"),
    [
        (STRANGER, "sign", "OTHER_PERSON"),
        (PARENT, "auth", "NOT_SIGNING_KEY"),
        (PARENT, "expired", "EXPIRED"),
        (PARENT, "revoked", "REVOKED"),
        (PARENT, "foreign", "UNKNOWN_CA"),
    ],
)
def test_wrong_key_is_told_to_the_phone(
    signing_request: SigningRequest, phone: Phone, pki: Pki, human: Any, kind: str, code: str, caplog: Any
) -> None:
    caplog.set_level("INFO")

    status, message = answer(
        phone.put(phone.signed(pki.sign(human, kind, data=batches.payload_of(signing_request))))
    )

    signing_request.refresh_from_db()
    assert (status, signing_request.state, signing_request.error) == (403, SigningState.FAILED, code)
    assert message
    assert signing_request.application.status == Status.DRAFT
    assert not Signature.objects.exists()
    assert f"signature-refused purpose=APPLICATION method=QR reason={code}" in caplog.messages
    assert human.iin not in caplog.text


def test_echoed_document_is_never_trusted(signing_request: SigningRequest, phone: Phone, pki: Pki) -> None:
    """A signature over other bytes is refused, whatever the phone says the document was."""
    body = phone.signed(pki.sign(data=b"%PDF of the phone's own"))
    body["documentsToSign"][0]["nameKz"] = "басқа құжат"

    assert answer(phone.put(body))[0] == 403
    signing_request.refresh_from_db()
    assert signing_request.error == "OTHER_DATA"


def test_person_may_refuse_on_the_phone(signing_request: SigningRequest, phone: Phone, pki: Pki) -> None:
    body = phone.signed(pki.sign(data=batches.payload_of(signing_request)))

    assert answer(phone.put({"status": "CANCELED"})) == (200, "success")
    assert answer(phone.put({"status": "CANCELED"})) == (200, "success")

    signing_request.refresh_from_db()
    assert (signing_request.state, signing_request.error) == (SigningState.CANCELLED, "CANCELLED")
    assert answer(phone.put(body))[0] == 403
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.CANCELLED


def test_silent_certificate_status_leaves_the_request_open(
    signing_request: SigningRequest, phone: Phone, pki: Pki
) -> None:
    """Nothing is wrong with the signature: the phone may send it again."""
    body = phone.signed(pki.sign(data=batches.payload_of(signing_request)))
    pki.lie = "down"
    assert answer(phone.put(body))[0] == 503
    signing_request.refresh_from_db()
    assert (signing_request.state, signing_request.error) == (SigningState.OPEN, "UNAVAILABLE")

    pki.lie = ""
    assert answer(phone.put(body))[0] == 200


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer wrong", "Token x", "Bearer қате"])
def test_second_address_needs_its_token(signing_request: SigningRequest, phone: Phone, bearer: str) -> None:
    phone.bearer = bearer

    assert answer(phone.fetch())[0] == 403
    assert answer(phone.put({"status": "CANCELED"}))[0] == 403
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.OPEN


def test_unknown_address_is_not_found(phone: Phone, db: None) -> None:
    phone.token = "x" * 32

    assert phone.about().status_code == phone.fetch().status_code == 404


def test_request_lives_five_minutes(
    phone: Phone, signing_request: SigningRequest, pki: Pki, now: datetime
) -> None:
    body = phone.signed(pki.sign(data=batches.payload_of(signing_request)))
    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        assert answer(phone.about())[0] == answer(phone.fetch())[0] == 403
    with time_machine.travel(now + timedelta(minutes=7), tick=False):
        assert answer(phone.put(body))[0] == 403

    signing_request.refresh_from_db()
    assert (signing_request.state, signing_request.error) == (SigningState.FAILED, "TOO_LATE")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"documentsToSign": null}',
        b'{"documentsToSign": []}',
        b'{"documentsToSign": [{"id": 2}]}',
        b'{"documentsToSign": [{"id": 1, "document": {"file": {"data": 5}}}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_answer_that_is_none_is_refused(signing_request: SigningRequest, phone: Phone, body: bytes) -> None:
    assert answer(phone.put(body))[0] == 400
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.OPEN


def test_body_has_a_limit(signing_request: SigningRequest, phone: Phone) -> None:
    assert answer(phone.put(b'{"status": "' + b"x" * 300_000 + b'"}'))[0] == 413


def test_only_the_agreed_methods_are_answered(phone: Phone) -> None:
    address = reverse("signing:mobile_documents", args=[phone.token])

    assert phone.client.post(address, headers={"Authorization": phone.bearer}).status_code == 405
    assert phone.client.put(reverse("signing:mobile", args=[phone.token])).status_code in (403, 405)


def test_lost_document_is_refused_with_a_reason(signing_request: SigningRequest) -> None:
    signing_request.payload.storage.delete(str(signing_request.payload.name))

    answer = Phone(signing_request).fetch()

    assert answer.status_code == 403
    assert answer.json()["message"].startswith(str(advice("CHANGED").reason))
