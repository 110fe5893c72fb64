"""Places and schools for the tests of this app."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from schools import classifier, seats
from schools.kazakh import search_text, sort_key
from schools.models import Language, Locality, School

YEAR = 2026


def almaty(text: str) -> datetime:
    """«2026-06-10 09:00» or with seconds, on the country's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Almaty"))


@pytest.fixture
def places(db: None) -> None:
    """The extract of the classifier that comes with the portal, and the languages."""
    classifier.save(classifier.read(classifier.EXTRACT))
    for position, (code, kk, ru) in enumerate((("kk", "Қазақ", "Казахский"), ("ru", "Орыс", "Русский"))):
        Language.objects.create(code=code, name_kk=kk, name_ru=ru, position=position)


@pytest.fixture
def make_school(places: None) -> Callable[..., School]:
    """make_school("711210000", "№63 мектеп", kk=25): a school in that place, with seats by language."""
    bins = iter(f"9905400{number:05d}" for number in range(100_000))

    def make(kato: str, name: str, *, year: int = YEAR, **languages: int) -> School:
        school = School.objects.create(
            bin=next(bins),
            locality=Locality.objects.get(kato=kato),
            name_kk=name,
            name_ru=name,
            sort_kk=sort_key(name),
            search=search_text(name),
        )
        for language, count in languages.items():
            seats.open_intake(school, year=year, language=language, seats=count)
        return school

    return make
