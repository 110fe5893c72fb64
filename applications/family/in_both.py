"""Words in Kazakh, as data.json has them, with the Russian that the PDF shows beside."""

from collections.abc import Callable

from django.utils import translation

from schools.models import Language, Locality, School


class InBoth(str):
    """The Kazakh, which knows its Russian."""

    ru: str

    def __new__(cls, kk: str, ru: str) -> "InBoth":
        made = super().__new__(cls, kk)
        made.ru = ru
        return made


def both(say: Callable[[], object]) -> InBoth:
    """What is said in the language of the moment, asked in each."""
    with translation.override("kk"):
        kk = str(say())
    with translation.override("ru"):
        return InBoth(kk, str(say()))


def name_of(named: School | Locality | Language | None) -> InBoth:
    return InBoth(named.name_kk, named.name_ru) if named else InBoth("", "")
