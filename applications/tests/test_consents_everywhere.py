"""A consent acts the same in every place that asks for it (R37, R40, D11)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import consents
from accounts.models import Consent, ConsentStatus
from applications import eligibility, enrolment
from applications.documents import keeping, medical
from applications.filing.views import wizard
from applications.models import Application, MedicalFetch
from egov import enrolment as gateway
from egov import medical as medical_gateway
from egov import smartbridge
from egov.errors import Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.rule("R40", "D11")]
DAY = timedelta(days=1)

# What became of the consent that was granted -> is it in force.
STANDINGS: dict[str, tuple[dict[str, Any], bool]] = {
    "granted": ({}, True),
    "over": ({"expires_at": 0 * DAY}, False),  # at this very moment
    "ended by 1414": ({"status": ConsentStatus.EXPIRED}, False),
    "denied": ({"status": ConsentStatus.DENIED, "expires_at": None}, False),
    "awaited": ({"status": ConsentStatus.PENDING, "expires_at": None, "answered_at": None}, False),
    "taken back": ({"status": ConsentStatus.REVOKED, "revoked_at": -1 * DAY}, False),
}


def is_enrolment_asked(application: Application, client: Client, now: datetime) -> bool:
    try:
        enrolment.ask(application, now=now)
    except eligibility.Blocked as blocked:
        assert blocked.code == eligibility.Code.CONSENT
        return False
    return True


def is_signing_let_through(application: Application, client: Client, now: datetime) -> bool:
    try:
        eligibility.check_stored(application, now=now)
    except eligibility.Blocked as blocked:
        return blocked.code != eligibility.Code.CONSENT
    return True


def is_medical_queued(application: Application, client: Client, now: datetime) -> bool:
    medical.request(application, now=now)
    return MedicalFetch.objects.exists()


def is_medical_asked(application: Application, client: Client, now: datetime) -> bool:
    MedicalFetch.objects.create(application=application, kind="F065", requested_at=now, next_try_at=now)
    return bool(medical.fetch_next(now=now))


def is_child_on_step_1(application: Application, client: Client, now: datetime) -> bool:
    ready, _waiting = wizard._children(application.applicant, year=application.year, now=now)
    return application.child in [one.child for one in ready]


def is_shown_as_given(application: Application, client: Client, now: datetime) -> bool:
    given = consents.of_children(application.applicant, now=now).get(application.child.iin)
    return consents.state(given, now=now) == ConsentStatus.GRANTED


def is_offered_to_take_back(application: Application, client: Client, now: datetime) -> bool:
    consent = Consent.objects.get(child=application.child)
    page = client.get(reverse("accounts:consents")).content.decode()
    return reverse("accounts:revoke_consent", args=[consent.pk]) in page


def is_cabinet_open(application: Application, client: Client, now: datetime) -> bool:
    return client.get(reverse("cabinet:applications")).status_code == 200


OF_THE_CHILD = [
    is_enrolment_asked,
    is_signing_let_through,
    is_medical_queued,
    is_medical_asked,
    is_child_on_step_1,
    is_shown_as_given,
    is_offered_to_take_back,
]


@pytest.fixture(autouse=True)
def _registers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registers that have an answer to whoever asks with a token."""
    paper = medical_gateway.MedicalDocument(content=b"%PDF-1.4", issued_on=None, clinic="")

    def current(*_args: Any, consent_token: str, **_more: Any) -> None:
        assert consent_token

    def fetch(*_args: Any, consent_token: str, **_more: Any) -> medical_gateway.MedicalDocument:
        assert consent_token
        return paper

    monkeypatch.setattr(gateway, "current", current)
    monkeypatch.setattr(medical_gateway, "fetch", fetch)
    monkeypatch.setattr(keeping, "store_fetched", lambda *_args, **_more: None)

    def silent(*_args: Any, **_more: Any) -> None:
        raise Unavailable("consent", "too late")

    monkeypatch.setattr(smartbridge, "send", silent)


def change(consent: Consent, changes: dict[str, Any], *, now: datetime) -> None:
    """Offsets become moments."""
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    Consent.objects.filter(pk=consent.pk).update(**values)


@pytest.mark.parametrize("place", OF_THE_CHILD)
@pytest.mark.parametrize("standing", STANDINGS)
def test_consent_for_the_child_acts_the_same_everywhere(
    client: Client,
    make_application: Callable[..., Application],
    now: datetime,
    standing: str,
    place: Callable[[Application, Client, datetime], bool],
) -> None:
    changes, in_force = STANDINGS[standing]
    application = make_application()
    change(Consent.objects.get(child=application.child), changes, now=now)
    client.force_login(application.applicant)

    with time_machine.travel(now, tick=False):
        assert place(application, client, now) == in_force


@pytest.mark.rule("R37")
@pytest.mark.parametrize("standing", STANDINGS)
def test_own_consent_opens_the_cabinet_while_it_is_in_force(
    client: Client, make_application: Callable[..., Application], now: datetime, standing: str
) -> None:
    changes, in_force = STANDINGS[standing]
    application = make_application()
    change(Consent.objects.get(user=application.applicant, child=None), changes, now=now)
    client.force_login(application.applicant)

    with time_machine.travel(now, tick=False):
        assert is_cabinet_open(application, client, now) == in_force
