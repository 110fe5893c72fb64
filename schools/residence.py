"""An address that a parent tells: places, and a line or a street with its house (R81, R82, R212, D32)."""

import re
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from schools import addresses, catalogue, kato, streets, successors
from schools.catalogue import Level
from schools.models import Locality
from schools.spelling import plain

NAMES = (catalogue.REGION, ("district", _("Аудан")), catalogue.OKRUG, catalogue.VILLAGE)
ENOUGH = 2  # region and district; the rural district and the village only where needed (R82)
_HOUSE = re.compile(r"\s*(?:дом|д\.)\s*\d", re.I)
_LINE = re.compile(r"(?P<street>.*\D)[\s,]+(?P<house>\d\S*)", re.S)


def levels(chosen: list[str]) -> list[Level]:
    """The selects for the codes chosen so far; a code that is not under the one above is forgotten, one that
    has a successor leads to it (D66)."""
    chosen = _of_today(chosen)
    asked: list[Level] = []
    above: Locality | None = None
    for name, label in NAMES:
        options = list(Locality.objects.filter(parent=above, ended__successor=None).order_by("sort_kk"))
        if not options:
            break
        given = chosen[len(asked)] if len(asked) < len(chosen) else ""
        picked = next((option for option in options if option.kato == given), None)
        asked.append(Level(name, str(label), options, picked))
        if picked is None:
            break
        above = picked
    return asked


def levels_to_settlement(chosen: list[str]) -> list[Level]:
    """As far down as a street needs: it is one in a whole city of the republic, else in one settlement."""
    asked = levels(chosen)
    region = asked[0].chosen if asked else None
    return asked[:1] if region and region.kato[:2] in kato.REPUBLIC_CITIES else asked


def _of_today(chosen: list[str]) -> list[str]:
    """What was chosen before the last of these places ended leads to the one that it is a part of."""
    last = next((code for code in reversed(chosen) if code), "")
    return codes_down_to(last) if last and successors.today(last) != last else chosen


def codes_down_to(code: str) -> list[str]:
    """The codes that lead to a stored place, from the region down, as places are today (D66)."""
    code = successors.today(code)
    known = Locality.objects.filter(kato__in=[code, *kato.ancestors(code)] if kato.is_code(code) else [])
    return list(known.order_by("kato").values_list("kato", flat=True))


def streets_of(registered: dict[str, str]) -> list[str]:
    """The street of a registered address, and its Russian name where the register's Russian text has one
    that no rule brings together with it: a list may know either (R66)."""
    street, russian = registered.get("street", ""), _russian_street(registered.get("text_ru", ""))
    other = bool(russian) and not streets.keys_to_match(street) & streets.keys_to_match(russian)
    return [street, russian] if other else [street]


def _russian_street(text: str) -> str:
    """«улица Мира» of «г. Астана, район Есиль, улица Мира, дом 1»; nothing where no type tells a street."""
    parts = text.split(",")
    for street, house in pairwise(parts):
        if _HOUSE.match(house):
            return street.strip() if streets.find_types(plain(street)) else ""
    return ""


def is_registered(line: str, code: str, registered: dict[str, str]) -> bool:
    """Whether what was typed is the registered address after all (R81)."""
    match = _LINE.fullmatch(line.strip())
    if match is None or not registered.get("kato", "").startswith(kato.prefix(code)):
        return False
    same_house = addresses.house(match["house"]) == addresses.house(registered.get("house", ""))
    keys = set[str]().union(*map(streets.keys_to_match, streets_of(registered)))
    return same_house and bool(keys & streets.keys_to_match(match["street"].strip(" ,")))
