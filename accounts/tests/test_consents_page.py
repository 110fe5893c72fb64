"""A person sees all consents of theirs and takes them back (R37, R40)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, User
from accounts.tests.conftest import AIGUL, Egov, sign_in

pytestmark = pytest.mark.rule("R37", "R40")
LISTING = reverse("accounts:consents")


@pytest.mark.parametrize(("lang", "word"), [("kk", "Келісім берілді"), ("ru", "Согласие получено")])
def test_all_consents_are_shown_with_whose_and_until_when(
    client: Client, egov: Egov, parent: User, child, lang: str, word: str
) -> None:
    client.cookies["lang"] = lang
    client.force_login(parent)

    page = client.get(LISTING).content.decode()

    assert page.count(word) == 2
    assert child.full_name in page and child.iin not in page


def test_consent_is_taken_back_in_two_steps_and_the_page_says_what_stays(
    client: Client, egov: Egov, parent: User, child
) -> None:
    consent = Consent.objects.get(child=child)
    address = reverse("accounts:revoke_consent", args=[consent.pk])
    client.force_login(parent)
    assert "заң бойынша сақталады" in client.get(address).content.decode()
    consent.refresh_from_db()
    assert consent.status == "GRANTED"

    answer = client.post(address, follow=True)

    consent.refresh_from_db()
    assert consent.status == "REVOKED"
    assert "Келісім қайтарып алынды" in answer.content.decode()
    assert address not in answer.content.decode()
    assert client.get(address)["Location"] == LISTING


def test_nobody_takes_back_another_s_consent(client: Client, parent: User, stranger: User) -> None:
    consent = Consent.objects.get(user=parent)
    client.force_login(stranger)

    assert client.post(reverse("accounts:revoke_consent", args=[consent.pk])).status_code == 404
    consent.refresh_from_db()
    assert consent.status == "GRANTED"


def test_own_consent_taken_back_leaves_the_messages_and_the_list_open(
    client: Client, egov: Egov, parent: User
) -> None:
    consent = Consent.objects.get(user=parent)
    client.force_login(parent)

    client.post(reverse("accounts:revoke_consent", args=[consent.pk]))

    assert client.get(reverse("cabinet:applications"))["Location"].startswith("/consent/")
    assert "Сіз келісіміңізді қайтарып алдыңыз" in client.get(reverse("accounts:consent")).content.decode()
    for name in ("notifications:inbox", "accounts:consents", "accounts:profile"):
        assert client.get(reverse(name)).status_code == 200


def test_consent_taken_back_at_1414_ends_at_sign_in(client: Client, egov: Egov, parent: User) -> None:
    consent = Consent.objects.get(user=parent)
    egov.answers[consent.reference] = "DENIED"

    answer = sign_in(client, egov, iin=AIGUL.iin)

    consent.refresh_from_db()
    assert consent.status == "REVOKED"
    assert answer["Location"].startswith("/consent/")


def test_silent_1414_is_said_and_changes_nothing(client: Client, egov: Egov, parent: User) -> None:
    egov.down.add("consent")
    client.force_login(parent)

    assert "1414 қазір жауап бермейді" in client.get(LISTING).content.decode()
    assert Consent.objects.get(user=parent).status == "GRANTED"
