"""How log lines are written."""

import logging
import re
from typing import Any

# PostgreSQL prints the values of a row that breaks a constraint, names and IINs among them.
DETAIL = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)


class Line(logging.Formatter):
    """One line, and a traceback without the rows of the database."""

    def formatException(self, ei: Any) -> str:
        return DETAIL.sub(r"\1: withheld", super().formatException(ei))
