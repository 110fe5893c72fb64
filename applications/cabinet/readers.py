"""«Кім қарады»: who was shown a child's data, as its parent may know it: when, in which post of which school,
and what. No reader's name: an objection names the entry, and the journal knows whose it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Child, JournalEntry, Protection, Shown, User
from applications.models import Application, LookUp
from schools.models import Locality, Role, School

POST = re.compile(r"(?P<role>[A-Z]+):(?P<place>\d+)")


@dataclass(frozen=True)
class Look:
    """One entry in words. Without a post it was a parent or a legal representative, or a phone on which
    somebody has opened a document to sign it: it does not say whose it is."""

    number: int
    at: datetime
    post: str
    place: School | Locality | None
    what: str
    by_phone: bool = False
    by_operator: bool = False
    why: str = ""  # of a look-up by IIN


def children_of(user: User) -> QuerySet[Child]:
    """Whom the person may ask about: the children added, and those they applied for on paper (D15). Not one
    that by the register is no longer theirs (D34), nor one that a court hides from them: a reader's post
    names the school (D35)."""
    applied = Application.objects.for_parent(user).values("child")
    denied = user.guardianships.exclude(denied_at=None).values("child")
    mine = Child.objects.filter(Q(guardians=user) | Q(pk__in=applied)).exclude(pk__in=denied)
    return mine.exclude(iin__in=Protection.objects.children_hidden_from(user)).distinct()


def asked_about(child: Child) -> Q:
    """Entries of look-ups by the child's IIN, whether or not the portal knew the child then (D51)."""
    rows = [str(pk) for pk in LookUp.objects.filter(child_iin=child.iin).values_list("pk", flat=True)]
    return Q(model=LookUp._meta.label_lower, row__in=rows)


def looks(entries: Iterable[JournalEntry], *, child: Child) -> list[Look]:
    """A person with several posts looked in the one of a school that the child was applied to."""
    entries = list(entries)
    asked = {str(school) for school in child.applications.values_list("intake__school", flat=True)}
    chosen = {entry.pk: _post(entry, asked) for entry in entries}
    places = _places(chosen.values())
    why = _reasons(entries)
    return [replace(_look(one, chosen[one.pk], places), why=why.get(one.pk, "")) for one in entries]


def _reasons(entries: list[JournalEntry]) -> dict[int, str]:
    told = {one.row: one.pk for one in entries if one.model == LookUp._meta.label_lower}
    found = LookUp.objects.filter(pk__in=told)
    return {told[str(one.pk)]: ". ".join(filter(None, (one.get_why_display(), one.words))) for one in found}


def _post(entry: JournalEntry, asked: set[str]) -> tuple[str, str] | None:
    told = POST.findall((entry.said or {}).get("posts", ""))
    told.sort(key=lambda post: post[0] == Role.DEPARTMENT or post[1] not in asked)
    return told[0] if told else None


def _places(posts: Iterable[tuple[str, str] | None]) -> dict[tuple[bool, str], School | Locality]:
    """By whether it is a region, and its key."""
    known = {(role == Role.DEPARTMENT, key) for role, key in filter(None, posts)}
    schools = School.objects.filter(pk__in=[key for region, key in known if not region])
    regions = Locality.objects.filter(pk__in=[key for region, key in known if region])
    found: dict[tuple[bool, str], School | Locality] = {(False, str(one.pk)): one for one in schools}
    return found | {(True, str(one.pk)): one for one in regions}


def _look(
    entry: JournalEntry, post: tuple[str, str] | None, places: dict[tuple[bool, str], School | Locality]
) -> Look:
    what = str(Shown(entry.facts["what"]).label)
    if post is None:
        said = entry.said or {}
        operator = str(said.get("by", "")).startswith("command")
        by_phone = "user" not in said and not operator
        return Look(entry.pk, entry.at, "", None, what, by_phone=by_phone, by_operator=operator)
    role, key = post
    return Look(entry.pk, entry.at, str(Role(role).label), places.get((role == Role.DEPARTMENT, key)), what)
