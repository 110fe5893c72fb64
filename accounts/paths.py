"""Where a person may be sent after signing in or giving consent: only to a page of this portal."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

MAX_LENGTH = 500
NEVER_NEXT = frozenset(
    f"accounts:{name}"
    for name in ("login", "login_problem", "callback", "logout", "extend", "language", "consent")
)


def internal(path: str | None) -> str:
    """The path if it is one of the portal's pages, else ""."""
    if not path or len(path) > MAX_LENGTH or not path.startswith("/") or not path.isprintable():
        return ""
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return ""
    return path if _view_name(path) else ""


def safe(path: str | None) -> str:
    """The path if a person may be sent there after signing in, else ""."""
    path = internal(path)
    return "" if path and _view_name(path) in NEVER_NEXT else path


def _view_name(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def wanted(request: HttpRequest) -> str:
    """The page that the request names as its `next`, or ""."""
    return safe(request.POST.get("next") or request.GET.get("next"))


def carried(request: HttpRequest) -> dict[str, str]:
    """For the templates of a way of several pages: `next`, and `next_query` to put behind an address."""
    path = wanted(request)
    return {"next": path, "next_query": with_next("", path)}


def with_next(url: str, path: str) -> str:
    return f"{url}?{urlencode({'next': path}, safe='/')}" if path else url


def page_of(request: HttpRequest) -> str:
    """The page the person is on: for a POST the one that holds the form, which need not be its address."""
    if request.method in ("GET", "HEAD"):
        return safe(request.get_full_path())
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(referer)
    page = safe(f"{parts.path}?{parts.query}" if parts.query else parts.path) if ours else ""
    return page or safe(request.path)
