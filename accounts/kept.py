"""What a person typed is not lost when the session ended before they pressed the button, or when they leave.

The values of the form wait in the session for one return to the same page. Files do not, nor do
signatures, IINs and consents. They are given back to the page they were typed on and to the person whose
session it was: whoever signs in next on a shared computer is not shown another person's answers.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

KEY = "kept"
LIFE = timedelta(minutes=30)
MAX_FIELDS = 60
MAX_CHARS = 8000
LATER = "later"  # the button of «Кейін жалғастыру»
NEVER_KEPT = frozenset({"csrfmiddlewaretoken", "next", "cms", LATER})
NEVER_KEPT_ENDINGS = ("iin", "consent")
# Pages with forms that are sent to an address of their own: each gives back what was typed on the others.
ONE_PAGE = (
    {"review:application", "review:decide", "review:return", "review:ask", "review:write_note"},
    {"review:appeal", "review:pass_appeal", "review:answer_appeal"},
    {"review:queue", "review:search", "review:bulk", "review:carry"},
)


def keep(
    request: HttpRequest,
    *,
    page: str,
    user: int | None,
    now: datetime,
    instead: Mapping[str, str] | None = None,
) -> bool:
    """Put the posted values aside for `page` and for the person with this key; False when nobody knows
    whose they are, when they are of another form than the page's own, when there is nothing to keep, or too
    much of it. `instead`: of these names other ones."""
    if user is None or not _is_of_page(request.path, urlsplit(page).path):
        return False
    values = {name: request.POST.getlist(name) for name in request.POST if _may_be_kept(name)}
    values |= {name: [value] for name, value in (instead or {}).items() if name in values}
    chars = sum(len(value) for several in values.values() for value in several)
    if not values or len(values) > MAX_FIELDS or chars > MAX_CHARS:
        return False
    row = {"user": user, "page": urlsplit(page).path, "values": values, "at": now.timestamp()}
    request.session[KEY] = row
    return True


def _is_of_page(sent_to: str, page: str) -> bool:
    """The header of each page, for one, has forms that are no answer to what the page asks."""
    if sent_to == page:
        return True
    try:
        door, shown = resolve(sent_to), resolve(page)
    except Resolver404:
        return False
    names = {door.view_name, shown.view_name}
    return door.kwargs == shown.kwargs and any(names <= group for group in ONE_PAGE)


def _may_be_kept(name: str) -> bool:
    return name not in NEVER_KEPT and not name.lower().endswith(NEVER_KEPT_ENDINGS)


def forget_others(request: HttpRequest) -> None:
    """What another person typed is gone when somebody signs in."""
    if KEY in request.session and request.session[KEY].get("user") != request.user.pk:
        del request.session[KEY]


def waiting(request: HttpRequest, *, now: datetime) -> bool:
    return KEY in request.session and now.timestamp() - request.session[KEY]["at"] <= LIFE.total_seconds()


def restored(request: HttpRequest, *, now: datetime) -> QueryDict | None:
    """The values kept for this page, once: `Form(restored(request, now=now) or None, …)`."""
    if request.method != "GET":
        return None
    forget_others(request)
    if KEY not in request.session:
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


def carry(request: HttpRequest, *, to: str) -> None:
    """What was kept for this address waits for the page that shows its form."""
    if KEY in request.session and request.session[KEY]["page"] == request.path:
        request.session[KEY] = request.session[KEY] | {"page": to}
