"""What the log must not say."""

import logging
import sys

import pytest
from django.db import IntegrityError

from accounts.models import User
from oqu.logs import Line


@pytest.mark.django_db
def test_broken_constraint_does_not_print_the_row() -> None:
    values = {"iin": "not " + "an iin", "surname": "Сәр" + "сенова"}
    try:
        User.objects.create(**values)
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", None, sys.exc_info())

    text = Line("%(message)s").format(record)

    assert "user_iin_has_twelve_digits" in text
    assert "Сәрсенова" not in text and "not an iin" not in text
