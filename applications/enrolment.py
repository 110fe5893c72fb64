"""What the education register says of the child (R53), asked outside any transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from accounts import consents, outside
from accounts.models import Child, Consent
from applications import eligibility
from applications.eligibility import Blocked, Code
from applications.models import Application, Channel
from egov import enrolment as gateway
from egov.enrolment import Enrolment
from egov.errors import EgovError, Refused, Unavailable

FRESH = timedelta(days=30)  # how long a passed check stands in for a silent register, before the signature

Answer = Callable[[], Enrolment | None]  # of a question that was put beside others


@dataclass(frozen=True)
class Asked:
    """What the education register says of the child; `answered` is False when an older check stands in."""

    enrolment: Enrolment | None
    answered: bool = True


def ask(
    application: Application,
    *,
    now: datetime,
    answer: Answer | None = None,
    within: timedelta = FRESH,
) -> Asked:
    """Ask the education register about the child (R53). When it is silent, a check passed `within` that time
    stands; without one Blocked(REGISTER_SILENT) is raised. Blocked(CONSENT) when there is none."""
    try:
        if application.channel == Channel.IN_PERSON:
            return Asked(ask_in_person(application.child.iin))
        return Asked(_ask_online(application, now=now, answer=answer))
    except Blocked as blocked:
        fresh = application.step1_at is not None and now - application.step1_at < within
        if blocked.code == Code.REGISTER_SILENT and fresh:
            return Asked(None, answered=False)
        raise


def _ask_online(application: Application, *, now: datetime, answer: Answer | None) -> Enrolment | None:
    consent = consents.valid(application.applicant, application.child, now)
    if consent is None:
        raise Blocked(Code.CONSENT)
    try:
        with outside.watching("enrolment", now=now):
            return answer() if answer else question(application.child, consent)()
    except Refused:
        raise Blocked(Code.REGISTER_SILENT if consents.stands(consent, now=now) else Code.CONSENT) from None
    except Unavailable:
        raise Blocked(Code.REGISTER_SILENT) from None


def question(child: Child, consent: Consent) -> Answer:
    """Asks the network and nothing else, so that it may be put in a thread of its own."""
    return partial(gateway.current, child.iin, consent_token=consent.token, public_key=consent.public_key)


def ask_in_person(iin: str) -> Enrolment | None:
    """Ask about a child whose applicant consented in writing (D15). Raises Blocked(REGISTER_SILENT)."""
    try:
        with outside.watching("enrolment", now=timezone.now()):
            return gateway.current(iin, on_paper=True)
    except EgovError:
        raise Blocked(Code.REGISTER_SILENT) from None


def check_all(application: Application, *, now: datetime) -> None:
    """Every check, the education register included; never inside a transaction. Raises Blocked."""
    eligibility.check_stored(application, now=now)
    eligibility.check_enrolment(ask(application, now=now).enrolment)
