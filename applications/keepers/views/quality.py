"""What is amiss in the catalogue of a keeper's area, each with the page that mends it (D64)."""

from collections import Counter
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts import throttle
from accounts.access import SignedInRequest
from applications.keepers.guard import by_keepers
from schools import periods, posts, quality, reading_words, unclaimed
from schools.models import Locality, School
from schools.quality import Double
from schools.unclaimed import Street

PAGE = 50
LOOKS = 60  # a minute and a person
PARTS: dict[str, Any] = {
    "list": _("Мекенжай тізімі жоқ"),
    "director": _("Директоры жоқ"),
    "seats": _("Биылғы орны жоқ"),
    "contacts": _("Телефоны не мекенжайы жоқ"),
    "alike": _("Атауы бірдей мектептер"),
    "ended": _("Таратылған, мирасқоры аталмаған елді мекендер"),
    "streets": _("Ешбір мектептің тізімінде жоқ көшелер"),
    "doubles": _("Екі мектептің тізіміндегі үйлер"),
}


@require_GET
@by_keepers
@throttle.limited("quality", per_minute=LOOKS)
def every(request: SignedInRequest) -> HttpResponse:
    """Of one region or district at a time: of the country nothing is counted."""
    areas = _areas(request)
    asked = request.GET.get("area", "")
    area = next((one for one in areas if one.kato == asked), areas[0] if len(areas) == 1 else None)
    if area is None:
        if asked:
            raise Http404
        return render(request, "keepers/areas.html", {"areas": areas})
    view = request.GET.get("view", "")
    view = view if view in PARTS else next(iter(PARTS))
    faulty = _faulty(area)
    ended = quality.ended(area)
    counts = {name: rows.count() for name, rows in faulty.items()} | {"ended": ended.count()}
    context = {
        "area": area,
        "areas": areas,
        "view": view,
        "heading": PARTS[view],
        "parts": [{"view": name, "name": label, "count": counts.get(name)} for name, label in PARTS.items()],
        "most_doubles": quality.MOST_DOUBLES,
        "is_ops": posts.is_ops(request.user),
    }
    number = request.GET.get("page")
    doubles: list[list[dict[str, Any]]] = []
    page: Any
    if view in faulty:
        page = Paginator(faulty[view].order_by("sort_kk", "pk"), PAGE).get_page(number)
    elif view == "ended":
        page = Paginator(ended.order_by("place__sort_kk", "pk"), PAGE).get_page(number)
    elif view == "streets":
        found = unclaimed.streets(area)
        page = Paginator(found.streets, PAGE).get_page(number)
        context["cut_at"] = found.cut_at
        context["places"] = _by_place(page.object_list, Counter(street.kato for street in found.streets))
    else:
        page = Paginator(quality.doubles(area), PAGE).get_page(number)
        doubles = _doubles(request, quality.told(page.object_list))
    return render(request, "keepers/quality.html", context | {"page": page, "doubles": doubles})


def _by_place(streets: list[Street], counts: Counter[str]) -> list[tuple[str, int, list[Street]]]:
    """The name of each place on the page, or its code where nobody knows it, with how many it has in all."""
    known = Locality.objects.in_bulk({street.kato for street in streets})
    return [
        (known[code].name if code in known else code, counts[code], list(of_place))
        for code, of_place in groupby(streets, lambda street: street.kato)
    ]


def _areas(request: SignedInRequest) -> list[Locality]:
    """A keeper's own; of ops each region."""
    if posts.is_ops(request.user):
        return list(Locality.objects.filter(parent=None).order_by("sort_kk"))
    return posts.areas_of(request.user)


def _faulty(area: Locality) -> dict[str, QuerySet[School]]:
    return {
        "list": quality.without_list(area),
        "director": quality.without_director(area),
        "seats": quality.without_seats(area, periods.current_year(timezone.now())),
        "contacts": quality.without_contacts(area),
        "alike": quality.alike(area),
    }


def _doubles(request: SignedInRequest, doubles: list[Double]) -> list[list[dict[str, Any]]]:
    """The two sides of each pair; a school of another area is named, its page is not opened."""
    pks = {row.school_id for double in doubles for row in (double.one, double.other)}
    kept = set(posts.kept_by(request.user).filter(pk__in=pks).values_list("pk", flat=True))
    return [
        [
            {"school": row.school, "words": reading_words.of_row(row), "is_kept": row.school_id in kept}
            for row in (double.one, double.other)
        ]
        for double in doubles
    ]
