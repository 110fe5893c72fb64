"""How a message is worded. It is kept as its template and its facts and is worded when it is read, in the
reader's language; only an SMS is worded when it is written."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.templates import TEMPLATES

SMS_LENGTH = 70  # one part when a letter is outside the Latin alphabet
SENDER = "OQU: "  # every SMS begins with it

# Grounds of a refusal (D16) in notices from before a decision told its own.
GROUNDS: dict[str, str | Promise] = {
    "INCOMPLETE": _("Құжаттар толық емес"),
    "UNTRUE": _("Мәліметтер дұрыс емес"),
    "NO_SEATS": _("Бос орын жоқ"),
    "AGE": _("Баланың жасы сәйкес келмейді"),
    "ENROLLED": _("Бала мектепке қабылданған"),
    "OTHER": _("Басқа себеп"),
}

RESULTS: dict[str, str | Promise] = {
    "ACCEPT": pgettext_lazy("result", "Қабылдау"),
    "REFUSE": pgettext_lazy("result", "Бас тарту"),
}
# Of a digest: the short words of its SMS, and the notice's.
FIGURES: dict[str, tuple[str | Promise, str | Promise]] = {
    "waiting": (_("күтеді"), _("Жауап күтеді")),
    "today": (_("бүгін"), _("Мерзімі бүгін бітеді")),
    "overdue": (_("кешіккен"), _("Мерзімі өткен")),
    "appeals": (_("шағым"), _("Шағым жауабыңызды күтеді")),
    "unreached": (_("SMS жетпеген"), _("SMS жетпеген, қоңырау шалу керек")),
    "contested": (_("даулы"), _("Ата-ана даулайды")),
}


@dataclass(frozen=True)
class Wording:
    """A cabinet message, worded for its reader."""

    title: str
    body: str
    facts: tuple[tuple[str, str], ...]  # label and text: the reason in full, the answer on transport
    urgent: bool


def wording(template: str, context: dict[str, Any]) -> Wording:
    """The notice in the active language."""
    texts, values = TEMPLATES[template], _values(context)
    return Wording(
        title=str(texts.title) % values,
        body=str(texts.body) % values,
        facts=tuple(_facts(context)),
        urgent=texts.urgent,
    )


def answers(template: str) -> bool:
    """D58: it confirms what its reader has just signed, so that it may come by night; all else waits."""
    return template in TEMPLATES and TEMPLATES[template].answers


def sms(template: str, context: dict[str, Any], *, lang: str) -> str:
    """The SMS in the recipient's language, one part always; "" when this cause sends none."""
    with translation.override(lang):
        text = str(TEMPLATES[template].sms) % _values(context)
    return text[:SMS_LENGTH]


def _values(context: dict[str, Any]) -> dict[str, str]:
    lang = (translation.get_language() or "kk")[:2]
    return {
        "number": context.get("number", ""),
        "school": context.get(f"school_{lang}") or context.get("school_kk", ""),
        "successor": context.get(f"successor_{lang}") or context.get("successor_kk", ""),
        "day": _day(context.get("day", "")),
        "date": _day(context.get("day", ""), form="d.m"),
        "line": _moment(context.get("line_at", "")),
        "line_date": _moment(context.get("line_at", ""), form="d.m, H:i"),
        "due": _moment(context.get("due", "")),
        "until": _moment(context.get("until", "")),
        "document": context.get(f"document_{lang}", ""),
        "count": context.get("count", ""),
        "figures": _short_figures(context),
    }


def _day(text: str, *, form: str | None = None) -> str:
    return date_format(date.fromisoformat(text), form) if text else ""


def _figures(context: dict[str, Any]) -> list[tuple[str, tuple[str | Promise, str | Promise]]]:
    """Those of the digest that are not zero."""
    return [(name, said) for name, said in FIGURES.items() if context.get(name)]


def _short_figures(context: dict[str, Any]) -> str:
    """The first that an SMS has room for: one that is cut would be another number. The notice has all."""
    told = ""
    for name, (short, _long) in _figures(context):
        more = f"{told}, {short} {context[name]}".removeprefix(", ")
        if len(SENDER + more) > SMS_LENGTH:
            break
        told = more
    return told


def _moment(text: str, *, form: str = "DATETIME_FORMAT") -> str:
    """A stored moment as people write it, in the country's time."""
    if not text:
        return "—"
    return date_format(timezone.localtime(datetime.fromisoformat(text)), form)


def _facts(context: dict[str, Any]) -> list[tuple[str, str]]:
    """The refusal's ground and reason as the school wrote it (R109, R124), the answer on transport (R125); a
    digest's numbers (D58)."""
    facts = [(str(long), str(context[name])) for name, (_short, long) in _figures(context)]
    if context.get("asked"):
        facts.append((str(_("Мектептің түсіндірмесі")), context["asked"]))
    if context.get("answer"):
        facts.append((str(_("Білім басқармасының жауабы")), context["answer"]))
    if context.get("was"):
        facts.append((str(_("Бұрынғы шешім")), str(RESULTS.get(context["was"], ""))))
        facts.append((str(_("Не қате болды")), context.get("mistake", "")))
    lang = (translation.get_language() or "kk")[:2]
    if ground := context.get(f"ground_{lang}") or GROUNDS.get(context.get("reason_code", "")):
        facts.append((str(_("Бас тарту негізі")), str(ground)))
    if context.get("reason"):
        facts.append((str(_("Бас тарту себебі")), context["reason"]))
    if context.get("transport") is not None:
        answer = _("Тасымалдау ұсынылады") if context["transport"] else _("Тасымалдаудан бас тартылды")
        facts.append((str(_("Тасымалдау")), str(answer)))
    if context.get("transport_reason"):
        facts.append((str(_("Тасымалдау бойынша түсініктеме")), context["transport_reason"]))
    return facts
