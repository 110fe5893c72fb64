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
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import facts, receipts, tasks
from applications.models import Application, PaperKind, Purpose, Receipt
from applications.status import Status
from applications.tests.paper_cast import sign
from notifications import outbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


@pytest.fixture
def receipt(make_application: Callable[..., Application], parent: User, now: datetime) -> Receipt:
    application = make_application(Status.IN_REVIEW)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now, payload=b"%PDF-1.7")
    with transaction.atomic():
        return receipts.enqueue(application, PaperKind.RECEIPT, signature, now=now)


def fresh(receipt: Receipt) -> Receipt:
    return Receipt.objects.get(pk=receipt.pk)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_paper_is_ordered_once(receipt: Receipt, now: datetime) -> None:
    again = receipts.enqueue(
        receipt.application, PaperKind.RECEIPT, receipt.signature, now=now + timedelta(hours=1)
    )

    assert again == receipt
    assert receipts.papers_of(receipt.application) == [receipt]
    assert (receipt.rendered_at, receipt.sha256, receipt.next_try_at) == (None, "", now)
    assert len(receipt.token) >= 22  # 128 bits and more


@pytest.mark.django_db(transaction=True)
def test_paper_is_ordered_with_its_cause_only(receipt: Receipt, now: datetime) -> None:
    with pytest.raises(RuntimeError):
        receipts.enqueue(receipt.application, PaperKind.RECEIPT, receipt.signature, now=now)


@pytest.mark.rule("R95")
def test_worker_makes_the_paper_and_keeps_its_hash(receipt: Receipt, now: datetime) -> None:
    assert receipts.render_next(now=now) is True
    assert receipts.render_next(now=now + timedelta(days=1)) is None

    made = fresh(receipt)
    with made.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == made.sha256
    assert made.rendered_at == now
    assert not made.file.name.endswith(".pdf")  # a random name, nothing of the person


def test_making_it_again_changes_nothing(receipt: Receipt, now: datetime, tmp_path: Path) -> None:
    receipts.render(receipt, now=now)
    before, files = fresh(receipt), stored(tmp_path)

    receipts.render(receipt, now=now + timedelta(minutes=1))
    tasks.render_papers()

    after = fresh(receipt)
    assert (after.sha256, after.file.name, after.rendered_at) == (before.sha256, before.file.name, now)
    assert stored(tmp_path) == files


@pytest.mark.django_db(transaction=True)
def test_two_workers_leave_one_file(receipt: Receipt, tmp_path: Path) -> None:
    """Both believe they hold the row, as after a lease that ended too early."""
    files = len(stored(tmp_path))
    start = threading.Barrier(2)

    def worker() -> None:
        start.wait()
        receipts.render(Receipt(pk=receipt.pk), now=timezone.now())
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made = fresh(receipt)
    assert len(stored(tmp_path)) == files + 1
    with made.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == made.sha256


def test_failing_paper_waits_then_dies_and_ops_revive_it(
    receipt: Receipt, now: datetime, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys_folder, settings.KEYS_DIR = settings.KEYS_DIR, tmp_path / "no keys"
    moment = now
    for _ in range(outbox.MAX_TRIES):
        assert receipts.render_next(now=moment) is False
        moment += outbox.LONGEST_WAIT * 1.3
    assert fresh(receipt).dead
    assert receipts.render_next(now=moment) is None
    with pytest.raises(SystemExit):
        call_command("papers")
    assert f"{receipt.application.number} RECEIPT" in capsys.readouterr().out

    settings.KEYS_DIR = keys_folder
    call_command("papers", "--retry-dead", "--make")

    assert fresh(receipt).rendered_at
    assert not fresh(receipt).dead


def test_paper_that_kills_its_worker_is_buried(receipt: Receipt, now: datetime) -> None:
    moment = now
    for _ in range(outbox.MAX_TRIES):
        outbox.claim(Receipt.objects.all(), now=moment, lease=receipts.LEASE)  # and the worker is gone
        moment += receipts.LEASE

    assert receipts.render_next(now=moment) is False
    assert fresh(receipt).dead


def test_nothing_of_a_person_is_logged_when_a_paper_fails(
    receipt: Receipt, now: datetime, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEYS_DIR = tmp_path / "no keys"

    receipts.render_next(now=now)

    assert "NoKey" in caplog.text
    for secret in ("Сәрсенов", receipt.signature.signer_iin):
        assert secret not in caplog.text


@pytest.mark.rule("R101")
def test_paper_is_served_as_a_file_to_keep(receipt: Receipt, now: datetime) -> None:
    with pytest.raises(Http404):
        receipts.serve(receipt)
    receipts.render(receipt, now=now)

    response = receipts.serve(fresh(receipt))

    number = receipt.application.number
    assert response["Content-Disposition"] == f'attachment; filename="OQU-{number}-otinim.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    response.close()


def lose(receipt: Receipt) -> None:
    receipt.file.storage.delete(receipt.file.name)


def swap(receipt: Receipt) -> None:
    """By a PDF that looks like ours."""
    with receipt.file.open("rb") as file:
        content = file.read()
    lose(receipt)
    receipt.file.storage.save(receipt.file.name, ContentFile(content.replace(b"%%EOF", b"%%E0F", 1)))


@pytest.mark.rule("R95", "R101")
@pytest.mark.parametrize(("spoil", "fault"), [(lose, "lost"), (swap, "changed")])
def test_file_that_is_not_the_sealed_one_is_never_handed_out(
    receipt: Receipt, parent: User, client: Client, now: datetime, caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Receipt], None], fault: str, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    receipts.render(receipt, now=now)
    spoil(fresh(receipt))
    client.force_login(parent)
    with time_machine.travel(now, tick=False):
        answer = client.get(reverse("parent:receipt", args=[receipt.application.public_id, "receipt"]))

    assert answer.status_code == 503
    assert "Құжат әзірге жүктелмейді" in answer.content.decode()
    assert f"paper {receipt.pk} is {fault} in the store" in caplog.text
    with pytest.raises(SystemExit):
        call_command("papers", "--check")
    assert f"{receipt.application.number} RECEIPT {fault}" in capsys.readouterr().out


def test_spoiled_paper_is_made_anew_when_it_is_ordered(
    receipt: Receipt, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts.render(receipt, now=now)
    call_command("papers", "--check")  # a good one is left alone
    whole = fresh(receipt)
    lose(whole)

    with pytest.raises(SystemExit):
        call_command("papers", "--check", "--order-again")
    call_command("papers", "--make", "--check")

    anew = fresh(receipt)
    assert (anew.token, anew.rendered_at is not None) == (whole.token, True)
    assert "lost or changed in the store 0" in capsys.readouterr().out.splitlines()[-1]
    receipts.serve(anew).close()
