"""Who waits for their turn to sign goes on to it, whatever becomes of the line, Redis and the clock (D79)."""

from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import freshness
from accounts.models import Guardianship
from accounts.waiting import lane, room, terms
from applications.filing.tests.night_cast import MINUTE, Night, is_held, is_signing, place
from applications.filing.tests.wizard_cast import step, text
from applications.models import Application, SigningRequest
from applications.signing import ahead
from egov.errors import Unavailable

pytestmark = pytest.mark.rule("D79")


@pytest.mark.parametrize("spoil", ["off", "silent", "later", "emptied"])
def test_who_waits_goes_on_to_the_signature_whatever_becomes_of_the_line(
    night: Night,
    settings: Any,
    own_redis: str,
    monkeypatch: pytest.MonkeyPatch,
    spoil: str,
) -> None:
    night.at(MINUTE)
    night.others(3)
    night.press()
    assert place(night.look()) == 3
    if spoil == "off":
        room.room.order(terms.Mode.OFF)
    elif spoil == "silent":
        night.silence(settings)
        assert is_held(night.look())
        at = monotonic()
        monkeypatch.setattr(room, "monotonic", lambda: at + room.PATIENCE + 1)
    elif spoil == "later":
        settings.WAITING_ROOM_AFTER = 1
    else:
        night.empty(own_redis, settings)
        night.others(3)
        assert place(night.look()) == 3  # in a new line
        night.clock.move_to(night.midnight + 3 * MINUTE)

    page = night.look()

    assert is_signing(page)
    assert night.look()["Location"] == (
        page["Location"]
        if spoil == "emptied"
        else reverse("cabinet:application", args=[night.draft.public_id])
    )  # who has passed goes on; else the button was pressed once


