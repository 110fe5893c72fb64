"""An address that a parent tells: places, and a line or a street with its house (R81, R82, R212, D32)."""

import re

from django.utils.translation import gettext_lazy as _

from schools import addresses, catalogue, kato, streets
from schools.catalogue import Level
from schools.models import Locality

NAMES = (catalogue.REGION, ("district", _("Аудан")), catalogue.OKRUG, catalogue.VILLAGE)
ENOUGH = 2  # region and district; the rural district and the village only where needed (R82)
_LINE = re.compile(r"(?P<street>.*\D)[\s,]+(?P<house>\d\S*)", re.S)


def levels(chosen: list[str]) -> list[Level]:
    """The selects for the codes chosen so far; a code that is not under the one above is forgotten."""
    asked: list[Level] = []
    above: Locality | None = None
    for name, label in NAMES:
        options = list(Locality.objects.filter(parent=above).order_by("sort_kk"))
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


def codes_down_to(code: str) -> list[str]:
    """The codes that lead to a stored place, from the region down."""
    known = Locality.objects.filter(kato__in=[code, *kato.ancestors(code)] if code else [])
    return list(known.order_by("kato").values_list("kato", flat=True))


def is_registered(line: str, code: str, registered: dict[str, str]) -> bool:
    """Whether what was typed is the registered address after all (R81)."""
    match = _LINE.fullmatch(line.strip())
    if match is None or not registered.get("kato", "").startswith(kato.prefix(code)):
        return False
    same_house = addresses.house(match["house"]) == addresses.house(registered.get("house", ""))
    keys = streets.keys_to_match(registered.get("street", ""))
    return same_house and bool(keys & streets.keys_to_match(match["street"].strip(" ,")))
