"""A school outside the microdistrict: «Облыс / Қала → … → Мектеп» and the search above it, as the address
of a page holds them (R76, R184, D31)."""

from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from schools import catalogue
from schools.catalogue import Level
from schools.models import Locality, School

LEVELS = ("region", "district", "okrug", "village")
LONGEST_SEARCH = 100
PAGE = 20  # schools found, on one page


@dataclass
class Cascade:
    levels: list[Level]
    schools: list[School]
    school: School | None
    own: bool = False  # of the applicant's own microdistrict
    text: str = ""
    page: Page[School] | None = None  # of the schools found
    found: list[tuple[School, Locality]] = field(default_factory=list)  # of this page, each with its region
    searched: bool = False
    searched_nothing: bool = False  # the button was pressed over an empty line


def is_asked(query: QueryDict) -> bool:
    """Is a place or a name looked for?"""
    return any(name in query for name in (*LEVELS, "q"))


def named_school(given: str, *, year: int) -> School | None:
    """The school whose number stands in a form or an address; only one that takes first-graders."""
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        return None
    return catalogue.offering(year).filter(pk=int(given)).first()


def read_cascade(query: QueryDict, *, school: School | None, year: int) -> Cascade:
    """The lists for what was chosen so far; the school itself once it is named, or is the only one."""
    chosen = [str(query[name]) for name in LEVELS if name in query]
    if school and not chosen:
        chosen = [place.kato for place in catalogue.path(school.locality)]
    levels = catalogue.levels(chosen, year=year)
    place = catalogue.chosen_place(levels)
    schools = catalogue.schools_in(place, year=year) if place else []
    if school is None or school not in schools:
        school = schools[0] if len(schools) == 1 else None
    text = typed(query)
    page = page_of(catalogue.search(text, year=year), query) if text else None
    found = catalogue.with_regions(page.object_list) if page else []
    pressed = "q" in query
    return Cascade(
        levels, schools, school, text=text, page=page, found=found,
        searched=pressed and bool(text), searched_nothing=pressed and not text,
    )  # fmt: skip


def typed(query: QueryDict) -> str:
    return " ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_SEARCH]


def page_of(found: QuerySet[School], query: QueryDict) -> Page[School]:
    """A page of all that is found; whatever page the address names, there is one (D62)."""
    return Paginator(found, PAGE).get_page(query.get("page"))
