"""The original is drawn by the worker while its parent looks the application through (D67)."""

import errno
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import throttle
from accounts.models import Guardianship, User
from accounts.storage import LockedStorage, StoreAway
from applications import drafts, facts
from applications.filing.tests.wizard_cast import step
from applications.filing.views import wizard
from applications.models import Application, Drawing, Method, Purpose, SigningBatch, SigningRequest
from applications.papers import drawing, printing
from applications.queues import standings
from applications.signing import ahead, batches, originals
from applications.status import Status
from applications.tests.cast import complete
from egov.eds import Refusal, SignatureRefused
from schools.models import Period


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


def look(client: Client, draft: Application) -> None:
    assert client.get(step(draft, "review")).status_code == 200


def press(client: Client, draft: Application) -> Any:
    return client.post(reverse("filing:sign", args=[draft.public_id]))


@pytest.mark.rule("D67")
def test_looking_it_through_orders_one_drawing_and_the_button_finds_it(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime
) -> None:
    at_home.head(step(draft, "review"))
    assert not Drawing.objects.exists()
    for _reload in range(3):
        look(at_home, draft)
    ordered = SigningRequest.objects.get()
    assert (Drawing.objects.get().ahead, drawings) == (True, [])
    assert standings(now=now)["originals"].waiting == 0  # nobody waits for it
    assert [ahead.draw_next(now=now) for _row in range(2)] == [True, None]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        look(at_home, draft)
    assert sum('"applications_signing' in one["sql"] for one in asked) == 1
    assert (Drawing.objects.count(), ordered.batch.expires_at) == (0, now)  # none may sign in that batch

    assert press(at_home, draft).status_code == 302

    ordered.refresh_from_db()
    mine = SigningRequest.objects.latest("pk")
    assert mine != ordered and mine.batch.expires_at > now
    assert (mine.payload.name, len(drawings)) == (ordered.payload.name, 1)


@pytest.mark.rule("D67")
def test_button_waits_for_no_worker_and_the_worker_draws_it_no_more(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime
) -> None:
    look(at_home, draft)

    assert press(at_home, draft).status_code == 302
    assert len(drawings) == 1
    assert SigningRequest.objects.latest("pk").payload

    assert [ahead.draw_next(now=now) for _row in range(2)] == [False, None]
    assert (len(drawings), SigningBatch.objects.count()) == (1, 1)


@pytest.mark.rule("D67")
def test_what_would_serve_no_signature_is_not_drawn_and_may_be_ordered_again(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime
) -> None:
    mine = Application.objects.filter(pk=draft.pk)

    def dropped(*, at: datetime) -> bool:
        return ahead.draw_next(now=at) is False and not SigningBatch.objects.exists()

    look(at_home, draft)
    assert dropped(at=now + ahead.PATIENCE)  # the worker slept, and the parent with it
    look(at_home, draft)
    mine.update(extra_phone="+77172123456")
    assert dropped(at=now)
    look(at_home, draft)
    frozen = facts.snapshot(mine.get())
    mine.update(status=Status.IN_REVIEW, submitted_at=now, received_at=now, due_at=now, snapshot=frozen)
    assert dropped(at=now)
    assert drawings == []


