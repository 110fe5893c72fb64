"""The figures of an area's schools as they are drawn: what waits and how long, answers by day, ways,
languages, grounds of refusals. oqu/templatetags/charts.py draws them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.models import Application, Route
from applications.review.lateness import Today
from applications.review.oversight import Row, Seats, Tally, hidden_from, together
from applications.status import Status
from schools import calendar, periods
from schools.models import Intake

DAYS, SCHOOLS = 14, 10


@dataclass(frozen=True)
class Part:
    """One of the numbers of which a bar is put together."""

    name: str | Promise
    tone: str


@dataclass(frozen=True)
class Bar:
    label: str
    values: Sequence[int]
    short: str = ""  # for a narrow column


@dataclass(frozen=True)
class Chart:
    key: str
    title: str
    of: str  # what a bar stands for: the head of the table's first column
    parts: Sequence[Part]
    bars: Sequence[Bar]
    standing: bool = False  # columns side by side: an order in time


WAITING = Part(gettext_lazy("Қарауды күтеді"), "gold")
IN_TIME = Part(gettext_lazy("Мерзімі өтпеген"), "gold")
LATE = Part(gettext_lazy("Мерзімі өткен"), "red")
ACCEPTED = Part(gettext_lazy("Қабылданды"), "blue")
REFUSED = Part(gettext_lazy("Бас тартылды"), "red")


def of(rows: Sequence[Row], *, reader: User, today: Today) -> list[Chart]:
    """Of these schools together; one question more, for any number of them."""
    tallies = [one for row in rows for one in row.tallies]
    drawn = [
        _load(rows), _ages(tallies), _answers(rows, reader=reader, today=today), _routes(tallies),
        _languages(rows, tallies), _reasons(rows),
    ]  # fmt: skip
    return [chart for chart in drawn if any(any(bar.values) for bar in chart.bars)]


def seats_by_language(rows: Iterable[Row]) -> dict[str, Seats]:
    """By the name of the language, in the languages' order."""
    found: dict[str, Seats] = {}
    none = Seats()
    for one in sorted((one for row in rows for one in row.languages), key=lambda one: one.position):
        if one.places != none:
            found[one.name] = found.get(one.name, none) + one.places
    return found


def _load(rows: Sequence[Row]) -> Chart:
    busiest = sorted(rows, key=lambda row: -row.waiting)[:SCHOOLS]
    bars = [Bar(row.school.name, (row.overdue, row.waiting - row.overdue)) for row in busiest if row.waiting]
    title = _("Өтінім ең көп күтетін мектептер")
    return Chart("load", title, _("Мектеп"), (LATE, IN_TIME), bars)


def _ages(tallies: Sequence[Tally]) -> Chart:
    waiting, overdue = sum(one.waiting for one in tallies), sum(one.overdue for one in tallies)
    days, long = sum(one.overdue_days for one in tallies), sum(one.overdue_long for one in tallies)
    most = {"days": settings.ESCALATE_AFTER_DAYS}
    bars = [
        Bar(_("Мерзімі өтпеген"), (waiting - overdue, 0)),
        Bar(_("Бір жұмыс күнінен аз кешіккен"), (0, overdue - days)),
        Bar(_("%(days)s жұмыс күніне дейін кешіккен") % most, (0, days - long)),
        Bar(_("%(days)s жұмыс күнінен астам кешіккен") % most, (0, long)),
    ]
    return Chart("ages", _("Күтіп тұрған өтінімдердің мерзімі"), _("Мерзімі"), (IN_TIME, LATE), bars)


def _answers(rows: Sequence[Row], *, reader: User, today: Today) -> Chart:
    """To what the year before has left, too: an intake ends on one of these days. An admission that was
    withdrawn later has been an answer as well."""
    first, refused = today.date - timedelta(days=DAYS - 1), Q(status=Status.REFUSED)
    intakes = Intake.objects.filter(
        school__among=[row.school.pk for row in rows], year__gte=periods.current_year(today.now) - 1
    )
    decided = Application.objects.filter(intake__in=intakes, decided_at__gte=calendar.midnight(first))
    decided = decided.exclude(pk__in=hidden_from(reader).values("pk"))
    counted = (
        decided.annotate(day=TruncDate("decided_at"))
        .values("day")
        .annotate(accepted=Count("pk", filter=~refused), refused=Count("pk", filter=refused))
    )
    found = {row["day"]: (row["accepted"], row["refused"]) for row in counted}
    days = [first + timedelta(days=number) for number in range(DAYS)]
    bars = [
        Bar(date_format(day, "SHORT_DATE_FORMAT"), found.get(day, (0, 0)), short=str(day.day)) for day in days
    ]
    title = _("Соңғы 14 күндегі жауаптар")
    return Chart("answers", title, _("Күні"), (ACCEPTED, REFUSED), bars, standing=True)


def _routes(tallies: Sequence[Tally]) -> Chart:
    names = {value: str(label) for value, label in Route.choices}
    bars = _by(tallies, lambda one: one.route, names)
    return Chart("routes", _("Қабылдау тәсілі"), _("Тәсілі"), (WAITING, ACCEPTED, REFUSED), bars)


def _languages(rows: Sequence[Row], tallies: Sequence[Tally]) -> Chart:
    names = {one.code: one.name for row in rows for one in row.languages}
    bars = _by(tallies, lambda one: one.language, names)
    return Chart("languages", _("Оқу тілі"), _("Тілі"), (WAITING, ACCEPTED, REFUSED), bars)


def _by(tallies: Sequence[Tally], what: Callable[[Tally], str], names: dict[str, str]) -> list[Bar]:
    """The most first."""
    found = dict.fromkeys(names, (0, 0, 0))
    for one in tallies:
        waiting, accepted, refused = found.get(what(one), (0, 0, 0))
        found[what(one)] = (waiting + one.waiting, accepted + one.accepted, refused + one.refused)
    bars = [Bar(names.get(code, code), counts) for code, counts in found.items() if any(counts)]
    return sorted(bars, key=lambda bar: -sum(bar.values))


def _reasons(rows: Iterable[Row]) -> Chart:
    reasons = together(one for row in rows for one in row.reasons)
    bars = [Bar(one.name, (one.count,)) for one in reasons]
    return Chart("reasons", _("Бас тарту негіздері"), _("Негізі"), (REFUSED,), bars)
