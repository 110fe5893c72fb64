"""What the year's intake still lacks: dates, seats, people, lists, words (D61)."""

from django.db.models import Exists, OuterRef

from applications.models import Ground
from oqu.doctor.findings import Asked, Finding
from oqu.doctor.kinds import Code
from schools import calendar, readiness
from schools.models import Language, Period


def dates(asked: Asked) -> list[Finding]:
    """A region without dates is not announced: nothing can be signed there. As long as none has any, those
    of the year before are at hand where there were some."""
    missing, far = readiness.regions_without_dates(asked.year), _is_far(asked)
    if Period.objects.filter(year=asked.year).exists():
        return asked.of_rows(Code.NO_DATES, missing, soon=far)
    last = Exists(Period.objects.filter(region=OuterRef("pk"), year=asked.year - 1))
    had = asked.of_rows(Code.LAST_YEARS_DATES, missing.filter(last), soon=far)
    return had + asked.of_rows(Code.NO_DATES, missing.exclude(last), soon=far)


def seats(asked: Asked) -> list[Finding]:
    return asked.of_rows(Code.NO_SEATS, readiness.schools_without_seats(asked.year), soon=_is_far(asked))


def languages(asked: Asked) -> list[Finding]:
    if not Language.objects.exists():
        return asked.found(Code.NO_LANGUAGES, [], count=1)
    return asked.of_rows(Code.LANGUAGE_LOST, readiness.schools_without_a_language(asked.year), soon=True)


def directors(asked: Asked) -> list[Finding]:
    missing = readiness.schools_without_a_director(asked.year)
    return asked.of_rows(Code.NO_DIRECTOR, missing, soon=_is_far(asked))


def addresses(asked: Asked) -> list[Finding]:
    """Its families are told that no school is theirs; they may still choose it from outside."""
    return asked.of_rows(Code.NO_ADDRESSES, readiness.schools_without_addresses(asked.year), soon=True)


def phones(asked: Asked) -> list[Finding]:
    return asked.of_rows(Code.NO_PHONE, readiness.schools_without_a_phone(asked.year), soon=True)


def holidays(asked: Asked) -> list[Finding]:
    years = calendar.years_without_days(asked.today, year=asked.year if asked.by_name else None)
    return asked.of_lines(Code.NO_HOLIDAYS, [str(year) for year in years], soon=asked.today.year not in years)


def grounds(asked: Asked) -> list[Finding]:
    return asked.found(Code.NO_GROUNDS, [], count=not Ground.objects.in_force().exists())


def _is_far(asked: Asked) -> bool:
    return not readiness.is_near(asked.year, asked.today)
