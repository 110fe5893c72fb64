"""The pages of reference data, for who holds the post of ops (D65): Django's admin without its own sign-in,
passwords, scripts and log."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from accounts.access import SignedInRequest, signed_in
from oqu.reference.kinds import KINDS
from schools import posts

View = TypeVar("View", bound=Callable[..., Any])


class ReferenceSite(admin.AdminSite):
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and posts.is_ops(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Whoever has not signed in goes to eGov and comes back; to anybody else there is no such page."""

        @signed_in
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise Http404
            answer: HttpResponse = view(request, *args, **kwargs)
            return answer

        return cast(View, guarded)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The portal's header knows what it needs by itself."""
        return {}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        kinds = [
            path(f"{kind.opts.model_name}/", include(kind.get_urls())) for kind in self._registry.values()
        ]
        return [path("", require_safe(self.admin_view(self.index)), name="index"), *kinds]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        kinds = [(kind, kind.address("changelist")) for kind in self._registry.values()]  # type: ignore[attr-defined]  # all are of oqu/reference/kind.py
        return TemplateResponse(request, "reference/index.html", {"kinds": kinds})


reference = ReferenceSite(name="reference")
for model, kind in KINDS.items():
    reference.register(model, kind)
