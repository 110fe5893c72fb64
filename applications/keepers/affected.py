"""How many families a new list concerns, as a number and nobody's name (D64)."""

from collections.abc import Iterable

from accounts.models import User
from applications import eligibility
from applications.models import Application, Route
from applications.status import ACTIVE, Status
from schools import versions
from schools.microdistricts import Microdistrict
from schools.models import MicrodistrictAddress
from schools.streets import keys_to_match

Rows = dict[str, list[MicrodistrictAddress]]  # by the key of their street


def families_left_out(found: Microdistrict, *, year: int, reader: User) -> int:
    """Families of this year that have chosen the school by an address that its new list holds no more."""
    chosen = Application.objects.filter(
        intake__school=found.school, year=year, route=Route.LOCAL, status__in=[Status.DRAFT, *ACTIVE]
    )
    theirs = chosen.not_hidden_from(reader).select_related("applicant", "child")
    old, new = _by_key(found.school.addresses.all()), _by_key(found.rows)
    return len({one.applicant_id for one in theirs if _holds(old, one) and not _holds(new, one)})


def _by_key(rows: Iterable[MicrodistrictAddress]) -> Rows:
    by_key: Rows = {}
    for row in rows:
        by_key.setdefault(row.street_key, []).append(row)
    return by_key


def _holds(rows: Rows, application: Application) -> bool:
    for address in eligibility.addresses_that_count(application):
        kato, street, house = (address.get(name, "") for name in ("kato", "street", "house"))
        near = [row for key in {*keys_to_match(street), ""} for row in rows.get(key, [])]
        giving = versions.holding(near, kato=kato, street=street, house_text=house)
        if giving and not any(row.excluded for row in giving):
            return True
    return False
