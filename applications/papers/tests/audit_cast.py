"""What tests of the audit share: applications that were really signed, and what the audit says of them."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from accounts.models import User
from applications import correcting, facts, lifecycle, supplements
from applications.documents import added
from applications.models import (
    Application,
    Channel,
    Document,
    DocumentKind,
    DocumentSource,
    Method,
    Purpose,
    Result,
    SigningRequest,
)
from applications.papers import audit
from applications.signing import batches, completion
from applications.tests.cast import complete
from egov.tests.eds_cast import DIRECTOR, NOW, PARENT, Pki
from sandbox.people import Human
from schools.models import Period

LATER = timedelta(days=5 * 365)


def signed(
    signing_request: SigningRequest, pki: Pki, human: Human, kind: str, *, now: datetime
) -> Application:
    cms = pki.sign(human, kind, data=batches.payload_of(signing_request))
    return completion.complete_signing(signing_request, cms=cms, method=Method.EDS, now=now)


@pytest.fixture
def filed(make_application: Callable[..., Application], parent: User, pki: Pki, now: datetime) -> Application:
    draft = complete(make_application(), now=now)
    signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
    return signed(signing_request, pki, PARENT, "sign", now=now)


@pytest.fixture
def accepted(filed: Application, director: User, pki: Pki, now: datetime) -> Application:
    return decide(filed, director, pki, now=now, result=Result.ACCEPT)


@pytest.fixture
def withdrawn(accepted: Application, parent: User, pki: Pki, now: datetime) -> Application:
    signing_request = batches.open_one(accepted, purpose=Purpose.WITHDRAWAL, by=parent, now=now)
    return signed(signing_request, pki, PARENT, "sign", now=now)


def add_document(filed: Application, executor: User, pki: Pki, *, now: datetime) -> dict[str, Any]:
    """The school asks for a better document, its applicant adds it and signs (D55): what was signed."""
    Period.objects.update(asks_documents=True)
    supplements.ask(filed, kind=DocumentKind.F065, why="x", by=executor, now=now)
    document = Document(
        application=filed, kind=DocumentKind.F065, added=True, source=DocumentSource.MANUAL,
        mime="application/pdf", size=4, sha256=hashlib.sha256(b"%PDF").hexdigest(), added_at=now,
    )  # fmt: skip
    document.file.save("file", ContentFile(b"%PDF"), save=False)
    later = now + timedelta(minutes=1)
    added.keep(filed, document, now=later)
    stated = facts.stated_supplement(filed, filed.supplements.get())
    by = filed.applicant
    asked = batches.open_one(filed, purpose=Purpose.SUPPLEMENT, by=by, now=later, stated=stated)
    signed(asked, pki, PARENT, "sign", now=later)
    return stated


def decide(
    application: Application, director: User, pki: Pki, *, now: datetime, **decision: Any
) -> Application:
    made = lifecycle.prepare(application, by=director, now=now, **decision)
    asked = batches.open_one(application, purpose=Purpose.DECISION, by=director, now=now, decision=made)
    return signed(asked, pki, DIRECTOR, "org", now=now)


def correct(accepted: Application, director: User, pki: Pki, *, now: datetime) -> Application:
    """The admission was a mistake: a refusal in its place (D54)."""
    return decide(
        accepted, director, pki, now=now, corrects=correcting.standing(accepted), mistake="x",
        result=Result.REFUSE, reason_code="AGE", reason="Бала биыл алты жасқа толмайды екен.",
    )  # fmt: skip


def codes(application: Application | None = None) -> dict[str, str]:
    chosen = audit.filed(number=application.number or "" if application else "")
    return {one.purpose: one.code for one in audit.examine(chosen, now=NOW + LATER)}


def command(*arguments: str) -> tuple[int, list[str]]:
    out, code = StringIO(), 0
    try:
        call_command("verify_signatures", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue().splitlines()


@pytest.fixture
def on_paper(make_application: Callable[..., Application], executor: User, now: datetime) -> Application:
    draft = make_application(channel=Channel.IN_PERSON, filed_by=executor)
    Document.objects.create(
        application=draft, kind=DocumentKind.SCAN, source=DocumentSource.SCHOOL, mime="application/pdf",
        size=4, sha256=hashlib.sha256(b"%PDF").hexdigest(), added_at=now,
        file=ContentFile(b"%PDF", "scan"),
    )  # fmt: skip
    complete(draft, now=now)
    return lifecycle.submit_in_person(draft, by=executor, now=now)
