"""Whatever a phone or a certificate says, the pages answer, and a paper without a name is never drawn."""

import base64
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import facts
from applications.models import Application, Signature, SigningRequest, SigningState
from applications.papers import drawing
from applications.signing import batches
from applications.signing.tests.test_signing_mobile import Phone, answer, phone, signing_request
from applications.tests.cast import complete
from egov.eds import Refusal, container
from egov.tests.bender import bent_bytes, bent_json
from egov.tests.eds_cast import PARENT, Pki

__all__ = ["phone", "signing_request"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undrawn")]


@pytest.fixture(autouse=True)
def _clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


def test_bent_answer_of_the_phone_signs_nothing(
    phone: Phone, signing_request: SigningRequest, pki: Pki
) -> None:
    """Each is refused or passed over; an echo bent elsewhere than in its signature is as good as ever, so
    what is sent here is signed by nobody."""
    good = phone.signed(b"\x30\x00")
    for how, body in [*list(bent_json(good))[::3], ("10 MB", b" " * 10_000_000)]:
        SigningRequest.objects.filter(pk=signing_request.pk).update(state=SigningState.OPEN, error="")
        status = phone.put(body).status_code
        assert status in (400, 403, 413), (how, status)
    assert not Signature.objects.exists()


def posts(good: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the page of NCALayer may be made to post in place of one signature."""
    for how, body in bent_bytes(base64.b64decode(good), places=30):
        yield how, {"cms": base64.b64encode(body).decode()}
    texts = {
        "not base64": "қолтаңба",
        "NUL": "\0",
        "armour alone": "-----BEGIN CMS-----",
        "blank": "  ",
        "long": "A" * 200_000,
        "digits": "9" * 5000,
        "cut": good[:-7],
        "twice in one": good + good,
    }
    for how, text in texts.items():
        yield how, {"cms": text}
    yield "none", {}
    yield "empty and more", {"cms": ["", good[:-7]]}
    yield "a file", {"cms": SimpleUploadedFile("cms", base64.b64decode(good))}
    yield "many", {"cms": ["A"] * 150}


def test_bent_post_of_the_key_s_page_signs_nothing(
    client: Client, parent: User, signing_request: SigningRequest, pki: Pki
) -> None:
    """A good signature of another document is what is bent, so that no bend can mend it."""
    client.force_login(parent)
    address = reverse("signing:complete", args=[signing_request.batch.token])
    good = base64.b64encode(pki.sign(PARENT, data=b"another")).decode()
    for how, fields in posts(good):
        SigningRequest.objects.filter(pk=signing_request.pk).update(state=SigningState.OPEN, error="")
        answer = client.post(address, fields)
        assert answer.status_code in (302, 413), how
        signing_request.refresh_from_db()
        assert signing_request.state != SigningState.DONE, how
        assert signing_request.error in {"", *(str(one) for one in Refusal), "MISSING"}, how
    assert not Signature.objects.exists()


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer \udcff", "Bearer Ә", "Bearer " + "x" * 9000])
def test_bent_token_is_refused(phone: Phone, bearer: str) -> None:
    phone.bearer = bearer.encode("utf-8", "surrogateescape").decode("latin-1")

    assert phone.fetch().status_code == 403


@pytest.mark.parametrize("name", ["Айгүл\0", "\u202eАйгүл", "Ә" * 301, "А\nБ"])
def test_name_of_a_certificate_that_no_paper_can_show_is_refused_in_words(
    phone: Phone, signing_request: SigningRequest, pki: Pki, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("egov.eds.container._values", _named(name))
    payload = batches.payload_of(signing_request)

    status, told = answer(phone.put(phone.signed(pki.sign(PARENT, data=payload))))

    signing_request.refresh_from_db()
    assert (status, signing_request.state, signing_request.error) == (
        403,
        SigningState.FAILED,
        Refusal.BAD_NAME,
    )
    assert "оқылмайтын таңбалар" in told


def _named(name: str) -> Callable[..., list[str]]:
    """The authority of the tests writes sound names only: the bent one is put where they are read."""
    read = container._values
    return lambda certificate, kind, shape: (
        [name] if kind == "common_name" else read(certificate, kind, shape)
    )


@pytest.mark.parametrize("whose", ["applicant", "child"])
def test_application_without_a_name_meets_an_obstacle_and_is_never_drawn(
    client: Client,
    make_application: Callable[..., Application],
    parent: User,
    now: datetime,
    whose: str,
) -> None:
    application = complete(make_application(), now=now)
    person = getattr(application, whose)
    type(person).objects.filter(pk=person.pk).update(surname="", name=" ", patronymic="")
    application = Application.objects.get(pk=application.pk)
    client.force_login(parent)

    page = client.post(reverse("filing:sign", args=[application.public_id]))

    assert page.status_code == 409
    assert "Аты-жөні белгісіз" in page.content.decode()
    assert not SigningRequest.objects.exists()
    for draw in (drawing.application_pdf, drawing.withdrawal_pdf):
        with pytest.raises(drawing.Nameless):
            draw(application)
    assert not facts.named(facts.of(application))
