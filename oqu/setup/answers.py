"""What whoever sets production up says: a file in TOML, or what they type. Each answer is looked at before
anything is done with it, and refused in a sentence."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from schools import appointing, periods, staff_lists
from schools.appointing import NotAppointed

BUILT_IN = "built-in"  # in place of a file: what comes with the portal
YEAR, OPS = "year", "ops"
OTHERS_READ = 0o077


class Unfit(Exception):
    """An answer, or the file of answers, that cannot be used; the text says why."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: a file, of which there may be several, or what comes with the portal."""

    question: str
    built_in: bool = False
    several: bool = False
    needed: bool = True


Answers = dict[str, list[Path] | str]  # by the step: files, none of them for what comes with us; or an IIN


def read(path: Path, wanted: dict[str, Wanted], *, now: datetime) -> tuple[int | None, Answers]:
    """The year and the answers of a file; its paths are seen from its own folder. Raises Unfit, which names
    all that is wrong with it."""
    found = _parsed(path)
    year = found.pop(YEAR, None)
    problems, answers = [], Answers()
    if unknown := sorted(found.keys() - wanted.keys()):
        known = ", ".join([YEAR, *wanted])
        problems.append(f"{', '.join(unknown)}: unknown; what may be named is {known}")
    for name in wanted.keys() & found.keys():
        try:
            answers[name] = fit(name, found[name], wanted[name], folder=path.parent, now=now)
        except Unfit as error:
            problems.append(f"{name}: {error}")
    if OPS in found and path.stat().st_mode & OTHERS_READ:
        problems.append(f"{OPS}: the file names a person and others may read it: chmod 600 {path.name}")
    if year is not None and (type(year) is not int or year not in years(now)):
        problems.append(f"{YEAR}: it is one of {', '.join(map(str, years(now)))}, without quotes")
    if problems:
        raise Unfit(f"{path.name} cannot be used, nothing was done:\n- " + "\n- ".join(sorted(problems)))
    return year, answers


def fit(name: str, said: Any, wanted: Wanted, *, folder: Path, now: datetime) -> list[Path] | str:
    """The answer as the step takes it. Raises Unfit."""
    return _iin(said, now=now) if name == OPS else _files(said, wanted, folder=folder)


def years(now: datetime) -> tuple[int, int]:
    """Those that can be prepared, by the first year of each."""
    running = periods.running(now)
    return running, running + 1


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unfit(f"{path}: {error.strerror}") from error
    except ValueError as error:  # no TOML, no UTF-8
        raise Unfit(f"{path.name} is no TOML in UTF-8: {error}") from error


def _iin(said: Any, *, now: datetime) -> str:
    iin = said.strip() if isinstance(said, str) else ""
    try:
        appointing.demand_person(iin, now=now)
    except NotAppointed as refused:
        raise Unfit(f"{staff_lists.WORDS[refused.reason]}; it is twelve digits in quotes") from refused
    return iin


def _files(said: Any, wanted: Wanted, *, folder: Path) -> list[Path]:
    if said == BUILT_IN and wanted.built_in:
        return []
    names = said if isinstance(said, list) and wanted.several else [said]
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise Unfit("a file is wanted by its name" + (", or a list of them" if wanted.several else ""))
    found = [folder / Path(name.strip()).expanduser() for name in names]
    if lost := [str(path) for path in found if not path.is_file()]:
        hint = f"; «{BUILT_IN}» is what comes with the portal" if wanted.built_in else ""
        raise Unfit(f"there is no file {', '.join(lost)}{hint}")
    return found
