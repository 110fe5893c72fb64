"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.access import DEPARTMENT, SCHOOL, workplaces
from oqu.work import may_be_done


def portal(request: HttpRequest) -> dict[str, Any]:
    """Facts of the header; each costs a query only where it is shown."""
    places = SimpleLazyObject(lambda: _workplaces(request))
    return {
        "DEMO": settings.DEMO,
        "SANDBOX_URL": settings.SANDBOX_URL,
        "PUBLIC_URL": settings.PUBLIC_URL,
        "EGOV_URL": settings.EGOV_URL,
        "may_be_done": may_be_done(request),  # for error pages that a view renders
        "unread_messages": SimpleLazyObject(lambda: _unread_messages(request)),
        "is_school_staff": SimpleLazyObject(lambda: SCHOOL in places),
        "is_department_officer": SimpleLazyObject(lambda: DEPARTMENT in places),
    }


def _unread_messages(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        return 0
    return request.user.messages.inbox(request.user).filter(read_at=None).count()


def _workplaces(request: HttpRequest) -> set[str]:
    return workplaces(request.user) if request.user.is_authenticated else set()