@pytest.mark.parametrize("spoil", ["off", "silent"])
def test_who_waits_for_the_opening_waits_for_it_without_a_line_too(
    night: Night, settings: Any, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    night.at(-5 * MINUTE)
    night.press()
    if spoil == "off":
        room.room.order(terms.Mode.OFF)
    else:
        night.silence(settings)
        night.look()
        at = monotonic()
        monkeypatch.setattr(room, "monotonic", lambda: at + room.PATIENCE + 1)

    page = night.look()

    assert page.status_code == 200 and "Қабылдаудың басталу уақыты" in text(page)
    night.clock.move_to(night.midnight)
    assert is_signing(night.look())


def test_a_slow_moment_of_redis_lets_nobody_jump_the_line(
    night: Night, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.at(MINUTE)
    night.others(3)
    assert room.room.is_at_work()
    works = settings.CACHES
    night.silence(settings)

    assert "/applications/" in night.look()["Location"]  # nothing was pressed
    assert night.press()["Location"] == night.address
    assert is_held(night.look())
    settings.CACHES = works
    at = monotonic()
    monkeypatch.setattr(room, "monotonic", lambda: at + 2)
    assert place(night.look()) == 3


def test_one_clock_says_whose_turn_it_is_and_that_it_has_opened(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that begins before the opening and goes on after it."""
    night.at(-MINUTE)
    night.press()

    def passes_midnight(*_of: Any) -> None:
        night.clock.move_to(night.midnight + timedelta(seconds=0.01))

    night.clock.move_to(night.midnight - timedelta(seconds=0.01))
    with monkeypatch.context() as slow:
        slow.setattr(lane, "held", passes_midnight)
        assert place(night.look()) == 1
    assert is_signing(night.look())


def test_what_was_fresh_at_the_press_is_fresh_as_long_as_the_line_lasts(
    night: Night, drawings: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    night.at(-10 * MINUTE)
    night.review()
    night.press()
    assert ahead.draw_next(now=timezone.now()) is True
    monkeypatch.setattr(freshness, "renew", lambda *_a, **_more: pytest.fail("a register was asked"))
    monkeypatch.setattr(
        "applications.registers.enrolment.ask", lambda *_a, **_more: pytest.fail("a register was asked")
    )

    night.at(65 * MINUTE)  # OPENING_RUSH is over

    assert is_signing(night.press())
    assert len(drawings) == 1


@pytest.mark.parametrize("after", [timedelta(), 50 * MINUTE, 60 * MINUTE])
@pytest.mark.parametrize("mode", ["auto", "off"])
def test_in_the_rush_no_page_up_to_the_signature_waits_for_a_register(
    night: Night, settings: Any, monkeypatch: pytest.MonkeyPatch, mode: str, after: timedelta
) -> None:
    """Whose answers are older than a signature leans on otherwise."""
    settings.WAITING_ROOM = mode
    asked: list[Any] = []

    def ask(*of: Any, **_more: Any) -> Any:
        asked.append(of)
        raise Unavailable("children", "too late")

    monkeypatch.setattr(freshness, "renew", ask)
    for question in ("ask", "question"):
        monkeypatch.setattr(f"applications.registers.enrolment.{question}", ask)
    night.at(after)
    Guardianship.objects.update(answered_at=timezone.now() - 20 * MINUTE)
    Application.objects.update(step1_at=timezone.now() - 20 * MINUTE)
    is_rush = after < 60 * MINUTE

    with suppress(Unavailable):
        told = night.review()
        assert is_rush and "тізілімдер қайта сұралмайды" in told
        assert is_signing(night.press())

    assert (asked == []) is is_rush


def test_who_has_not_waited_after_the_rush_leans_on_what_is_fresh_today(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    known = freshness.demand

    def demand(*of: Any, **more: Any) -> Any:
        asked.append(of)
        return known(*of, **more)

    monkeypatch.setattr(freshness, "demand", demand)
    night.at(65 * MINUTE)
    Guardianship.objects.update(answered_at=timezone.now())
    Application.objects.update(step1_at=timezone.now())

    assert is_signing(night.press())
    assert asked


@pytest.mark.rule("D82")
def test_what_is_signed_at_the_turn_is_what_was_shown_at_the_press(night: Night, drawings: list[Any]) -> None:
    """Another window may change the draft while this one waits; who only waits is not held up by it."""
    night.at(-10 * MINUTE)
    read = night.read()
    night.press(shown=read)
    place(night.look())
    Application.objects.update(extra_phone="+77011112233")

    night.at(timedelta())
    answer = night.look()

    assert answer["Location"] == step(night.draft, "review")
    assert not SigningRequest.objects.exclude(payload="").exists()
    assert is_signing(night.press())


@pytest.mark.rule("D82")
@pytest.mark.parametrize("lined_up", [True, False])
def test_answer_that_grows_old_since_the_page_is_no_change_of_what_was_read(
    night: Night, drawings: list[Any], lined_up: bool
) -> None:
    """Read as fresh, it is older at the press. Who has stood in the line and comes back reads it as old, and
    the press leans on what was fresh in the line."""
    night.at(-10 * MINUTE)
    read = night.read()
    if lined_up:
        night.press(shown=read)
        night.at(timedelta())
        assert is_signing(night.look())
        night.at(20 * MINUTE)
        read = night.read()
    else:
        night.at(10 * MINUTE)

    assert is_signing(night.press(shown=read))
    renewed = SigningRequest.objects.latest("pk").content_sha256
    assert is_signing(night.press(shown=renewed, fresh="1"))


@pytest.mark.rule("D82")
def test_turn_of_another_window_opens_no_signature_of_what_this_one_has_not_shown(night: Night) -> None:
    night.at(MINUTE)
    assert is_signing(night.press())
    night.client.session.flush()
    night.at(2 * MINUTE)
    asked = SigningRequest.objects.count()

    assert night.look()["Location"] == reverse("cabinet:application", args=[night.draft.public_id])
    assert SigningRequest.objects.count() == asked
    assert is_signing(night.press(shown=night.read()))
