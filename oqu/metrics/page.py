"""/metrics: for who shows METRICS_TOKEN, in Prometheus' own form. Everybody else finds nothing there."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from accounts import speaker
from oqu.metrics.state import Reading


class Scraped:
    """Prometheus asks a container or a pod by an address of its own, past all proxies: no host of the portal,
    and no https. So this page alone is answered before anything looks at that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN or request.path_info != reverse("metrics"):
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info)  # by which it is counted
        try:
            with speaker.speaking("page metrics"):
                return answer(request)
        except Http404:
            nothing = HttpResponseNotFound()
            add_never_cache_headers(nothing)
            return nothing


@require_safe
@never_cache
def answer(request: HttpRequest) -> HttpResponse:
    shown = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)


def text() -> bytes:
    told: bytes = generate_latest(Reading(timezone.now()))
    return told
