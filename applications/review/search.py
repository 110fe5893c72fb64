"""What a school finds in its own applications: by number, by a part of a name, by the end of an IIN.

Only rows of one's own schools are looked at, a few hundred whatever the portal holds, so that nothing but the
index of their intakes is needed; names are folded by the database, in every case and either alphabet.
"""

import re

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat

from applications.models import Application
from applications.status import Sight, Status, sight_of_school
from schools import kazakh

LONGEST = 100
IIN_DIGITS = 4  # fewer are of every third child
NUMBERED = re.compile(r"\d[\d-]*", re.ASCII)

_LETTERS = [one for one in (kazakh.ALPHABET.lower() + "abcdefghijklmnopqrstuvwxyz")]
_FROM = "".join(letter + letter.upper() for letter in _LETTERS)
_TO = "".join(kazakh.fold(letter) * 2 for letter in _LETTERS)


def plain(typed: str) -> str:
    """What was typed, without the letters that nobody sees, as long as it may be."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in typed).split())[:LONGEST]


def matching(applications: QuerySet[Application], term: str) -> QuerySet[Application]:
    """Those in which each word of the term stands: in the number, in a name of the child or the applicant, at
    the end of an IIN of theirs. What has ended for the school is found by its number alone (D43)."""
    found = applications.annotate(child_words=_folded("child"), applicant_words=_folded("applicant"))
    open_ones = [one for one in Status if sight_of_school(one, season_over=False) == Sight.WHOLE]
    words = term.replace("№", " ").split()
    for word in words:
        found = found.filter(_number(word) | (Q(status__in=open_ones) & _person(word)))
    return found if words else found.none()


def _folded(whose: str) -> Func:
    names = (F(f"{whose}__{name}") for name in ("surname", "name", "patronymic"))
    spaced = Concat(*(part for name in names for part in (name, Value(" "))), output_field=CharField())
    return Func(spaced, Value(_FROM), Value(_TO), function="translate", output_field=CharField())


def _number(word: str) -> Q:
    match = NUMBERED.fullmatch(word)
    return Q(number__contains=match[0]) if match else Q(pk__in=[])


def _person(word: str) -> Q:
    if word.isdecimal():
        at_end = Q(child__iin__endswith=word) | Q(applicant__iin__endswith=word)
        return at_end if len(word) >= IIN_DIGITS else Q(pk__in=[])
    found = Q()
    for part in kazakh.fold(word).split():  # «Әл-Фараби» is two words
        found &= Q(child_words__contains=part) | Q(applicant_words__contains=part)
    return found or Q(pk__in=[])
