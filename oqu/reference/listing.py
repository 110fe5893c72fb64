"""A list of rows with its filters, which no script has to fill in (D65)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from schools import kato
from schools.models import Locality

EMPTY = "—"


@dataclass(frozen=True)
class Row:
    address: str
    name: str  # what the row is called, for the link
    cells: list[tuple[str, str]]  # the column's words and the row's


class Listing(ChangeList):
    """What the admin has found, as the portal draws a table."""

    @property
    def headers(self) -> list[str]:
        return [header(str(name), self.model_admin) for name in self.list_display]

    def rows(self) -> Iterator[Row]:
        headers = self.headers
        for one in self.result_list:
            cells = [cell(str(name), one, self.model_admin) for name in self.list_display]
            kind: Any = self.model_admin
            yield Row(kind.address_of(one), cells[0], list(zip(headers, cells, strict=True))[1:])

    @property
    def pages(self) -> int:
        return int(self.paginator.num_pages)

    @property
    def before(self) -> str:
        return self.get_query_string({PAGE_VAR: self.page_num - 1}) if self.page_num > 1 else ""

    @property
    def after(self) -> str:
        return self.get_query_string({PAGE_VAR: self.page_num + 1}) if self.page_num < self.pages else ""


def header(name: str, kind: Any) -> str:
    return str(label_for_field(name, kind.model, kind))


def cell(name: str, row: Any, kind: Any) -> str:
    """A value as people read it, in their language."""
    field, _attribute, value = lookup_field(name, row, kind)
    if isinstance(value, bool):
        return _("Иә") if value else _("Жоқ")
    if isinstance(value, models.Model):
        return str(getattr(value, "name", value))
    return str(display_for_field(value, field, EMPTY)) if field else str(value or EMPTY)


class OneOf(admin.SimpleListFilter):
    """A select of values that there are; any other value narrows nothing."""

    def chosen(self) -> str:
        known = {str(value) for value, _name in self.lookup_choices}
        return self.value() or "" if self.value() in known else ""


class RegionFilter(OneOf):
    title = gettext_lazy("Өңір")
    parameter_name = "region"
    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.path = model_admin.region_path
        name = "name_ru" if get_language() == "ru" else "name_kk"
        return list(Locality.objects.filter(parent=None).order_by("sort_kk").values_list("kato", name))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (code := self.chosen()):
            return queryset
        return queryset.filter(**{f"{self.path}__startswith": kato.prefix(code)})


class YearFilter(OneOf):
    title = gettext_lazy("Жылы")
    parameter_name = "year"
    path = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.path = model_admin.year_path
        years = model_admin.model.objects.values_list(self.path, flat=True).order_by(f"-{self.path}")
        return [(str(year), str(year)) for year in years.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.chosen()}) if self.chosen() else queryset
