"""/metrics: for who shows METRICS_TOKEN, in Prometheus' own form. Everybody else finds nothing there."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from oqu.metrics.state import Reading


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
