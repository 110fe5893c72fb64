"""What a family can do after a refusal: apply again, elsewhere, appeal (R109, R216, D20, D73)."""

from datetime import datetime
from typing import Any

from applications import appeals
from applications.models import Application, Decision
from schools import offers, periods


def options(
    refused: Application, signed: Decision | None, *, may_reapply: bool, now: datetime
) -> dict[str, Any]:
    """For the page of a refused application. Schools near by with a place are told while the region's window
    is open and nothing else is filed for the child."""
    intake = refused.chosen_intake
    is_open = periods.state(intake.school.locality_id, intake.year, now).is_open
    near = offers.elsewhere(intake)["nearest"] if is_open and may_reapply else None
    return {"now": now, "appeal_ends": appeals.ends(signed) if signed else None, "elsewhere": near}
