"""Many people at the same moment: real threads, real connections."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import watching
from accounts.models import Child, Guardianship, User
from applications import correcting, eligibility, facts, holding, lifecycle
from applications.evidence import Evidence
from applications.models import (
    Application,
    Channel,
    DocumentKind,
    Method,
    Purpose,
    Result,
    Route,
    Signature,
    SigningBatch,
    SigningRequest,
)
from applications.signing import batches, completion
from applications.signing.batches import Wanted
from applications.status import Status
from applications.tests.cast import complete, drawn, evidence_of
from conftest import grant_consent
from egov.tests.eds_cast import DIRECTOR, Pki
from sandbox.kalkan import armour
from sandbox.people import Human
from schools import seats
from schools.models import Intake, Role, School

pytestmark = pytest.mark.django_db(transaction=True)

Make = Callable[..., Application]
PATIENCE = 120  # seconds, against hanging


def at_once(actions: list[Callable[[], Any]]) -> list[Any]:
    """Run all actions in threads that start together; an exception is an answer too."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            barrier.wait(PATIENCE)
            return action()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def another_family(number: int) -> tuple[User, Child]:
    user = User.objects.create(
        iin=f"8801203{number:05d}", surname="Ата", name="Ана", phone="+77010000000",
        registered_address={"kato": "711210000", "street": "Сәтбаев көшесі", "house": "7"},
    )  # fmt: skip
    child = Child.objects.create(
        iin=f"2003155{number:05d}", surname="Бала", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )
    grant_consent(user)
    grant_consent(user, child)
    return user, child


def signers(make: Make, count: int, *, route: Route, now: datetime) -> list[Evidence]:
    """That many families, each with a complete draft and a good signature on it."""
    found = []
    for number in range(count):
        user, child = another_family(number)
        draft = complete(make(applicant=user, child=child, route=route), now=now)
        found.append(evidence_of(draft, Purpose.APPLICATION, by=user, now=now))
    return found


@pytest.mark.rule("R71", "R75", "D3")
@pytest.mark.parametrize("repeat", range(3))
def test_last_outside_seats_go_to_exactly_as_many_as_there_are(
    make_application: Make, now: datetime, repeat: int
) -> None:
    evidences = signers(make_application, 12, route=Route.OUTSIDE, now=now)
    Intake.objects.update(seats=100, outside_limit=5, held_outside=2)

    answers = at_once([partial(lifecycle.act, e, now=now) for e in evidences])

    won = [answer for answer in answers if isinstance(answer, Application)]
    lost = [answer for answer in answers if isinstance(answer, seats.OutsideFull | eligibility.Blocked)]
    assert (len(won), len(lost)) == (3, 9), answers
    assert Intake.objects.get().held_outside == 5
    assert Application.objects.filter(status=Status.IN_REVIEW).count() == 3
    assert Application.objects.filter(status=Status.DRAFT).count() == 9


@pytest.mark.rule("R52", "R202", "D4")
def test_both_parents_at_once_make_one_application(
    make_application: Make, parent: User, stranger: User, now: datetime
) -> None:
    first = complete(make_application(), now=now)
    stranger.registered_address = parent.registered_address
    stranger.save()
    grant_consent(stranger, first.child)
    second = complete(make_application(applicant=stranger), now=now)
    evidences = [
        evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now) for draft in (first, second)
    ]

    answers = at_once([partial(lifecycle.act, e, now=now) for e in evidences])

    blocked = [answer for answer in answers if isinstance(answer, eligibility.Blocked)]
    assert [answer.code for answer in blocked] == [eligibility.Code.ACTIVE], answers
    assert Application.objects.active().count() == 1
    assert Intake.objects.get().held_local == 1


def test_repeated_answer_of_the_phone_makes_one_application(make_application: Make, now: datetime) -> None:
    evidence = signers(make_application, 1, route=Route.LOCAL, now=now)[0]

    answers = at_once([lambda: lifecycle.act(evidence, now=now)] * 4)

    assert all(isinstance(answer, Application) for answer in answers), answers
    assert Application.objects.get().changes.count() == 1
    assert Intake.objects.get().held_local == 1


