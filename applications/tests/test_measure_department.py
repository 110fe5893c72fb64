"""The department's page is measured with made-up rows that are gone afterwards (D56)."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Child, User
from applications.models import Application
from schools.models import School

pytestmark = [pytest.mark.rule("D56"), pytest.mark.django_db, pytest.mark.usefixtures("owner")]
COMMAND = "applications.management.commands.measure_department"


def measure(**limits: Any) -> list[str]:
    out = StringIO()
    call_command("measure_department", schools=20, applications=60, looks=1, stdout=out, **limits)
    return out.getvalue().splitlines()


def test_command_tells_questions_and_seconds_and_leaves_nothing() -> None:
    told = measure(seconds=60)

    assert [line.partition(":")[0] for line in told] == [
        "2 schools, 6 applications", "20 schools, 60 applications", "10 times the region",
    ]  # fmt: skip
    few, many = (line.partition(" questions")[0].rpartition(" ")[2] for line in told[:2])
    assert int(few) == int(many) <= 20
    assert not any(model.objects.exists() for model in (School, Application, Child, User))


def test_too_much_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="longer than"):
        measure(seconds=0)
    with pytest.raises(CommandError, match="an application for each"):
        call_command("measure_department", schools=20, applications=10)
    monkeypatch.setattr(f"{COMMAND}.MOST_QUESTIONS", 3)
    with pytest.raises(CommandError, match="more than 3 questions"):
        measure(seconds=60)
