"""The number a person is reached at: what eGov says of it, and how old that word is (R103).

eGov tells the number only to a sign-in of the person, and no service is known that tells it by an IIN: it is
asked again at each sign-in, and between two of them the person is asked whether an old one is still theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.dispatch import Signal

from accounts import seen
from accounts.models import User

# Sent in the transaction that removes a number, with `user` and `now`: who writes notices is above this app.
gone = Signal()
NUMBER = ["phone", "phone_known_at", "phone_confirmed_at"]


def learn(user: User, told: str | None, *, now: datetime) -> None:
    """R103: a number eGov tells replaces the old one; "" (there is none) removes what eGov had told before,
    and the person is told so; None (eGov did not say) leaves everything. A number that the person wrote on
    paper was never eGov's, so eGov cannot take it away."""
    if told is None:
        return
    if told:
        if told != user.phone:
            user.phone_confirmed_at = None
        user.phone, user.phone_known_at = told, now
    elif user.phone and user.phone_known_at:
        user.phone, user.phone_known_at, user.phone_confirmed_at = "", None, None
        gone.send(sender=User, user=user, now=now)
    user.save(update_fields=NUMBER)


def confirm(user: User, *, now: datetime) -> None:
    """R103: the person says that the old number is still theirs."""
    user.phone_confirmed_at = now
    user.save(update_fields=["phone_confirmed_at"])


def disown(user: User, *, now: datetime) -> None:
    """R103: the person says that the number is theirs no more: from now on nothing is sent to whoever has it,
    until eGov tells a number at a sign-in."""
    user.phone, user.phone_known_at, user.phone_confirmed_at = "", None, None
    user.save(update_fields=NUMBER)


def is_old(user: User, *, now: datetime) -> bool:
    """Neither eGov nor the person has said for PHONE_FRESH_DAYS that the number is still theirs."""
    fresh_since = _fresh_since(now)
    said = (user.phone_known_at, user.phone_confirmed_at)
    return bool(user.phone) and not any(at and at >= fresh_since for at in said)


@dataclass(frozen=True)
class Share:
    """Of the people who have a number, those whose number is old."""

    old: int
    of: int

    @property
    def percent(self) -> int:
        return self.old * 100 // self.of if self.of else 0


def old_share(*, now: datetime) -> Share:
    """For the people who run the portal: how many SMS may go to somebody else by now."""
    reached = User.objects.exclude(phone="")
    fresh = Q(phone_known_at__gte=_fresh_since(now)) | Q(phone_confirmed_at__gte=_fresh_since(now))
    return Share(reached.exclude(pk__in=reached.filter(fresh)).count(), reached.count())


def _fresh_since(now: datetime) -> datetime:
    return now - timedelta(days=settings.PHONE_FRESH_DAYS)


def mark(user: User) -> str:
    """What a page that names the number carries, so that its answer is about this number."""
    return seen.mark({"phone": user.phone})


def allow_ways(user: User, *, second_phone: str, email: str, now: datetime | None) -> None:
    """R103: the second number and the mailbox are kept only with the person's leave; without it (`now` is
    None) both are forgotten."""
    user.second_phone, user.email = (second_phone, email) if now else ("", "")
    user.ways_allowed_at = now
    user.save(update_fields=["second_phone", "email", "ways_allowed_at"])