def test_two_deciders_at_once_make_one_decision(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    evidences = [
        evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision) for _ in range(2)
    ]

    answers = at_once([partial(lifecycle.act, e, now=now) for e in evidences])

    assert sum(isinstance(answer, lifecycle.NotAllowed) for answer in answers) == 1, answers
    assert application.signatures.count() == 1


@pytest.mark.rule("D54")
def test_two_corrections_at_once_make_one(make_application: Make, director: User, now: datetime) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    lifecycle.act(
        evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision), now=now
    )
    said: dict[str, Any] = {
        "result": Result.REFUSE, "reason_code": "AGE", "reason": "x", "mistake": "x",
    }  # fmt: skip
    signed = correcting.standing(Application.objects.get())
    correction = lifecycle.prepare(application, by=director, now=now, corrects=signed, **said)
    evidences = [
        evidence_of(application, Purpose.DECISION, by=director, now=now, decision=correction)
        for _ in range(2)
    ]

    answers = at_once([partial(lifecycle.act, e, now=now) for e in evidences])

    assert sum(isinstance(answer, lifecycle.NotAllowed) for answer in answers) == 1, answers
    assert application.signatures.count() == 2 and Intake.objects.get().held_local == 0


COLLEAGUE = replace(DIRECTOR, iin="800420399505", surname="Омаров", name="Тимур")  # directs the same school


def decisions(make: Make, director: User, *, count: int, now: datetime) -> list[Wanted]:
    """That many acceptances that wait for a signature."""
    wanted = []
    for number in range(count):
        application = make(status=Status.IN_REVIEW, child=another_family(number)[1])
        decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
        wanted.append(Wanted.of(application, Purpose.DECISION, decision))
    return wanted


def answering(batch: SigningBatch, pki: Pki, *, by: Human, now: datetime) -> Callable[[], Any]:
    """What gives this batch a good signature for each document."""
    answers = {
        one.pk: armour(pki.sign(by, "org", data=batches.payload_of(one)))
        for one in batch.signing_requests.all()
    }
    return lambda: completion.complete_all(batch, answers, method=Method.EDS, now=now)


@pytest.mark.rule("R108")
def test_answer_for_many_sent_thrice_at_once_signs_each_once(
    make_application: Make, director: User, now: datetime, pki: Pki
) -> None:
    """A double click, or a phone that repeats itself."""
    wanted = decisions(make_application, director, count=4, now=now)
    batch = drawn(batches.open_batch(wanted, by=director, now=now), now=now)

    at_once([answering(batch, pki, by=DIRECTOR, now=now)] * 3)

    assert list(batch.signing_requests.values_list("state", "error")) == [("DONE", "")] * 4
    assert Signature.objects.count() == 4
    assert Application.objects.filter(status=Status.ACCEPTED).count() == 4


@pytest.mark.rule("R108")
def test_two_directors_at_once_sign_each_decision_once(
    make_application: Make, director: User, stranger: User, school: School, now: datetime, pki: Pki
) -> None:
    User.objects.filter(pk=stranger.pk).update(iin=COLLEAGUE.iin)
    stranger.refresh_from_db()
    school.staff.create(user=stranger, role=Role.DIRECTOR)
    wanted = decisions(make_application, director, count=4, now=now)
    first = drawn(batches.open_batch(wanted, by=director, now=now), now=now)
    second = drawn(batches.open_batch(wanted, by=stranger, now=now), now=now)

    at_once([answering(first, pki, by=DIRECTOR, now=now), answering(second, pki, by=COLLEAGUE, now=now)])

    assert Signature.objects.count() == 4
    assert Application.objects.filter(status=Status.ACCEPTED).count() == 4
    outcomes = Counter(SigningRequest.objects.values_list("state", "error"))
    assert outcomes == {("DONE", ""): 4, ("FAILED", "DECIDED"): 4}


def test_same_words_prepared_twice_at_once_are_one_decision(
    make_application: Make, director: User, now: datetime
) -> None:
    """A double click on the button that opens the signing page."""
    application = make_application(status=Status.IN_REVIEW)

    answers = at_once(
        [lambda: lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)] * 3
    )

    assert len({answer.pk for answer in answers}) == 1, answers
    changed = lifecycle.prepare(
        application, by=director, now=now, result=Result.REFUSE, reason_code="OTHER", reason="Дәлел жоқ қой."
    )
    assert changed.pk not in {answer.pk for answer in answers}


