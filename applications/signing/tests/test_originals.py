"""The documents of many decisions are drawn by the worker, and the page of the batch tells how far it is."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts import outside, speaker
from accounts.models import User
from applications import facts, lifecycle, queues
from applications.models import (
    Application,
    Drawing,
    Paper,
    PaperKind,
    Purpose,
    SigningBatch,
    SigningRequest,
)
from applications.signing import ahead, batches, originals
from applications.signing.batches import Wanted
from applications.signing.tests.bulk_cast import REFUSAL, Desk, outcomes, statuses
from applications.signing.words import advice
from applications.status import Status
from applications.tests.cast import drawn
from egov.errors import Unavailable
from notifications.models import Channel, Message
from notifications.queue import Standing
from tests.at_work import at_work
from tests.test_logs import Ear, ear  # noqa: F401  fixtures

SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("drawings")


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    found = Desk(make_application, executor, director, now)
    found.client.force_login(director)
    return found


def page(desk: Desk, batch: SigningBatch, name: str = "page") -> Any:
    return desk.client.get(reverse(f"signing:{name}", args=[batch.token]))


def told(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.rule("R108")
def test_request_draws_one_document_at_most_and_the_worker_the_rest(
    desk: Desk, drawings: list[SigningRequest]
) -> None:
    rows = [desk.proposed() for _ in range(5)]
    desk.invite(rows[0])
    assert len(drawings) == 1  # a single one needs no worker

    batch = desk.order(*rows)

    assert len(drawings) == 1
    assert Drawing.objects.count() == 4  # the first was drawn for the same content
    assert len(drawn(batch, now=desk.now).signing_requests.exclude(payload="")) == 5
    assert (len(drawings), Drawing.objects.count()) == (5, 0)
    again = desk.order(*rows)
    assert (again, len(drawings)) == (batch, 5)
    desk.order(*rows, desk.proposed())
    assert (len(drawings), Drawing.objects.count()) == (6, 0)  # the one that wants it is drawn at once


def test_line_about_the_work_bears_the_number_of_the_request_that_has_ordered_it(
    desk: Desk,
    ear: Ear,  # noqa: F811  (the fixture)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_wanted: SigningRequest) -> None:
        raise RuntimeError

    asked = desk.confirm(desk.proposed(), desk.proposed())
    monkeypatch.setattr(originals, "draw", fail)
    originals.draw_next(now=desk.now)

    lines = [one for one in ear.lines if "try 1: RuntimeError" in one["message"]]
    assert [one["request"] for one in lines] == [asked.headers["X-Request-ID"]]
    assert speaker.request_number() is None


@pytest.mark.rule("D67")
def test_what_is_ahead_of_need_waits_while_anybody_waits_for_anything(
    desk: Desk, drawings: list[SigningRequest], make_application: Callable[..., Application]
) -> None:
    draft = make_application()
    content = facts.content_sha256(draft, Purpose.APPLICATION, None)
    ahead.order(draft, content=content, now=desk.now - SECOND)
    batch = desk.order(desk.proposed(), desk.proposed())
    paper = Paper.objects.order(draft, PaperKind.RECEIPT, None, now=desk.now)
    Message.objects.all().delete()
    Message.objects.create(
        key="key", channel=Channel.SMS, recipient=draft.applicant, created_at=desk.now, next_try_at=desk.now
    )
    assert queues.standings(now=desk.now)["ahead"] == Standing(waiting=1, due_at=None)

    assert ahead.run() == 0
    drawn(batch, now=desk.now)
    assert ahead.run() == 0
    paper.delete()
    assert ahead.run() == 0
    outside.failed(Unavailable("sms", "HTTP 503"), now=desk.now)  # what its messages wait for is the gateway
    assert (Drawing.objects.get().attempts, ahead.run()) == (0, 1)
    assert [one.purpose for one in drawings] == [Purpose.DECISION, Purpose.DECISION, Purpose.APPLICATION]


def test_page_tells_how_far_it_is_and_opens_when_all_stand(desk: Desk) -> None:
    at_work(now=desk.now)
    batch = desk.order(desk.proposed(), desk.proposed(**REFUSAL))

    waiting = page(desk, batch)
    assert "<span data-oqu-drawn>0</span> / 2" in told(waiting)
    assert "data-oqu-silence hidden" in told(waiting) and "?way=" not in told(waiting)
    assert page(desk, batch, "result").url == reverse("signing:page", args=[batch.token])
    assert desk.send(batch, ["x", "x"]).url.startswith(reverse("signing:page", args=[batch.token]))
    assert outcomes(batch) == [("OPEN", "")] * 2  # nobody's signature is judged meanwhile
    originals.draw_next(now=desk.now)
    status = page(desk, batch, "status").json()
    assert (status["drawing"], status["open"]) == ({"done": 1, "total": 2, "silent": False}, False)
    assert page(desk, batch, "check").status_code == 302

    drawn(batch, now=desk.now)

    status = page(desk, batch, "status").json()
    assert (status["drawing"], status["open"]) == (None, True)
    assert "?way=qr" in told(page(desk, batch))


def test_time_to_sign_begins_when_the_last_one_stands(desk: Desk, clock: Any, settings: Any) -> None:
    settings.SIGNING_SECONDS = 300
    batch = desk.order(desk.proposed(), desk.proposed())
    originals.draw_next(now=desk.now)
    clock.move_to(desk.now + 200 * SECOND)

    drawn(batch, now=timezone.now())

    assert batch.expires_at == desk.now + 500 * SECOND


def test_worker_that_is_down_is_told_and_nothing_is_lost(desk: Desk, clock: Any) -> None:
    rows = [desk.proposed(), desk.proposed()]
    batch = desk.order(*rows)

    shown = told(page(desk, batch))

    assert "data-oqu-silence>" in shown and "Ештеңе жоғалған жоқ." in shown
    assert all(reverse("review:application", args=[row.public_id]) in shown for row in rows)
    assert statuses(*rows) == [Status.SIGNING] * 2
    alone = desk.order(rows[0])  # by itself it can be signed
    assert page(desk, alone, "status").json()["open"]
    clock.move_to(desk.now + timedelta(minutes=6))
    # nobody waits for them any more
    assert [originals.draw_next(now=timezone.now()) for _row in range(3)] == [False, False, None]
    assert str(advice("TOO_LATE").reason) in told(page(desk, batch, "result"))
    second = desk.order(*rows)
    assert (
        second != batch and page(desk, second, "status").json()["open"] is True
    )  # one was drawn, one is now


def test_two_clicks_and_two_windows_wait_for_one_drawing(desk: Desk, drawings: list[Any]) -> None:
    rows = [desk.proposed(), desk.proposed(), desk.filed()]
    first, second = desk.order(*rows), desk.order(*rows)

    assert first == second
    drawn(first, now=desk.now)
    assert len(drawings) == 3


def test_what_changed_meanwhile_is_not_drawn_and_harms_no_other(
    desk: Desk, drawings: list[Any], now: datetime
) -> None:
    rows = [desk.proposed(), desk.proposed(), desk.proposed()]
    batch = desk.order(*rows)
    Application.objects.filter(pk=rows[0].pk).update(snapshot={"number": "another"})
    lifecycle.return_to_executor(rows[1], by=desk.director, reason="Фото", now=now)

    drawn(batch, now=now)

    assert outcomes(batch) == [("FAILED", "CHANGED"), ("OPEN", ""), ("OPEN", "")]
    assert len(drawings) == 2
    assert page(desk, batch, "status").json()["open"]
    assert str(advice("CHANGED").reason) in told(page(desk, batch, "result"))
    assert str(advice("RETURNED").reason) in told(page(desk, batch, "result"))


def test_document_that_cannot_be_drawn_ends_and_the_others_are_signed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    bad, good = desk.proposed(), desk.proposed()
    batch = desk.order(bad, good)

    def draw(signing_request: SigningRequest) -> bytes:
        if signing_request.application_id == bad.pk:
            raise RuntimeError
        return b"%PDF-"

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, draw))
    for _try in range(originals.TRIES):
        assert page(desk, batch, "status").json()["drawing"]
        drawn(batch, now=timezone.now())
        clock.shift(60)

    assert outcomes(batch) == [("FAILED", "UNDRAWN"), ("OPEN", "")]
    assert page(desk, batch, "status").json()["open"]
    assert str(advice("UNDRAWN").remedy) in told(page(desk, batch, "result"))
    by_key = told(desk.client.get(reverse("signing:page", args=[batch.token]), {"way": "eds"}))
    assert by_key.count('name="cms"') == 2  # in the order of the documents
    assert by_key.count("data-oqu-document") == 1  # of those there are
    assert reverse("signing:document", args=[batch.token, 2]) in by_key
    anew = desk.order(bad, good)  # the good one is drawn already, and the bad one fails here again
    assert Drawing.objects.filter(signing_request__batch=anew).count() == 1


def test_drawing_that_killed_its_workers_is_tried_no_more(desk: Desk, drawings: list[Any]) -> None:
    batch = desk.order(desk.proposed(), desk.proposed())
    Drawing.objects.update(attempts=originals.TRIES)

    drawn(batch, now=desk.now)

    assert outcomes(batch) == [("FAILED", "UNDRAWN")] * 2
    assert drawings == []


def test_order_that_is_erased_while_it_is_drawn_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = desk.order(desk.proposed(), desk.proposed())

    def draw(signing_request: SigningRequest) -> bytes:
        SigningBatch.objects.all().delete()
        return b"%PDF-"

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, draw))

    assert originals.draw_next(now=desk.now) is False
    assert not SigningRequest.objects.filter(batch=batch.pk).exists()


def test_pages_while_it_is_drawn_are_the_persons_own_and_read_in_russian(desk: Desk, stranger: User) -> None:
    batch = desk.order(desk.proposed(), desk.proposed())
    desk.client.cookies["lang"] = "ru"
    assert "Документы готовятся:" in told(page(desk, batch))

    desk.client.force_login(stranger)
    assert page(desk, batch).status_code == page(desk, batch, "status").status_code == 404


def test_fresh_code_while_documents_are_drawn_leaves_no_file_without_an_owner(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is at one of them when it is asked for, and finds the rest asked for no more."""
    rows = [desk.proposed() for _ in range(3)]
    desk.order(*rows)
    draw, stored = originals.draw, []

    def renewed_meanwhile(one: SigningRequest) -> None:
        draw(one)
        stored.append(one.payload.name)
        monkeypatch.setattr(originals, "draw", draw)
        wanted = [Wanted.of(row, Purpose.DECISION, lifecycle.open_decision(row)) for row in rows]
        batches.open_batch(wanted, by=desk.director, now=desk.now, fresh=True)

    monkeypatch.setattr(originals, "draw", renewed_meanwhile)

    assert originals.draw_next(now=desk.now) is False
    while originals.draw_next(now=desk.now) is not None:
        pass

    assert len(stored) == 1
    named = set(SigningRequest.objects.exclude(payload="").values_list("payload", flat=True))
    root = Path(default_storage.path(""))
    on_disk = {str(one.relative_to(root)) for one in root.rglob("*") if one.is_file()}
    assert on_disk == named
