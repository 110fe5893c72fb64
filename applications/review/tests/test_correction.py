"""The pages of a correction: the school's way to it; what parent, paper and export say afterwards."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import closing, correcting, enrolment, lifecycle
from applications.family import gathering
from applications.models import Application, Decision, Ground, Purpose, Result, SigningBatch
from applications.papers import checking
from applications.signing.tests.bulk_cast import REFUSAL, Desk
from applications.status import Status
from applications.tests.cast import evidence_of
from egov.enrolment import Enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D54")]

MISTAKE = "Басқа баланың өтінімімен шатастырылған."
TO_ADMISSION = {"result": "ACCEPT", "mistake": MISTAKE}


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> list[Enrolment | None]:
    """What the education register says of the child."""
    says: list[Enrolment | None] = [None]
    monkeypatch.setattr(enrolment, "ask", lambda _found, now: enrolment.Asked(says[0]))
    return says


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    desk = Desk(make_application, executor, director, now)
    desk.client.force_login(director)
    return desk


def decided(desk: Desk, *, parent: User, refused: bool = True) -> Application:
    application = desk.filed(applicant=parent)
    ground = Ground.objects.in_force().get(code=REFUSAL["reason_code"])
    said = REFUSAL | {"ground": ground} if refused else {"result": Result.ACCEPT}
    return sign(desk, application, lifecycle.prepare(application, by=desk.director, now=desk.now, **said))


def sign(desk: Desk, application: Application, decision: Decision) -> Application:
    evidence = evidence_of(application, Purpose.DECISION, by=desk.director, now=desk.now, decision=decision)
    return lifecycle.act(evidence, now=desk.now)


def url(name: str, application: Application) -> str:
    return reverse(f"review:{name}", args=[application.public_id])


def text(answer: Any) -> str:
    return answer.content.decode()


def test_refusal_leads_over_its_page_and_the_pages_of_a_signature_to_an_admission(
    desk: Desk, parent: User, client: Client, now: datetime
) -> None:
    refused = decided(desk, parent=parent)
    assert url("correct", refused) in text(desk.client.get(url("application", refused)))
    shown = text(desk.client.get(url("correct", refused)))
    assert REFUSAL["reason"] in shown and refused.child.full_name not in shown

    answer = desk.client.post(url("correct", refused), TO_ADMISSION)

    batch = SigningBatch.objects.get(signing_requests__decision__corrects__isnull=False)
    assert answer.headers["Location"] == reverse("signing:page", args=[batch.token]) + "?way=qr"  # as before
    document = reverse("signing:document", args=[batch.token, 1])
    assert desk.client.get(document).headers["Content-Type"] == "application/pdf"
    wrote = lifecycle.open_decision(refused)
    assert wrote and MISTAKE in text(desk.client.get(url("correct", refused)))

    accepted = sign(desk, refused, wrote)

    assert desk.client.get(url("decided", refused)).headers["Location"] == url("application", refused)
    at_school = text(desk.client.get(url("application", refused)))
    assert MISTAKE in at_school and REFUSAL["reason"] in at_school
    client.force_login(parent)
    at_home = text(client.get(reverse("cabinet:application", args=[refused.public_id])))
    assert MISTAKE in at_home and REFUSAL["reason"] in at_home and desk.director.full_name in at_home
    assert client.get(reverse("cabinet:applications")).status_code == 200
    earlier, standing = accepted.papers.order_by("pk")
    for paper in (earlier, standing):
        paper.rendered_at, paper.sha256 = now, str(paper.pk) * 2
        paper.save()
    assert checking.of_token(earlier.token)[0].state == checking.State.CORRECTED
    assert checking.of_token(standing.token)[0].state == checking.State.VALID
    said = text(client.get(reverse("papers:paper", args=[earlier.token])))
    assert "түзетті, сондықтан ол күшін жойған" in said and MISTAKE not in said
    given = json.dumps(gathering.gather(parent, now=now).facts, default=str, ensure_ascii=False)
    assert MISTAKE in given and REFUSAL["reason"] in given


def test_document_of_a_refused_child_closes_with_the_batch(desk: Desk, parent: User, at_work: Any) -> None:
    refused = decided(desk, parent=parent)
    desk.client.post(url("correct", refused), TO_ADMISSION)
    batch = SigningBatch.objects.get(signing_requests__decision__corrects__isnull=False)
    at_work.move_to(batch.expires_at)

    assert desk.client.get(reverse("signing:document", args=[batch.token, 1])).status_code == 404


@pytest.mark.parametrize(
    ("refused", "typed", "said"),
    [
        (True, {}, "Шешімді таңдаңыз"),
        (True, {"result": "ACCEPT"}, "несі қате болғанын жазыңыз"),
        (True, {"result": "ACCEPT", "mistake": "қате"}, "кемінде 20 таңбамен"),
        (True, {**REFUSAL, "mistake": MISTAKE}, "бұрынғысымен бірдей"),
        (False, {"result": "ACCEPT", "mistake": MISTAKE}, "бұрынғысымен бірдей"),
        (False, {"result": "REFUSE", "mistake": MISTAKE}, "Бас тарту негізін таңдаңыз"),
    ],
)
def test_bad_input_is_named_and_kept(
    desk: Desk, parent: User, refused: bool, typed: dict[str, str], said: str
) -> None:
    application = decided(desk, parent=parent, refused=refused)

    answer = desk.client.post(url("correct", application), typed)

    assert answer.status_code == 400 and said in text(answer)
    assert typed.get("mistake", "") in text(answer)
    assert application.decisions.count() == 1


def test_other_window_is_shown_what_was_written_since(desk: Desk, parent: User) -> None:
    application = decided(desk, parent=parent)
    seen = desk.client.get(url("correct", application)).context["seen"]
    desk.client.post(url("correct", application), TO_ADMISSION)
    other = {**REFUSAL, "reason": "Құжаттар басқа баланікі болып шықты.", "mistake": MISTAKE, "seen": seen}

    answer = desk.client.post(url("correct", application), other)

    assert answer.status_code == 409 and other["reason"] in text(answer)
    assert application.decisions.count() == 2


def test_child_that_the_register_knows_at_another_school_is_not_admitted(
    desk: Desk, parent: User, nowhere: list[Enrolment | None]
) -> None:
    application = decided(desk, parent=parent)
    ours = application.chosen_intake.school.bin
    for school, status in (("010140009999", 409), (ours, 302)):
        nowhere[0] = Enrolment(school_bin=school, school_kk="", school_ru="", grade=1, letter="")

        answer = desk.client.post(url("correct", application), TO_ADMISSION)

        assert answer.status_code == status
        assert status == 302 or ("бала басқа мектепте оқиды" in text(answer) and MISTAKE in text(answer))
    # What was written waits; by the day it is signed the child may have gone.
    nowhere[0] = Enrolment(school_bin="010140009999", school_kk="", school_ru="", grade=1, letter="")
    opened = SigningBatch.objects.count()
    waiting = lifecycle.open_decision(application)
    assert waiting
    for name in ("sign", "sign_decision"):
        later = desk.client.post(url(name, application), {"decision": waiting.pk}, follow=True)
        assert "бала басқа мектепте оқиды" in text(later)
    assert SigningBatch.objects.count() == opened


def test_school_that_has_stopped_admits_nobody_any_more(desk: Desk, parent: User, now: datetime) -> None:
    application = decided(desk, parent=parent)
    closing.stop(application.chosen_intake.school, on=timezone.localdate(now), successor=None, now=now)

    answer = desk.client.post(url("correct", application), TO_ADMISSION)

    assert answer.status_code == 409
    assert "қабылдауды тоқтатқан" in text(answer) and MISTAKE in text(answer)


def test_too_late_executor_and_removed_post(desk: Desk, parent: User, at_work: Any) -> None:
    accepted = decided(desk, parent=parent, refused=False)
    signed = correcting.standing(accepted)
    assert signed
    at_work.move_to(correcting.ends(signed).replace(minute=31))
    desk.client.force_login(desk.director)
    shown = text(desk.client.get(url("correct", accepted)))
    assert "түзету мерзімі өтті" in shown and 'name="mistake"' not in shown
    late = desk.client.post(url("correct", accepted), {**REFUSAL, "mistake": MISTAKE})
    assert late.status_code == 409 and not accepted.decisions.waiting().exists()

    desk.client.force_login(desk.executor)
    assert desk.client.get(url("correct", accepted)).status_code == 404
    assert url("correct", accepted) not in text(desk.client.get(url("application", accepted)))


def test_withdrawn_meanwhile_says_what_happened(desk: Desk, parent: User) -> None:
    accepted = decided(desk, parent=parent, refused=False)
    Application.objects.update(status=Status.WITHDRAWN)

    answer = desk.client.post(url("correct", accepted), {**REFUSAL, "mistake": MISTAKE}, follow=True)

    assert "Өтінімнің жағдайы өзгеріп кеткен" in text(answer)
