"""An application on paper is filed by the school under the same rules (R129, R130, R201, D15)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Child, User
from applications import eligibility, lifecycle
from applications.models import Application, Channel, DocumentKind, DocumentSource, PaperKind, Purpose, Route
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from notifications.models import Message
from schools import seats
from schools.models import Intake, School

Make = Callable[..., Application]


@pytest.fixture
def on_paper(
    make_application: Make, executor: User, director: User, now: datetime
) -> Callable[..., Application]:
    def make(**changes: Any) -> Application:
        values = {"channel": Channel.IN_PERSON, "filed_by": executor, "applicant_phone": "+77015550001"}
        draft = complete(make_application(**values | changes), now=now)
        draft.documents.create(
            kind=DocumentKind.SCAN, source=DocumentSource.MANUAL, mime="application/pdf", size=1, sha256="0",
            file="scan", added_at=now,
        )  # fmt: skip
        return draft

    return make


@pytest.mark.rule("R129", "R130", "R201", "D15")
@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("post", ["executor", "director"])
def test_school_files_what_was_signed_by_hand(
    on_paper: Make,
    request: pytest.FixtureRequest,
    now: datetime,
    route: Route,
    post: str,
) -> None:
    by, draft = request.getfixturevalue(post), on_paper(route=route)
    User.objects.filter(pk=draft.applicant.pk).update(phone="")

    filed = lifecycle.submit_in_person(Application.objects.get(pk=draft.pk), by=by, now=now)

    filed.refresh_from_db()
    intake = Intake.objects.get(pk=filed.chosen_intake.pk)
    assert (filed.status, filed.filed_by, filed.submitted_at) == (Status.IN_REVIEW, by, now)
    assert filed.due_at == now + timedelta(days=1)
    assert filed.snapshot["applicant"]["iin"] == filed.applicant.iin
    assert list(filed.changes.values_list("old", "new", "by", "at")) == [("DRAFT", "IN_REVIEW", by.pk, now)]
    assert (filed.papers.get().kind, filed.papers.get().signature) == (PaperKind.RECEIPT, None)
    assert User.objects.get(pk=filed.applicant.pk).phone == "+77015550001"
    assert Message.objects.filter(recipient=filed.applicant, template="registered").exists()
    assert (intake.held_local, intake.held_outside) == (route == Route.LOCAL, route == Route.OUTSIDE)


def test_only_the_school_s_own_people_file(
    on_paper: Make, parent: User, other_director: User, now: datetime
) -> None:
    draft = on_paper()

    for nobody in (parent, other_director):
        with pytest.raises(lifecycle.NotAllowed):
            lifecycle.submit_in_person(draft, by=nobody, now=now)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_each_way_of_filing_keeps_to_its_own_drafts(
    on_paper: Make, make_application: Make, executor: User, now: datetime
) -> None:
    paper = on_paper()
    online = complete(make_application(), now=now)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.submit_in_person(online, by=executor, now=now)
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(evidence_of(paper, Purpose.APPLICATION, by=paper.applicant, now=now), now=now)
    assert set(Application.objects.values_list("status", flat=True)) == {Status.DRAFT}


def test_paper_meets_the_same_checks_and_the_same_seats(
    on_paper: Make, executor: User, now: datetime, school: School
) -> None:
    draft = on_paper(route=Route.OUTSIDE)
    Intake.objects.update(held_outside=2)

    with pytest.raises((eligibility.Blocked, seats.OutsideFull)):
        lifecycle.submit_in_person(draft, by=executor, now=now)

    Intake.objects.update(held_outside=0)
    Child.objects.update(birth_date="2021-01-01")
    with pytest.raises(eligibility.Blocked, match="AGE"):
        lifecycle.submit_in_person(Application.objects.get(pk=draft.pk), by=executor, now=now)


def test_filed_paper_is_not_filed_again(on_paper: Make, executor: User, now: datetime) -> None:
    draft = on_paper()
    lifecycle.submit_in_person(draft, by=executor, now=now)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.submit_in_person(draft, by=executor, now=now)

    assert Intake.objects.get().held_local == 1
