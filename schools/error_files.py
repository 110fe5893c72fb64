"""What is wrong with a department's table, told line by line, and written beside its lines to be mended."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from schools.cells import harmless
from schools.files import BadFile, BadRows, read_rows

COLUMN = "error"


@contextmanager
def refusing(command: BaseCommand, file: Path | None, *, errors: Path | None = None) -> Iterator[None]:
    """A command that loads this file ends with what is wrong with it. Raises CommandError."""
    try:
        yield
    except BadRows as error:
        for line, reason in error.problems:
            command.stderr.write(f"line {line}: {reason}")
        if file and errors:
            _write(errors, file, error.problems)
        raise CommandError(f"{len(error.problems)} lines cannot be used; nothing is saved") from error
    except (BadFile, OSError) as error:
        raise CommandError(str(error)) from error


def _write(path: Path, source: Path, problems: list[tuple[int, str]]) -> None:
    """The table again, with one column more; mended in place it may be loaded."""
    reasons: dict[int, list[str]] = {}
    for line, reason in problems:
        reasons.setdefault(line, []).append(reason)
    rows = read_rows(source)
    width = max(len(cells) for _, cells in rows)
    header = next(number for number, _ in rows)
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            for number, cells in rows:
                told = COLUMN if number == header else "; ".join(reasons.get(number, []))
                row = [*cells, *[""] * (width - len(cells)), told]
                table.writerow([harmless(cell) for cell in row])
    except OSError as error:
        raise CommandError(str(error)) from error