@pytest.mark.rule("D67")
def test_of_one_application_the_newest_order_stands_alone_and_a_person_orders_few(
    at_home: Client,
    draft: Application,
    drawings: list[Any],
    now: datetime,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def look_anew(number: int) -> SigningRequest:
        Application.objects.filter(pk=draft.pk).update(extra_phone=f"+7717212345{number}")
        with django_capture_on_commit_callbacks(execute=True):
            look(at_home, draft)
        return SigningRequest.objects.latest("pk")

    first = look_anew(1)
    assert ahead.draw_next(now=now) is True
    first.refresh_from_db()
    second = look_anew(2)
    assert not default_storage.exists(str(first.payload.name))
    assert (Drawing.objects.get().signing_request, SigningBatch.objects.get()) == (second, second.batch)
    assert ahead.draw_next(now=now) is True
    assert press(at_home, draft).status_code == 302
    mine = SigningRequest.objects.latest("pk")
    look_anew(3)
    assert not SigningRequest.objects.filter(pk=second.pk).exists()
    assert default_storage.exists(str(mine.payload.name))  # it is the signature's by now

    monkeypatch.setattr(wizard, "AHEAD", 3)
    assert look_anew(4).content_sha256 != facts.content_sha256(
        Application.objects.get(pk=draft.pk), Purpose.APPLICATION, None
    )


@pytest.mark.rule("D67")
def test_draft_that_is_gone_or_filed_meanwhile_is_not_ordered(
    at_home: Client, draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Application.objects.filter(pk=draft.pk)
    frozen = facts.snapshot(mine.get())
    moments = ("submitted_at", "received_at", "due_at")
    filed = dict[str, Any](dict.fromkeys(moments, now), status=Status.IN_REVIEW, snapshot=frozen)

    def look_while(change: Callable[[], Any]) -> Any:
        monkeypatch.setattr(throttle, "allowed_in_hour", lambda *_request, **_limit: (change(), True)[1])
        return at_home.get(step(draft, "review"))

    assert look_while(lambda: mine.update(**filed)).url == reverse(
        "cabinet:application", args=[draft.public_id]
    )
    mine.update(**dict.fromkeys(moments, None), status=Status.DRAFT, snapshot={})
    assert look_while(lambda: drafts.delete(draft)).status_code == 404
    assert not SigningBatch.objects.exists()


@pytest.mark.rule("D67")
def test_what_opens_later_is_drawn_before_and_found_by_the_first_press(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime, clock: Any
) -> None:
    opens = timezone.localdate(now) + timedelta(days=1)
    Period.objects.update(opens=opens)

    look(at_home, draft)
    assert ahead.draw_next(now=now + 2 * ahead.PATIENCE) is True  # it is good until an hour after midnight
    look(at_home, draft)
    assert (press(at_home, draft).status_code, len(drawings)) == (409, 1)  # not yet

    midnight = timezone.make_aware(datetime.combine(opens, time.min))
    clock.move_to(midnight)
    at_home.force_login(draft.applicant)
    Guardianship.objects.update(answered_at=midnight)  # the registers say the same
    look(at_home, draft)
    assert press(at_home, draft).status_code == 302

    assert SigningRequest.objects.latest("pk").payload
    assert (len(drawings), Drawing.objects.count()) == (1, 0)


@pytest.mark.rule("D67")
@pytest.mark.parametrize("change", ["too early", "incomplete", "full", "another's"])
def test_what_cannot_be_signed_when_it_opens_is_not_ordered(
    at_home: Client, draft: Application, now: datetime, settings: Any, stranger: User, change: str
) -> None:
    days = settings.ERASE_SIGNING_DAYS + 1 if change == "too early" else 1
    Period.objects.update(opens=timezone.localdate(now) + timedelta(days=days))
    if change == "incomplete":
        draft.documents.filter(kind="PHOTO").delete()
    elif change == "full":
        Application.objects.update(route="OUTSIDE")
        draft.chosen_intake.__class__.objects.update(outside_limit=0)
    elif change == "another's":
        Application.objects.update(applicant=stranger)

    at_home.get(step(draft, "review"))
    assert ahead.order_for_opening(draft.pk, now=now) is False

    assert not SigningBatch.objects.exists()


@pytest.mark.rule("D67")
def test_in_the_evening_before_what_stands_is_kept_and_what_has_changed_is_drawn_anew(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime
) -> None:
    Period.objects.update(opens=timezone.localdate(now) + timedelta(days=6))
    look(at_home, draft)
    ahead.draw_next(now=now)
    evening = now + timedelta(days=5, hours=8)

    assert ahead.order_for_opening(draft.pk, now=evening)
    assert (ahead.draw_next(now=evening), SigningBatch.objects.get().expires_at) == (None, evening)

    draft.applicant.phone = "+77010000000"
    draft.applicant.save(update_fields=["phone"])
    assert ahead.order_for_opening(draft.pk, now=evening)
    assert [ahead.draw_next(now=evening) for _row in range(2)] == [True, None]
    assert (len(drawings), SigningBatch.objects.count()) == (2, 1)


@pytest.mark.rule("D67")
def test_deleted_draft_takes_its_drawing_along(
    at_home: Client,
    draft: Application,
    drawings: list[Any],
    now: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    look(at_home, draft)
    ahead.draw_next(now=now)
    name = str(SigningRequest.objects.get().payload.name)
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.delete(draft)

    assert not default_storage.exists(name)


@pytest.mark.rule("D67")
def test_drawing_of_a_draft_that_is_deleted_meanwhile_leaves_no_file(
    at_home: Client, draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    draw = originals.draw

    def draw_late(signing_request: SigningRequest) -> None:
        draw(signing_request)
        saved.append(str(signing_request.payload.name))
        drafts.delete(draft)

    look(at_home, draft)
    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, lambda _one: b"%PDF"))
    monkeypatch.setattr(originals, "draw", draw_late)

    assert ahead.draw_next(now=now) is False
    assert [default_storage.exists(name) for name in saved] == [False]


def test_original_is_of_the_facts_that_it_was_asked_for_with(
    at_home: Client, draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts are read once, for the text and for the hash; what changes before that is not drawn, by the
    worker nor by the button."""
    monkeypatch.setattr(printing, "pdf", lambda *_paper: b"%PDF")
    with CaptureQueriesContext(connection) as asked_for:
        drawing.application_pdf(draft)
    assert sum('FROM "applications_document"' in one["sql"] for one in asked_for) == 1

    monkeypatch.setattr(facts, "of", lambda one: facts.snapshot(one) | {"number": "another"})
    look(at_home, draft)
    monkeypatch.setattr(originals, "is_same", lambda _one: True)
    assert ahead.draw_next(now=now) is False
    ordered = SigningRequest.objects.get()
    assert (ordered.error, ordered.payload.name) == (Refusal.CHANGED, "")
    asked = batches.Wanted(draft, Purpose.APPLICATION, None, ordered.content_sha256)
    monkeypatch.setattr(batches.Wanted, "of", lambda *_one: asked)
    assert press(at_home, draft).url == step(draft, "review")
    assert SigningRequest.objects.get() == ordered


@pytest.mark.rule("D67")
def test_what_is_drawn_ahead_is_never_signed(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime
) -> None:
    look(at_home, draft)
    ahead.draw_next(now=now)

    with pytest.raises(SignatureRefused) as refused:
        batches.examine(SigningRequest.objects.get(), cms=b"", method=Method.EDS, now=now)

    assert refused.value.code == Refusal.TOO_LATE


@pytest.mark.rule("D67")
@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [
        (LockedStorage, "put", StoreAway("too late")),
        (originals, "draw", OSError(errno.ENOSPC, "No space left on device")),
    ],
    ids=["silent store", "full TMPDIR"],
)
def test_what_takes_no_file_costs_a_drawing_no_try(
    at_home: Client, draft: Application, drawings: list[Any], now: datetime, monkeypatch: pytest.MonkeyPatch,
    owner: Any, name: str, error: Exception,
) -> None:  # fmt: skip
    def silent(*_given: Any) -> str:
        raise error

    look(at_home, draft)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, silent)
        for minutes in range(originals.TRIES + 1):
            assert ahead.draw_next(now=now + timedelta(minutes=minutes)) is False
    assert Drawing.objects.get().attempts == 0

    assert ahead.draw_next(now=now + timedelta(minutes=9)) is True


@pytest.mark.rule("D67")
def test_drawing_that_fails_is_given_up_and_harms_no_signature(
    at_home: Client, draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(signing_request: SigningRequest) -> bytes:
        raise OSError

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, fail))
    look(at_home, draft)
    for hours in range(originals.TRIES):
        assert ahead.draw_next(now=now + hours * timedelta(minutes=10)) is False
    look(at_home, draft)
    assert not Drawing.objects.exists()  # a poison is not ordered anew by each look

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, lambda _one: b"%PDF"))
    assert press(at_home, draft).status_code == 302
    assert SigningRequest.objects.latest("pk").payload


def shown_by(page: Any) -> str:
    return re.findall(r'name="shown" value="(\w{64})"', page.content.decode())[0]


@pytest.mark.rule("D82")
def test_only_what_the_page_has_shown_is_signed(
    at_home: Client, draft: Application, drawings: list[Any]
) -> None:
    """The phone has changed it since the computer showed it."""
    address, review = reverse("filing:sign", args=[draft.public_id]), step(draft, "review")
    read = shown_by(at_home.get(review))
    Application.objects.filter(pk=draft.pk).update(extra_phone="+77011112233")

    answer = at_home.post(address, {"shown": read}, follow=True)

    assert answer.redirect_chain[-1][0] == review
    assert "Жаңартылған құжатты қарап шығып" in answer.content.decode()
    assert (list(SigningRequest.objects.exclude(payload="")), drawings) == ([], [])
    signing = at_home.post(address, {"shown": shown_by(answer)}, follow=True)
    assert SigningRequest.objects.latest("pk").batch.token in signing.redirect_chain[-1][0]
    again = at_home.post(address, {"shown": read, "fresh": "1"})  # «Жаңа QR» of an older page
    assert again["Location"] == review


def test_draft_that_is_deleted_while_it_is_drawn_leaves_nothing(
    at_home: Client, draft: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, stored = originals.draw, []

    def deleted_meanwhile(one: SigningRequest) -> None:
        draw(one)
        stored.append(str(one.payload.name))
        Application.objects.get(pk=draft.pk).delete()

    monkeypatch.setattr(originals, "draw", deleted_meanwhile)

    answer = at_home.post(reverse("filing:sign", args=[draft.public_id]), follow=True)

    assert answer.redirect_chain[-1] == (reverse("cabinet:applications"), 302)
    assert "бұл құжатқа енді қол қойылмайды" in answer.content.decode()
    assert not SigningRequest.objects.exists()
    assert stored and not default_storage.exists(stored[0])
