"""Medical documents as a clinic would print them: one page of PDF, made once for each child and form."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from django.template import Context

from sandbox.pages import engine
from sandbox.people import Human

CLINIC = "№9 қалалық емхана, Астана қ. (макет)"
TEMPLATES = {"065/у": "paper_065.html", "052-2/у": "paper_052.html"}
VACCINES = (
    ("БЦЖ", 0, "0,05 мл"),
    ("Гепатит В", 0, "0,5 мл"),
    ("АКДС + Hib + ИПВ", 2, "0,5 мл"),
    ("АКДС + Hib + ИПВ", 4, "0,5 мл"),
    ("Пневмококк", 4, "0,5 мл"),
    ("КПК (қызылша, қызамық, паротит)", 12, "0,5 мл"),
    ("АКДС + Hib + ИПВ", 18, "0,5 мл"),
)


@dataclass(frozen=True)
class Paper:
    content: bytes
    clinic: str
    issued_on: date


_made: dict[tuple[Human, str, date], Paper] = {}
_one_at_a_time = asyncio.Lock()


async def issue(human: Human, form: str, *, today: date) -> Paper:
    key = (human, form, today)
    async with _one_at_a_time:
        if key not in _made:
            _made[key] = await asyncio.to_thread(_make, human, form, today)
    return _made[key]


def _make(human: Human, form: str, today: date) -> Paper:
    from weasyprint import HTML  # half a second to import, and only papers need it

    issued_on = today - timedelta(days=20 + int(human.iin[-2:]))
    facts = {
        "human": human,
        "born": f"{human.birth_date:%d.%m.%Y}",
        "issued_on": f"{issued_on:%d.%m.%Y}",
        "clinic": CLINIC,
        "number": hashlib.sha256(human.iin.encode()).hexdigest()[:6].upper(),
        "vaccines": [
            (name, f"{human.birth_date + timedelta(days=30 * month):%d.%m.%Y}", age(month), dose)
            for name, month, dose in VACCINES
        ],
    }
    html = engine.get_template(TEMPLATES[form]).render(Context(facts, use_l10n=False, use_tz=False))
    return Paper(HTML(string=html, url_fetcher=_nothing).write_pdf(), CLINIC, issued_on)


def _nothing(url: str) -> dict[str, str]:
    raise ValueError("the papers fetch nothing")


def age(months: int) -> str:
    return f"{months} ай" if months else "туғанда"
