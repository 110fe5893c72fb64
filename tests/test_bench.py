"""`bench` measures every row of its table in one run, and leaves nothing behind (docs/performance.md)."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from applications.models import Application
from applications.steps import APPLICANT, CHILD, DOCUMENTS, REVIEW, SCHOOL, WAY
from notifications.models import Message
from schools.models import School

SENT = (APPLICANT, CHILD, WAY, SCHOOL, DOCUMENTS)
UNITS = ["bare page", "bare drawing", "bare locked row"]
PAGES = [
    "cabinet", "start", "start, sent", *(f"step {page}" for page in (*SENT, REVIEW)),
    *(f"step {page}, sent" for page in SENT), "signature opened", "signature, choice of the way",
    "signature, by key", "signing POST", "result", "original, drawn ahead", "receipt, made and sealed",
    "director's queue", "director's desk", "department",
]  # fmt: skip
WHOLE = ["a whole application: web", "a whole application: worker", "a whole application"]
QUEUES = [
    "messages, fresh",
    "messages, after a failure of all",
    "papers, fresh",
    "papers, after a failure of all",
]


@pytest.mark.django_db
def test_every_row_is_told_and_nothing_is_left(settings: Any) -> None:
    settings.DEMO = True
    out = StringIO()

    call_command("bench", rounds=1, rows=3, waiting=1, stdout=out)

    told = [line[:42].strip() for line in out.getvalue().splitlines()]
    wanted = [*UNITS, *PAGES, *WHOLE, "receipt with its seal", *QUEUES, "one school beside many"]
    assert sorted(told) == sorted(wanted)
    assert not any(model.objects.exists() for model in (User, School, Application, Message))


def test_a_production_portal_is_spared_unless_it_is_meant(settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="--production"):
        call_command("bench")
    with pytest.raises(CommandError, match="one round"):
        call_command("bench", rounds=0, production=True)
