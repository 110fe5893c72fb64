"""The counters of seats against the applications' rows (D3)."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications.models import Application, Route
from applications.status import Status
from schools.models import Intake


def check() -> str:
    out = StringIO()
    call_command("check_seats", stdout=out)
    return out.getvalue()


def refused() -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="1 intakes disagree"):
        call_command("check_seats", stdout=out)
    return out.getvalue()


@pytest.mark.rule("D3")
@pytest.mark.parametrize("route", [Route.LOCAL, Route.OUTSIDE])
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.SIGNING, Status.ACCEPTED])
def test_counters_agree_with_active_applications(
    make_application: Callable[..., Application], status: Status, route: Route
) -> None:
    make_application(status, route=route)

    assert check() == "1 intakes agree with their applications\n"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REFUSED, Status.WITHDRAWN])
def test_inactive_applications_hold_no_seat(
    make_application: Callable[..., Application], status: Status
) -> None:
    make_application(status)

    assert check() == "1 intakes agree with their applications\n"


def test_lost_seat_is_reported_and_nothing_is_changed(
    make_application: Callable[..., Application], intake: Intake
) -> None:
    make_application(Status.IN_REVIEW)
    Intake.objects.filter(pk=intake.pk).update(held_local=0, held_outside=2)

    assert refused() == (
        f"intake {intake.pk} (school {intake.school_id}): "
        "local counter 0, applications 1; outside counter 2, applications 0\n"
    )
    intake.refresh_from_db()
    assert (intake.held_local, intake.held_outside) == (0, 2)


def test_limit_that_does_not_follow_the_ratio_is_reported(intake: Intake, settings: Any) -> None:
    settings.OUTSIDE_RATIO = 1

    assert refused().endswith("outside limit 2, by the rule 4\n")
