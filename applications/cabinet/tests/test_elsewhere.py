"""Other schools on the page of a refusal: one press opens a draft for that very school (R109, D20)."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, RefusalReason, Result, Route
from applications.status import Status
from schools.models import Intake, School

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R109", "D20")]


@pytest.fixture
def refused(make_application: Callable[..., Application], director: User, now: datetime) -> Application:
    made = make_application(Status.REFUSED, transport=True, transport_address={"same": True})
    made.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.NO_SEATS, reason="x", prepared_by=director,
        prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    return made


@pytest.fixture
def near(refused: Application) -> Intake:
    """№65 of the same district, outside the parent's microdistrict; it has no transport."""
    school = School.objects.create(
        bin="990540099932", locality_id="711210000", name_kk="№65 мектеп", name_ru="Школа №65", sort_kk="65"
    )
    return Intake.objects.create(school=school, year=refused.year, language_id="kk", seats=8, outside_limit=2)


def address(name: str, of: Application) -> str:
    return reverse(f"cabinet:{name}", args=[of.public_id])


def press(client: Client, refused: Application, intake: Intake) -> str:
    """The button as it stands on the page; where it leads."""
    page = text(client.get(address("application", refused)))
    forms = re.findall(
        rf'<form method="post" action="{address("reapply", refused)}">(.*?)</form>', page, re.S
    )
    (form,) = [one for one in forms if f'name="intake" value="{intake.pk}"' in one]
    assert "Осы мектепке өтінім беру" in form
    return str(client.post(address("reapply", refused), {"intake": intake.pk})["Location"])


@pytest.mark.parametrize("is_own", [False, True])
def test_press_opens_a_draft_for_that_school(
    at_home: Client, refused: Application, near: Intake, is_own: bool
) -> None:
    if is_own:  # a second school of the parent's address, with no place left for others
        street = refused.chosen_intake.school.addresses.get()
        street.pk, street.school = None, near.school
        street.save()
        Intake.objects.filter(pk=near.pk).update(held_outside=2)

    assert press(at_home, refused, near).endswith("/documents/")

    draft = Application.objects.get(status=Status.DRAFT)
    assert (draft.intake, draft.copied_from) == (near, refused)
    assert draft.route == (Route.LOCAL if is_own else Route.OUTSIDE)
    assert (draft.transport, draft.transport_address) == (False, {})


def test_heading_says_where_the_schools_are_and_not_how_near(
    at_home: Client, refused: Application, near: Intake
) -> None:
    page = text(at_home.get(address("application", refused)))

    assert "Орны бар басқа мектептер: Есіл ауданы" in page


def test_school_that_would_not_be_taken_opens_nothing_and_says_why(
    at_home: Client, refused: Application, near: Intake, other_school: School
) -> None:
    Intake.objects.filter(pk=near.pk).update(held_outside=2)
    said = {near.pk: "Бұл мектепте шағын ауданнан тыс орындар бітті", other_school.intakes.get().pk: "өңір"}
    for pk, words in said.items():
        page = text(at_home.post(address("reapply", refused), {"intake": pk}, follow=True))
        assert words in page and f'name="intake" value="{pk}"' not in page

    assert at_home.post(address("reapply", refused), {"intake": "x"}).status_code == 404
    assert not Application.objects.filter(status=Status.DRAFT).exists()


def test_school_that_a_begun_draft_has_stays(
    at_home: Client, refused: Application, near: Intake, make_application: Callable[..., Application]
) -> None:
    begun = make_application()
    kept = begun.intake

    press(at_home, refused, near)
    begun.refresh_from_db()
    assert begun.intake == kept

    Application.objects.filter(pk=begun.pk).update(intake=None, step2_at=None)
    press(at_home, refused, near)
    begun.refresh_from_db()
    assert begun.intake == near
