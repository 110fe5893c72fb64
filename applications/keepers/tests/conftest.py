"""Who keeps the lists, and what they find there."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import kept
from accounts.models import User
from schools.models import Locality, Role, School, StaffMember

Browser = Callable[..., Client]


@pytest.fixture(autouse=True)
def today(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def browser(db: None) -> Browser:
    """browser("770707399705", role=…, region=…): somebody in that post."""

    def sign_in(iin: str, **post: object) -> Client:
        user = User.objects.create(iin=iin, surname="Сейітов", name="Марат")
        StaffMember.objects.create(user=user, **post)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def officer(browser: Browser, localities: dict[str, Locality]) -> Client:
    """Of Astana's department, with whom №63 is."""
    return browser("770707399705", role=Role.DEPARTMENT, region=localities["710000000"])


def leave(client: Client, page: str, **values: str) -> None:
    """The session ended over this form; the person has signed in again."""
    session = client.session
    row = {"user": int(session["_auth_user_id"]), "page": page, "at": timezone.now().timestamp()}
    session[kept.KEY] = row | {"values": {name.replace("_", "-"): [value] for name, value in values.items()}}
    session.save()


@pytest.fixture
def other(localities: dict[str, Locality], school: School) -> School:
    return School.objects.create(
        bin="990540099922",
        locality=localities["711210000"],
        name_kk="№64 мектеп",
        name_ru="Школа №64",
        sort_kk="64",
        search=" 64 мектеп школа ",
    )
