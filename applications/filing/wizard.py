"""The four steps of filing, as data (R41-R47), and which of their pages may be opened. One filed in person
has pages of its own, for the school's person who copies it (D15); the order is kept in the same way.

Completed is the longest run of pages, from the first, whose answers are valid now: it is worked out from
the answers each time and not from marks alone, for schools, rules and the other parent change things
meanwhile. One may open a completed page or the first one that is not. No HTTP in here.
"""

from collections.abc import Callable
from datetime import datetime

from applications import eligibility
from applications.eligibility import Blocked
from applications.models import Application, Channel, Route
from applications.steps import CHILD, DETAILS, DOCUMENTS, REVIEW, SCHOOL, TRANSPORT, WAY

STEPS: dict[int, tuple[str, ...]] = {
    1: (CHILD,),
    2: (WAY, SCHOOL, TRANSPORT),
    3: (DOCUMENTS,),
    4: (REVIEW,),
}
PAGES = tuple(page for pages in STEPS.values() for page in pages)
STEP_OF = {page: number for number, pages in STEPS.items() for page in pages}

# Which page asks what was once asked, or is asked on the other way, on one that a draft does not pass.
INSTEAD = {"applicant": CHILD, SCHOOL: WAY}

IN_PERSON_PAGES = (DETAILS, TRANSPORT, DOCUMENTS, REVIEW)

# Of the texts of the two ticks (R91), and of those under which a school records consents given in writing;
# raise them when the texts change.
TICKS_VERSION = "2026-11"
IN_PERSON_TICKS_VERSION = "paper-2026-11"


def path(application: Application) -> tuple[str, ...]:
    """The pages that this application passes: transport only where the school has it (R80), the country's
    schools only outside the microdistrict, for its own stand beside the way (D70)."""
    pages = IN_PERSON_PAGES if application.channel == Channel.IN_PERSON else PAGES
    passed = {
        TRANSPORT: application.intake is not None and application.intake.school.has_transport,
        SCHOOL: application.route == Route.OUTSIDE,
    }
    return tuple(page for page in pages if passed.get(page, True))


def instead(application: Application, page: str) -> str | None:
    """Where an address leads whose page this draft does not pass: a bookmark, another way chosen since."""
    return INSTEAD.get(page) if page not in path(application) else None


def ticks_version(application: Application) -> str:
    return IN_PERSON_TICKS_VERSION if application.channel == Channel.IN_PERSON else TICKS_VERSION


def first_unfinished(application: Application, *, now: datetime) -> str:
    """The first page whose answers are missing or no longer hold; the last page is the review."""
    for page in path(application):
        if page == REVIEW or not FINISHED[page](application, now):
            return page
    raise AssertionError("the review is always last")


def may_open(application: Application, page: str, *, now: datetime) -> bool:
    """A finished page, or the first unfinished one."""
    pages = path(application)
    return page in pages and pages.index(page) <= pages.index(first_unfinished(application, now=now))


def next_page(application: Application, page: str, *, back: bool, now: datetime) -> str:
    """Where «Келесі қадамға өту» leads. `back`: the page was opened from the review, so it leads there at
    once, unless the change raised a new question, which comes first."""
    if back:
        return first_unfinished(application, now=now)
    pages = path(application)
    return pages[pages.index(page) + 1]


def previous_page(application: Application, page: str) -> str | None:
    pages = path(application)
    at = pages.index(page) if page in pages else 0
    return pages[at - 1] if at else None


def resume_page(application: Application, *, now: datetime) -> str:
    """Where the draft was left, if that page may still be opened."""
    left = application.left_at
    if left and may_open(application, left, now=now):
        return left
    return first_unfinished(application, now=now)


def _child_finished(application: Application, _now: datetime) -> bool:
    def check() -> None:
        eligibility.check_active(application.child, year=application.year)
        eligibility.check_age(application.child.birth_date, year=application.year)

    return application.step1_at is not None and _passes(check)


def _school_finished(application: Application, _now: datetime) -> bool:
    """The school still offers the language this year, and is chosen in the way in which the address makes it
    one: its own, or from outside, where a child of its own would take another's place (D3a)."""
    intake = application.intake
    if intake is None or intake.year != application.year:
        return False
    if application.transport and not intake.school.has_transport:
        return False
    is_own = intake.school in eligibility.local_schools(application)
    return not application.route or is_own == (application.route == Route.LOCAL)


def _way_finished(application: Application, now: datetime) -> bool:
    """With «Иә» the school of the address is chosen too (D70)."""
    return bool(application.route) and (
        application.route == Route.OUTSIDE or _school_finished(application, now)
    )


def _details_finished(application: Application, now: datetime) -> bool:
    """The school's person has confirmed them, and they still hold."""
    confirmed = bool(application.route)
    return confirmed and _child_finished(application, now) and _school_finished(application, now)


def _documents_finished(application: Application, now: datetime) -> bool:
    return (
        application.step3_at is not None
        and application.ticks_version == ticks_version(application)
        and _passes(lambda: eligibility.check_documents(application, now=now))
    )


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except Blocked:
        return False
    return True


FINISHED: dict[str, Callable[[Application, datetime], bool]] = {
    CHILD: _child_finished,
    DETAILS: _details_finished,
    WAY: _way_finished,
    SCHOOL: _school_finished,
    TRANSPORT: lambda application, now: application.step2_at is not None,
    DOCUMENTS: _documents_finished,
}
