"""Where in the queue a person is: the filter and the order they came with, kept through a whole decision."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedInRequest
from applications.models import Application, DeskMemory
from applications.review import memory
from applications.review.queue import Filter

NOBODY = UUID(int=0)  # no application's key
KEY = "desk"  # of the session: the place, for the way back from the pages of a signature
TICKS = "desk-ticks"  # of the session: what was ticked when a signature began


def read(request: HttpRequest) -> Filter:
    """Of the address; of the last page of the queue or of an application that was opened, else."""
    if "view" in request.GET:
        return Filter.read(request.GET)
    return Filter.read(QueryDict(str(request.session.get(KEY, ""))))


def keep(request: SignedInRequest, chosen: Filter) -> None:
    """A session that holds it already is not written anew. A search that is not this person's is no part of
    it: whoever made up the address would read in the lengths of later pages whether they hold its letters."""
    if chosen.found and not memory.recall(request.user, chosen.found, now=timezone.now()):
        chosen = replace(chosen, found="")
    if request.session.get(KEY) != chosen.query:
        request.session[KEY] = chosen.query


def keep_ticks(request: HttpRequest) -> None:
    """For the way back from a signature: what it has not signed is still ticked there."""
    if "chosen" in request.GET:
        request.session[TICKS] = request.GET["chosen"]


def ticks(request: HttpRequest) -> str:
    """The key of what is ticked: of the address, or, where that names no place, of the last signature."""
    kept = "" if "view" in request.GET else str(request.session.get(TICKS, ""))
    return request.GET.get("chosen", kept)


def rows(request: SignedInRequest, chosen: Filter) -> QuerySet[Application]:
    """What stands in the queue as this person has it before them."""
    now = timezone.now()
    mine = Application.objects.for_staff(request.user, now=now)
    found = memory.recall(request.user, chosen.found, now=now)
    return chosen.rows(mine, now=now, memory=found)


def of_queue(chosen: Filter, application: Application | None = None) -> str:
    """The page of the queue, at the application's row."""
    row = f"#a-{application.number}" if application else ""
    return f"{reverse('review:queue')}?{chosen.query}{row}"


def with_ticks(address: str, held: DeskMemory | None) -> str:
    """An address that names a place, and what is ticked."""
    return f"{address}&chosen={held.public_id}" if held else address


def at(application: Application, chosen: Filter) -> str:
    """The application's page, whole: it leads there from every address."""
    return f"{reverse('review:application', args=[application.public_id])}?{chosen.query}"


def pages_of_rows(chosen: Filter) -> Callable[[str], str]:
    """The same by the keys of many: the pattern of the address is looked up once."""
    before, after = reverse("review:application", args=[NOBODY]).split(str(NOBODY))
    query = chosen.query
    return lambda key: f"{before}{key}{after}?{query}"


def of_application(request: HttpRequest, public_id: object) -> str:
    """The application's page, with the place in the address if it came in the address."""
    page = reverse("review:application", args=[public_id])
    return f"{page}?{read(request).query}" if "view" in request.GET else page


def to_application(request: HttpRequest, public_id: object) -> HttpResponse:
    return redirect(of_application(request, public_id))
