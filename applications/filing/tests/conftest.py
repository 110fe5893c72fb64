"""What tests of the wizard have at hand."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Guardianship
from accounts.tests.conftest import own_redis  # noqa: F401  (a fixture)
from accounts.waiting import room
from accounts.waiting.room import Room
from applications.filing.tests.night_cast import MINUTE, Night
from applications.models import Application
from applications.tests.cast import complete
from schools.models import Period


@pytest.fixture
def night(
    at_home: Client,
    make_application: Callable[..., Application],
    clock: Any,
    now: datetime,
    settings: Any,
    drawings: list[Any],
    own_redis: str,  # noqa: F811  (the fixture)
) -> Any:
    settings.WAITING_ROOM, settings.WAITING_ROOM_RATE = "auto", 1
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now) + timedelta(days=1), time.min))
    Period.objects.update(opens=timezone.localdate(midnight))
    draft = complete(make_application(), now=now)
    Guardianship.objects.update(answered_at=midnight - 11 * MINUTE)
    Application.objects.update(step1_at=midnight - 11 * MINUTE)
    room.room.__dict__.update(Room().__dict__)
    yield Night(at_home, draft, clock, midnight)
    room.room.__dict__.update(Room().__dict__)
