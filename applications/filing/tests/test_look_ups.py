"""A citizen is looked up by IIN with a reason, so many times a day, and reads of it (D51)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Child, JournalEntry, Shown, User
from applications.filing.tests.wizard_cast import text
from applications.models import Application, LookUp, Why
from applications.review.tests.desk_cast import APPLICANT, CHILD, Desk, DeskRegisters
from conftest import grant_consent
from egov import http
from schools.models import Intake


@pytest.fixture
def egov(monkeypatch: pytest.MonkeyPatch) -> DeskRegisters:
    cache.clear()
    world = DeskRegisters()
    monkeypatch.setattr(http, "call", world.call)
    return world


@pytest.fixture
def desk(executor: User, intake: Intake, clock: Any, egov: DeskRegisters) -> Desk:
    client = Client()
    client.force_login(executor)
    return Desk(client, executor)


def readers(parent: User, child: Child) -> str:
    client = Client()
    client.force_login(parent)
    return text(client.get(reverse("cabinet:readers", args=[child.pk])))


@pytest.mark.rule("D51")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"why": ""}, "Себебін таңдаңыз"),
        ({"why": "NOSUCH"}, ""),
        ({"why": "OTHER"}, "Себебін кемінде 10 таңбамен жазыңыз"),
        ({"why": "OTHER", "words": "керек"}, "Себебін кемінде 10 таңбамен жазыңыз"),
        ({"why": "CAME", "words": "а" * 201}, "200 таңбаға дейін қысқартыңыз"),
    ],
)
def test_without_a_reason_no_register_is_asked(
    desk: Desk, egov: DeskRegisters, typed: dict[str, str], sentence: str
) -> None:
    answer = desk.start(**typed)

    assert answer.status_code == 400 and sentence in text(answer)
    assert egov.asked == [] and not LookUp.objects.exists()


@pytest.mark.rule("D51")
@pytest.mark.parametrize("answered", [True, False])
def test_look_up_stands_whatever_the_registers_answer(
    desk: Desk, egov: DeskRegisters, answered: bool
) -> None:
    egov.down = set() if answered else {"children"}

    desk.start(why="OTHER", words="Әкесі хатпен сұрады")

    found = LookUp.objects.get()
    assert (found.by, found.applicant_iin, found.child_iin) == (desk.user, APPLICANT, CHILD)
    assert (found.why, found.words) == (Why.OTHER, "Әкесі хатпен сұрады")
    entry = JournalEntry.objects.get(kind="READ", model="applications.lookup")
    assert (entry.row, entry.facts) == (str(found.pk), {"what": Shown.LOOK_UP})
    assert (entry.said or {})["user"] == desk.user.pk
    assert APPLICANT not in str(entry.facts) and CHILD not in str(entry.facts)


@pytest.mark.rule("D51")
@pytest.mark.parametrize("known", [True, False])
def test_parent_reads_when_where_and_why(desk: Desk, egov: DeskRegisters, parent: User, known: bool) -> None:
    """Also of a child whom the portal did not know when it was looked up."""
    born = {"name": "Аяна", "birth_date": "2020-05-04", "sex": "F"}
    child = Child.objects.create(iin=CHILD, **born) if known else None
    egov.ties = {}  # the registers know of no such tie, so nothing was filed
    desk.start(why="OTHER", words="Әкесі хатпен сұрады")

    child = child or Child.objects.create(iin=CHILD, **born)
    parent.guardianships.create(child=child)
    grant_consent(parent, child)
    shown = readers(parent, child)

    assert "ЖСН бойынша іздеді" in shown and "Басқа себеп. Әкесі хатпен сұрады" in shown
    assert "Орындаушы, «№63 жалпы білім беретін мектеп» КММ" in shown
    assert desk.user.surname not in shown and shown.count("ЖСН бойынша іздеді") == 1


@pytest.mark.rule("D51")
def test_day_has_its_limit_and_the_next_one_its_own(
    desk: Desk, egov: DeskRegisters, director: User, clock: Any, now: Any, settings: Any
) -> None:
    settings.LOOK_UPS_A_DAY = 2
    egov.ties = {}
    for _ in range(2):
        assert desk.start().status_code == 400
    asked = len(egov.asked)

    stopped = desk.start()

    assert stopped.status_code == 429 and "бұл — бір күндік шек" in text(stopped)
    assert f'value="{CHILD}"' in stopped.content.decode()  # what was typed stays
    assert len(egov.asked) == asked and LookUp.objects.count() == 2
    colleague = Desk(Client(), director)
    colleague.client.force_login(director)
    assert colleague.start().status_code == 400
    clock.move_to(now + timedelta(hours=12, minutes=59))  # 23:59
    desk.client.force_login(desk.user)
    assert desk.start().status_code == 429
    clock.move_to(now + timedelta(hours=13))
    cache.clear()
    desk.client.force_login(desk.user)
    assert desk.start().status_code == 400


@pytest.mark.rule("D15")
def test_parent_hears_by_sms_that_it_was_filed_in_their_name(
    make_application: Callable[..., Application], now: Any
) -> None:
    from notifications import texts

    for lang, words in {"kk": "атыңыздан", "ru": "от вашего имени"}.items():
        said = texts.sms("registered", {"number": "2026-000123"}, lang=lang)
        assert words in said and len(said) <= texts.SMS_LENGTH and "2026-000123" in said
