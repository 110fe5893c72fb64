"""What a person typed is not lost when the session ended before they pressed the button (U9).

The values of the form wait in the session for one return to the same page. Files do not, nor do
signatures. The page is part of the bargain: an application's address answers only its own parent, so
whoever signs in next on a shared computer is not shown another person's answers.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

KEY = "kept"
LIFE = timedelta(minutes=30)
MAX_FIELDS = 60
MAX_CHARS = 8000
NEVER_KEPT = frozenset({"csrfmiddlewaretoken", "next", "cms"})


def keep(request: HttpRequest, *, page: str, now: datetime) -> bool:
    """Put the posted values aside for `page`; False when there is nothing to keep or too much of it."""
    values = {name: request.POST.getlist(name) for name in request.POST if name not in NEVER_KEPT}
    chars = sum(len(value) for several in values.values() for value in several)
    if not values or len(values) > MAX_FIELDS or chars > MAX_CHARS:
        return False
    request.session[KEY] = {"page": urlsplit(page).path, "values": values, "at": now.timestamp()}
    return True


def waiting(request: HttpRequest, *, now: datetime) -> bool:
    return KEY in request.session and now.timestamp() - request.session[KEY]["at"] <= LIFE.total_seconds()


def restored(request: HttpRequest, *, now: datetime) -> QueryDict | None:
    """The values kept for this page, once: `Form(restored(request, now=now) or None, …)`."""
    if request.method != "GET" or KEY not in request.session:
        return None
    if not waiting(request, now=now):
        del request.session[KEY]
        return None
    if request.session[KEY]["page"] != request.path:
        return None
    data = QueryDict(mutable=True)
    for name, several in request.session.pop(KEY)["values"].items():
        data.setlist(name, several)
    return data
