"""Gaps in the numbers of applications: one that is gone with everything that was its own leaves a hole in the
numbers, and its moves in the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from applications.keeping.table import POLICIES
from applications.keeping.ways import applications

REMOVED = "REMOVED"  # was filed, is gone, and no act of the portal has erased it
WHOLE = [policy.name for policy in POLICIES if policy.erase is applications]

# Filed is what ever had another status than a draft's, or left a move, a signature or a paper.
_REMOVED = """
WITH told AS (
  SELECT "row"::bigint AS id, facts ->> 'year' AS year,
    kind <> 'ERASED' AND (facts ->> 'status' <> 'DRAFT' OR facts ->> 'submitted_at' IS NOT NULL) AS filed,
    kind = 'ERASED' AND facts ->> 'policy' = ANY (%(whole)s) AS erased
  FROM accounts_journalentry WHERE model = 'applications.application' AND "row" ~ '^[0-9]+$'
  UNION ALL
  SELECT (facts ->> 'application_id')::bigint, NULL, true, false
  FROM accounts_journalentry
  WHERE model IN ('applications.statuschange', 'applications.signature', 'applications.paper')
    AND facts ->> 'application_id' IS NOT NULL
)
SELECT t.id, max(t.year) FROM told t
WHERE NOT EXISTS (SELECT 1 FROM applications_application a WHERE a.id = t.id)
GROUP BY t.id HAVING bool_or(t.filed) AND NOT bool_or(t.erased) ORDER BY t.id
"""
# The sequence remembers a number that was given out last, whatever became of its row.
_UNKNOWN = """
SELECT n FROM generate_series(1, (SELECT last_value FROM {sequence} WHERE is_called)) n
WHERE NOT EXISTS (SELECT 1 FROM applications_application a WHERE a.id = n)
  AND NOT EXISTS (SELECT 1 FROM accounts_journalentry e
    WHERE e.model = 'applications.application' AND e."row" = n::text)
ORDER BY n
"""


@dataclass(frozen=True)
class Gaps:
    removed: list[str]  # numbers of applications
    unknown: list[int]  # numbers within a year's that neither table nor journal has ever seen


def find() -> Gaps:
    """A number that was never used is one of an act that was undone before it was written, and no fault: as
    long as the chain of the journal holds. Reads the journal of all applications."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED, {"whole": WHOLE})
        removed = [f"{year or '????'}-{key:06d}" for key, year in cursor.fetchall()]
        cursor.execute("SELECT pg_get_serial_sequence('applications_application', 'id')")
        cursor.execute(_UNKNOWN.format(sequence=cursor.fetchone()[0]))
        unknown = [key for (key,) in cursor.fetchall()]
    gone = {int(number.partition("-")[2]) for number in removed}
    return Gaps(removed, [key for key in unknown if key not in gone])


def ranges(keys: Iterable[int]) -> list[str]:
    """000120-000124, 000130."""
    found = []
    for _, group in groupby(enumerate(sorted(keys)), key=lambda one: one[1] - one[0]):
        run = [key for _, key in group]
        found.append(f"{run[0]:06d}" + (f"-{run[-1]:06d}" if len(run) > 1 else ""))
    return found
