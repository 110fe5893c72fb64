"""What may leave the portal as a table: the school's queue, whom it has admitted, the department's numbers.

D53: an export holds nothing that its page hides from the person. In the queue an IIN keeps its last four
digits; it stands whole only in the list of the admitted, whom the school enrols.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import supplements
from applications.models import Application, Reminder
from applications.review import oversight
from applications.review.flags import flags_of
from applications.review.oversight import Row
from applications.review.sheets import Cell, Sheet
from applications.status import Status
from schools import kazakh
from schools.models import Intake

MOST = 5_000  # rows that are made while the person waits


class TooMany(Exception):
    """More rows than one request makes."""


def taken(rows: QuerySet[Application]) -> list[Application]:
    """The rows of the queue, or of the admitted, with all that a table tells of them. Raises TooMany."""
    found = list(whole(rows)[: MOST + 1])
    if len(found) > MOST:
        raise TooMany
    return found


def whole(rows: QuerySet[Application]) -> QuerySet[Application]:
    marked = supplements.marked(rows, now=timezone.now())
    return marked.select_related("child", "intake__language", "intake__school").prefetch_related("documents")


def queue_of(rows: Iterable[Application], *, to_call: Collection[int]) -> Sheet:
    """As the page shows them: of what has ended for the school the number, the dates and the status (D43)."""
    head = [
        _("Мерзімі"), _("Нөмірі"), _("Бала"), _("ЖСН"), _("Қабылдау тәсілі"), _("Оқу тілі"), _("Мектеп"),
        _("Белгілер"), _("Мәртебесі"), _("Келіп түсті"),
    ]  # fmt: skip
    return Sheet(head, (_queued(row, to_call) for row in rows))


def _queued(row: Application, to_call: Collection[int]) -> list[Cell]:
    told: list[Cell] = [None] * 5
    if row.is_whole_to_school:
        intake = row.chosen_intake
        told = [
            row.child.full_name, row.child.masked_iin, row.get_route_display(), intake.language.name,
            intake.school.name,
        ]  # fmt: skip
    flags = ", ".join(str(flag.text) for flag in flags_of(row, to_call=to_call))
    return [row.due_at, row.number, *told, flags, row.get_status_display(), row.submitted_at]


def admitted(applications: QuerySet[Application], *, year: int) -> QuerySet[Application]:
    """First-graders-to-be of the academic year that begins then."""
    return applications.filter(status=Status.ACCEPTED, year=year)


def in_classes(rows: Iterable[Application]) -> list[Application]:
    """By school, class language and the Kazakh alphabet."""
    return sorted(rows, key=_by_class)


def class_by_class(rows: QuerySet[Application]) -> Iterator[Application]:
    """The same, with one class in memory at a time."""
    intakes = Intake.objects.filter(pk__in=rows.order_by().values("intake"))
    for intake in intakes.order_by("school__sort_kk", "language__position", "pk"):
        yield from in_classes(whole(rows).filter(intake=intake))


def admitted_of(rows: Iterable[Application]) -> Sheet:
    head = [
        _("Мектеп"), _("Оқу тілі"), _("Тегі"), _("Аты"), _("Әкесінің аты"), _("ЖСН"), _("Туған күні"),
        _("Нөмірі"), _("Шешім күні"),
    ]  # fmt: skip
    return Sheet(head, (_admitted(row) for row in rows))


def _admitted(row: Application) -> list[Cell]:
    child, intake = row.child, row.chosen_intake
    return [
        intake.school.name, intake.language.name, child.surname, child.name, child.patronymic, child.iin,
        child.birth_date.strftime("%d.%m.%Y"), row.number, row.decided_at,
    ]  # fmt: skip


def _by_class(row: Application) -> tuple[str, int, str, int]:
    intake = row.chosen_intake
    return intake.school.sort_kk, intake.language.position, kazakh.sort_key(row.child.full_name), row.pk


def schools_of(rows: Sequence[Row], *, reminders: Mapping[int, Reminder]) -> Sheet:
    """The department's numbers, and nobody's name of an application (D13, D56); a column for each ground."""
    reasons = oversight.together(one for row in rows for one in row.reasons)
    head = [
        _("Мектеп"), _("Елді мекен"), _("Қарауды күтеді"), _("Мерзімі өткен"), _("Ең ерте мерзімі"),
        _("Кешіккен жұмыс күні"), _("Директорға еске салынды"), _("Қабылданды"), _("Бас тартылды"),
        *(f"{_('Бас тартылды')}: {one.name}" for one in reasons),
        _("Барлық орын"), _("Алынған орын: шағын аудан бойынша"),
        _("Алынған орын: шағын ауданнан тыс"), _("Шағын ауданнан тыс орын шегі"), _("Бос орын"),
    ]  # fmt: skip
    codes = [one.code for one in reasons]
    return Sheet(head, [_counted(row, codes, reminders.get(row.school.pk)) for row in rows])


def _counted(row: Row, codes: Iterable[str], reminder: Reminder | None) -> list[Cell]:
    places, refused = row.places, {one.code: one.count for one in row.reasons}
    seats: list[Cell] = [None] * 5  # nothing is announced: no number, not even 0
    if row.is_announced:
        free = max(0, places.seats - places.held)
        seats = [places.seats, places.held_local, places.held_outside, places.outside_limit, free]
    return [
        row.school.name, row.school.locality.name, row.waiting, row.overdue, row.overdue_since, row.days_late,
        reminder.at if reminder else None, row.accepted, row.refused,
        *(refused.get(code, 0) for code in codes), *seats,
    ]  # fmt: skip
