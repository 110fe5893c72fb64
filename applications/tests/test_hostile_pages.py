"""The same hostile signatures, files and bodies through the pages people and phones use: an answer in words,
never a server error, never a person in the log."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import User
from applications.documents.tests.hostile_files import corpus as files
from applications.models import Application, Paper, PaperKind, Purpose, Signature, SigningRequest, new_token
from applications.papers import making
from applications.papers.tests.paper_cast import sign
from applications.papers.tests.seal_cast import other_platform, plain
from applications.signing import batches
from applications.status import Status
from applications.tests.cast import complete
from egov.tests.eds_cast import DIRECTOR, PARENT, STRANGER, Pki
from egov.tests.hostile_cms import MAX, corpus
from sandbox import kalkan
from tests.cpu import cost

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]
CPU_SECONDS = 0.1
Client = Any  # of Django's, whose answers know more than their types say


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture(autouse=True)
def nobody_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everything is logged, also what the settings keep quiet."""
    for name in ("django.db.backends", "fontTools", "weasyprint"):  # no part of it: rows and fonts
        caplog.set_level(logging.WARNING, logger=name)
    for name in ("", "pyhanko", "pyhanko_certvalidator", "django", "django.request"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    yield
    said = "\n".join(record.getMessage() for record in caplog.get_records("call")).upper()
    assert said
    for human in (PARENT, STRANGER, DIRECTOR):
        assert not [fact for fact in (human.iin, human.surname, human.name) if fact.upper() in said]
    assert "ERROR" not in {record.levelname for record in caplog.get_records("call")}


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def signing_request(draft: Application, parent: User, now: datetime) -> SigningRequest:
    return batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)


@pytest.fixture
def invite(signing_request: SigningRequest) -> Callable[[], SigningRequest]:
    """A fresh batch to the same document: a refused one is never reopened."""

    def make() -> SigningRequest:
        for row in (signing_request.batch, signing_request):
            row.pk, row._state.adding = None, True
        signing_request.batch.token = new_token()
        signing_request.batch.save()
        signing_request.batch = signing_request.batch  # by its new key
        signing_request.save()
        return signing_request

    return make


@pytest.fixture
def hostile(pki: Pki, signing_request: SigningRequest) -> dict[str, bytes]:
    attacks = corpus(pki, batches.payload_of(signing_request))
    return {name: one.cms for name, one in attacks.items()}


def put(client: Client, signing_request: SigningRequest, body: bytes) -> Any:
    return client.put(
        reverse("signing:mobile_documents", args=[signing_request.batch.token]),
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {signing_request.batch.auth_token}"},
    )


def envelope(data: Any) -> bytes:
    return json.dumps({"documentsToSign": [{"id": 1, "document": {"file": {"data": data}}}]}).encode()


def test_no_hostile_signature_passes(
    client: Client, parent: User, draft: Application, invite: Any, hostile: dict[str, bytes]
) -> None:
    """Neither the page for keys nor the phone's way: making them all takes longer than sending them twice."""
    client.force_login(parent)
    for name, cms in hostile.items():
        token = invite().batch.token
        sent = client.post(reverse("signing:complete", args=[token]), {"cms": kalkan.armour(cms)})
        assert (sent.status_code, sent.url) == (302, f"{reverse('signing:page', args=[token])}?way=eds"), name

        response = put(client, invite(), envelope(base64.b64encode(cms).decode()))
        assert response.status_code in ((403, 413) if len(cms) > MAX else (403,)), name
        assert json.loads(response.content)["message"]
    shown = client.get(sent.url)

    assert shown.status_code == 200
    assert not Signature.objects.exists()
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_no_hostile_body_hurts_the_phones_way(client: Client, invite: Any) -> None:
    bodies = [
        b"", b"null", b"[]", b"{}", b"1" * 200_000, b'"' + b"a" * 100_000, b"[" * 100_000, b'{"a":' * 40_000,
        b"\xff\xfe", b"NaN", b"\0" * 1000, envelope(None), envelope(5), envelope([]), envelope({}),
        envelope(""), envelope("\ud800"), envelope("А" * 1000), envelope(" " * 100_000), envelope("=" * 1000),
        b'{"documentsToSign": 5}', b'{"documentsToSign": [5]}', b'{"documentsToSign": [{"id": 2}]}',
        b'{"documentsToSign": {"id": 1}}', b'{"status": ["CANCELED"], "documentsToSign": []}', bytes(300_000),
        b'{"documentsToSign": [{"id": 1, "document": "x"}]}', b'{"status": "CANCELED\\u0000"}',
    ]  # fmt: skip

    def refuse(body: bytes) -> None:
        assert put(client, invite(), body).status_code in (400, 403, 413), body[:30]

    for body in bodies:
        spent = cost(partial(refuse, body), limit=CPU_SECONDS * 2)
        assert spent <= CPU_SECONDS * 2, body[:30]
    assert not Signature.objects.exists()


@pytest.fixture
def paper(make_application: Callable[..., Application], parent: User, now: datetime) -> Paper:
    application = make_application(Status.IN_REVIEW)
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now, payload=b"%PDF-1.7")
    made = Paper.objects.order(application, PaperKind.RECEIPT, signature, now=now)
    making.render(made, now=now)
    return Paper.objects.get(pk=made.pk)


def test_no_hostile_file_passes_the_check_page(client: Client, paper: Paper, tmp_path: Any) -> None:
    with paper.file.open("rb") as file:
        original = file.read()
    addresses = [reverse("papers:form"), reverse("papers:paper", args=[paper.token])]
    assert "Файл — түпнұсқа." in upload(client, addresses[0], original)

    hostile = files(original, plain(), other=other_platform(tmp_path))
    for number, (name, content) in enumerate(hostile.items()):  # one judge behind both: every third asks both
        for address in addresses[: 1 if number % 3 else 2]:
            said = upload(client, address, content)
            assert "Файл — түпнұсқа." not in said, name
            assert 'class="notice notice--error"' in said or "error" in said, name


def upload(client: Client, address: str, content: bytes) -> str:
    cache.clear()  # not the limit of questions is asked here
    response = client.post(address, {"file": SimpleUploadedFile("x.pdf", content)})
    assert response.status_code in (200, 400)
    return response.content.decode()
