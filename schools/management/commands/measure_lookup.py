"""Measure how the search of an address's schools grows with the country: a village and a common street of a
city of 500 schools, among few rows and among many: the city and the villages asked for stay as they are, all
around them grows. The rows are made up inside a transaction that is rolled back; the exit code is 1 when the
time grows by more than a third. Needs about 300 bytes of disk a row, and DATABASE_OWNER_URL: PostgreSQL
gathers statistics for a table's owner alone, and without them chooses its plans blindly."""

import random
from argparse import ArgumentParser
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts import roles
from schools import catalogue

FEW, MOST_GROWTH, WARMING = 50_000, 1.3, 20
CITY, CITY_ROWS, VILLAGE_ROWS, HOUSES = "751110000", 30_000, 10, 400
# Two thousand names, the first ones the commonest: one row in forty-five has the first.
_NAME = "translate(floor(power(random(), 2) * 2000)::int::text, '0123456789', 'бвгджзклмн') || 'ак'"
_PLACES = f"""
    INSERT INTO schools_locality (kato, parent_id, name_kk, name_ru, sort_kk)
    SELECT code, NULL, code, code, code FROM (
        SELECT '{CITY}' AS code
        UNION SELECT '98' || lpad(n::text, 6, '0') || '1' FROM generate_series(0, %s) n
    ) made ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants of this file
_SCHOOLS = """
    INSERT INTO schools_school
        (bin, locality_id, name_kk, name_ru, address_kk, address_ru, phone, has_transport, sort_kk, search)
    SELECT '0' || lpad(n::text, 11, '0'), CASE WHEN n <= 500 THEN %s
        ELSE '9800000' || lpad((n %% 10)::text, 1, '0') || '1' END,
        'м' || n, 'м', '', '', '', false, 'm', 'м'
    FROM generate_series(1, 8000) n
"""
_ROWS = f"""
    WITH made AS (
        SELECT {_NAME} AS name, 1 + floor(random() * {HOUSES})::int AS first, s.id AS school_id,
            CASE WHEN s.locality_id = '{CITY}' THEN s.locality_id
                ELSE '98' || lpad((n / {VILLAGE_ROWS})::text, 6, '0') || '1' END AS locality_id
        FROM generate_series(%s, %s) n
        JOIN schools_school s ON s.bin = '0' || lpad((n %% %s + %s)::text, 11, '0')
    )
    INSERT INTO schools_microdistrictaddress
        (school_id, locality_id, street, street_key, house_from, house_to, suffix, parity, excluded)
    SELECT school_id, locality_id, 'ул. ' || name, 'street:' || name, first, first + 8, '', 'ALL', false
    FROM made
"""  # noqa: S608 - constants of this file


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=1_000_000)
        parser.add_argument("--lookups", type=int, default=200)

    def handle(self, *args: Any, rows: int, lookups: int, **options: Any) -> None:
        if rows <= FEW:
            raise CommandError(f"more than {FEW} rows have to be compared with {FEW}")
        villages = FEW - CITY_ROWS
        with roles.as_owner(), transaction.atomic():
            self._fill(_PLACES, [rows // VILLAGE_ROWS])
            self._fill(_SCHOOLS, [CITY])
            self._fill(_ROWS, [1, CITY_ROWS, 500, 1])
            self._fill(_ROWS, [1, villages, 7500, 501])
            few = self._measure(FEW, lookups)
            self._fill(_ROWS, [villages + 1, rows - CITY_ROWS, 7500, 501])
            many = self._measure(rows, lookups)
            transaction.set_rollback(True)
        growth = {where: many[where] / few[where] for where in few}
        self.stdout.write("; ".join(f"{where}: {ratio:.2f} times" for where, ratio in growth.items()))
        if max(growth.values()) > MOST_GROWTH:
            raise CommandError(f"the time grows by more than {MOST_GROWTH}")

    def _fill(self, sql: str, values: list[Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    def _measure(self, rows: int, lookups: int) -> dict[str, float]:
        try:
            roles.gather_statistics("schools_microdistrictaddress", "schools_school", "schools_locality")
        except roles.NotTheOwner as error:
            raise CommandError(str(error)) from error
        chance, found = random.Random(1), {}  # noqa: S311 - houses and villages to ask for
        for where, code in (("village", ""), ("city", CITY)):
            times: list[float] = []
            for number in range(-WARMING, lookups):
                kato = code or f"98{chance.randint(0, (FEW - CITY_ROWS) // VILLAGE_ROWS):06d}1"
                start = perf_counter()
                catalogue.attached_to(kato=kato, street="ул. Бак", house=str(chance.randint(1, HOUSES)))
                if number >= 0:
                    times.append((perf_counter() - start) * 1000)
            found[where] = median(times)
            self.stdout.write(
                f"{rows} rows, {where}: {median(times):.2f} ms, p95 {quantiles(times, n=20)[-1]:.2f} ms"
            )
        return found
