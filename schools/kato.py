"""The KATO classifier of places: nine digits, region·district·rural district·settlement as 2-2-2-3.

Names repeat under one parent and carry slips of the pen: a place is known by its code only.
"""

import re
from collections.abc import Iterable

REPUBLIC_CITIES = frozenset({"71", "75", "79"})  # Astana, Almaty, Shymkent: regions that are one city
_CODE = re.compile(r"[0-9]{9}")
_DOT = re.compile(r"\.(?=[А-ЯЁӘҒҚҢӨҰҮҺІ][а-яёәғқңөұүһі])")  # «с.Образец» -> «с. Образец», but «Г.А.»


def is_code(text: str) -> bool:
    """Nothing else is ever asked of the database: what people send holds anything, NUL too."""
    return _CODE.fullmatch(text) is not None


def prefix(kato: str) -> str:
    """The digits that all places under this one begin with."""
    for length, rest in ((2, "0000000"), (4, "00000"), (6, "000")):
        if kato.endswith(rest):
            return kato[:length]
    return kato


def region_of(kato: str) -> str:
    return kato[:2] + "0000000"


def district_of(kato: str) -> str:
    """A region's district or town, a district of a city of the republic; of what stands above, itself."""
    length = 6 if kato[:2] in REPUBLIC_CITIES else 4
    return kato[:length].ljust(9, "0")


def ancestors(kato: str) -> list[str]:
    """Codes above this one, the nearest first; not each of them exists."""
    codes = [kato[:length].ljust(9, "0") for length in (6, 4, 2)]
    return [code for code in dict.fromkeys(codes) if code != kato]


def parent_of(kato: str, known: Iterable[str]) -> str | None:
    """The nearest place above that exists; None for a region."""
    return next((code for code in ancestors(kato) if code in known), None)


def city_or_settlement(kato: str) -> str:
    """Within these digits a street's name means one street: a city with all its districts, else the place."""
    return kato[:2] if kato[:2] in REPUBLIC_CITIES else prefix(kato)


def mend_kk(name: str) -> str:
    name = " ".join(name.replace("Г.А.", "Қ.Ә.").split())
    return name + "." if name.endswith((" а.о", " а.ә", " к.ә")) else name


def mend_ru(name: str) -> str:
    name = _DOT.sub(". ", " ".join(name.split()))
    return name + "." if name.endswith((" с.о", " с.а", " п.а")) else name
