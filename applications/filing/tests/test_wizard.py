"""The order of the pages (R41-R47): worked out from the answers, each time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from applications.filing import wizard
from applications.models import Application, Route
from applications.status import Status
from applications.tests.cast import complete
from schools.models import School

LOCAL = ("child", "way", "transport", "documents", "review")
OUTSIDE = ("child", "way", "school", "transport", "documents", "review")


def ready(application: Application, *, now: datetime, **changes: Any) -> Application:
    """A draft with everything answered."""
    complete(application, now=now)
    for name, value in ({"ticks_version": wizard.TICKS_VERSION} | changes).items():
        setattr(application, name, value)
    application.save()
    return application


@pytest.mark.rule("R41")
def test_there_are_four_steps_and_each_page_belongs_to_one() -> None:
    assert list(wizard.STEPS) == [1, 2, 3, 4]
    assert wizard.PAGES == OUTSIDE


@pytest.mark.rule("R80")
def test_transport_is_a_page_only_where_the_school_has_it(make_application) -> None:
    draft = make_application()
    assert wizard.path(draft) == LOCAL

    draft.chosen_intake.school.has_transport = False

    assert wizard.path(draft) == tuple(page for page in LOCAL if page != "transport")


@pytest.mark.rule("D70")
def test_schools_of_the_country_are_a_page_only_outside(make_application, now: datetime) -> None:
    """A bookmark of the page that the draft does not pass leads to the one that asks the same."""
    draft = ready(make_application(), now=now)
    assert [wizard.instead(draft, page) for page in ("applicant", "school", "way")] == ["child", "way", None]
    assert not wizard.may_open(draft, "school", now=now)

    draft.route = Route.OUTSIDE
    assert wizard.path(draft) == OUTSIDE
    assert wizard.instead(draft, "school") is None
    draft.intake = None
    assert wizard.first_unfinished(draft, now=now) == "school"


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({}, "review"),
        ({"step1_at": None}, "child"),
        ({"route": ""}, "way"),
        ({"intake": None}, "way"),
        ({"step2_at": None}, "transport"),
        ({"step3_at": None}, "documents"),
        ({"data_correct_at": None}, "documents"),
        ({"external_data_at": None}, "documents"),
        ({"ticks_version": "an older text"}, "documents"),
        ({"special_needs": True}, "documents"),  # R62: its certificate is missing
        ({"step1_at": None, "step3_at": None}, "child"),  # the first of several
    ],
)
def test_first_unfinished_page(make_application, now: datetime, changes: dict, page: str) -> None:
    draft = ready(make_application(), now=now, **changes)

    assert wizard.first_unfinished(draft, now=now) == page
    assert wizard.may_open(draft, page, now=now)
    assert all(wizard.may_open(draft, one, now=now) for one in LOCAL[: LOCAL.index(page)])
    assert not any(wizard.may_open(draft, one, now=now) for one in LOCAL[LOCAL.index(page) + 1 :])


@pytest.mark.rule("R52", "R66")
def test_answers_that_no_longer_hold_are_asked_again(
    make_application, school: School, stranger, now: datetime
) -> None:
    draft = ready(make_application(), now=now)

    school.addresses.all().delete()
    assert wizard.first_unfinished(draft, now=now) == "way"

    make_application(Status.IN_REVIEW, applicant=stranger)
    assert wizard.first_unfinished(draft, now=now) == "child"


def test_outside_school_needs_no_microdistrict(make_application, school: School, now: datetime) -> None:
    draft = ready(make_application(), now=now, route=Route.OUTSIDE)

    school.addresses.all().delete()

    assert wizard.first_unfinished(draft, now=now) == "review"


@pytest.mark.rule("D3")
def test_school_that_has_become_one_s_own_is_not_filed_to_from_outside(
    make_application, school: School, now: datetime
) -> None:
    """The department has added the address since: its child would take the place of another."""
    addresses = list(school.addresses.all())
    school.addresses.all().delete()
    draft = ready(make_application(), now=now, route=Route.OUTSIDE)
    assert wizard.first_unfinished(draft, now=now) == "review"

    for one in addresses:
        one.pk = None
        one.save()

    assert wizard.first_unfinished(Application.objects.get(pk=draft.pk), now=now) == "school"


def test_transport_that_the_school_gave_up_sends_back_to_the_school(make_application, now: datetime) -> None:
    draft = ready(make_application(), now=now, transport=True, transport_address={"same": True})

    draft.chosen_intake.school.has_transport = False

    assert wizard.first_unfinished(draft, now=now) == "way"


def test_next_page_follows_the_path_or_returns_to_the_review(make_application, now: datetime) -> None:
    draft = ready(make_application(), now=now)

    assert wizard.next_page(draft, "way", back=False, now=now) == "transport"
    assert wizard.next_page(draft, "way", back=True, now=now) == "review"

    draft.step2_at = None
    assert wizard.next_page(draft, "way", back=True, now=now) == "transport"


def test_draft_is_taken_up_where_it_was_left_if_that_may_be_opened(make_application, now: datetime) -> None:
    draft = ready(make_application(), now=now, left_at="way")
    assert wizard.resume_page(draft, now=now) == "way"

    draft.left_at, draft.step1_at = "documents", None
    assert wizard.resume_page(draft, now=now) == "child"


def test_certificate_that_ended_since_is_asked_for_again(make_application, now: datetime) -> None:
    draft = ready(make_application(), now=now, special_needs=True)
    draft.documents.create(
        kind="PMPC", source="MANUAL", mime="application/pdf", size=1, added_at=now,
        valid_until=now.date() + timedelta(days=3),
    )  # fmt: skip

    assert wizard.first_unfinished(draft, now=now) == "review"
    assert wizard.first_unfinished(draft, now=now + timedelta(days=4)) == "documents"
