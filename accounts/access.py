"""Who may enter: a person signed in through eGov (R29), and with the consent of R37 for the parent's pages.

@require_GET
@consented          # the parent's cabinet and the wizard; @signed_in for the school's side
def page(request: SignedInRequest) -> HttpResponse: ...
"""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import consents, kept, paths, session
from accounts.models import User

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    user: User  # what @signed_in guarantees


def signed_in(view: View) -> View:
    """Others are sent to eGov and come back to the same page, with what they typed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return _send(request, reverse("accounts:login"))

    return guarded


def consented(view: View) -> View:
    """Nothing of the cabinet or the wizard is reached without the granted consent (R37, R40, D11).

    Who acts for a school uses pages that ask only for `signed_in`.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if consents.valid(cast(User, request.user), None, timezone.now()):
            return view(request, *args, **kwargs)
        return _send(request, reverse("accounts:consent"))

    return signed_in(guarded)


SCHOOL, DEPARTMENT, PORTAL = "school", "department", "portal"


def workplaces(user: User) -> set[str]:
    """Where the person works by the list of staff: SCHOOL, DEPARTMENT, PORTAL, several or nowhere. The list
    is above this app, so it is known by its name only."""
    posts = user.posts.values_list("school", "region")
    return {SCHOOL if school else DEPARTMENT if region else PORTAL for school, region in posts}


def _send(request: HttpRequest, to: str) -> HttpResponse:
    if not request.accepts("text/html"):  # a script asks: it cannot follow to a page of eGov
        return JsonResponse({"signed_in": request.user.is_authenticated}, status=401)
    page = paths.page_of(request)
    if request.method == "POST":
        kept.keep(request, page=page, user=session.whose(request), now=timezone.now())
        if not request.user.is_authenticated:
            session.end(request)
    return redirect(paths.with_next(to, page))
