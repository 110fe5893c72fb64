"""How often a visitor may ask, and who one visitor is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import throttle
from accounts.models import User
from accounts.views.login import SIGN_INS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """What is counted within a minute is asked within one."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_is_one_visitor(told: str, counted: str) -> None:
    assert throttle.network(told) == counted


def asked(times: int, *, user: Any = None, address: str = "203.0.113.7", what: str = "test") -> list[bool]:
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    request.user = user or AnonymousUser()
    return [throttle.allowed(request, what=what, per_minute=3) for _ in range(times)]


def test_what_has_two_words_is_counted_too() -> None:
    """A key with a space is warned of by the cache, and a cache that fails lets everybody pass."""
    assert asked(4, what="two words") == [True, True, True, False]


def test_people_behind_one_address_are_counted_apart(parent: User, stranger: User) -> None:
    assert asked(4, user=parent) == [True, True, True, False]
    assert asked(3, user=stranger) == [True, True, True]
    assert asked(3) == [True, True, True]


def test_a_person_who_changes_addresses_is_one_person(parent: User) -> None:
    assert asked(3, user=parent, address="203.0.113.1") == [True, True, True]
    assert asked(1, user=parent, address="203.0.113.2") == [False]


def test_addresses_of_one_household_are_one_visitor() -> None:
    assert asked(3, address="2001:db8:1:2::1") == [True, True, True]
    assert asked(1, address="2001:db8:1:2::2") == [False]
    assert asked(1, address="2001:db8:1:3::1") == [True]


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_too_many_sign_ins_are_told_to_wait_and_begin_no_session(client: Client, method: str) -> None:
    """Whatever begins a session counts, a HEAD too."""
    for _ in range(SIGN_INS):
        getattr(Client(), method)(reverse("accounts:login"))

    answer = client.get(reverse("accounts:login"))

    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
