"""Rows that somebody has changed beside good signatures: the audit names each (R95)."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from accounts import vault
from accounts.models import User
from applications.models import (
    Application,
    Channel,
    Decision,
    Document,
    DocumentKind,
    DocumentSource,
    Purpose,
    Route,
)
from applications.papers import audit
from applications.papers.tests.audit_cast import (
    LATER,
    accepted,
    add_document,
    codes,
    command,
    correct,
    filed,
    on_paper,
    withdrawn,
)
from applications.status import Status
from egov.tests.eds_cast import NOW, Pki
from tests.environment import undone

__all__ = ["accepted", "filed", "on_paper", "withdrawn"]

pytestmark = pytest.mark.django_db


def touch(**columns: Any) -> Callable[[Application], Any]:
    return lambda one: Application.objects.filter(pk=one.pk).update(**columns)


def spoil_document(application: Application) -> None:
    document = application.documents.filter(kind=DocumentKind.PHOTO).get()
    with document.file.storage.open(str(document.file.name), "ab") as file:
        file.write(b"\n")


def replace_document(application: Application) -> None:
    """The file and its hash in the row: the facts that were signed name another."""
    document = application.documents.filter(kind=DocumentKind.PHOTO).get()
    with document.file.open("rb") as file:
        other = file.read() + b"\n"
    Path(document.file.path).write_bytes(vault.lock(other))
    Document.objects.filter(pk=document.pk).update(sha256=hashlib.sha256(other).hexdigest())


def lose_document(application: Application) -> None:
    document = application.documents.first()
    assert document is not None
    document.file.storage.delete(str(document.file.name))


def brother(application: Application) -> None:
    child = application.child
    child.pk, child.iin = None, "200316500019"
    child.save()
    touch(child=child)(application)


def other_school(application: Application) -> None:
    intake = application.chosen_intake
    school = intake.school
    school.pk, school.bin = None, "010140009999"
    school.save()
    intake.pk, intake.school = None, school
    intake.save()
    touch(intake=intake)(application)


ROW_TAMPERING = {
    "back to review": (touch(status=Status.IN_REVIEW), "STATUS_DIFFERS"),
    "back to a draft": (touch(status=Status.DRAFT), "STATUS_DIFFERS"),
    "the withdrawal forgotten": (touch(status=Status.ACCEPTED), "STATUS_DIFFERS"),
    "another child": (brother, "CLAIM_DIFFERS"),
    "another school": (other_school, "CLAIM_DIFFERS"),
    "another way": (touch(route=Route.OUTSIDE), "CLAIM_DIFFERS"),
    "another year": (touch(year=2025), "CLAIM_DIFFERS"),
    "another number": (touch(number="2026-999999"), "CLAIM_DIFFERS"),
    "another channel": (touch(channel=Channel.IN_PERSON, filed_by=F("applicant")), "CLAIM_DIFFERS"),
    "special needs": (touch(special_needs=True), "CLAIM_DIFFERS"),
    "transport": (touch(transport=True), "CLAIM_DIFFERS"),
    "another day of the decision": (touch(decided_at=NOW + LATER), "HISTORY_DIFFERS"),
    "a move taken out": (lambda one: one.changes.filter(new=Status.ACCEPTED).delete(), "HISTORY_DIFFERS"),
    "a move put in": (
        lambda one: one.changes.create(old=Status.DRAFT, new=Status.IN_REVIEW, at=NOW), "HISTORY_DIFFERS",
    ),
    "a move at another time": (
        lambda one: one.changes.filter(new=Status.WITHDRAWN).update(at=NOW + LATER), "HISTORY_DIFFERS",
    ),
    "a move by somebody else": (
        lambda one: one.changes.update(by=one.decisions.get().prepared_by), "HISTORY_DIFFERS",
    ),
    "a document changed": (spoil_document, "DOCUMENTS_DIFFER"),
    "a document replaced": (replace_document, "DOCUMENTS_DIFFER"),
    "a document lost": (lose_document, "DOCUMENTS_DIFFER"),
    "a document taken out": (lambda one: one.documents.first().delete(), "DOCUMENTS_DIFFER"),
    "a document put in": (
        lambda one: one.documents.create(
            kind=DocumentKind.PHOTO, position=2, source=DocumentSource.MANUAL, mime="image/jpeg", size=1,
            sha256="0" * 64, added_at=NOW,
        ), "DOCUMENTS_DIFFER",
    ),
    "a document outside the store": (
        lambda one: one.documents.update(file="/etc/passwd"), "UNREADABLE",
    ),
    "a document without a file": (lambda one: one.documents.update(file=""), "DOCUMENTS_DIFFER"),
}  # fmt: skip


CORRECTION_TAMPERING = {
    "nothing": (lambda one: None, set()),
    "what was wrong": (
        lambda one: one.decisions.exclude(corrects=None).update(mistake="y"), {("DECISION", "FACTS_DIFFER")},
    ),
    "the earlier answer": (
        lambda one: one.decisions.filter(corrects=None).update(reason="x"), {("DECISION", "FACTS_DIFFER")},
    ),
    "back to the earlier answer": (touch(status=Status.ACCEPTED), {("DECISION", "DECISION_DIFFERS")}),
    "the day of the earlier answer": (touch(decided_at=NOW), {("ROWS", "HISTORY_DIFFERS")}),
    "when its paper was overtaken": (
        lambda one: one.papers.exclude(superseded_at=None).update(superseded_at=NOW),
        {("NOTICE", "PAPER_DIFFERS")},
    ),
    "the link to it": (
        lambda one: Decision.objects.exclude(corrects=None).update(corrects=F("pk")),
        {("DECISION", "FACTS_DIFFER"), ("NOTICE", "PAPER_DIFFERS")},
    ),
}  # fmt: skip


@pytest.mark.rule("R95", "D54")
def test_correction_is_proven_beside_the_decision_that_it_corrects(
    accepted: Application, director: User, pki: Pki, now: datetime
) -> None:
    correct(accepted, director, pki, now=now + timedelta(minutes=1))

    for name, (harm, expected) in CORRECTION_TAMPERING.items():
        point = transaction.savepoint()
        harm(accepted)
        found = {(one.purpose, one.code) for one in audit.examine(audit.filed(), now=NOW + LATER)}
        assert {one for one in found if one[1]} == expected, name
        transaction.savepoint_rollback(point)


ADDITION_TAMPERING = {
    "nothing": (lambda one: None, set()),
    "another document": (
        lambda one: one.documents.filter(added=True).update(sha256="0" * 64),
        {("SUPPLEMENT", "FACTS_DIFFER")},
    ),
    "no question": (
        lambda one: one.supplements.all().delete(), {("SUPPLEMENT", "FACTS_DIFFER")},
    ),
    "a word less in the evidence": (
        lambda one: one.signatures.filter(purpose=Purpose.SUPPLEMENT).update(stated={}),
        {("SUPPLEMENT", "NO_SIGNATURE"), ("SUPPLEMENT", "FACTS_DIFFER")},
    ),
    "another day": (
        lambda one: one.supplements.update(answered_at=NOW), {("SUPPLEMENT", "TIME_DIFFERS")},
    ),
    "an answer that nobody has signed": (
        lambda one: one.supplements.create(
            kind="F065", why="x", asked_by=one.applicant, asked_at=NOW, left=timedelta(), until=NOW,
            answered_at=NOW,
        ), {("SUPPLEMENT", "NO_SIGNATURE")},
    ),
    "a document slipped in": (
        lambda one: one.documents.filter(added=True).update(added=False, position=2),
        {("ROWS", "DOCUMENTS_DIFFER")},
    ),
}  # fmt: skip


@pytest.mark.rule("R95", "D55")
def test_addition_is_proven_beside_the_application_that_stays_as_signed(
    filed: Application, executor: User, pki: Pki, now: datetime
) -> None:
    stated = add_document(filed, executor, pki, now=now)
    assert stated["application_sha256"] == filed.signatures.get(purpose="APPLICATION").payload_sha256

    for name, (harm, expected) in ADDITION_TAMPERING.items():
        point = transaction.savepoint()
        harm(filed)
        found = {(one.purpose, one.code) for one in audit.examine(audit.filed(), now=NOW + LATER)}
        assert {one for one in found if one[1]} == expected, name
        transaction.savepoint_rollback(point)


@pytest.mark.rule("R95")
def test_rows_that_no_longer_fit_good_signatures_are_named(
    withdrawn: Application, subtests: pytest.Subtests
) -> None:
    """Nothing of this touches what was signed: without it a withdrawal could be forgotten unseen."""
    for name, (harm, code) in ROW_TAMPERING.items():
        with subtests.test(name), undone():
            harm(Application.objects.get(pk=withdrawn.pk))

            found = {one.purpose: one.code for one in audit.examine(audit.filed(), now=NOW + LATER)}

            assert found == {"APPLICATION": "", "DECISION": "", "WITHDRAWAL": "", "ROWS": code}
    Application.objects.update(number="2026-999999")
    assert command()[0] == 1


def test_decision_that_was_turned_back_is_named(accepted: Application) -> None:
    for status in (Status.IN_REVIEW, Status.SIGNING, Status.DRAFT):
        Application.objects.update(status=status)
        assert codes()["ROWS"] == "STATUS_DIFFERS"


def test_paper_application_is_held_to_what_was_registered(on_paper: Application) -> None:
    Application.objects.update(snapshot={})
    assert codes() == {"ROWS": "CLAIM_DIFFERS"}
    Application.objects.update(snapshot=on_paper.snapshot)
    assert codes() == {}
    replace_document(on_paper)
    assert codes() == {"ROWS": "DOCUMENTS_DIFFER"}
