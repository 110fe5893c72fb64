"""The catalogue as open data: what the files hold, how they are made, and when they are sent again (D62)."""

import csv
import io
import json
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
from schools import open_data, versions
from schools.models import Intake, MicrodistrictAddress, School
from schools.streets import street_key
from schools.tests.conftest import YEAR, almaty
from tests.environment import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D62")]
MakeSchool = Callable[..., School]
ASTANA, SKO, ESIL, QARAQOGA = "710000000", "590000000", "711210000", "593651100"
CSV, JSON = "/schools/data/schools.csv", "/schools/data/schools.json"
STREETS = "/schools/data/microdistricts.csv"


@pytest.fixture(autouse=True)
def _june() -> Any:
    with time_machine.travel(almaty("2026-06-10 11:00"), tick=False):
        yield


def whole(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def table(answer: Any) -> list[dict[str, str]]:
    """The rows of a file, as a program reads it."""
    text = whole(answer)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def bring(school: School, street: str, start: int = 1, end: int | None = None, **more: Any) -> None:
    """A list with one line, in place of the one before."""
    row = MicrodistrictAddress(
        school=school, locality=school.locality, street=street, street_key=street_key(street),
        house_from=start, house_to=end, **more,
    )  # fmt: skip
    versions.replace(school, [row], [], lines={}, origin=versions.Origin("test", "test"))


@pytest.fixture
def country(make_school: MakeSchool) -> list[School]:
    both = make_school(ESIL, "№63 мектеп", kk=75, ru=25)
    both.intakes.filter(language="kk").update(held_local=7, held_outside=2)
    silent = make_school(ESIL, "=HYPERLINK(1)", year=YEAR - 1, kk=25)
    village = make_school(QARAQOGA, "Қарақоға", kk=8)
    School.objects.filter(pk=village.pk).update(
        phone="+77153100012", has_transport=True, stops_on=date(2026, 7, 1), successor=both
    )
    return [both, silent, village]


def test_files_hold_each_school_with_its_languages(client: Client, country: list[School]) -> None:
    both, silent, village = country

    rows, told = table(client.get(CSV)), json.loads(whole(client.get(JSON)))

    assert [(row["bin"], row["language"], row["seats"]) for row in rows] == [
        (both.bin, "kk", "75"), (both.bin, "ru", "25"), (silent.bin, "", ""), (village.bin, "kk", "8"),
    ]  # fmt: skip
    first, last = rows[0], rows[-1]
    assert [first[name] for name in ("kato", "outside_limit", "held_local", "held_outside", "transport")] == [
        ESIL, "18", "7", "2", "0",
    ]  # fmt: skip
    assert [last[name] for name in ("phone", "transport", "stops_on", "successor_bin", "year")] == [
        "'+77153100012", "1", "2026-07-01", both.bin, str(YEAR),
    ]  # fmt: skip
    assert rows[2]["name_kk"] == "'=HYPERLINK(1)"
    assert told["year"] == YEAR and [one["bin"] for one in told["schools"]] == [
        both.bin,
        silent.bin,
        village.bin,
    ]
    assert told["schools"][0]["languages"][0] == {
        "language": "kk", "seats": 75, "outside_limit": 18, "held_local": 7, "held_outside": 2,
    }  # fmt: skip
    assert told["schools"][2] | {"languages": []} == {
        "bin": village.bin, "name_kk": "Қарақоға", "name_ru": "Қарақоға", "kato": QARAQOGA, "address_kk": "",
        "address_ru": "", "phone": "+77153100012", "transport": True, "stops_on": "2026-07-01",
        "successor_bin": both.bin, "languages": [],
    }  # fmt: skip


def test_microdistricts_come_by_region(client: Client, country: list[School]) -> None:
    both, _, village = country
    bring(both, "Сәтбаев көшесі", 1, 99, parity="ODD")
    bring(village, "Мектеп көшесі", excluded=True, suffix="")

    of_astana, of_sko = (table(client.get(STREETS, {"region": code})) for code in (ASTANA, SKO))

    assert of_astana == [
        {"bin": both.bin, "kato": ESIL, "street": "Сәтбаев көшесі", "house_from": "1", "house_to": "99",
         "suffix": "", "side": "odd", "excluded": "0", "serving_bin": both.bin}
    ]  # fmt: skip
    assert [(row["bin"], row["house_to"], row["excluded"]) for row in of_sko] == [(village.bin, "", "1")]


@pytest.mark.parametrize("region", ["", "7", ESIL, "999999999", "71000000x", "٧١٠٠٠٠٠٠٠", "\x00"])
def test_without_a_region_the_page_names_them_all(client: Client, places: None, region: str) -> None:
    answer = client.get(STREETS, {"region": region})

    assert answer.status_code == 400 and f'href="{STREETS}?region={ASTANA}"' in answer.content.decode()
    assert "public" not in answer.headers.get("Cache-Control", "")
    assert client.get(STREETS).status_code == 400


def test_file_is_read_a_piece_at_a_time(
    client: Client, country: list[School], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIECE", "LISTS"):
        monkeypatch.setattr(open_data, name, 1)
    for school in country:
        bring(school, "Сәтбаев көшесі")

    with CaptureQueriesContext(connection) as asked:
        lines = open_data.schools_csv(YEAR)
        next(lines), next(lines)
        begun = len(asked.captured_queries)
        rest = len(list(lines))
        ended = len(asked.captured_queries)
        addresses = len(list(open_data.microdistricts_csv(ASTANA)))

    assert (begun, rest, addresses) == (2, 3, 1 + 2)
    assert ended > begun


def test_file_that_has_not_changed_is_not_sent_again(client: Client, country: list[School]) -> None:
    bring(country[0], "Сәтбаев көшесі")
    asked = [(CSV, {}), (JSON, {}), (STREETS, {"region": ASTANA})]

    def fresh(marks: list[str]) -> list[bool]:
        """Is each of the files, that the reader has under its mark, still the same?"""
        return [
            client.get(address, data, headers={"if-none-match": mark}).status_code == 304
            for (address, data), mark in zip(asked, marks, strict=True)
        ]

    answers = [client.get(address, data) for address, data in asked]
    marks = [answer["ETag"] for answer in answers]

    assert {answer["Cache-Control"] for answer in answers} == {"public, max-age=300"}
    assert all(mark.startswith('W/"') for mark in marks) and fresh(marks) == [True, True, True]
    Intake.objects.filter(school=country[2]).update(held_local=1)
    assert fresh(marks) == [False, False, True]
    bring(country[2], "Мектеп көшесі")
    assert fresh(marks)[2]  # of another region
    with undone():
        bring(country[0], "Сәтбаев көшесі", 1, 9)
        assert fresh(marks)[2] is False
    School.objects.filter(pk=country[0].pk).update(stops_on=date(2026, 6, 10), successor=country[1])
    assert fresh(marks)[2] is False


@pytest.mark.rule("D57")
def test_line_of_a_school_that_has_stopped_names_the_one_that_serves_it_today(
    client: Client, country: list[School]
) -> None:
    both, silent, village = country
    bring(village, "Мектеп көшесі")
    bring(silent, "Сәтбаев көшесі")
    School.objects.filter(pk=silent.pk).update(stops_on=date(2026, 6, 1))

    def serving(region: str, day: str) -> list[tuple[str, str]]:
        with time_machine.travel(almaty(day), tick=False):
            rows = table(client.get(STREETS, {"region": region}))
        return [(row["bin"], row["serving_bin"]) for row in rows]

    assert serving(SKO, "2026-06-30 23:59:59") == [(village.bin, village.bin)]
    assert serving(SKO, "2026-07-01 00:00") == [(village.bin, both.bin)]
    assert serving(ASTANA, "2026-06-30 11:00") == [(silent.bin, "")]


def test_page_names_every_column_and_region(client: Client, places: None, parent: User) -> None:
    page = client.get(reverse("catalogue:data")).content.decode()

    columns = {*open_data.OF_SCHOOL, *open_data.OF_INTAKE, *open_data.OF_ADDRESS, "year"}
    assert [name for name in columns if f'<code lang="en">{name}</code>' not in page] == []
    assert page.count(f'href="{STREETS}?region=') == 20
    client.force_login(parent)
    assert client.get(CSV)["Cache-Control"] == "no-store"  # its answer renews a session