def test_withdrawal_and_decision_at_once_leave_no_forbidden_state(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(
        application, by=director, now=now, result=Result.REFUSE, reason_code="OTHER", reason="Дәлел жоқ қой."
    )
    refusal = evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision)
    withdrawal = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)

    answers = at_once([partial(lifecycle.act, e, now=now) for e in (refusal, withdrawal)])

    assert sum(isinstance(answer, lifecycle.NotAllowed) for answer in answers) == 1, answers
    application.refresh_from_db()
    assert application.status in (Status.REFUSED, Status.WITHDRAWN)
    assert Intake.objects.get().held_local == 0


def on_paper(make: Make, *, by: User, now: datetime, **changes: Any) -> Application:
    """An in-person application with all its papers, ready to be registered."""
    draft = complete(make(channel=Channel.IN_PERSON, filed_by=by, **changes), now=now)
    photo = draft.documents.get(kind=DocumentKind.PHOTO)
    photo.pk, photo.public_id, photo.kind = None, uuid4(), DocumentKind.SCAN
    photo.save()
    return draft


@pytest.mark.rule("D15")
def test_clicks_of_two_colleagues_at_once_register_one_application(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    draft = on_paper(make_application, by=executor, now=now)

    answers = at_once(
        [partial(lifecycle.submit_in_person, draft, by=user, now=now) for user in (executor, director)]
    )

    assert sum(isinstance(answer, lifecycle.NotAllowed) for answer in answers) == 1, answers
    assert Application.objects.get().changes.count() == 1
    assert Intake.objects.get().held_local == 1


@pytest.mark.rule("R130", "R202", "D4", "D15")
def test_paper_and_online_at_once_make_one_application(
    make_application: Make, executor: User, now: datetime
) -> None:
    online = signers(make_application, 1, route=Route.LOCAL, now=now)[0]
    family = online.signing_request.application
    paper = on_paper(make_application, by=executor, now=now, child=family.child, applicant=family.applicant)

    answers = at_once(
        [
            lambda: lifecycle.act(online, now=now),
            lambda: lifecycle.submit_in_person(paper, by=executor, now=now),
        ]
    )

    blocked = [answer for answer in answers if isinstance(answer, eligibility.Blocked)]
    assert [answer.code for answer in blocked] == [eligibility.Code.ACTIVE], answers
    assert Application.objects.active().count() == 1
    assert Intake.objects.get().held_local == 1


@pytest.mark.rule("R75", "R130", "D3", "D15")
def test_last_outside_seat_goes_to_paper_or_online_but_once(
    make_application: Make, executor: User, now: datetime
) -> None:
    online = signers(make_application, 1, route=Route.OUTSIDE, now=now)[0]
    paper = on_paper(make_application, by=executor, now=now, route=Route.OUTSIDE)
    Intake.objects.update(seats=100, outside_limit=5, held_outside=4)

    answers = at_once(
        [
            lambda: lifecycle.act(online, now=now),
            lambda: lifecycle.submit_in_person(paper, by=executor, now=now),
        ]
    )

    lost = [answer for answer in answers if isinstance(answer, seats.OutsideFull | eligibility.Blocked)]
    assert len(lost) == 1, answers
    assert Intake.objects.get().held_outside == 5


def test_hot_school_says_try_again_and_changes_nothing(
    make_application: Make, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the seats' row too long: the page says so; the draft and its request stay."""
    evidence = signers(make_application, 1, route=Route.LOCAL, now=now)[0]
    monkeypatch.setattr(holding, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(batches, "examine", lambda *args, **kwargs: evidence)
    held, done = Barrier(2), Barrier(2)

    def hold() -> None:
        with transaction.atomic():
            Intake.objects.select_for_update().get()
            held.wait(PATIENCE)
            done.wait(PATIENCE)

    def sign() -> Any:
        held.wait(PATIENCE)
        try:
            return completion.complete_signing(
                evidence.signing_request, cms=b"", method=evidence.method, now=now
            )
        finally:
            done.wait(PATIENCE)

    answers = at_once([hold, sign])

    evidence.signing_request.refresh_from_db()
    assert isinstance(answers[1], holding.Busy), answers
    assert evidence.signing_request.state == "OPEN"
    assert Application.objects.get().status == Status.DRAFT


def status_of(client: Client, address: str) -> int:
    return client.post(address).status_code


def test_double_click_deletes_a_draft_once_and_meets_no_crash(
    make_application: Make, parent: User, executor: User, now: datetime
) -> None:
    paper = on_paper(make_application, by=executor, now=now, route=Route.LOCAL)
    own = make_application()
    for user, name, draft in ((parent, "cabinet:delete_draft", own), (executor, "in_person:delete", paper)):
        first, second = Client(), Client()
        first.force_login(user)
        second.cookies.update(first.cookies)  # one browser; the jar itself is for one thread
        address = reverse(name, args=[draft.public_id])

        answers = at_once([partial(status_of, c, address) for c in (first, second)])

        assert answers == [302, 302]
        assert not Application.objects.filter(pk=draft.pk).exists()


@pytest.mark.rule("D36")
@pytest.mark.parametrize("repeat", range(3))
def test_two_representatives_at_once_make_one_withdrawal(
    make_application: Make, parent: User, child: Child, stranger: User, executor: User, now: datetime,
    repeat: int,
) -> None:  # fmt: skip
    """What its applicant has left behind: one act wins, the seat is given back once."""
    application = make_application(Status.ACCEPTED, snapshot={"frozen": True})
    Intake.objects.update(held_local=1)
    Guardianship.objects.filter(user=parent, child=child).update(denied_at=now, closed_at=now)
    evidences = []
    for user in (stranger, executor):
        Guardianship.objects.create(user=user, child=child, answered_at=now)
        stated = facts.stated(application, by=user, as_of=None)
        evidences.append(evidence_of(application, Purpose.WITHDRAWAL, by=user, now=now, stated=stated))

    answers = at_once([partial(lifecycle.act, e, now=now) for e in evidences])

    assert {type(answer) for answer in answers} == {Application, lifecycle.NotAllowed}, answers
    assert Signature.objects.filter(purpose=Purpose.WITHDRAWAL).count() == 1
    assert Intake.objects.get().held_local == 0


@pytest.mark.rule("D36")
def test_applicant_who_is_back_and_the_other_parent_at_once_make_one_withdrawal(
    make_application: Make, parent: User, child: Child, stranger: User, now: datetime
) -> None:
    application = make_application(Status.ACCEPTED, snapshot={"frozen": True})
    Intake.objects.update(held_local=1)
    tie = Guardianship.objects.filter(user=parent, child=child)
    tie.update(denied_at=now, closed_at=now)
    Guardianship.objects.create(user=stranger, child=child, answered_at=now)
    stated = facts.stated(application, by=stranger, as_of=None)
    others = evidence_of(application, Purpose.WITHDRAWAL, by=stranger, now=now, stated=stated)
    own = evidence_of(application, Purpose.WITHDRAWAL, by=parent, now=now)

    def return_and_withdraw() -> Application:
        tie.update(denied_at=None, closed_at=None)
        return lifecycle.act(own, now=now)

    answers = at_once([return_and_withdraw, partial(lifecycle.act, others, now=now)])

    assert [isinstance(answer, Application) for answer in answers].count(True) == 1, answers
    assert Signature.objects.filter(purpose=Purpose.WITHDRAWAL).count() == 1
    assert Intake.objects.get().held_local == 0


def test_change_made_while_the_journal_tells_each_row_anew_has_the_last_word(
    make_application: Make, now: datetime
) -> None:
    """As a release does it while people file: what was read before the change would be told after it."""
    filed = make_application(Status.IN_REVIEW)
    config = apps.get_app_config("applications")
    watch = next(one for one in watching.watches(config) if one.label == "applications.application")

    def tell() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE NONE")  # the owner's work
                watching._tell_all(cursor, watch)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as release:
        with transaction.atomic():
            Application.objects.filter(pk=filed.pk).update(due_at=now)
            told = release.submit(tell)
            while not (told.done() or somebody_waits()):
                pass
        told.result(PATIENCE)

    assert watching.differing() == []


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
        waits: bool = cursor.fetchone()[0]
    return waits
