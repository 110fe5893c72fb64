"""Who keeps the catalogue: a department for its area, ops for all; nobody else finds these pages (D64)."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpResponse

from accounts.access import SignedInRequest, View, signed_in
from schools import posts


def by_keepers(view: Callable[..., HttpResponse]) -> View:
    """A stranger finds nothing."""

    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, **named: object) -> HttpResponse:
        if not posts.keeps_lists(request.user):
            raise Http404
        return view(request, **named)

    return guarded
