"""People's posts from a table: iin, role (EXECUTOR, DIRECTOR, DEPARTMENT, OPS), and bin of a school or
region, a code of KATO, of a department (docs/catalogue.md names the columns)."""

from datetime import datetime
from pathlib import Path

from django.db import transaction

from accounts.models import User
from schools import appointing, posts
from schools.appointing import NotAppointed, Post, Reason
from schools.files import BadRows
from schools.models import Locality, Role, School
from schools.tables import day, read_table

REQUIRED = {"iin", "role"}
WORDS = {
    Reason.NOT_AN_IIN: "not an IIN",
    Reason.TOO_YOUNG: "the IIN is of somebody under 18",
    Reason.DAYS: "the days of who stands in are not right: from, to, at most a year, not over yet",
    Reason.HAS_IT: "has this post",
    Reason.NOT_YOURS: "not theirs to give",
    Reason.ONESELF: "nobody appoints themselves",
    Reason.LAST_OPS: "the last one of ops stays",
    Reason.ENDED: "has ended already",
}
WANTED = {
    Role.DIRECTOR: "the bin of a school",
    Role.EXECUTOR: "the bin of a school",
    Role.DEPARTMENT: "a region",
    Role.OPS: "neither a bin nor a region",
}


def load(path: Path, *, by: User | None, now: datetime, dry_run: bool = False) -> tuple[int, int]:
    """Give all posts of the table or none: how many are new, and how many stood already. Raises BadFile,
    BadRows; no reason names a person."""
    given = stood = 0
    problems = []
    with transaction.atomic():
        for number, row in read_table(path, required=REQUIRED, key=""):
            try:
                appointing.appoint(row["iin"].strip().zfill(12), read_post(row), by=by, now=now)
                given += 1
            except NotAppointed as refused:
                if refused.reason == Reason.HAS_IT:
                    stood += 1
                else:
                    problems.append((number, WORDS[refused.reason]))
            except ValueError as error:
                problems.append((number, str(error)))
        if problems:
            raise BadRows(problems)
        transaction.set_rollback(dry_run)
    return given, stood


def read_post(row: dict[str, str]) -> Post:
    """Raises ValueError."""
    word = row["role"].strip().upper()
    if word not in Role.values:
        raise ValueError(f"«{row['role']}» is no role: {', '.join(Role.values)}")
    role, place = Role(word), {name: row.get(name, "").strip() for name in ("bin", "region", "from", "to")}
    school = _school(place["bin"]) if place["bin"] else None
    region = _region(place["region"]) if place["region"] else None
    at_school = role in (Role.DIRECTOR, Role.EXECUTOR)
    if at_school != bool(school) or (role == Role.DEPARTMENT) != bool(region):
        raise ValueError(f"{role} wants {WANTED[role]}")
    first, last = (day(place[name]) if place[name] else None for name in ("from", "to"))
    if bool(first) != bool(last):
        raise ValueError("who stands in has two days: from and to")
    return Post(role, school, region, first, last)


def _school(text: str) -> School:
    found = School.objects.filter(bin=text.zfill(12)).first()
    if found is None:
        raise ValueError(f"no school with the BIN {text}")
    return found


def _region(text: str) -> Locality:
    found = Locality.objects.filter(posts.may_have_a_department(), kato=text).first()
    if found is None:
        raise ValueError(f"no region or district with the code {text}")
    return found
