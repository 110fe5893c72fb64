"""An SMS is promised to nobody who gets none: whose number no register has told (R103, D21)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, User
from applications.filing.tests.wizard_cast import step, text
from applications.models import Application
from applications.status import Status
from schools.models import AddressRequest, School

MakeApplication = Callable[..., Application]
PROMISES = ("SMS арқылы", "SMS пен", "және телефоныңызға SMS")


def inbox(_make: MakeApplication, _now: datetime) -> list[str]:
    return [reverse("notifications:inbox")]


def waiting(make: MakeApplication, _now: datetime) -> list[str]:
    filed = make(Status.IN_REVIEW)
    pages = ("application", "result")
    own = [reverse(f"cabinet:{name}", args=[filed.public_id]) for name in pages]
    return [reverse("public:home"), reverse("cabinet:applications"), *own]


def address_asked_for(make: MakeApplication, _now: datetime) -> list[str]:
    draft = make(intake=None, route="")
    return [reverse("filing:ask_address", args=[draft.public_id]), step(draft, "way")]


def consent_taken_back(_make: MakeApplication, now: datetime) -> list[str]:
    Consent.objects.update(status="REVOKED", revoked_at=now)
    return [reverse("accounts:consent")]


@pytest.mark.rule("R103")
@pytest.mark.parametrize("phone", ["+77011234501", ""])
@pytest.mark.parametrize("cause", [inbox, waiting, address_asked_for, consent_taken_back])
def test_sms_is_promised_to_who_has_a_number(
    at_home: Client, parent: User, school: School, make_application: MakeApplication, now: datetime,
    phone: str, cause: Callable[..., list[str]],
) -> None:  # fmt: skip
    User.objects.filter(pk=parent.pk).update(phone=phone)
    if cause is address_asked_for:
        school.addresses.all().delete()

    for address in cause(make_application, now):
        answer: Any = at_home.post(address, follow=True) if "address" in address else at_home.get(address)
        page = text(answer)
        assert answer.status_code == 200
        assert any(promise in page for promise in PROMISES) == bool(phone)
    assert AddressRequest.objects.exists() == (cause is address_asked_for)
