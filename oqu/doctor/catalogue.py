"""What the year's intake still lacks: dates, seats, people, lists, words (D61)."""

from applications.models import Ground
from oqu.doctor.findings import Asked, Finding
from oqu.doctor.kinds import Code
from schools import calendar, readiness
from schools.models import Language, Locality, Period


def dates(asked: Asked) -> list[Finding]:
    """A region without dates is not announced: nothing can be signed there."""
    missing = readiness.regions_without_dates(asked.year)
    some = Period.objects.filter(year=asked.year).exists()
    last = Locality.objects.filter(periods__year=asked.year - 1).order_by("sort_kk")
    if some or not last.exists():
        return asked.of_rows(Code.NO_DATES, missing, soon=_is_far(asked))
    return asked.of_rows(Code.LAST_YEARS_DATES, last, soon=_is_far(asked))


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
