"""What a school is shown of an application, by its status and the season, page by page (D43)."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import facts, lifecycle, messages, told
from applications.models import Application, Channel, Document, Paper, PaperKind, Purpose, Result
from applications.papers.tests import paper_cast
from applications.status import Sight, Status, sight_of_school
from applications.tests.cast import complete, evidence_of
from conftest import ALMATY
from notifications import missed
from notifications.models import Channel as Way
from notifications.models import Message, MessageState

pytestmark = pytest.mark.rule("D43")
SEASON, AFTER = datetime(2026, 8, 31, 23, 59, 59, tzinfo=ALMATY), datetime(2026, 9, 1, tzinfo=ALMATY)
PERSONAL = ("Сәрсенов", "Арман", "201231599904", "Айгүл", "900708499904", "701 123 45 01", "Сәтбаев")

WHOLE, OUTCOME, NOTHING = Sight.WHOLE, Sight.OUTCOME, Sight.NOTHING
SIGHTS = {
    Status.DRAFT: (NOTHING, NOTHING),
    Status.IN_REVIEW: (WHOLE, WHOLE),  # a late answer is an answer
    Status.SIGNING: (WHOLE, WHOLE),
    Status.ACCEPTED: (WHOLE, WHOLE),
    Status.REFUSED: (OUTCOME, NOTHING),
    Status.WITHDRAWN: (OUTCOME, NOTHING),
}
# What each page answers: the status, and whether the child is in it. None: the number is not in it at all.
LED_AWAY = (302, False)
ANSWERS: dict[str, dict[Sight, Any]] = {
    "application": {WHOLE: (200, True), OUTCOME: (200, False), NOTHING: (404, False)},
    "document": {WHOLE: (200, False), OUTCOME: LED_AWAY, NOTHING: (404, False)},
    "paper": {WHOLE: (200, False), OUTCOME: LED_AWAY, NOTHING: (404, False)},
    "done": {WHOLE: (200, True), OUTCOME: LED_AWAY, NOTHING: (404, False)},
    "queue": {WHOLE: (200, True), OUTCOME: (200, False), NOTHING: None},
}  # fmt: skip
CASES = [
    (page, status, after, sight)
    for page in ANSWERS
    for status, sights in SIGHTS.items()
    for after, sight in zip((False, True), sights, strict=True)
]


def test_the_table_is_the_rule() -> None:
    told = {one: tuple(sight_of_school(one, season_over=over) for over in (False, True)) for one in Status}

    assert told == SIGHTS


@pytest.fixture
def make(make_application: Callable[..., Application], executor: User, parent: User, now: datetime) -> Any:
    def made(status: Status) -> Application:
        """Filed in person, with documents and a sealed paper."""
        found = make_application(status, channel=Channel.IN_PERSON, filed_by=executor)
        complete(found, now=now)
        Application.objects.filter(pk=found.pk).update(snapshot=facts.snapshot(found))
        signature = paper_cast.sign(found, Purpose.APPLICATION, by=parent, now=now, payload=b"%")
        paper = Paper(
            application=found, kind=PaperKind.RECEIPT, signature=signature, created_at=now, next_try_at=now,
            rendered_at=now, sha256=hashlib.sha256(b"%PDF").hexdigest(),
        )  # fmt: skip
        paper.file.save("paper", ContentFile(b"%PDF"))
        return found

    return made


def address_of(page: str, application: Application) -> str:
    key = application.public_id
    if page == "queue":
        return reverse("review:queue") + "?view=all"
    if page == "done":
        return reverse("in_person:done", args=[key])
    if page == "paper":
        return reverse("review:paper", args=[key, "receipt"])
    if page == "document":
        return reverse("review:document", args=[key, Document.objects.order_by("pk")[0].public_id])
    return reverse("review:application", args=[key])


@pytest.mark.parametrize(("page", "status", "after", "sight"), CASES)
def test_school_sees_what_the_status_leaves_it(
    make: Any, client: Client, director: User, page: str, status: Status, after: bool, sight: Sight
) -> None:
    application = make(status)
    client.force_login(director)

    with time_machine.travel(AFTER if after else SEASON, tick=False):
        answer = client.get(address_of(page, application))

    text = b"".join(answer).decode(errors="replace")
    expected = ANSWERS[page][sight]
    if expected is None:
        assert str(application.number) not in text
    else:
        assert (answer.status_code, "Арман" in text) == expected
    if sight != WHOLE:
        assert [word for word in PERSONAL if word in text] == []


@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
def test_list_of_many_and_the_document_that_was_signed_name_nobody_who_is_gone(
    make_application: Callable[..., Application],
    client: Client,
    director: User,
    now: datetime,
    status: Status,
) -> None:
    application = make_application(Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    evidence = evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision)
    document = reverse("signing:document", args=[evidence.signing_request.batch.token, 1])
    with time_machine.travel(now, tick=False):
        client.force_login(director)
        assert client.get(document).status_code == 200
        Application.objects.filter(pk=application.pk).update(status=status, decided_at=now)

        ticked = {"one": [str(application.public_id)]}
        listed = client.post(reverse("review:bulk"), ticked, follow=True).content.decode()

        assert client.get(document).status_code == 404
    assert str(application.number) in listed and [word for word in PERSONAL if word in listed] == []


@pytest.mark.rule("R103")
@pytest.mark.parametrize(("status", "calls"), [(Status.REFUSED, True), (Status.WITHDRAWN, False)])
def test_school_still_calls_whom_no_word_of_a_refusal_has_reached(
    make: Any, client: Client, executor: User, now: datetime, settings: Any, status: Status, calls: bool
) -> None:
    application = make(status)
    with transaction.atomic():
        messages.filed(application, now=now)
    sms = Message.objects.filter(recipient=application.applicant, channel=Way.SMS)
    sms.update(state=MessageState.UNDELIVERED)
    missed.run(now=now)
    assert told.unreached(application).exists()
    client.force_login(executor)

    with time_machine.travel(now, tick=False):
        page = client.get(address_of("application", application)).content.decode()
        queue = client.get(address_of("queue", application)).content.decode()

    call = "SMS жеткізілмеді, қоңырау шалыңыз"
    assert ("701 123 45 01" in page, call in page, call in queue) == (calls, calls, calls)
    assert "Арман" not in page and "Айгүл" not in page


def test_withdrawal_that_came_first_is_told_without_a_name(
    make_application: Callable[..., Application], client: Client, director: User, now: datetime
) -> None:
    application = make_application(Status.IN_REVIEW)
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)
    client.force_login(director)

    with time_machine.travel(now, tick=False):
        lifecycle.act(evidence, now=now)
        answer = client.post(
            reverse("review:decide", args=[application.public_id]), {"result": "ACCEPT"}, follow=True
        )

    text = answer.content.decode()
    assert "Соңғы өзгеріс: Кері қайтарып алынды, 2026" in text
    assert [word for word in PERSONAL if word in text] == []
