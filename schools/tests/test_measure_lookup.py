"""The search of an address's schools reads by an index of street and place, in any country (R66)."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from schools import matching
from schools.models import MicrodistrictAddress, School
from schools.successors import Codes

ELSEWHERE = """
    INSERT INTO schools_microdistrictaddress
        (school_id, locality_id, street, street_key, house_from, suffix, parity, excluded)
    SELECT id, locality_id, 'Абай', 'street:аба', 1, '', 'ALL', false
    FROM schools_school, generate_series(1, 20000)
"""


@pytest.mark.rule("R66")
def test_measuring_command_compares_and_leaves_nothing(
    places: None, owner: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schools.management.commands.measure_lookup.MOST_GROWTH", 1000)
    out = StringIO()

    call_command("measure_lookup", rows=51_000, lookups=5, stdout=out)

    told = out.getvalue().splitlines()
    assert [line.split(":")[0] for line in told[:4]] == [
        "50000 rows, village", "50000 rows, city", "51000 rows, village", "51000 rows, city",
    ]  # fmt: skip
    assert not School.objects.exists() and not MicrodistrictAddress.objects.exists()


def test_growth_is_refused(places: None, owner: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schools.management.commands.measure_lookup.MOST_GROWTH", 0)

    with pytest.raises(CommandError, match="grows"):
        call_command("measure_lookup", rows=51_000, lookups=5, stdout=StringIO())
    with pytest.raises(CommandError, match="compared"):
        call_command("measure_lookup", rows=10)


def test_without_the_owner_nothing_is_measured(places: None) -> None:
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("measure_lookup", rows=51_000, lookups=5, stdout=StringIO())


@pytest.mark.rule("R66")
@pytest.mark.parametrize("kato", ["593651100", "751110000", "593651000"])
def test_other_places_are_not_read(
    make_school: Callable[..., School], gather_statistics: Callable[[], None], kato: str
) -> None:
    make_school("790000000", "№1")
    places, ends = matching._places(Codes(kato))
    rows = matching._near(["street:аба"], 5, 5, places, *ends)
    with connection.cursor() as cursor:
        cursor.execute(ELSEWHERE)
    gather_statistics()
    plan = rows.explain()

    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert conditions and all("locality_id" in line for line in conditions), plan
