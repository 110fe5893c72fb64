"""The school asks for a better document, and its clock stands while it waits (D55)."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Guardianship, User
from applications import facts, hands, lifecycle, supplements, term
from applications.documents import added
from applications.evidence import Evidence
from applications.filing.tests.wizard_cast import text
from applications.models import (
    Application,
    Channel,
    Decision,
    Document,
    DocumentKind,
    DocumentSource,
    Purpose,
    Result,
    Supplement,
)
from applications.signing import overtaken
from applications.signing.reasons import Outcome
from applications.status import Status
from applications.stops import Stop, Stopped
from applications.supplements import Hindrance, NotAsked
from applications.tests.cast import complete, evidence_of
from conftest import ALMATY
from egov.eds import Refusal, SignatureRefused
from notifications import texts
from notifications.models import Channel as Way
from notifications.models import Message
from schools import calendar
from schools.models import Period

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D55")]

Make = Callable[..., Application]
WHY = "Картада екпе беті жоқ: соңғы бетін жүктеңіз."
REFUSAL: dict[str, Any] = {
    "result": Result.REFUSE,
    "reason_code": "INCOMPLETE",
    "reason": "Құжаттар толық емес екен.",
}


@pytest.fixture
def filed(make_application: Make, now: datetime) -> Application:
    """In «Тексеруде» with its documents, where asking is switched on."""
    Period.objects.update(asks_documents=True)
    application = complete(make_application(Status.IN_REVIEW), now=now)
    application.snapshot = facts.snapshot(application)
    application.due_at = calendar.due(now, {})
    application.save(update_fields=["snapshot", "due_at"])
    return application


def ask(application: Application, by: User, now: datetime) -> Supplement:
    return supplements.ask(application, kind=DocumentKind.F065, why=WHY, by=by, now=now)


def upload(application: Application, now: datetime, content: bytes = b"%PDF-1.7 better") -> Document:
    document = Document(
        application=application, kind=DocumentKind.F065, added=True, source=DocumentSource.MANUAL,
        mime="application/pdf", size=len(content), sha256=hashlib.sha256(content).hexdigest(), added_at=now,
    )  # fmt: skip
    document.file.save("file", ContentFile(content), save=False)
    added.keep(application, document, now=now)
    return document


def sign(application: Application, now: datetime) -> Application:
    return lifecycle.act(evidence(application, now), now=now)


def evidence(application: Application, now: datetime) -> Evidence:
    asked = application.supplements.select_related("document").latest("pk")
    stated = facts.stated_supplement(application, asked)
    by = application.applicant
    return evidence_of(application, Purpose.SUPPLEMENT, by=by, now=now, stated=stated)


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_clock_stands_while_the_document_is_waited_for_and_goes_on_from_the_signature(
    filed: Application, executor: User, director: User, now: datetime, lang: str
) -> None:
    User.objects.filter(pk=filed.applicant_id).update(lang=lang)
    due, asked_at = filed.due_at, now + timedelta(hours=2)
    assert due
    left = calendar.between(asked_at, due, {})

    asked = ask(filed, executor, asked_at)

    filed.refresh_from_db()
    assert asked.left == left and calendar.after(asked_at, left, {}) == due
    assert filed.due_at == calendar.after(asked.until, left, {}) and not filed.is_overdue(asked.until)
    assert (asked.until.hour, asked.until.minute, asked.until.second) == (23, 59, 59)
    told = Message.objects.get(template="document_asked", channel=Way.CABINET)
    assert WHY in dict(texts.wording(told.template, told.context).facts).values()
    sms = Message.objects.get(template="document_asked", channel=Way.SMS).text
    assert len(sms) < texts.SMS_LENGTH and WHY not in sms and "065" not in sms

    upload(filed, asked.until)
    sign(filed, asked.until)  # at 23:59:59 of the last day

    filed.refresh_from_db()
    asked.refresh_from_db()
    assert filed.due_at == calendar.after(asked.until, left, {}) and filed.status == Status.IN_REVIEW
    assert asked.answered_at == asked.until and filed.documents.count() == 4
    assert filed.snapshot == facts.of(filed) and len(filed.snapshot["documents"]) == 3
    assert {one.recipient for one in Message.objects.filter(template="document_came")} == {executor, director}
    signed = filed.signatures.get(purpose=Purpose.SUPPLEMENT)
    assert signed.stated["document"]["sha256"] == hashlib.sha256(b"%PDF-1.7 better").hexdigest()


def test_answer_before_the_end_brings_the_term_nearer(
    filed: Application, executor: User, now: datetime
) -> None:
    asked = ask(filed, executor, now)
    at = now + timedelta(minutes=30)
    upload(filed, at)

    answered = sign(filed, at)

    assert answered.due_at == calendar.after(at, asked.left, {})


def test_silence_starts_the_clock_again_by_itself_and_the_school_is_told_once(
    filed: Application, director: User, executor: User, now: datetime
) -> None:
    asked = ask(filed, executor, now)
    draft = upload(filed, now)  # and never signed
    with pytest.raises(Stopped) as stopped:
        upload(filed, asked.until + timedelta(seconds=1))
    assert stopped.value.stop == Stop.SUPPLEMENT_LATE
    assert supplements.lapse(now=asked.until + supplements.STILL_JUDGED) == 0
    late = asked.until + supplements.STILL_JUDGED + timedelta(seconds=1)

    assert [term.run(now=late), supplements.lapse(now=late)] == [1, 0]

    assert not Document.objects.filter(pk=draft.pk).exists()  # kept for nothing

    filed.refresh_from_db()
    assert Message.objects.filter(template="document_late", recipient=director).count() == 1
    assert filed.due_at and not filed.is_overdue(late)
    assert lifecycle.prepare(filed, by=director, now=late, **REFUSAL).pk


def test_nobody_is_refused_while_it_is_waited_for_nor_by_a_refusal_from_before(
    filed: Application, director: User, executor: User, now: datetime
) -> None:
    before = lifecycle.prepare(filed, by=director, now=now, **REFUSAL)
    open_already = evidence_of(filed, Purpose.DECISION, by=director, now=now, decision=before)
    ask(filed, executor, now)
    assert overtaken.reason(open_already.signing_request, now=now) == Stop.DOCUMENT_AWAITED
    for refuse in (
        lambda: lifecycle.prepare(filed, by=director, now=now, **REFUSAL | {"reason": "Тағы бір себеп бар."}),
        lambda: lifecycle.propose(filed, by=executor, now=now, **REFUSAL),
        lambda: decide(filed, before, director, now),
    ):
        with pytest.raises(Stopped) as stopped:
            refuse()
        assert stopped.value.stop == Stop.DOCUMENT_AWAITED

    upload(filed, now)
    sign(filed, now)

    with pytest.raises(Stopped) as stopped:
        decide(filed, before, director, now)
    assert stopped.value.stop == Stop.DOCUMENT_CAME
    later = now + timedelta(minutes=1)
    anew = lifecycle.prepare(filed, by=director, now=later, **REFUSAL)  # in the very same words
    assert decide(filed, anew, director, later).status == Status.REFUSED


def decide(application: Application, decision: Decision, by: User, now: datetime) -> Application:
    asked = evidence_of(application, Purpose.DECISION, by=by, now=now, decision=decision)
    return lifecycle.act(asked, now=now)


def test_admission_needs_no_waiting_and_the_parent_is_told_so(
    filed: Application, director: User, executor: User, now: datetime
) -> None:
    ask(filed, executor, now)
    upload(filed, now)
    waits = evidence(filed, now)
    decision = lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)

    assert decide(filed, decision, director, now).status == Status.ACCEPTED

    waits.signing_request.application.refresh_from_db()
    assert overtaken.reason(waits.signing_request, now=now) == Outcome.DECIDED
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(waits, now=now)
    assert supplements.waited_for(Application.objects.get(), now=now) is None


def test_withdrawn_meanwhile_late_answered_twice_and_another_file(
    filed: Application, executor: User, now: datetime
) -> None:
    asked = ask(filed, executor, now)
    upload(filed, now)
    first = evidence(filed, now)
    upload(filed, now, b"%PDF-1.7 another")
    second = evidence(filed, now)
    assert filed.documents.filter(added=True).count() == 1

    with pytest.raises(SignatureRefused) as refused:
        lifecycle.act(first, now=now)
    assert refused.value.code == Refusal.CHANGED
    assert overtaken.reason(second.signing_request, now=asked.until + timedelta(seconds=1)) == (
        Stop.SUPPLEMENT_LATE
    )
    Application.objects.update(status=Status.WITHDRAWN)
    second.signing_request.application.refresh_from_db()
    assert overtaken.reason(second.signing_request, now=now) == Outcome.WITHDRAWN
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(second, now=now)
    Application.objects.update(status=Status.IN_REVIEW)
    third = evidence(filed, now)
    lifecycle.act(second, now=now)
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(third, now=now)


def test_what_stands_against_asking_is_named(filed: Application, executor: User, now: datetime) -> None:
    assert supplements.hindrance(filed, now=now) is None
    ask(filed, executor, now)
    filed.refresh_from_db()
    assert supplements.hindrance(filed, now=now) == Hindrance.WAITING
    with pytest.raises(NotAsked):
        ask(filed, executor, now)
    Supplement.objects.update(lapsed_at=now)
    ask(filed, executor, now)
    Supplement.objects.update(lapsed_at=now)
    assert supplements.hindrance(filed, now=now) == Hindrance.OFTEN
    Supplement.objects.all().delete()
    filed.due_at = now - timedelta(seconds=1)
    assert supplements.hindrance(filed, now=now) == Hindrance.OVERDUE
    filed.channel = Channel.IN_PERSON
    assert supplements.hindrance(filed, now=now) == Hindrance.IN_PERSON
    Period.objects.update(asks_documents=False)
    assert supplements.hindrance(filed, now=now) == Hindrance.OFF


@pytest.mark.rule("D39")
def test_who_may_not_act_for_the_school_does_not_ask_either(
    filed: Application, executor: User, stranger: User, now: datetime
) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        ask(filed, stranger, now)
    Application.objects.update(applicant=executor)
    with pytest.raises(hands.Barred):
        ask(filed, executor, now)


def test_database_waits_for_one_document_at_a_time(filed: Application, executor: User, now: datetime) -> None:
    asked = ask(filed, executor, now)
    asked.pk = None

    with pytest.raises(IntegrityError, match="one_supplement_is_waited_for"), transaction.atomic():
        asked.save()


@pytest.fixture
def conclusion(make_application: Make, executor: User, now: datetime) -> Supplement:
    """A conclusion of the PMPC is asked for on Wednesday, and one that is good until Thursday is uploaded."""
    Period.objects.update(asks_documents=True)
    filed = complete(make_application(Status.IN_REVIEW, special_needs=True), now=now)
    filed.documents.create(
        kind=DocumentKind.PMPC, source=DocumentSource.MANUAL, mime="application/pdf", size=1, sha256="x",
        added_at=now, valid_until=now.date() + timedelta(days=300), file="x",
    )  # fmt: skip
    asked = supplements.ask(filed, kind=DocumentKind.PMPC, why=WHY, by=executor, now=now)
    put(asked, valid_until=now.date() + timedelta(days=1), now=now)
    asked.refresh_from_db()
    return asked


def put(asked: Supplement, *, valid_until: date, now: datetime) -> None:
    document = Document(
        application=asked.application, kind=DocumentKind.PMPC, added=True, source=DocumentSource.MANUAL,
        mime="application/pdf", size=1, sha256="x", added_at=now, valid_until=valid_until,
    )  # fmt: skip
    document.file.save("file", ContentFile(b"%PDF-1.7"), save=False)
    added.keep(asked.application, document, now=now)


ENDS = datetime(2026, 6, 11, 23, 59, 59, tzinfo=ALMATY)


@pytest.mark.rule("D10")
@pytest.mark.parametrize("late", [False, True], ids=["last second", "a second later"])
def test_conclusion_is_signed_in_its_term_alone(
    conclusion: Supplement, client: Client, late: bool, clock: Any
) -> None:
    """The page and its button, the page of a signature that is open already, and the signature."""
    filed, at = conclusion.application, ENDS + timedelta(seconds=1) if late else ENDS
    open_already = evidence(filed, ENDS)
    clock.move_to(at)
    Guardianship.objects.update(answered_at=at)
    client.force_login(filed.applicant)
    page, sign = (
        reverse(f"cabinet:{one}", args=[filed.public_id]) for one in ("supplement", "sign_supplement")
    )

    shown, pressed = text(client.get(page)), client.post(sign)

    assert (sign in shown) is not late and ("анықтаманың мерзімі өтіп кеткен" in shown) is late
    assert (pressed["Location"] == page) is late
    assert overtaken.reason(open_already.signing_request, now=at) == (Stop.CONCLUSION_ENDED if late else None)
    if not late:
        assert lifecycle.act(open_already, now=at).supplements.get().answered_at == at
        return
    with pytest.raises(Stopped) as stopped:
        lifecycle.act(open_already, now=at)
    assert stopped.value.stop == Stop.CONCLUSION_ENDED
    assert "қолданылу мерзімі өтіп кеткен" in text(client.get(page))  # of the press

    put(conclusion, valid_until=ENDS.date() + timedelta(days=300), now=at)
    assert sign in text(client.get(page))
    lifecycle.act(evidence(filed, at), now=at)


@pytest.mark.rule("D10", "D72")
def test_conclusion_is_brought_back_in_its_term_alone(conclusion: Supplement, now: datetime) -> None:
    put(conclusion, valid_until=now.date() + timedelta(days=300), now=ENDS - timedelta(minutes=1))
    waiting = added.replaced(conclusion, now=ENDS)
    assert waiting and added.replaced_until(conclusion, waiting) == ENDS

    assert not added.bring_back(conclusion.application, key=str(waiting.pk), now=ENDS + timedelta(seconds=1))
    assert added.bring_back(conclusion.application, key=str(waiting.pk), now=ENDS)
    assert added.replaced(conclusion, now=ENDS + timedelta(seconds=1))  # the other one, which is good
