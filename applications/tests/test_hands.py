"""Four eyes (D39): role, relation to the child, people at the school and act, as one table."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Protection, User
from applications import hands, lifecycle, messages
from applications.hands import Bar, Barred
from applications.models import Application, Channel, Decision, DocumentKind, Purpose, Result, SigningBatch
from applications.signing import batches, many, originals
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from notifications.models import Message
from schools.models import Locality, Role, School, StaffMember

Make = Callable[..., Application]
Relate = Callable[[Application, User], None]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Any:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


def stranger_to(_application: Application, _user: User) -> None:
    pass


def once_theirs(application: Application, user: User) -> None:
    """The register has denied the tie since, and somebody else has filed."""
    user.guardianships.create(child=application.child, denied_at=application.created_at)


def parent_of(application: Application, user: User) -> None:
    user.guardianships.create(child=application.child)


def applicant_of(application: Application, user: User) -> None:
    Application.objects.filter(pk=application.pk).update(applicant=user)
    user.guardianships.create(child=application.child, denied_at=application.created_at)


RELATIONS = [
    (stranger_to, None),
    (once_theirs, None),
    (parent_of, Bar.OWN_CHILD),
    (applicant_of, Bar.OWN_CHILD),
]


# --- the acts: each brings an application to where it may be done, and does it ------------------------
def register(make: Make, relate: Relate, by: User, now: datetime) -> None:
    draft = complete(make(channel=Channel.IN_PERSON, filed_by=by, applicant_phone="+77015550001"), now=now)
    draft.documents.create(kind=DocumentKind.SCAN, source="MANUAL", mime="x", size=1, file="s", added_at=now)
    relate(draft, by)
    if relate is applicant_of:  # the tie to file on stands in this act
        by.guardianships.update(denied_at=None)
    lifecycle.submit_in_person(draft, by=by, now=now)


def propose(make: Make, relate: Relate, by: User, now: datetime) -> None:
    filed = make(Status.IN_REVIEW)
    relate(filed, by)
    lifecycle.propose(filed, by=by, now=now, result=Result.ACCEPT)


def prepare(make: Make, relate: Relate, by: User, now: datetime) -> None:
    filed = make(Status.IN_REVIEW)
    relate(filed, by)
    lifecycle.prepare(filed, by=by, now=now, result=Result.ACCEPT)


def prepared_by_another(make: Make, now: datetime) -> tuple[Application, Decision]:
    filed = make(Status.IN_REVIEW)
    executor = filed.chosen_intake.school.staff.get(role=Role.EXECUTOR).user
    decision = lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    return Application.objects.get(pk=filed.pk), decision


def send_back(make: Make, relate: Relate, by: User, now: datetime) -> None:
    filed, _decision = prepared_by_another(make, now)
    relate(filed, by)
    lifecycle.return_to_executor(filed, by=by, reason="Түзетіңіз", now=now)


def ask_to_sign(make: Make, relate: Relate, by: User, now: datetime) -> None:
    filed, decision = prepared_by_another(make, now)
    relate(filed, by)
    filed.refresh_from_db()
    batches.open_one(filed, purpose=Purpose.DECISION, by=by, now=now, decision=decision)


def sign(make: Make, relate: Relate, by: User, now: datetime) -> None:
    """The signature was asked for before the tie was known."""
    filed, decision = prepared_by_another(make, now)
    evidence = evidence_of(filed, Purpose.DECISION, by=by, now=now, decision=decision)
    relate(filed, by)
    lifecycle.act(evidence, now=now)


def sign_with_others(make: Make, relate: Relate, by: User, now: datetime) -> None:
    filed, _decision = prepared_by_another(make, now)
    relate(filed, by)
    selection = many.select([filed.public_id], director=by, now=now)
    if selection.left_out:
        raise Barred(Bar(str(selection.left_out[0].hindrance)))
    many.open_batch(selection, shown=selection.seen, by=by, now=now)


ACTS = [
    ("executor", register),
    ("director", register),
    ("executor", propose),
    ("director", propose),
    ("director", prepare),
    ("director", send_back),
    ("director", ask_to_sign),
    ("director", sign),
    ("director", sign_with_others),
]


@pytest.mark.rule("D39")
@pytest.mark.parametrize(("relate", "expected"), RELATIONS)
@pytest.mark.parametrize(("role", "act"), ACTS)
def test_nobody_acts_for_the_school_on_their_own_child(
    make_application: Make, executor: User, director: User, now: datetime, monkeypatch: pytest.MonkeyPatch,
    role: str, act: Any, relate: Relate, expected: Bar | None,
) -> None:  # fmt: skip
    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, lambda _request: b"%PDF"))
    by = {"executor": executor, "director": director}[role]
    if expected is None:
        act(make_application, relate, by, now)
        return

    before = Message.objects.count()
    with pytest.raises(Barred) as barred:
        act(make_application, relate, by, now)

    assert barred.value.bar == expected
    assert not Decision.objects.exclude(signed_at=None).exists()
    assert not Decision.objects.filter(prepared_by=by).exists()
    told = Message.objects.order_by("pk")[before:]
    assert not {one.template for one in told} & {"accepted", "signing", "registered", "back_in_review"} - {
        "signing"  # of the colleague's proposal
    }


def nobody_else(_school: School, _application: Application) -> None:
    StaffMember.objects.filter(role=Role.EXECUTOR).delete()


def one_who_left(_school: School, application: Application) -> None:
    StaffMember.objects.filter(role=Role.EXECUTOR).update(ended_at=application.created_at)


def the_other_parent(_school: School, application: Application) -> None:
    StaffMember.objects.get(role=Role.EXECUTOR).user.guardianships.create(child=application.child)


def hide_from(application: Application, person: User) -> None:
    Protection.objects.create(
        child_iin=application.child.iin, barred_iin=person.iin, since=application.created_at, why="court",
        set_by=application.applicant,
    )  # fmt: skip


def one_from_whom_the_child_is_hidden(_school: School, application: Application) -> None:
    hide_from(application, StaffMember.objects.get(role=Role.EXECUTOR).user)


def a_colleague(_school: School, _application: Application) -> None:
    pass


def one_who_stands_in(school: School, application: Application) -> None:
    nobody_else(school, application)
    today = timezone.localdate()
    StaffMember.objects.create(
        user=User.objects.create(iin="820101300012"), school=school, role=Role.DIRECTOR, acting=True,
        starts_on=today, ends_on=today + timedelta(days=3),
    )  # fmt: skip


PEOPLE = [
    (nobody_else, False),
    (one_who_left, False),
    (the_other_parent, False),
    (one_from_whom_the_child_is_hidden, False),
    (a_colleague, True),
    (one_who_stands_in, True),
]


@pytest.mark.rule("D39")
@pytest.mark.parametrize(("people", "has_colleague"), PEOPLE)
@pytest.mark.parametrize("registered_by", ["director", "executor", "nobody"])
@pytest.mark.parametrize("prepared_by", ["director", "executor"])
def test_nobody_signs_what_they_alone_registered_and_prepared(
    make_application: Make, school: School, executor: User, director: User, now: datetime, people: Any,
    has_colleague: bool, registered_by: str, prepared_by: str,
) -> None:  # fmt: skip
    who = {"director": director, "executor": executor}
    filer = who.get(registered_by)
    paper = {"channel": Channel.IN_PERSON, "filed_by": filer} if filer else {}
    filed = make_application(Status.SIGNING, **paper)
    decision = filed.decisions.create(result=Result.ACCEPT, prepared_by=who[prepared_by], prepared_at=now)
    evidence = evidence_of(filed, Purpose.DECISION, by=director, now=now, decision=decision)
    people(school, filed)
    alone = registered_by == prepared_by == "director" and has_colleague

    assert hands.bar(filed, director, decision) == (Bar.ALONE if alone else None)
    assert bool(many.select([filed.public_id], director=director, now=now).left_out) == alone
    if alone:
        with pytest.raises(Barred):
            batches.open_one(filed, purpose=Purpose.DECISION, by=director, now=now, decision=decision)
        with pytest.raises(Barred):
            lifecycle.act(evidence, now=now)
    else:
        lifecycle.act(evidence, now=now)
    filed.refresh_from_db()
    assert (filed.status == Status.ACCEPTED) == (not alone)


@pytest.mark.rule("D39")
def test_director_writes_no_decision_of_what_they_registered_but_signs_a_colleague_s(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW, channel=Channel.IN_PERSON, filed_by=director)

    with pytest.raises(Barred):
        lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)
    decision = lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    filed.refresh_from_db()
    lifecycle.act(evidence_of(filed, Purpose.DECISION, by=director, now=now, decision=decision), now=now)

    filed.refresh_from_db()
    assert filed.status == Status.ACCEPTED


def test_many_are_asked_about_in_few_questions(
    make_application: Make, executor: User, director: User, now: datetime, django_assert_max_num_queries: Any
) -> None:
    filed = make_application(Status.IN_REVIEW, channel=Channel.IN_PERSON, filed_by=director)
    others = [(filed, Decision(prepared_by=director))] * 20

    with django_assert_max_num_queries(4):
        assert hands.bars(others, director) == {filed.pk: Bar.ALONE}


# --- pages -------------------------------------------------------------------------------------------
def shown(client: Client, application: Application) -> str:
    answer = client.get(reverse("review:application", args=[application.public_id]))
    return " ".join(answer.content.decode().split())


@pytest.mark.rule("D39")
@pytest.mark.parametrize("role", ["executor", "director"])
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.SIGNING])
def test_page_says_why_there_is_no_button_and_whose_hands_it_needs(
    client: Client, make_application: Make, executor: User, director: User, now: datetime, role: str,
    status: Status,
) -> None:  # fmt: skip
    user = {"executor": executor, "director": director}[role]
    filed = make_application(status)
    filed.decisions.create(result=Result.ACCEPT, prepared_by=executor, prepared_at=now)
    parent_of(filed, user)
    client.force_login(user)

    page = shown(client, filed)

    assert str(ADVICE[Bar.OWN_CHILD].reason) in page and str(ADVICE[Bar.OWN_CHILD].remedy) in page
    for name in ("decide", "sign", "return"):
        address = reverse(f"review:{name}", args=[filed.public_id])
        assert address not in page
        client.post(address, {"result": "ACCEPT", "reason": "Түзетіңіз"})
    assert filed.decisions.count() == 1 and not SigningBatch.objects.exists()
    filed.refresh_from_db()
    assert filed.status == status


@pytest.mark.rule("D39")
def test_address_of_a_button_that_is_not_there_answers_with_the_reason(
    client: Client, make_application: Make, director: User, executor: User
) -> None:
    filed = make_application(Status.IN_REVIEW, channel=Channel.IN_PERSON, filed_by=director)
    client.force_login(director)

    answer = client.post(reverse("review:decide", args=[filed.public_id]), {"result": "ACCEPT"})

    said = [str(one) for one in get_messages(answer.wsgi_request)]
    assert said == [f"{ADVICE[Bar.ALONE].reason} {ADVICE[Bar.ALONE].remedy}"]
    assert not filed.decisions.exists()


# --- who is told when nobody of the school may sign --------------------------------------------------
@pytest.mark.rule("D39")
@pytest.mark.parametrize("stands_in", [True, False])
@pytest.mark.parametrize("why", ["the parent", "barred"])
def test_department_is_told_when_the_director_may_not_sign(
    make_application: Make, school: School, director: User, executor: User, stranger: User,
    localities: dict[str, Locality], now: datetime, stands_in: bool, why: str,
) -> None:  # fmt: skip
    StaffMember.objects.create(user=stranger, region=localities["710000000"], role=Role.DEPARTMENT)
    filed = make_application(Status.IN_REVIEW)
    if why == "barred":
        hide_from(filed, director)
    else:
        parent_of(filed, director)
    if stands_in:
        one_who_stands_in(school, filed)

    messages.filed(filed, now=now)

    told = Message.objects.filter(recipient=stranger)
    assert list(told.values_list("template", flat=True)) == ([] if stands_in else ["nobody_signs"])
    assert not told.filter(context__has_key="number").exists()
