"""The public catalogue: schools by place and by name, each with its seats, its dates and its microdistrict
(R69, R76, D57, D62)."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from schools import served
from schools.catalogue import Level
from schools.models import FormerBin, Locality, MicrodistrictAddress, Parity, Period, School
from schools.streets import street_key
from schools.tests.conftest import YEAR, almaty
from tests.reading import words

pytestmark = pytest.mark.django_db
MakeSchool = Callable[..., School]
ASTANA, ESIL, SARYARQA, QARAQOGA = "710000000", "711210000", "711310000", "593651100"
PAGE = "/schools/"


@pytest.fixture(autouse=True)
def _june() -> Any:
    with time_machine.travel(almaty("2026-06-10 11:00"), tick=False):
        yield


def add(school: School, street: str, start: int = 1, end: int | None = None, **more: Any) -> None:
    place = more.pop("kato", school.locality_id)
    key = street_key(street)
    school.addresses.create(
        locality_id=place, street=street, street_key=key, house_from=start, house_to=end, **more
    )


def names(answer: Any) -> list[str]:
    """Of the schools on the page, in their order."""
    return re.findall(r'<h3><a href="/schools/\d{12}/">([^<]+)</a></h3>', answer.content.decode())


@pytest.fixture
def country(make_school: MakeSchool) -> None:
    for number in range(1, 24):
        make_school(ESIL, f"№{number} мектеп", kk=25)
    make_school(SARYARQA, "№2 гимназия", ru=4)
    make_school(QARAQOGA, "Қарақоға орта мектебі", kk=8)
    make_school(ESIL, "Биыл қабылдамайтын мектеп")


# --- the list -------------------------------------------------------------------------------------------
@pytest.mark.rule("D62")
def test_all_schools_are_found_by_pages_and_their_number_is_said(client: Client, country: None) -> None:
    first, second = client.get(PAGE), client.get(PAGE, {"page": "2"})
    of_esil = [client.get(PAGE, {"region": ASTANA, "district": ESIL, "page": page}) for page in ("1", "2")]

    silent = "Биыл қабылдамайтын мектеп"
    assert "26 мектеп табылды" in words(first) and "26 мектеп табылды" in words(second)
    assert len(names(first)) == 20
    assert names(second) == [
        *(f"№{number} мектеп" for number in range(20, 24)), silent, "Қарақоға орта мектебі",
    ]  # fmt: skip
    numbered = [f"№{number} мектеп" for number in range(1, 24)]
    assert names(of_esil[0]) + names(of_esil[1]) == [*numbered, silent]
    assert words(second).count("орын жарияланбаған") == 1
    assert f"?region={ASTANA}&amp;district={ESIL}&amp;page=2#found" in of_esil[0].content.decode()


@pytest.mark.rule("D62")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "каракога"}, ["Қарақоға орта мектебі"]),
        ({"q": "2"}, ["№2 гимназия", "№2 мектеп"]),
        ({"q": "2", "region": ASTANA, "district": ESIL}, ["№2 мектеп"]),
        ({"region": "590000000", "district": ESIL}, ["Қарақоға орта мектебі"]),  # the district is forgotten
        ({"q": "\x00%_'\"", "page": "-7"}, []),
        ({"q": "жоқмектеп", "region": "zzz"}, []),
    ],
)
def test_list_is_narrowed_by_name_and_place(
    client: Client, country: None, asked: dict[str, str], found: list[str]
) -> None:
    answer = client.get(PAGE, asked)

    assert (answer.status_code, names(answer)) == (200, found)
    assert f"{len(found)} мектеп табылды" in words(answer)


@pytest.mark.rule("D62", "D57")
def test_every_school_that_stands_is_found_before_any_seat_of_the_year_is_announced(
    client: Client, country: None
) -> None:
    """From 1 September the next year runs, of which nothing is known yet."""
    village = School.objects.get(locality=QARAQOGA)
    FormerBin.objects.create(number="990540099902", school=village, until=date(2026, 1, 1))
    FormerBin.objects.create(number="990540099903", school=village, until=date(2026, 2, 1))
    School.objects.filter(name_kk="№1 мектеп").update(stops_on=date(2026, 9, 1))

    with time_machine.travel(almaty("2026-09-01 00:00"), tick=False):
        every, of_village = client.get(PAGE), client.get(PAGE, {"region": "590000000"})
        found = [names(client.get(PAGE, {"q": number})) for number in ("990540099902", village.bin, "1")]

    assert "2027-2028 оқу жылы" in words(every) and "25 мектеп табылды" in words(every)
    assert names(of_village) == [village.name_kk]
    assert found == [[village.name_kk], [village.name_kk], []]


@pytest.mark.rule("D62")
def test_school_says_its_languages_and_free_places(client: Client, make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№63", kk=8, ru=4)
    school.intakes.filter(language="kk").update(held_local=3)
    school.intakes.filter(language="ru").update(held_local=5)

    page = words(client.get(PAGE))

    assert "Қазақ: 5 бос орын, оның ішінде шағын ауданнан тыс 2" in page
    assert "Орыс: жоспардағы орындар толды" in page


@pytest.mark.rule("D62")
def test_page_of_many_schools_asks_no_more_than_of_one(
    client: Client, make_school: MakeSchool, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        add(make_school(ESIL, f"№{number}", kk=4), "Сәтбаев көшесі")
    school = School.objects.get(name_kk="№7")
    for number in range(300):
        add(school, f"{number}-көше", 1, 99)

    with django_assert_max_num_queries(14):
        client.get(PAGE)
    with django_assert_max_num_queries(9):
        client.get(reverse("catalogue:school", args=[school.bin]))


# --- one school -----------------------------------------------------------------------------------------
@pytest.mark.rule("D62", "R69")
def test_page_of_a_school_tells_where_when_and_for_whom(client: Client, make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№63 мектеп", kk=8)
    School.objects.update(address_kk="Сәтбаев көшесі, 21", phone="+77172000063", has_transport=True)
    Period.objects.create(region_id=ASTANA, year=YEAR, opens=date(2026, 5, 27), closes=date(2026, 8, 31))
    add(school, "Сәтбаев көшесі", 1, 99, parity=Parity.ODD)
    add(school, "Сәтбаев көшесі", 4, 4, suffix="А")
    address = reverse("catalogue:school", args=[school.bin])

    page, russian = words(client.get(address)), words(client.get(address, headers={"accept-language": "ru"}))

    for told in (
        "Астана қ. · Есіл ауданы", "Сәтбаев көшесі, 21", "+7 717 200 00 63", school.bin,
        "Тегін тасымалдау бар",        "8 бос орын", "Қабылдау жүріп жатыр", "Сәтбаев көшесі: 1–99 (тақ), 4А",
    ):  # fmt: skip
        assert told in page
    assert "Сәтбаев көшесі: 1–99 (нечётные), 4А" in russian and "Бесплатный подвоз есть" in russian


@pytest.mark.rule("D62", "D57")
def test_address_of_a_school_outlives_its_number_and_the_school(
    client: Client, make_school: MakeSchool
) -> None:
    old, new = make_school(ESIL, "№63", kk=4), make_school(ESIL, "№70", kk=4)
    School.objects.filter(pk=old.pk).update(stops_on=date(2026, 6, 1), successor=new)
    FormerBin.objects.create(number="990540099902", school=new, until=date(2026, 1, 1))
    address = reverse("catalogue:school", args=[new.bin])

    stopped = client.get(reverse("catalogue:school", args=[old.bin]))
    moved = client.get(reverse("catalogue:school", args=["990540099902"]))

    assert (
        "1-сыныпқа өтінім қабылдамайды" in words(stopped) and f'href="{address}"' in stopped.content.decode()
    )
    assert "Онлайн қызметке тапсырыс беру" not in words(stopped)
    assert (moved.status_code, moved["Location"]) == (302, address)  # it may get that number back
    assert client.get(reverse("catalogue:school", args=["0" * 12])).status_code == 404
    assert client.get("/schools/63/").status_code == 404


# --- the microdistrict ----------------------------------------------------------------------------------
@pytest.mark.rule("D62", "R69")
@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, "толық"),
        ({"house_to": 99}, "1–99"),
        ({"house_to": 99, "parity": Parity.ODD}, "1–99 (тақ)"),
        ({"house_from": 2, "house_to": 98, "parity": Parity.EVEN}, "2–98 (жұп)"),
        ({"parity": Parity.ODD}, "барлығы (тақ)"),
        ({"house_from": 45}, "45 және одан әрі"),
        ({"house_from": 4, "house_to": 4, "suffix": "А"}, "4А"),
        ({"house_from": 6, "house_to": 6, "suffix": "/1"}, "6/1"),
        ({"house_from": 1, "house_to": 300, "suffix": "уч"}, "учаске 1–300"),
        ({"house_from": 5, "house_to": 5, "suffix": "общ"}, "жатақхана 5"),
    ],
)
def test_houses_are_as_short_as_the_department_writes_them(row: dict[str, Any], told: str) -> None:
    assert served.houses_in_words(MicrodistrictAddress(**row)) == told


@pytest.mark.rule("D62", "R69")
def test_streets_stand_in_the_order_of_the_kazakh_alphabet(make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№63", kk=4)
    for street in (
        "ул. Ящика",
        "Қонаев көшесі",
        "Көктем көшесі",
        "Әуезов көшесі",
        "пр. Абая",
        "11 шағын аудан",
    ):
        add(school, street, 1, 9)
    add(school, "пр. Абая", 12, 14, excluded=True)
    add(school, "пр. Абая", 20)
    add(school, "", kato=QARAQOGA)

    found = served.microdistrict_of(school)

    assert [street.name for street in found.streets] == [
        "11 шағын аудан", "пр. Абая", "Әуезов көшесі", "Көктем көшесі", "Қонаев көшесі", "ул. Ящика",
    ]  # fmt: skip
    assert [letter for letter, _ in found.letters] == ["0–9", "А", "Ә", "К", "Қ", "Я"]
    assert (found.streets[1].houses, found.streets[1].without) == ("1–9, 20 және одан әрі", "12–14")
    assert [place.kato for place in found.places] == [QARAQOGA]


@pytest.mark.rule("D62", "D57", "R69")
def test_microdistrict_of_a_school_that_has_stopped_is_its_last_successors(
    client: Client, make_school: MakeSchool
) -> None:
    first, second, third = (make_school(ESIL, name, kk=4) for name in ("№1", "№2", "№3"))
    add(first, "Абай көшесі", 1, 99)
    add(first, "Абай көшесі", 5, 5, excluded=True)
    add(second, "Абай көшесі", 5, 5)
    add(third, "Сәтбаев көшесі", 1, 9)
    School.objects.filter(pk=first.pk).update(stops_on=date(2026, 6, 9), successor=second)
    School.objects.filter(pk=second.pk).update(stops_on=date(2026, 6, 11), successor=third)
    addresses = [reverse("catalogue:school", args=[school.bin]) for school in (first, second, third)]

    def pages(day: str) -> list[str]:
        with time_machine.travel(almaty(day), tick=False):
            return [words(client.get(address)) for address in addresses]

    before, after = pages("2026-06-10 11:00"), pages("2026-06-11 00:00")

    assert "Оның шағын ауданы мына мектепке берілді: №2." in before[0] and "Абай көшесі" not in before[0]
    assert "Абай көшесі: 1–99; мына үйлерден басқа: 5 Абай көшесі: 5" in before[1]
    assert "өтінім қабылдамайтын мектептің шағын ауданы да бар: №1." in before[1]
    assert "Абай көшесі" not in before[2] and "Абай көшесі" not in after[1]
    assert "Абай көшесі: 1–99; мына үйлерден басқа: 5 Абай көшесі: 5 Сәтбаев көшесі: 1–9" in after[2]
    assert after[2].count("өтінім қабылдамайтын мектептің шағын ауданы да бар") == 2


@pytest.mark.rule("D62")
def test_hundreds_of_streets_are_folded_by_their_letter(client: Client, make_school: MakeSchool) -> None:
    school = make_school(ESIL, "№63", kk=4)
    for number in range(31):
        add(school, f"{'АБ'[number % 2]}{number} көшесі", 1, 9)

    page = client.get(reverse("catalogue:school", args=[school.bin])).content.decode()

    assert page.count('<details class="disclosure">') == 2


@pytest.mark.rule("D62")
def test_places_called_alike_under_one_place_are_told_apart(places: None) -> None:
    above = Locality.objects.get(kato="593651000")
    for kato in ("593651200", "593651300"):
        Locality.objects.create(
            kato=kato, parent=above, name_kk="Тебіске а.", name_ru="с. Тебиске", sort_kk="т"
        )
    options = list(Locality.objects.filter(parent=above).order_by("kato"))

    shown = [name for _, name in Level("village", "Ауыл", options, None).named()]

    assert shown[:3] == ["Қарақоға а.", "Тебіске а. (593651200)", "Тебіске а. (593651300)"]


# --- who may keep a page --------------------------------------------------------------------------------
@pytest.mark.rule("D62")
def test_page_is_kept_for_visitors_by_language_and_for_nobody_else(
    client: Client, make_school: MakeSchool, parent: User
) -> None:
    address = reverse("catalogue:school", args=[make_school(ESIL, "№63", kk=4).bin])
    russian = {"accept-language": "ru"}

    first, in_russian = client.get(address), client.get(address, headers=russian)
    with CaptureQueriesContext(connection) as asked, time_machine.travel(almaty("2026-06-10 11:00:40")):
        again, again_in_russian = client.get(address), client.get(address, headers=russian)

    assert (again.content, again_in_russian.content) == (first.content, in_russian.content)
    assert first.content != in_russian.content and not asked.captured_queries
    assert first["Cache-Control"] == again["Cache-Control"] == "public, max-age=60"
    assert again["Age"] == "40"
    assert {"Cookie", "Accept-Language"} <= set(re.split(r",\s*", again["Vary"]))
    assert not first.cookies and "csrfmiddlewaretoken" not in first.content.decode()

    client.force_login(parent)
    mine = client.get(address)
    assert mine["Cache-Control"] == "no-store" and parent.full_name in mine.content.decode()
    client.logout()
    assert client.get(address).content == first.content
    client.cookies["whose"] = "x"
    assert "public" not in client.get(address).headers.get("Cache-Control", "")


@pytest.mark.rule("D62")
def test_catalogue_is_there_when_redis_is_not(client: Client, make_school: MakeSchool, settings: Any) -> None:
    make_school(ESIL, "№63", kk=4)
    redis = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1:1/0"}}

    answer = client.get(PAGE)

    assert answer.status_code == 200 and names(answer) == ["№63"]
