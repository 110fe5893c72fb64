"""Every request is counted, the outermost way: with all that a person waits for."""

from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from oqu.metrics import counted

ELSEWHERE = "other"  # no route of ours: static files, the waiting room, addresses that are none


class Counted:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = monotonic()
        response = self.get_response(request)
        found = request.resolver_match
        route = (found.view_name if found else "") or ELSEWHERE
        counted.request(route, response.status_code, monotonic() - begun)
        return response
