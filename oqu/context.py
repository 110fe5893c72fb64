"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict:
    return {"DEMO": settings.DEMO, "SANDBOX_URL": settings.SANDBOX_URL, "PUBLIC_URL": settings.PUBLIC_URL}
