"""Ordering and making of papers: once, by one worker, never lost, never for ever (R95, R100)."""

import hashlib
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.storage import StoreAway
from applications import facts, tasks
from applications.keeping import loose
from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import making, seal
from applications.papers.tests.paper_cast import sign
from applications.status import Status
from notifications import queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


@pytest.fixture
def paper(make_application: Callable[..., Application], parent: User, now: datetime) -> Paper:
    application = make_application(Status.IN_REVIEW)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now, payload=b"%PDF-1.7")
    with transaction.atomic():
        return Paper.objects.order(application, PaperKind.RECEIPT, signature, now=now)


def fresh(paper: Paper) -> Paper:
    return Paper.objects.get(pk=paper.pk)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_paper_is_ordered_once(paper: Paper, now: datetime) -> None:
    again = Paper.objects.order(
        paper.application, PaperKind.RECEIPT, paper.signature, now=now + timedelta(hours=1)
    )

    assert again == paper
    assert making.papers_of(paper.application) == [paper]
    assert (paper.rendered_at, paper.sha256, paper.next_try_at) == (None, "", now)
    assert len(paper.token) >= 22  # 128 bits and more


@pytest.mark.django_db(transaction=True)
def test_paper_is_ordered_with_its_cause_only(paper: Paper, now: datetime) -> None:
    with pytest.raises(RuntimeError):
        Paper.objects.order(paper.application, PaperKind.RECEIPT, paper.signature, now=now)


@pytest.mark.rule("R95")
def test_worker_makes_the_paper_and_keeps_its_hash(paper: Paper, now: datetime) -> None:
    assert making.render_next(now=now) is True
    assert making.render_next(now=now + timedelta(days=1)) is None

    made = fresh(paper)
    with made.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == made.sha256
    assert made.rendered_at == now
    assert not str(made.file.name).endswith(".pdf")  # a random name, nothing of the person


def test_making_it_again_changes_nothing(paper: Paper, now: datetime, tmp_path: Path) -> None:
    making.render(paper, now=now)
    before, files = fresh(paper), stored(tmp_path)

    making.render(paper, now=now + timedelta(minutes=1))
    tasks.render_papers()

    after = fresh(paper)
    assert (after.sha256, after.file.name, after.rendered_at) == (before.sha256, before.file.name, now)
    assert stored(tmp_path) == files


@pytest.mark.django_db(transaction=True)
def test_two_workers_leave_one_file(paper: Paper, tmp_path: Path) -> None:
    """Both believe they hold the row, as after a lease that ended too early."""
    files = len(stored(tmp_path))
    start = threading.Barrier(2)

    def worker() -> None:
        start.wait()
        making.render(Paper(pk=paper.pk), now=timezone.now())
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made = fresh(paper)
    assert len(stored(tmp_path)) == files + 1
    with made.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == made.sha256


