"""What tests of the line before the signature share: the night in which a region opens (D79)."""

from datetime import datetime, timedelta
from typing import Any

import redis
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.waiting import room, terms
from applications.filing.tests.wizard_cast import step, text
from applications.models import Application
from applications.tests.cast import as_read

MINUTE = timedelta(minutes=1)
SOMEBODY = 10**9  # else, who has pressed before


class Night:
    """Around the opening of the region, in which one signs every twelve seconds."""

    def __init__(self, client: Client, draft: Application, clock: Any, midnight: datetime) -> None:
        self.client, self.draft, self.clock, self.midnight = client, draft, clock, midnight
        self.address = reverse("filing:sign", args=[draft.public_id])

    def at(self, after: timedelta) -> None:
        self.clock.move_to(self.midnight + after)
        self.client.force_login(self.draft.applicant)

    def look(self) -> Any:
        return self.client.get(self.address)

    def press(self, **typed: str) -> Any:
        return self.client.post(self.address, typed or as_read(self.draft))

    def review(self) -> str:
        return text(self.client.get(step(self.draft, "review")))

    def read(self) -> str:
        """What its button posts."""
        return str(self.client.get(step(self.draft, "review")).context["shown"])

    def others(self, count: int) -> None:
        """Press before, and look again."""
        for one in range(count):
            room.room.turn(SOMEBODY + one, opens=self.midnight, joins=True, now=timezone.now())

    def silence(self, settings: Any) -> None:
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///no/such"}}

    def empty(self, address: str, settings: Any) -> None:
        client = redis.Redis.from_url(address)
        for key in client.scan_iter(f"{settings.REDIS_PREFIX}:*"):
            client.delete(key)
        client.close()


def place(page: Any) -> int:
    assert page.status_code == 200, page.status_code
    assert terms.SOONEST <= int(page["Refresh"]) <= terms.LATEST * 1.25
    told = text(page).partition("Кезектегі орныңыз: ")[2]
    return int(told.partition(" ")[0])


def is_held(page: Any) -> bool:
    """Without a number, for a moment."""
    return page.status_code == 200 and "Орныңыз сақталып тұр." in text(page) and "Refresh" in page


def is_signing(page: Any) -> bool:
    return page.status_code == 302 and page["Location"].startswith("/sign/")
