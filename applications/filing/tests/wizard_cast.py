"""What tests of the wizard share: a parent at a page, the registers that answer, files to upload."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import etree
from PIL import Image

from accounts.models import User
from applications.models import Application
from egov import http
from egov.errors import Unavailable

ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<b:SendMessageResponse xmlns:b="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo><status>
<code>{code}</code></status></responseInfo><responseData><data>{data}</data></responseData></response>
</b:SendMessageResponse></soap:Body></soap:Envelope>"""


def pdf(pages: int = 1, **saving: Any) -> bytes:
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        made.save(out, **saving)
    return out.getvalue()


def jpeg(width: int = 354, height: int = 472, **saving: Any) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(out, "JPEG", **saving)
    return out.getvalue()


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


@dataclass
class Registers:
    """The education register and the medical system, in place of the network; the registers of persons are
    silent, so that what the rows say is their last answer."""

    enrolled: dict[str, str] = field(default_factory=dict)  # of the one child: grade, letter
    papers: dict[str, bytes] = field(default_factory=dict)  # form -> PDF
    down: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    consents: dict[str, str] = field(default_factory=dict)  # reference -> what 1414 says, else GRANTED
    asked: list[str] = field(default_factory=list)

    def call(self, method: str, url: str, *, system: str, data: Any = None, **more: Any) -> http.Answer:
        self.asked.append(system)
        told = {"enrolment": self._enrolment, "medical": self._medical, "consent": self._consent}
        if system in self.down or system not in told:
            raise Unavailable(system, "too late")
        if system in self.refusing:
            return http.Answer(system, 200, ENVELOPE.format(code="NO_CONSENT", data="").encode())
        question = etree.fromstring(data).find(".//{*}requestData/{*}data")
        inner = told[system](question)
        return http.Answer(system, 200, ENVELOPE.format(code="SCSS001", data=inner).encode())

    def _consent(self, question: Any) -> str:
        if question.findtext("{*}uin"):
            return "<code>asked-anew</code>"
        said = self.consents.get(question.findtext("{*}code"), "GRANTED")
        return f"<status>{said}</status>" + ("<token>t</token>" if said == "GRANTED" else "")

    def _enrolment(self, question: Any) -> str:
        answer = f"<iin>{question.findtext('{*}iin')}</iin>"
        if not self.enrolled:
            return answer
        return (
            answer
            + "<enrolment><organisationBin>990540099902</organisationBin>"
            + "<organisationNameKz>«№5 мектеп» КММ</organisationNameKz>"
            + "<organisationNameRu>КГУ «Школа №5»</organisationNameRu>"
            + f"<grade>{self.enrolled['grade']}</grade><letter>{self.enrolled['letter']}</letter></enrolment>"
        )

    def _medical(self, question: Any) -> str:
        form = question.findtext("{*}form")
        answer = f"<iin>{question.findtext('{*}iin')}</iin><form>{form}</form>"
        if form not in self.papers:
            return answer
        content = base64.b64encode(self.papers[form]).decode()
        return (
            f"{answer}<document><content>{content}</content><issueDate>2026-05-04</issueDate>"
            "<clinic>№5 қалалық емхана</clinic></document>"
        )


@pytest.fixture
def registers(monkeypatch: pytest.MonkeyPatch) -> Registers:
    world = Registers()
    monkeypatch.setattr(http, "call", world.call)
    return world


@pytest.fixture
def clock(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def at_home(client: Client, parent: User, clock: Any, registers: Registers) -> Client:
    """The parent, signed in, on 10 June 2026."""
    client.force_login(parent)
    return client


def step(application: Application, page: str) -> str:
    return reverse("filing:step", args=[application.public_id, page])


def text(answer: Any) -> str:
    """The page as it reads, without the demo's banner and line breaks."""
    return " ".join(answer.content.decode().split())
