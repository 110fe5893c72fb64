"""The language is one choice: of the header, the profile and the SMS, on every way through the portal."""

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.tests.conftest import Egov, sign_in
from accounts.visitors import LEARNED
from notifications import outbox
from notifications.models import Channel, Message

pytestmark = pytest.mark.django_db
WORDS = {"kk": "Басты бет", "ru": "Главная страница"}


def speaks(answer: Any) -> str:
    found: str = answer.content.decode().partition('<html lang="')[2][:2]
    return found


def sms(user: User, event: str, now: datetime) -> str:
    user.refresh_from_db()
    with transaction.atomic():
        context = {"number": "1", "due": now.isoformat()}
        outbox.tell(user, event=event, template="in_review", context=context, link="", now=now)
    return Message.objects.get(recipient=user, channel=Channel.SMS, key__startswith=f"{event}:").text


def choose(client: Client, language: str) -> None:
    client.post("/language/", {"language": language, "next": "/"})


PAGES = ("/", "/help/", "/schools/", "/before/", "/login/stale/", "/logout/")


def test_choice_of_a_visitor_is_that_of_who_signs_in(
    client: Client, egov: Egov, parent: User, now: datetime, subtests: Any
) -> None:
    choose(client, "ru")
    for address in PAGES:
        with subtests.test(f"before signing in {address}"):
            assert speaks(client.get(address)) == "ru"
    sign_in(client, egov)
    for address in (*PAGES, "/profile/", "/messages/", "/applications/"):
        with subtests.test(f"signed in {address}"):
            assert speaks(client.get(address)) == "ru"
    with subtests.test("SMS"):
        assert "На проверке" in sms(parent, "a", now)
    with subtests.test("an error page has both"):
        page = client.get("/nothing-here/").content.decode()
        assert all(words in page for words in WORDS.values())
    with subtests.test("the session ends"):
        del client.cookies[settings.SESSION_COOKIE_NAME]
        assert {speaks(client.get(address)) for address in PAGES} == {"ru"}
    with subtests.test("signing out"):
        sign_in(client, egov)
        client.post("/logout/")
        assert {speaks(client.get(address)) for address in PAGES} == {"ru"}


def test_choice_in_the_header_or_the_profile_is_that_of_the_sms(
    client: Client, egov: Egov, parent: User, now: datetime, subtests: Any
) -> None:
    sign_in(client, egov)
    with subtests.test("header"):
        choose(client, "ru")
        assert speaks(client.get("/profile/")) == "ru"
        assert "На проверке" in sms(parent, "a", now)
    with subtests.test("profile"):
        seen = client.get("/profile/").context["seen"]
        client.post("/profile/", {"language": "kk", "seen": seen})
        assert speaks(client.get("/profile/")) == "kk"
        assert "Тексеруде" in sms(parent, "b", now)


def test_language_learned_of_one_person_is_no_choice_of_another(
    client: Client, egov: Egov, parent: User, subtests: Any
) -> None:
    """On a computer of many, and in one's own old browser after another choice elsewhere."""
    User.objects.update(lang="ru")
    sign_in(client, egov)
    client.post("/logout/")
    User.objects.update(lang="kk")

    with subtests.test("learned"):
        assert speaks(client.get("/")) == "ru"
        sign_in(client, egov)
        parent.refresh_from_db()
        assert (parent.lang, speaks(client.get("/profile/"))) == ("kk", "kk")
    with subtests.test("chosen"):
        client.post("/logout/")
        choose(client, "ru")
        assert client.cookies[LEARNED].value == ""
        sign_in(client, egov)
        parent.refresh_from_db()
        assert parent.lang == "ru"
