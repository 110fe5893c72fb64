"""The department's list of schools as it is wanted: parts, places, names, orders (D56)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from applications.review.lateness import Today
from applications.review.narrowing import Narrowing, districts_of, is_called, localities_of
from applications.review.oversight import FINEST, Reason, Row, Seats, Tally, Taught, together
from schools import calendar
from schools.calendar import DAY
from schools.models import Holiday, Locality, School

pytestmark = pytest.mark.rule("D56")


def place(kato: str, name: str) -> Locality:
    return Locality(kato=kato, name_kk=name, name_ru=name, sort_kk=name)


def row(number: int, *, kato: str = "593651100", seats: int = 10, held: int = 0, **tally: Any) -> Row:
    school = School(pk=number, name_kk=f"№{number}", sort_kk=f"{number}", search=f"{number} гимназия абая")
    school.locality = place(kato, kato)
    late = DAY * tally.pop("days_late", 0)
    taught = (Taught(number, "kk", "Қазақ", 0, Seats(seats, held, 0, 0)),) if seats else ()
    return Row(school, place(kato[:4] + "00000", kato), (Tally("kk", "LOCAL", **tally),), (), taught, late)


BUSY = row(1, waiting=9, overdue=2, days_late=1)
LONG = row(2, waiting=3, overdue=1, days_late=4, kato="591000000")
FULL = row(3, held=10, accepted=10)
BARE = row(63, seats=0, kato="593651200")
EVERY = [LONG, BUSY, FULL, BARE]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [LONG, BUSY, FULL, BARE]),
        ("view=overdue", [LONG, BUSY]), ("view=long", [LONG]), ("view=full", [FULL]),
        ("view=unannounced", [BARE]),
        ("district=593600000", [BUSY, FULL, BARE]), ("district=593600000&locality=593651200", [BARE]),
        ("q=№63", [BARE]), ("q=6", []), ("q=Аба+гимн", EVERY), ("q=лицей", []),
        ("view=overdue&q=1", [BUSY]),
        ("sort=-waiting", [BUSY, LONG, FULL, BARE]), ("sort=waiting", [FULL, BARE, LONG, BUSY]),
        ("sort=-overdue", [BUSY, LONG, FULL, BARE]), ("sort=-seats", [FULL, LONG, BUSY, BARE]),
        ("sort=-name", [BARE, FULL, LONG, BUSY]), ("sort=locality", [LONG, BUSY, FULL, BARE]),
        ("view=x&district=59&locality=%00&sort=--name&page=-1", EVERY), ("q=%00+", EVERY),
    ],
)  # fmt: skip
def test_list_is_what_was_asked_for(query: str, found: list[Row]) -> None:
    assert Narrowing.read(QueryDict(query)).rows(EVERY) == found


def test_address_leads_back_and_a_head_of_a_column_turns_its_order_round() -> None:
    chosen = Narrowing.read(QueryDict("view=full&district=593600000&q=Аба&sort=-waiting&page=3"))

    assert Narrowing.read(QueryDict(chosen.query)) == chosen
    waiting = chosen.headings()["waiting"]
    assert waiting.sorted == "descending" and "sort=waiting" in waiting.query and "page" not in waiting.query
    assert "sort=-refused" in chosen.headings()["refused"].query
    assert chosen.of_view("full").page == 1


def test_counters_are_those_of_the_place() -> None:
    chosen = Narrowing.read(QueryDict("district=593600000"))

    assert chosen.counters(EVERY) == {"all": 3, "overdue": 1, "long": 0, "full": 1, "unannounced": 1}
    assert [one.pk for one in districts_of(EVERY)] == ["591000000", "593600000"]
    assert [one.pk for one in localities_of(EVERY, "593600000")] == ["593651100", "593651200"]


def test_name_is_found_as_people_write_it() -> None:
    school = School(search="63 жалпы білім мектеп".replace("і", "и"))

    assert is_called(school, ["63", "мект"]) and not is_called(school, ["3"])
    assert not is_called(school, ["ектеп"])


def test_reasons_of_one_code_are_one_under_the_last_wording() -> None:
    told = [Reason("AGE", "Old", 2), Reason("OTHER", "Other", 3), Reason("AGE", "New", 2)]

    assert together(told) == (Reason("AGE", "New", 4), Reason("OTHER", "Other", 3))


@pytest.mark.django_db
@pytest.mark.parametrize("clock", ["10T11:00", "10T08:00", "10T20:00", "13T12:00", "15T18:30", "16T09:00"])
def test_lateness_is_the_working_time_that_the_page_says_in_words(clock: str) -> None:
    """From a Wednesday to the next Tuesday, Friday the 12th a holiday."""
    Holiday.objects.create(date=date(2026, 6, 12), name_kk="Мереке", name_ru="Праздник")
    today = Today.at(datetime.fromisoformat(f"2026-06-{clock}:00+05:00"))
    bounds = {work: today.late_by(work) for work in (DAY, 3 * DAY, 3 * DAY + FINEST)}

    for quarters in range(1, 4 * 24 * 9):
        due = today.now - timedelta(minutes=15 * quarters)
        late = calendar.between(due, today.now, today.days)
        assert today.late(due) == late
        assert {work: due <= last for work, last in bounds.items()} == {work: late >= work for work in bounds}
