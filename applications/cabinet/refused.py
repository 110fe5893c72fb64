"""What a family can do after a refusal: apply again, elsewhere, appeal (R109, R216, D20, D73)."""

from datetime import datetime
from typing import Any

from applications import appeals
from applications.filing import reapplication
from applications.models import Application
from schools import offers, periods


def options(refused: Application, *, now: datetime) -> dict[str, Any]:
    """For the page of a refused application. Schools near by with a place are told while the region's window
    is open and nothing else is filed for the child."""
    signed, intake = appeals.appealable(refused), refused.chosen_intake
    is_open = periods.state(intake.school.locality_id, intake.year, now).is_open
    near = offers.elsewhere(intake)["nearest"] if is_open and reapplication.allowed(refused) else None
    return {"now": now, "appeal_ends": appeals.ends(signed) if signed else None, "elsewhere": near}
