"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from oqu.work import may_be_done
from schools import posts
from schools.models import Role, StaffMember

WORK = {
    "review": (Role.DIRECTOR, Role.EXECUTOR, Role.DEPARTMENT),
    "in_person": (Role.DIRECTOR, Role.EXECUTOR),
    "schools": tuple(Role),
}
PARENTS = ("cabinet", "filing", "accounts")


def portal(request: HttpRequest) -> dict[str, Any]:
    """Facts of the header; each costs a query only where it is shown."""
    held: Any = SimpleLazyObject(lambda: _posts(request))
    return {
        "DEMO": settings.DEMO,
        "SANDBOX_URL": settings.SANDBOX_URL,
        "PUBLIC_URL": settings.PUBLIC_URL,
        "EGOV_URL": settings.EGOV_URL,
        "may_be_done": may_be_done(request),  # for error pages that a view renders
        "unread_messages": SimpleLazyObject(lambda: _unread_messages(request)),
        "is_school_staff": SimpleLazyObject(lambda: any(post.school_id for post in held)),
        "is_department_officer": SimpleLazyObject(lambda: any(post.region_id for post in held)),
        "appoints": SimpleLazyObject(lambda: any(post.role in posts.APPOINTING for post in held)),
        "hat": SimpleLazyObject(lambda: _hat(request, held) if held else ""),
    }


def _unread_messages(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        return 0
    return request.user.messages.inbox(request.user).filter(read_at=None).count()


def _hat(request: HttpRequest, held: list[StaffMember]) -> str:
    """As whom somebody who works here acts on this page: of a school's, in which post; else as a parent."""
    page = request.resolver_match
    at_work = request.__dict__.get("at_work")  # of a page that serves both
    roles = WORK["review"] if at_work else WORK.get(page.namespace if page else "")
    if roles:
        return posts.in_words([post for post in held if post.role in roles])
    return _("Ата-ана ретінде") if at_work is False or (page and page.namespace in PARENTS) else ""


def _posts(request: HttpRequest) -> list[StaffMember]:
    return posts.held_by(request.user) if request.user.is_authenticated else []
