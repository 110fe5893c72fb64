"""Consent to the processing of personal data, asked by an SMS from 1414 and given by answering 511
(R37-R40, R57, R58, D11). One of the applicant's own and one for each child.

The subject of a consent is told by the child's IIN; "" stands for the applicant.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import outside
from accounts.models import Child, Consent, ConsentStatus, User
from accounts.prepared import Prepared
from egov import consent as gateway
from egov.consent import Answer, ConsentAnswer
from egov.errors import EgovError, Misconfigured, Refused, Unasked, Unavailable, Unbelieved

logger = logging.getLogger(__name__)
_OF_CHILDREN = Prepared(lambda user: Consent.objects.filter(user=user).exclude(child_iin=""), int)
_OF_SUBJECT = Prepared(lambda user, subject: Consent.objects.filter(user=user, child_iin=subject), int, str)

# Of templates/accounts/_consent_text.html; raise it when that text changes. A consent says which text its
# person has read and stands by it until it ends: whoever gave it to an earlier one is not asked again.
TEXT_VERSION = "2026-12-2"
RESEND_AFTER = timedelta(seconds=60)
ASKS_PER_HOUR = 5  # so that nobody's phone is flooded
SYSTEM = "consent"
CLAIM = "claim-"  # a row whose request to 1414 is on its way has no reference of theirs yet


class NoPhone(Exception):
    """The Mobile Citizens Database has no number of this person, so 1414 has nobody to ask."""


class TooSoon(Exception):
    """Another SMS may be asked for only at `since`."""

    def __init__(self, since: datetime) -> None:
        super().__init__(since)
        self.since = since


def valid(user: User, child: Child | None, now: datetime) -> Consent | None:
    """R40, D11: the consent in force, the user's own when `child` is None, else theirs for the child.
    Whatever asks a register about somebody, or opens a page that needs a consent, asks this."""
    return _in_force(user, child.iin if child else "", now)


def current(user: User, *, subject: str, now: datetime) -> Consent | None:
    """The consent that counts: the one in force, else the one asked for last."""
    return _counting(_OF_SUBJECT(user.pk, subject), now=now)


def state(consent: Consent | None, *, now: datetime) -> str:
    """The state in words of ConsentStatus, "" when it was never asked: a granted consent ends by itself."""
    if consent is None:
        return ""
    over = consent.expires_at is not None and consent.expires_at <= now
    return ConsentStatus.EXPIRED if over and consent.status == ConsentStatus.GRANTED else consent.status


def of_children(user: User, *, now: datetime) -> dict[str, Consent]:
    """For each child's IIN the consent that counts, in one query."""
    asked: dict[str, list[Consent]] = {}
    for consent in _OF_CHILDREN(user.pk):
        asked.setdefault(consent.child_iin, []).append(consent)
    return {iin: found for iin, rows in asked.items() if (found := _counting(rows, now=now))}


def history(user: User) -> "QuerySet[Consent]":
    """All the person was ever asked for, the newest first: for their own eyes."""
    return Consent.objects.filter(user=user).select_related("child").order_by("-requested_at", "-pk")


def revoke(consent: Consent, *, now: datetime) -> int:
    """The person takes a consent back: nothing is asked by it from this moment, and nothing can be, for what
    opened the registers is thrown away. All in force about the same person end with it; how many did.

    What was filed under it stays: the law keeps applications and their papers.
    """
    same = Consent.objects.filter(user=consent.user, child_iin=consent.child_iin)
    return _end(same, ConsentStatus.REVOKED, now=now)


def _end(consents: "QuerySet[Consent]", status: ConsentStatus, *, now: datetime) -> int:
    changes: dict[str, object] = {"status": status, "token": "", "public_key": ""}
    if status == ConsentStatus.REVOKED:
        changes["revoked_at"] = now
    return consents.filter(status=ConsentStatus.GRANTED).update(**changes)


def ask(user: User, *, subject: str = "", now: datetime) -> Consent:
    """Have 1414 send the SMS. A consent in force is returned as it is.

    Raises TooSoon, NoPhone, Refused, Misconfigured, Unavailable. A refusal, of the person or of the portal,
    leaves nothing behind, so that the person may try again at once, nor does a pause (D77); silence may have
    sent the SMS, so it counts like one, and so does an answer that nobody believes (D78).
    """
    consent = _claim(user, subject=subject, now=now)
    if consent.status == ConsentStatus.GRANTED:
        return consent
    scope = "child" if subject else "applicant"
    try:
        with outside.watching(SYSTEM, now=now):
            consent.reference = gateway.request(user.iin, subject_iin=subject or user.iin, scope=scope)
    except EgovError as error:
        logger.warning("consent request failed: %s", type(error).__name__)
        if isinstance(error, Refused | Misconfigured | Unasked) and not isinstance(error, Unbelieved):
            consent.delete()
        if error.detail == "NO_PHONE":
            raise NoPhone from error
        raise
    try:
        with transaction.atomic():
            consent.save(update_fields=["reference"])
    except IntegrityError:  # a reference that is another consent's is none
        raise Unavailable("consent", "a reference given out before") from None
    return consent


def check(user: User, *, subject: str = "", now: datetime) -> Consent | None:
    """Ask 1414 about what is still open; the consent that counts then. Raises Unavailable.

    After a second SMS the first may still be the one that is answered, so both are asked about.
    """
    trouble: Unavailable | None = None
    for consent in _open(user, subject).order_by("-requested_at"):
        try:
            _learn(consent, now=now)
        except Unavailable as error:
            trouble = error
    found = current(user, subject=subject, now=now)
    if trouble and state(found, now=now) != ConsentStatus.GRANTED:
        logger.warning("consent status unknown: %s", type(trouble).__name__)
        raise trouble
    return found


