"""An application line by line, from the facts that are signed (R92); the review and the cabinet show it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Relation, Sex, masked, spaced
from applications import steps
from applications.models import Channel, DocumentKind, DocumentSource, Route


@dataclass(frozen=True)
class Line:
    label: str
    value: str
    page: str = ""  # the page of the wizard where it is changed; "" when it cannot be


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    lines: list[Line]


def sections(facts: dict[str, Any], *, has_transport: bool) -> list[Section]:
    return [
        Section("about", _("Өтінім туралы мәліметтер"), _about(facts)),
        Section("applicant", _("Өтініш беруші"), _applicant(facts["applicant"])),
        Section("child", _("Бала"), _child(facts["child"])),
        Section("school", _("Таңдалған білім беру ұйымы"), _school(facts, has_transport=has_transport)),
        Section("documents", _("Тіркелген құжаттар"), [_document(one) for one in facts["documents"]]),
        Section("ticks", _("Растау"), _ticks(facts["ticks"])),
    ]


def sections_of_child(facts: dict[str, Any]) -> list[Section]:
    """Without the applicant, for a representative of the child who is somebody else (D34)."""
    whole = sections(facts | {"transport": {"needed": False}}, has_transport=False)
    return [section for section in whole if section.id in ("about", "child", "school")]


def section_of_school(facts: dict[str, Any]) -> Section:
    """Without the way of admission, which tells where the applicant lives (D80)."""
    lines = _school(facts | {"transport": {"needed": False}}, has_transport=False)
    return Section("school", _("Таңдалған білім беру ұйымы"), lines[1:])


def _about(facts: dict[str, Any]) -> list[Line]:
    year = facts["year"]
    return [
        Line(_("Өтінім нөмірі"), f"№ {facts['number']}"),
        Line(_("Қызмет"), _("1-сыныпқа құжаттарды қабылдау")),
        Line(_("Өтінім беру тәсілі"), str(Channel(facts["channel"]).label)),
        Line(_("Оқу түрі"), _("Күндізгі")),
        Line(_("Оқу жылы"), f"{year}-{year + 1}"),
        Line(_("Сынып"), "1"),
        *_as_of(facts.get("registers_as_of", "")),
    ]


def _as_of(at: str) -> list[Line]:
    """Said where the registers were silent, and an older answer is leaned on (D34)."""
    if not at:
        return []
    moment = timezone.localtime(datetime.fromisoformat(at))
    return [Line(_("Тізілімдердің жауабы алынған уақыт"), date_format(moment, "SHORT_DATETIME_FORMAT"))]


def _applicant(person: dict[str, Any]) -> list[Line]:
    return [
        Line(_("ЖСН"), masked(person["iin"])),
        Line(_("Т.А.Ә."), person["name"]),
        Line(_("Балаға кім болып келеді"), str(Relation(person["relation"]).label)),
        Line(_("Байланыс телефоны"), spaced(person["phone"])),
        Line(_("Қосымша телефон нөмірі"), spaced(person["extra_phone"]), steps.CHILD),
        Line(_("Тіркеу мекенжайы"), _local(person, "address")),
    ]


def _child(child: dict[str, Any]) -> list[Line]:
    return [
        Line(_("ЖСН"), masked(child["iin"])),
        Line(_("Т.А.Ә."), child["name"]),
        Line(_("Туған күні"), _day(child["birth_date"])),
        Line(_("Жынысы"), str(Sex(child["sex"]).label)),
        Line(_("Тіркеу мекенжайы"), _local(child, "address")),
        Line(
            _("Ерекше білім беру қажеттіліктері бар бала"),
            _("Иә") if child["special_needs"] else _("Жоқ"),
            steps.CHILD,
        ),
    ]


def _school(facts: dict[str, Any], *, has_transport: bool) -> list[Line]:
    school, transport = facts["school"], facts["transport"]
    page = steps.SCHOOL if facts["route"] == Route.OUTSIDE else steps.WAY
    lines = [
        Line(_("Қабылдау тәсілі"), str(Route(facts["route"]).label), steps.WAY),
        Line(_("Мектеп"), _local(school, "name"), page),
        Line(_("Мектептің орналасқан жері"), _local(school, "place"), page),
        Line(_("Оқу тілі"), _local(school, "language"), page),
    ]
    if has_transport or transport["needed"]:
        needed = _("Қажет") if transport["needed"] else _("Қажет емес")
        lines.append(Line(_("Тегін тасымалдау қызметі"), needed, steps.TRANSPORT))
    if transport["needed"]:
        lines.append(Line(_("Тұрғылықты жерінің мекенжайы"), _local(transport, "address"), steps.TRANSPORT))
    return lines


def _document(document: dict[str, Any]) -> Line:
    label = str(DocumentKind(document["kind"]).label)
    if document["position"] > 1:
        label = _("Екінші фотосурет")
    value = str(DocumentSource(document["source"]).label)
    if document["valid_until"]:
        value += ". " + _("Қолданылу мерзімі: %(date)s") % {"date": _day(document["valid_until"])}
    return Line(label, value, steps.DOCUMENTS)


def _ticks(ticks: dict[str, Any]) -> list[Line]:
    return [
        Line(_("Енгізілген деректердің дұрыстығы"), _confirmed(ticks["data_correct_at"]), steps.DOCUMENTS),
        Line(
            _("Сыртқы жүйелерден дербес деректерді алуға келісім"),
            _confirmed(ticks["external_data_at"]),
            steps.DOCUMENTS,
        ),
    ]


def _confirmed(at: str) -> str:
    if not at:
        return ""
    moment = timezone.localtime(datetime.fromisoformat(at))
    return _("Расталды, %(time)s") % {"time": date_format(moment, "SHORT_DATETIME_FORMAT")}


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT")


def _local(facts: dict[str, Any], name: str) -> str:
    """Of the two stored languages the reader's one, the other when it is empty."""
    first, second = ("ru", "kk") if get_language() == "ru" else ("kk", "ru")
    return facts.get(f"{name}_{first}") or facts.get(f"{name}_{second}") or ""