def test_failing_paper_waits_then_dies_and_ops_revive_it(
    paper: Paper, now: datetime, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys_folder, settings.KEYS_DIR = settings.KEYS_DIR, tmp_path / "no keys"
    moment = now
    for _ in range(queue.MAX_TRIES):
        assert making.render_next(now=moment) is False
        moment += queue.LONGEST_WAIT * 1.3
    assert fresh(paper).dead
    assert making.render_next(now=moment) is None
    with pytest.raises(SystemExit):
        call_command("papers")
    assert f"{paper.application.number} RECEIPT" in capsys.readouterr().out

    settings.KEYS_DIR = keys_folder
    call_command("papers", "--retry-dead", "--make")

    assert fresh(paper).rendered_at
    assert not fresh(paper).dead


@pytest.fixture
def crowd(make_application: Callable[..., Application], now: datetime) -> list[Paper]:
    """Papers that are due together, the oldest first."""
    return [
        Paper.objects.create(
            application=make_application(Status.REFUSED),
            kind=PaperKind.RECEIPT,
            created_at=now,
            next_try_at=now + timedelta(seconds=number),
        )
        for number in range(4)
    ]


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """The papers that came to be drawn; the drawing stands aside."""
    papers: list[Paper] = []

    def render(paper: Paper, *, now: datetime, press: Any) -> None:
        papers.append(paper)
        paper.close(file="drawn", sha256="0" * 64, rendered_at=now)

    monkeypatch.setattr(making, "render", render)
    return papers


def test_papers_are_claimed_together_and_each_ends_by_itself(
    crowd: list[Paper], reached: list[Paper], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, whole = now + timedelta(minutes=1), making.render

    def stumble(paper: Paper, **more: Any) -> None:
        if paper == crowd[1]:
            raise RuntimeError
        whole(paper, **more)

    monkeypatch.setattr(making, "render", stumble)
    with CaptureQueriesContext(connection) as asked:
        assert making.render_some(now=moment) == 3
    assert sum("FOR UPDATE" in one["sql"] for one in asked) == 1
    assert reached == [crowd[0], *crowd[2:]]
    assert (fresh(crowd[1]).attempts, fresh(crowd[1]).lease_until) == (1, None)
    assert making.render_some(now=moment) is None


def test_paper_that_is_not_reached_is_given_back_as_it_was(
    crowd: list[Paper], reached: list[Paper], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of a claim: when its time is over, and when its worker is stopped."""
    moment = now + timedelta(minutes=1)
    monkeypatch.setattr(queue, "TOGETHER_SECONDS", -1.0)
    assert making.render_some(now=moment) == 1
    assert [(one.attempts, one.lease_until) for one in map(fresh, crowd[1:])] == [(0, None)] * 3

    def stopped(paper: Paper, **_more: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(making, "render", stopped)
    with pytest.raises(SystemExit):
        making.render_some(now=moment)
    assert fresh(crowd[1]).lease_until is not None
    assert [(one.attempts, one.lease_until) for one in map(fresh, crowd[2:])] == [(0, None)] * 2


def test_silent_store_costs_no_try_and_ends_the_run_a_refused_file_costs_its_own(
    crowd: list[Paper], now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    moment, asked = now + timedelta(minutes=1), []

    def silent(paper: Paper, **_more: Any) -> None:
        asked.append(paper)
        raise StoreAway("too late")

    monkeypatch.setattr(making, "render", silent)
    assert making.render_some(now=moment) is None
    assert asked == crowd[:1]
    assert {(one.attempts, one.lease_until) for one in map(fresh, crowd)} == {(0, None)}

    def refused(paper: Paper, **_more: Any) -> None:
        raise StoreAway("HTTP 403 AccessDenied", passing=False)

    monkeypatch.setattr(making, "render", refused)
    for _ in range(queue.MAX_TRIES):
        moment += queue.LONGEST_WAIT * 1.3
        assert making.render_some(now=moment) == 0
    assert all(fresh(paper).dead for paper in crowd)
    assert "try 8: HTTP 403 AccessDenied" in caplog.text


def test_paper_that_was_ordered_anew_meanwhile_is_not_written_over_by_who_had_it(
    crowd: list[Paper], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = now + timedelta(minutes=1)

    def overtaken(paper: Paper, **_more: Any) -> None:
        making.order_again(crowd[0], now=moment)
        raise RuntimeError

    monkeypatch.setattr(making, "render", overtaken)
    assert making.render_some(now=moment, limit=1) == 0

    assert (fresh(crowd[0]).attempts, fresh(crowd[0]).next_try_at) == (0, moment)


def test_paper_whose_worker_was_lost_comes_alone(
    crowd: list[Paper], reached: list[Paper], now: datetime
) -> None:
    moment = now + timedelta(minutes=1)
    queue.claim(Paper.objects.all(), now=now, limit=1)  # and the worker is gone

    assert [making.render_some(now=moment) for _claim in range(3)] == [1, 3, None]
    assert reached == crowd


def test_worker_that_is_killed_while_it_seals_costs_a_minute_and_leaves_one_paper(
    paper: Paper, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the file lies in the store, and before its row says so; what was left there is no row's."""

    def killed(*_given: Any, **_named: Any) -> None:
        raise SystemExit

    moment, before = now, len(stored(tmp_path))
    for where, what in ((seal, "put"), (making, "_has_names_of_today")):
        with monkeypatch.context() as patch, pytest.raises(SystemExit):
            patch.setattr(where, what, killed)
            making.render_next(now=moment)
        assert making.render_next(now=moment) is None, "the row is the dead worker's until its lease ends"
        moment += queue.LEASE

    assert making.render_next(now=moment) is True
    made = fresh(paper)
    assert hashlib.sha256(made.file.open().read()).hexdigest() == made.sha256
    assert len(stored(tmp_path)) == before + 2
    folder = next(
        path.parent.name for path in stored(tmp_path) if not str(path).endswith(str(made.file.name))
    )
    assert folder in loose.FOLDERS, "where keeping finds what no row names"


def test_paper_that_kills_its_worker_is_buried(paper: Paper, now: datetime) -> None:
    moment = now
    for _ in range(queue.MAX_TRIES):
        queue.claim(Paper.objects.all(), now=moment, limit=20)  # and the worker is gone
        moment += queue.LEASE

    assert making.render_next(now=moment) is False
    assert fresh(paper).dead


def test_nothing_of_a_person_is_logged_when_a_paper_fails(
    paper: Paper, now: datetime, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEYS_DIR = tmp_path / "no keys"

    making.render_next(now=now)

    assert "NoKey" in caplog.text
    assert paper.signature is not None
    for secret in ("Сәрсенов", paper.signature.signer_iin):
        assert secret not in caplog.text


@pytest.mark.rule("R101")
def test_paper_is_served_as_a_file_to_keep(paper: Paper, now: datetime) -> None:
    with pytest.raises(Http404):
        making.serve(paper)
    making.render(paper, now=now)

    response = making.serve(fresh(paper))

    number = paper.application.number
    assert response["Content-Disposition"] == f'attachment; filename="OQU-{number}-otinim.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]
    assert response.getvalue().startswith(b"%PDF-")
    response.close()


def lose(paper: Paper) -> None:
    paper.file.storage.delete(str(paper.file.name))


def swap(paper: Paper) -> None:
    """By a PDF that looks like ours."""
    with paper.file.open("rb") as file:
        content = file.read()
    lose(paper)
    paper.file.storage.save(paper.file.name, ContentFile(content.replace(b"%%EOF", b"%%E0F", 1)))


@pytest.mark.rule("R95", "R101")
@pytest.mark.parametrize(("spoil", "fault"), [(lose, "lost"), (swap, "changed")])
def test_file_that_is_not_the_sealed_one_is_never_handed_out(
    paper: Paper, parent: User, client: Client, now: datetime, caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Paper], None], fault: str, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    making.render(paper, now=now)
    spoil(fresh(paper))
    client.force_login(parent)
    with time_machine.travel(now, tick=False):
        answer = client.get(reverse("cabinet:paper", args=[paper.application.public_id, "receipt"]))

    assert answer.status_code == 503
    assert "Құжат әзірге жүктелмейді" in answer.content.decode()
    assert f"paper {paper.pk} is {fault} in the store" in caplog.text
    with pytest.raises(SystemExit):
        call_command("papers", "--check")
    assert f"{paper.application.number} RECEIPT {fault}" in capsys.readouterr().out


def test_spoiled_paper_is_made_anew_when_it_is_ordered(
    paper: Paper, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    making.render(paper, now=now)
    call_command("papers", "--check")  # a good one is left alone
    whole = fresh(paper)
    lose(whole)

    with pytest.raises(SystemExit):
        call_command("papers", "--check", "--order-again")
    call_command("papers", "--make", "--check")

    anew = fresh(paper)
    assert (anew.token, anew.rendered_at is not None) == (whole.token, True)
    assert "lost or changed in the store 0" in capsys.readouterr().out.splitlines()[-1]
    making.serve(anew).close()
