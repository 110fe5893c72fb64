"""The button of the signature while a region opens: who has pressed it waits for their turn (D79)."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Guardianship
from accounts.waiting import room, terms
from accounts.waiting.room import Room
from applications import behind, facts
from applications.filing.tests.night_cast import MINUTE, Night, is_held, is_signing, place
from applications.filing.tests.wizard_cast import text
from applications.models import Application, SigningRequest
from applications.signing import ahead
from oqu import rush
from schools.models import Period, School

pytestmark = pytest.mark.rule("D79")


def test_a_place_is_taken_before_the_opening_and_leads_to_the_signature_by_itself(
    night: Night, drawings: list[Any]
) -> None:
    night.at(-31 * MINUTE)
    early = night.review()
    assert "Кезекке тұру</button>" not in early
    assert "Қол қою кезегі бұдан бұрын ашылады: 2026 ж. 10 маусым, 23:30." in early
    assert (night.press().status_code, night.look().status_code) == (409, 302)

    night.at(-10 * MINUTE)
    night.others(1)
    before = night.review()
    assert "Кезекке тұру</button>" in before and "бұдан бұрын ашылады" not in before
    assert "басқа заңды өкілі бұл өтінімнің мәртебесін" in before  # D80: who lines up reads no page after it
    assert ahead.draw_next(now=night.midnight - 10 * MINUTE) is True
    assert night.press()["Location"] == night.address
    page = night.look()
    assert place(page) == 2
    assert "Қабылдаудың басталу уақыты" in text(page)

    for after, goes_on in ((timedelta(seconds=-1), False), (timedelta(), False), (9 * MINUTE, True)):
        night.at(after)
        assert (night.look().status_code == 302) is goes_on, after
        night.others(1)

    signed = SigningRequest.objects.latest("pk")
    assert night.look()["Location"].partition("?")[0] == reverse("signing:page", args=[signed.batch.token])
    assert len(drawings) == 1  # what was fresh when the button was pressed is fresh at the turn
    night.draft.refresh_from_db()
    assert night.draft.registers_as_of is None


def test_who_comes_later_waits_behind_and_who_has_passed_goes_on(night: Night) -> None:
    night.at(MINUTE)
    night.others(3)

    assert night.press()["Location"] == night.address
    assert place(night.look()) == 3  # one of the three has passed at once
    night.press()
    assert place(night.look()) == 3
    assert rush.signing(now=timezone.now()) == 3
    night.at(6 * MINUTE)  # the others have gone
    assert "/sign/" in night.press()["Location"]
    assert night.press()["Location"] != night.address


def test_nobody_is_led_to_a_signature_that_they_have_not_asked_for(night: Night) -> None:
    night.at(MINUTE)

    assert night.look()["Location"] == reverse("cabinet:application", args=[night.draft.public_id])
    assert not SigningRequest.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        {"step3_at": None},
        {"step2_at": None},
        {"ticks_version": "0"},
        {"registers_seen": {}},
        {"intake": None},
    ],
    ids=lambda spoil: next(iter(spoil)),
)
def test_no_place_is_given_for_what_could_not_be_signed(night: Night, spoil: dict[str, Any]) -> None:
    """By the address alone, which can be guessed. Who stands in the line already keeps their number."""
    if "registers_seen" in spoil:
        Child.objects.update(surname="Басқа")
        spoil = {"registers_seen": facts.of_registers(night.draft)}
    Application.objects.update(**spoil)
    night.at(-10 * MINUTE)

    answer = night.press()

    assert answer.status_code == 409 or answer["Location"] != night.address
    assert night.look()["Location"] != night.address
    assert room.room.lined_up(night.midnight) == 0


def test_place_is_taken_for_one_opening_and_for_no_other(night: Night, other_school: School) -> None:
    """Who has changed to a region that opens days later stands in no line of it before its time."""
    night.at(-10 * MINUTE)
    night.press()
    later = night.midnight + timedelta(days=3)
    Period.objects.filter(region_id="590000000").update(opens=timezone.localdate(later))
    Application.objects.update(intake=other_school.intakes.get())

    assert night.look()["Location"] == reverse("cabinet:application", args=[night.draft.public_id])
    night.at(timedelta(minutes=1))
    assert night.look()["Location"] == reverse("cabinet:application", args=[night.draft.public_id])
    assert room.room.lined_up(later) == 0


@pytest.mark.parametrize("days", [-1, 1])
def test_a_region_whose_day_is_moved_loses_no_press_without_a_word(night: Night, days: int) -> None:
    night.at(-10 * MINUTE)
    night.press()
    assert place(night.look()) == 1
    moved = timezone.localdate(night.midnight) + timedelta(days=days)
    Period.objects.update(opens=moved)

    answer = night.look()

    if days < 0:  # it is open, and nobody waits
        assert is_signing(answer)
        return
    assert answer["Location"] == reverse("cabinet:application", args=[night.draft.public_id])
    told = "Қабылдаудың басталу уақыты өзгерді: "
    assert told in text(night.client.get(answer["Location"], follow=True))
    night.look()
    assert told not in text(night.client.get(answer["Location"], follow=True))  # once
    assert room.room.lined_up(night.midnight + timedelta(days=days)) == 0


@pytest.mark.parametrize("spoil", ["off", "silent", "later"])
def test_without_a_line_the_button_opens_at_once(
    night: Night, settings: Any, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    night.at(MINUTE)
    night.others(3)
    if spoil == "off":
        room.room.order(terms.Mode.OFF)
        room.room.__dict__.update(Room().__dict__)
    elif spoil == "silent":
        night.silence(settings)  # as this process begins
        assert night.press()["Location"] == night.address
        assert is_held(night.look())
        at = monotonic()
        monkeypatch.setattr(room, "monotonic", lambda: at + room.PATIENCE + 1)
    else:
        night.at(timedelta(minutes=settings.WAITING_ROOM_AFTER))
        Guardianship.objects.update(answered_at=timezone.now())
        Application.objects.update(step1_at=timezone.now())

    assert night.press()["Location"] != night.address
    assert SigningRequest.objects.exists()


def test_who_has_waited_with_an_older_answer_is_asked_about_afterwards(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def answered(user: Any, *, now: datetime) -> bool:
        asked.append(user)
        return True

    monkeypatch.setattr(behind, "_is_answered", answered)
    at = night.midnight + 5 * MINUTE
    filed = dict.fromkeys(("submitted_at", "received_at", "due_at"), at)
    Application.objects.update(status="IN_REVIEW", snapshot={"x": 1}, **filed)

    assert (behind.ask_behind(now=at), asked) == (1, [night.draft.applicant])
    Guardianship.objects.update(answered_at=at - 14 * MINUTE)
    assert behind.ask_behind(now=at) == 0
