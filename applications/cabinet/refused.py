"""What a family can do after a refusal: apply again, elsewhere, appeal (R109, R216, D20, D73)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from applications import appeals, eligibility
from applications.models import Application, Decision
from schools import offers, periods, seats
from schools.models import Intake, Locality
from schools.offers import Place


@dataclass(frozen=True)
class Elsewhere:
    """Other schools that would take the child now, those of the applicant's address first; and where they
    are: of how near a school is nothing more is known."""

    own: list[Place]
    others: list[Place]
    within: Locality | None

    @property
    def places(self) -> list[tuple[Place, bool]]:
        return [(one, True) for one in self.own] + [(one, False) for one in self.others]


def asked_for(number: str) -> Intake | None:
    """The school and language of a button of that page; None where the press names none."""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Http404
    return get_object_or_404(Intake.objects.select_related("school", "language"), pk=int(number))


def options(
    refused: Application, signed: Decision | None, *, may_reapply: bool, now: datetime
) -> dict[str, Any]:
    """For the page of a refused application. Other schools are offered while the region's window is open and
    nothing else is filed for the child."""
    intake = refused.chosen_intake
    is_open = periods.state(intake.school.locality_id, intake.year, now).is_open
    others = _elsewhere(refused) if is_open and may_reapply else None
    return {"now": now, "appeal_ends": appeals.ends(signed) if signed else None, "elsewhere": others}


def _elsewhere(refused: Application) -> Elsewhere:
    intake = refused.chosen_intake
    attached = [one for one in eligibility.local_schools(refused) if one.pk != intake.school_id]
    asked = Intake.objects.filter(school__in=attached, year=intake.year, language=intake.language_id)
    places = [Place(one, seats.free(one)) for one in asked.select_related("school__locality", "language")]
    own = [one for one in places if one.free.local > 0]
    listed = {one.intake.school_id for one in own}
    others = [one for one in offers.nearest(intake) if one.intake.school_id not in listed]
    return Elsewhere(own, others, offers.within([intake], [*own, *others]))
