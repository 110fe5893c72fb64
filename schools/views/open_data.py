"""Open data: the page that says what there is, and the files (D62)."""

from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import condition, require_safe

from accounts import throttle
from accounts.visitors import everybodys
from schools import open_data, periods
from schools.models import Locality

FRESH = 300  # seconds that a file may be old
FETCHES = 20  # a minute and an address: the regions one after another
CSV, JSON = "text/csv; charset=utf-8", "application/json; charset=utf-8"

COLUMNS = {
    "bin": _("мектептің БСН-і"),
    "name_kk": _("қазақша атауы"),
    "name_ru": _("орысша атауы"),
    "kato": _("ӘАОЖ (KATO) коды: мектеп тұрған немесе көше өтетін елді мекен"),
    "address_kk": _("мекенжайы қазақша"),
    "address_ru": _("мекенжайы орысша"),
    "phone": _("телефоны"),
    "transport": _("оқушыларды тегін тасымалдау: 1 — бар, 0 — жоқ (JSON: true, false)"),
    "stops_on": _("мектеп өтінім қабылдауды тоқтататын алғашқы күн"),
    "successor_bin": _("шағын ауданын алған мектептің БСН-і"),
    "year": _("оқу жылының бірінші жылы"),
    "language": _("оқу тілінің коды"),
    "seats": _("1-сыныптағы барлық орын"),
    "outside_limit": _("шағын ауданнан тыс балаларға берілетін орын"),
    "held_local": _("шағын аудан бойынша алынған орын"),
    "held_outside": _("шағын ауданнан тыс алынған орын"),
    "street": _("көше, басқарма жазғандай; бос болса — бүкіл елді мекен"),
    "house_from": _("аралықтың алғашқы үйі"),
    "house_to": _("аралықтың соңғы үйі; бос болса — көшенің соңына дейін"),
    "suffix": _("үйдің әрпі, бөлшегі немесе түрі"),
    "side": _("жағы: all — барлығы, odd — тақ, even — жұп"),
    "excluded": _("1 — бұл үйлер шағын ауданға кірмейді"),
    "serving_bin": _(
        "осы жол бүгін шағын ауданына кіретін мектептің БСН-і; бос болса — ешқайсысына кірмейді"
    ),
}


@require_safe
@everybodys(seconds=FRESH)
def about(request: HttpRequest) -> HttpResponse:
    return _about(request)


def _about(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    context = {
        "regions": Locality.objects.filter(parent=None).order_by("sort_kk"),
        "of_schools": _described((*open_data.OF_SCHOOL, "year", *open_data.OF_INTAKE)),
        "of_addresses": _described(open_data.OF_ADDRESS),
        "minutes": FRESH // 60,
        "not_asked_well": status != 200,
    }
    return render(request, "schools/catalogue/data.html", context, status=status)


def _described(columns: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, str(COLUMNS[name])) for name in columns]


def _version_of_schools(_request: HttpRequest) -> str:
    return open_data.version_of_schools(periods.current_year(timezone.now()))


@require_safe
@everybodys(seconds=FRESH)
@throttle.limited("open-data", per_minute=FETCHES)
@condition(etag_func=_version_of_schools)
def schools_csv(_request: HttpRequest) -> StreamingHttpResponse:
    return _file(open_data.schools_csv(periods.current_year(timezone.now())), CSV, "oqu-schools.csv")


@require_safe
@everybodys(seconds=FRESH)
@throttle.limited("open-data", per_minute=FETCHES)
@condition(etag_func=_version_of_schools)
def schools_json(_request: HttpRequest) -> StreamingHttpResponse:
    return _file(open_data.schools_json(periods.current_year(timezone.now())), JSON, "oqu-schools.json")


def _region(request: HttpRequest) -> str:
    """The code of the region asked for, nothing where it names none."""
    asked = request.GET.get("region", "")
    known = len(asked) == 9 and asked.isdecimal() and asked.isascii()
    return asked if known and Locality.objects.filter(pk=asked, parent=None).exists() else ""


def _version_of_microdistricts(request: HttpRequest) -> str | None:
    region = _region(request)
    return open_data.version_of_microdistricts(region) if region else None


@require_safe
@everybodys(seconds=FRESH)
@throttle.limited("open-data", per_minute=FETCHES)
@condition(etag_func=_version_of_microdistricts)
def microdistricts_csv(request: HttpRequest) -> HttpResponseBase:
    """One region at a time: of the whole country nobody would get to the end."""
    region = _region(request)
    if not region:
        return _about(request, status=400)
    return _file(open_data.microdistricts_csv(region), CSV, f"oqu-microdistricts-{region}.csv")


def _file(pieces: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
