"""The schools that somebody has to do with, as a page lists them: searched by name, all of them or those that
lack something (`templates/schools/_listed.html`)."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict

from schools import catalogue
from schools.cascade import typed
from schools.models import School

PAGE = 50


def listed(query: QueryDict, schools: QuerySet[School], *, lacking: Q) -> dict[str, Any]:
    """What the page knows of them."""
    sought, alone = typed(query), query.get("view") == "without"
    found = catalogue.named(schools, sought)
    without = found.filter(lacking)
    rows = (without if alone else found).select_related("locality").order_by("sort_kk", "pk")
    return {
        "sought": sought,
        "alone": alone,
        "without": without.count(),
        "every": found.count(),
        "page": Paginator(rows, PAGE).get_page(query.get("page")),
    }
