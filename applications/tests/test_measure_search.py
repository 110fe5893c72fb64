"""A school's search is measured with made-up rows that nobody but the command sees (R97)."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Child, JournalEntry, User
from applications.management.commands import measure_search
from applications.models import Application
from schools.models import School

pytestmark = [pytest.mark.rule("R97"), pytest.mark.django_db]


def test_command_tells_how_each_search_grows_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_search, "FEW", 600)
    monkeypatch.setattr(measure_search, "OF_A_SCHOOL", 100)
    found: list[list[str]] = []
    search = measure_search.Country.search

    def watched(country: measure_search.Country, term: str) -> Any:
        rows = search(country, term)
        found.append([str(row.number) for row in rows])
        return rows

    monkeypatch.setattr(measure_search.Country, "search", watched)
    out = StringIO()
    call_command("measure_search", applications=1200, looks=1, growth=1000, stdout=out)

    told = out.getvalue().splitlines()
    assert [line.partition(":")[0] for line in told] == ["600 applications", "1200 applications", "number"]
    assert [len(rows) for rows in found] == [10, 10, 1] * 2  # as many of few as of many
    assert not any(model.objects.exists() for model in (School, Application, Child, User, JournalEntry))
    with pytest.raises(CommandError, match="grows by more than 0"):
        call_command("measure_search", applications=601, looks=1, growth=0, stdout=StringIO())
    with pytest.raises(CommandError, match="more than 600"):
        call_command("measure_search", applications=600)
