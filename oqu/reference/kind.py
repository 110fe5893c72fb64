"""One kind of reference data as ops see it, with Django's admin behind it: a list, a form, and a question
before something goes (D65). Its own log is off: the journal has each change, with who made it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from oqu.reference.forms import SeenForm
from oqu.reference.listing import Listing, cell, header

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

DAY = forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d")
WRONG_DAY = gettext_lazy("Күнді толық жазыңыз, мысалы: 2027-04-01.")


class Kind(ModelAdmin):
    """What all of them share. Who may come in is the site's question, asked once a page."""

    about: Any = ""  # of the front page
    typed: Sequence[str] = ()
    fixed: Sequence[str] = ()  # typed once, then only read
    told: Sequence[str] = ()  # never typed
    changes = True
    goes = False  # may a row be taken away
    stays: Any = ""  # why this one may not

    form = SeenForm
    actions = None
    sortable_by = ()
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "reference/list.html"
    change_form_template = "reference/form.html"
    delete_confirmation_template = "reference/remove.html"

    # --- addresses ---------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        """A page that a kind does not have has no address either; Django's history is off."""
        let_in = self.admin_site.admin_view
        asked = require_http_methods(["GET", "HEAD", "POST"])
        pages = [
            path("", require_safe(let_in(self.changelist_view)), name=self._page("changelist")),
            path("add/", asked(let_in(self.add_view)), name=self._page("add")),
        ]
        row = "<slug:object_id>/"
        if self.changes:
            pages.append(path(f"{row}change/", asked(let_in(self.change_view)), name=self._page("change")))
        if self.goes:
            pages.append(path(f"{row}delete/", asked(let_in(self.delete_view)), name=self._page("delete")))
        return pages

    def _page(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def address(self, name: str, *ids: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self._page(name)}", args=ids)

    def address_of(self, row: models.Model) -> str:
        return self.address("change" if self.changes else "delete", row.pk)

    # --- who and what ------------------------------------------------------------------------------------
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.changes

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.goes

    def may_go(self, row: Any) -> bool:
        return self.goes

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The journal has it."""

    log_change = log_addition

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """The same."""

    # --- rows --------------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What is changed is locked first: the form compares and writes under the lock."""
        rows = super().get_queryset(request)
        return rows.select_for_update(of=("self",)) if request.method == "POST" else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if (found := super().get_object(request, object_id, from_field)) is None:
            raise Http404
        return found

    def name_of(self, row: Any) -> str:
        return str(row.name)

    # --- the list ----------------------------------------------------------------------------------------
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Listing]:
        return Listing

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise Http404 from None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        more = {"kind": self, "add_url": self.address("add")}
        return super().changelist_view(request, more | (extra_context or {}))

    # --- the form ----------------------------------------------------------------------------------------
    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.typed, "seen", *(self.told if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.fixed, *self.told] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """An address fills in nothing."""
        return {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Drawn by the portal's renderer, without the admin's own widgets."""
        if isinstance(db_field, models.DateField):
            kwargs |= {"widget": DAY, "error_messages": {"invalid": WRONG_DAY}}
        elif db_field.choices:
            kwargs |= {"widget": forms.RadioSelect}
        return db_field.formfield(**kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Two who add the same at once: the second reads that it is there."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            messages.warning(request, _("Мұндай жазба жаңа ғана пайда болды: тізімнен қараңыз."))
            return redirect(self.address("changelist"))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        form = context["adminform"].form
        goes = obj is not None and self.may_go(obj)
        context |= {"form": form, "kind": self, "list_url": self.address("changelist"), "row": obj}
        context |= {"name": self.name_of(obj) if obj else "", "stays": self.stays if obj and not goes else ""}
        context |= {"remove_url": self.address("delete", obj.pk) if goes else "", "facts": self._facts(obj)}
        answer = super().render_change_form(request, context, add, change, form_url, obj)
        if form.errors:
            answer.status_code = 409 if form.stale else 400
        return answer

    def _facts(self, row: Any) -> list[tuple[str, str]]:
        """What is only read of a row that stands."""
        names = [*self.fixed, *self.told] if row else []
        return [(header(name, self), cell(name, row, self)) for name in names]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> Any:
        return self._done(request, _("Қосылды: %(name)s.") % {"name": self.name_of(obj)})

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        return self._done(request, _("Сақталды: %(name)s.") % {"name": self.name_of(obj)})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> Any:
        return self._done(request, _("Жазба жойылды."))

    def _done(self, request: HttpRequest, said: str) -> HttpResponse:
        messages.success(request, said)
        return redirect(self.address("changelist"))

    # --- the end of a row --------------------------------------------------------------------------------
    @transaction.atomic
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        row = self.get_object(request, object_id)
        if not self.may_go(row):
            messages.warning(request, str(self.stays))
            return redirect(self.address_of(row))
        back = self.address_of(row) if self.changes else self.address("changelist")
        context = {"kind": self, "back_url": back, "name": self.name_of(row)}
        return super().delete_view(request, object_id, context | (extra_context or {}))
