"""A name that the register corrects after the signature: an offer to renew the papers (D34)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Child, User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import making
from applications.papers.tests.paper_cast import sign
from applications.papers.tests.test_papers import filed, made, text_of

pytestmark = pytest.mark.usefixtures("portal_keys")
OFFER = "Тізілімде аты-жөні түзетілген"


def page(application: Application, name: str = "application") -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


@pytest.fixture
def received(make_application: Callable[..., Application], parent: User, now: datetime) -> Application:
    """Filed, with its receipt made."""
    application = filed(make_application, now=now)
    made(application, PaperKind.RECEIPT, sign(application, Purpose.APPLICATION, by=parent, now=now), now=now)
    return application


@pytest.mark.rule("D34")
def test_paper_is_renewed_with_the_corrected_name_beside_the_signed_one(
    at_home: Client, received: Application, now: datetime, tmp_path: Path
) -> None:
    assert OFFER not in text(at_home.get(page(received)))
    Child.objects.update(name="Арыстан")
    shown = text(at_home.get(page(received)))
    assert [word for word in (OFFER, "Сәрсенов Арман", "Сәрсенов Арыстан") if word not in shown] == []

    assert at_home.post(page(received, "renew_papers")).status_code == 302

    paper = Paper.objects.get()
    assert paper.rendered_at is None
    making.render(paper, now=now)
    paper.refresh_from_db()
    with paper.file.open("rb") as stored:
        printed = text_of(stored.read(), tmp_path)
    assert "Сәрсенов Арыстан" in printed
    assert "Қол қойылған кездегі аты-жөні" in printed and "Сәрсенов Арман" in printed
    assert OFFER not in text(at_home.get(page(received)))
    received.refresh_from_db()
    assert received.snapshot["child"]["name"] == "Сәрсенов Арман"


@pytest.mark.rule("D34")
def test_paper_without_a_correction_is_not_made_anew(at_home: Client, received: Application) -> None:
    at_home.post(page(received, "renew_papers"))

    assert Paper.objects.get().rendered_at is not None