def stands(consent: Consent, *, now: datetime) -> bool:
    """A register has refused the token of a consent in force: does 1414 still stand by it? One that the
    person has taken back there ends here, and may be asked for anew; a refusal of another kind, and a silent
    1414, are no fault of theirs."""
    try:
        found = _answer(consent)
    except Unavailable:
        return True
    return heed(consent, found.answer, now=now)


def confirm(user: User, *, now: datetime) -> bool:
    """Ask 1414 about every consent in force, so that one taken back there ends here before a register has
    refused it; False when it keeps silent and the rest is believed. A reference that 1414 has forgotten was
    not taken back."""
    for consent in Consent.objects.filter(user=user, status=ConsentStatus.GRANTED, expires_at__gt=now):
        if outside.holds(outside.trouble(SYSTEM), now=now):
            return False
        try:
            with outside.watching(SYSTEM, now=now):
                found = gateway.status(consent.reference)
        except Unavailable:
            return False
        except Refused:
            continue
        heed(consent, found.answer, now=now)
    return True


def heed(consent: Consent, answer: Answer, *, now: datetime) -> bool:
    """What 1414 says today of a consent: whether it stays in force."""
    ended = {Answer.DENIED: ConsentStatus.REVOKED, Answer.EXPIRED: ConsentStatus.EXPIRED}.get(answer)
    if ended:
        _end(Consent.objects.filter(pk=consent.pk), ended, now=now)
    return ended is None


def is_unsure(consent: Consent | None) -> bool:
    """Nobody knows whether 1414 has sent the SMS, and its answer cannot be asked about."""
    if consent is None:
        return False
    return consent.status == ConsentStatus.PENDING and consent.reference.startswith(CLAIM)


def may_ask_at(user: User, *, subject: str, now: datetime) -> datetime:
    """From when another SMS may be asked for; not later than `now` when it may be asked for at once."""
    asked = Consent.objects.filter(user=user, child_iin=subject, requested_at__gt=now - timedelta(hours=1))
    newest_first = list(asked.order_by("-requested_at"))
    if len(newest_first) >= ASKS_PER_HOUR:
        return newest_first[ASKS_PER_HOUR - 1].requested_at + timedelta(hours=1)
    if newest_first and newest_first[0].status == ConsentStatus.PENDING:
        return newest_first[0].requested_at + RESEND_AFTER
    return now


def _in_force(user: User, subject: str, now: datetime) -> Consent | None:
    found = current(user, subject=subject, now=now)
    return found if state(found, now=now) == ConsentStatus.GRANTED else None


def _counting(consents: Iterable[Consent], *, now: datetime) -> Consent | None:
    """Of the consents of one person about one person: the one in force that lasts longest, else the last."""

    def weight(consent: Consent) -> tuple[bool, datetime, int]:
        if state(consent, now=now) == ConsentStatus.GRANTED and consent.expires_at:
            return True, consent.expires_at, consent.pk
        return False, consent.requested_at, consent.pk

    return max(consents, key=weight, default=None)


def _open(user: User, subject: str) -> "QuerySet[Consent]":
    return Consent.objects.filter(user=user, child_iin=subject, status=ConsentStatus.PENDING)


@transaction.atomic
def _claim(user: User, *, subject: str, now: datetime) -> Consent:
    """The row of a new request, or the consent already in force; two clicks make one request."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    in_force = _in_force(user, subject, now)
    if in_force:
        return in_force
    since = may_ask_at(user, subject=subject, now=now)
    if since > now:
        raise TooSoon(since)
    return Consent.objects.create(
        user=user,
        child=Child.objects.filter(iin=subject, guardians=user).first() if subject else None,
        child_iin=subject,
        reference=f"{CLAIM}{uuid.uuid4().hex}",
        text_version=TEXT_VERSION,
        requested_at=now,
    )


def _learn(consent: Consent, *, now: datetime) -> None:
    """Write down the answer, if there is one; silence for too long is an answer too."""
    found = _answer(consent)
    changes: dict[str, object] = {"status": found.answer.value, "answered_at": now}
    if found.answer == Answer.PENDING:
        if now < consent.requested_at + timedelta(seconds=settings.CONSENT_ANSWER_SECONDS):
            return
        changes["status"] = ConsentStatus.EXPIRED
    if found.answer == Answer.GRANTED:
        changes |= {"token": found.token, "public_key": found.public_key}
        changes["expires_at"] = now + timedelta(seconds=settings.CONSENT_LIFETIME_SECONDS)
    # Two tabs may be asking: what one of them has learned is not overwritten by the other.
    Consent.objects.filter(pk=consent.pk, status=ConsentStatus.PENDING).update(**changes)


def _answer(consent: Consent) -> ConsentAnswer:
    if consent.reference.startswith(CLAIM):  # we never learned whether 1414 got the request
        return ConsentAnswer(Answer.PENDING)
    try:
        with outside.watching(SYSTEM, now=timezone.now()):
            return gateway.status(consent.reference)
    except Refused as error:
        if error.detail == "REQUEST_UNKNOWN":  # only a new request will help
            return ConsentAnswer(Answer.EXPIRED)
        raise Unavailable(error.system, error.detail) from error
