"""The public pages say what the instruction says, in both languages, by the server's clock."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from applications.models import Application, Channel
from applications.public import waves
from applications.status import Status
from schools import periods
from schools.models import Locality, Period

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]  # no test runs over a midnight
PUBLIC = ["/", "/service/", "/schedule/", "/questions/"]
START = 'href="/applications/new/"'


def page(client: Client, address: str, language: str = "kk") -> str:
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def today(clock: Any) -> date:
    return timezone.localdate()


@pytest.fixture
def year(clock: Any) -> int:
    return periods.current_year(timezone.now())


@pytest.fixture
def regions(today: date, year: int) -> None:
    """Four regions: two open together, one to open, one closed; one more without announced dates."""
    days = {
        "110000000": ("Ақмола облысы", "Акмолинская область", -5, 30),
        "100000000": ("Абай облысы", "область Абай", -5, 30),
        "230000000": ("Атырау облысы", "Атырауская область", 10, 30),
        "750000000": ("Алматы қаласы", "город Алматы", -40, -10),
    }
    for order, (kato, (name_kk, name_ru, opens, closes)) in enumerate(reversed(days.items())):
        region = Locality.objects.create(kato=kato, name_kk=name_kk, name_ru=name_ru, sort_kk=str(order))
        Period.objects.create(
            region=region, year=year, opens=today + timedelta(opens), closes=today + timedelta(closes)
        )
    Locality.objects.create(kato="620000000", name_kk="Ұлытау облысы", name_ru="область Ұлытау", sort_kk="9")


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("address", PUBLIC)
def test_public_page_needs_no_sign_in(client: Client, address: str, language: str) -> None:
    html = page(client, address, language)

    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("address", PUBLIC)
def test_russian_page_has_no_kazakh_left(client: Client, address: str) -> None:
    html = page(client, address, "ru").replace(">Қазақша<", "")

    assert set(html) & set("әғқңөұүһі") == set()


@pytest.mark.rule("R20", "R3")
def test_home_leads_through_the_catalogue(client: Client) -> None:
    html = " ".join(page(client, "/").split())

    assert "Мемлекеттік қызметтер каталогы" in html
    assert '<a class="card__link" href="/service/">1-сыныпқа құжаттарды қабылдау</a>' in html


@pytest.mark.rule("R13")
def test_service_page_has_its_button(client: Client) -> None:
    html = page(client, "/service/")

    assert START in html
    assert "Онлайн қызметке тапсырыс беру" in html


@pytest.mark.rule("R106", "D1", "D2")
def test_service_page_explains_every_filed_status(client: Client) -> None:
    html = page(client, "/service/")

    for status in Status:
        assert (f">{status.label}</strong>" in html) == (status != Status.DRAFT)


def test_questions_are_fifteen(client: Client) -> None:
    html = page(client, "/questions/")

    assert html.count('<details class="disclosure"') == 15
    assert all(f'id="q{number}"' in html for number in range(1, 16))


@pytest.mark.rule("D27", "D30")
def test_questions_use_the_names_on_the_screen(client: Client) -> None:
    html = page(client, "/questions/")

    for name in (
        "«Онлайн қызметке тапсырыс беру»", "«Келесі қадамға өту»", "«Өтінімге қол қою»",
        "«Басқа файлды жүктеу»", "«Кері қайтарып алу»", "«Тегін тасымалдау қызметі қажет»",
        "«Ерекше білім беру қажеттіліктері бар бала»", "«Кері қайтарып алынды»",
    ):  # fmt: skip
        assert name in html
    for slip in ("тіркелеген", "ЭЦК", "Қызметке онлайн тапсырыс", "Кері қайтарылды", "Өтінішті қайтарып"):
        assert slip not in html


@pytest.mark.rule("R22", "R28", "D8")
def test_schedule_tells_each_region_state_today(client: Client, regions: None) -> None:
    html = page(client, "/schedule/")
    rows = html.split("<tr>")[2:]

    assert [tag for row in rows for tag in ("Аяқталды", "Ашық<", "Ашылады:", "Күні әлі") if tag in row] == [
        "Аяқталды", "Ашық<", "Ашылады:", "Күні әлі",
    ]  # fmt: skip
    assert "1-кезең" in rows[0]
    assert "Абай облысы" in rows[1]
    assert "Ақмола облысы" in rows[1]


@pytest.mark.rule("R23")
def test_regions_of_a_stage_stand_in_alphabetical_order(regions: None, year: int) -> None:
    stages = waves.group(periods.schedule(year, timezone.now()))

    assert [[region.name_kk for region in wave.regions] for wave in stages] == [
        ["Алматы қаласы"],
        ["Абай облысы", "Ақмола облысы"],
        ["Атырау облысы"],
        ["Ұлытау облысы"],
    ]
    assert [wave.number for wave in stages] == [1, 2, 3, 0]


def test_home_tells_what_is_open_today(client: Client, regions: None) -> None:
    html = page(client, "/")

    assert "<strong>2</strong> өңір ашық" in html
    assert "Келесі ашылатын күн:" in html


def test_home_says_so_when_nothing_is_open(client: Client) -> None:
    assert "Қазір бірде-бір өңірде қабылдау ашық емес." in page(client, "/")


def test_own_region_is_marked(client: Client, regions: None, parent: User) -> None:
    parent.registered_address = {"kato": "231010000"}
    parent.save(update_fields=["registered_address"])
    client.force_login(parent)

    html = page(client, "/schedule/")

    assert "Сіздің өңіріңіз:" in html
    assert "<strong>Атырау облысы</strong> <span" in html


def test_home_offers_the_next_step(
    client: Client, parent: User, make_application: Callable[..., Application], year: int
) -> None:
    application = make_application(year=year)
    client.force_login(parent)

    html = page(client, "/")

    assert "Сіздің келесі қадамыңыз" in html
    assert f'href="/applications/{application.public_id}/">Жалғастыру' in html


def test_draft_can_be_resumed_from_the_service_page(
    client: Client, parent: User, make_application: Callable[..., Application], year: int
) -> None:
    application = make_application(year=year)
    client.force_login(parent)

    assert f'href="/applications/{application.public_id}/">Жалғастыру' in page(client, "/service/")


@pytest.mark.rule("D15")
def test_paper_application_appears_to_its_applicant_when_it_is_registered(
    client: Client, parent: User, executor: User, make_application: Callable[..., Application], year: int
) -> None:
    application = make_application(year=year, channel=Channel.IN_PERSON, filed_by=executor)
    client.force_login(parent)
    pages = ("/", "/service/", "/applications/")

    assert [str(application.public_id) in page(client, address) for address in pages] == [False] * 3
    assert client.get(f"/applications/{application.public_id}/").status_code == 404

    application.delete()
    filed = make_application(Status.IN_REVIEW, year=year, channel=Channel.IN_PERSON, filed_by=executor)
    assert [str(filed.public_id) in page(client, address) for address in pages] == [True, False, True]
    assert client.get(f"/applications/{filed.public_id}/").status_code == 200


def test_stranger_sees_nothing_of_it(
    client: Client, stranger: User, make_application: Callable[..., Application], year: int
) -> None:
    application = make_application(year=year)
    client.force_login(stranger)

    assert str(application.public_id) not in page(client, "/") + page(client, "/service/")


def test_public_pages_take_only_reading(client: Client) -> None:
    assert {client.post(address).status_code for address in PUBLIC} == {405}


def test_next_opening_is_the_nearest(regions: None, year: int, today: date) -> None:
    now: datetime = timezone.now()
    opening = waves.next_opening(periods.schedule(year, now))

    assert opening
    assert timezone.localdate(opening) == today + timedelta(10)
