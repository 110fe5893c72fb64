"""Other schools on the page of a refusal: one press opens a draft for that very school (R109, D20)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, RefusalReason, Result, Route
from applications.status import Status
from schools.models import Intake, School

FOR_ANOTHER = "сіз қазір таңдаған мектеп онда белгіленген жоқ"
CHOSEN = "онда сіз таңдаған мектеп белгіленді"
OPEN_ALREADY = "ол сол күйінде ашылды, ештеңе көшірілген жоқ"

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


# What a draft has when the button is pressed; which page the press opens, what it says of the choice.
HAS: dict[str, tuple[dict[str, Any], str, str]] = {
    "another school, outside the microdistrict": ({"route": Route.OUTSIDE}, "school", FOR_ANOTHER),
    "the school of the address": ({"route": Route.LOCAL}, "way", FOR_ANOTHER),
    "another school, and nothing else that holds": ({"step1_at": None}, "child", FOR_ANOTHER),
    "no school yet": ({"intake": None, "route": "", "step2_at": None}, "documents", CHOSEN),
    "that school": ({"intake": "near", "route": Route.OUTSIDE}, "documents", OPEN_ALREADY),
}


@pytest.mark.parametrize("has", HAS)
def test_begun_draft_says_what_has_become_of_the_choice(
    at_home: Client,
    refused: Application,
    near: Intake,
    make_application: Callable[..., Application],
    has: str,
) -> None:
    """Its school stays; only where it has none the one that was pressed is chosen. Nobody signs unawares."""
    state, page, said = HAS[has]
    begun = make_application(copied_from=refused, **state | ({"intake": near} if state.get("intake") else {}))
    kept = begun.intake

    assert press(at_home, refused, near) == reverse("filing:step", args=[begun.public_id, page])

    begun.refresh_from_db()
    assert begun.intake == (kept if said == FOR_ANOTHER else near)
    shown = text(at_home.get(reverse("filing:step", args=[begun.public_id, page])))
    told = shown.partition("<h1")[0]
    assert [words for words in (FOR_ANOTHER, CHOSEN, OPEN_ALREADY) if words in told] == [said]
    assert ("№65 мектеп, Қазақ" in told) == (said != OPEN_ALREADY)
    assert ("№63 жалпы білім" in told) == (said == FOR_ANOTHER)


def test_second_school_that_is_pressed_is_not_chosen_in_silence(
    at_home: Client, refused: Application, near: Intake
) -> None:
    """One is pressed, then «back» and another: the draft is for the first, and says so."""
    own = refused.chosen_intake
    press(at_home, refused, near)

    answer = at_home.post(address("reapply", refused), {"intake": own.pk}, follow=True)

    draft = Application.objects.get(status=Status.DRAFT)
    assert draft.intake == near
    told = text(answer).partition("<h1")[0]
    assert FOR_ANOTHER in told and "ол басқа мектепке: №65 мектеп" in told and own.school.name_kk in told
    assert answer.redirect_chain[-1][0].endswith("/way/")
