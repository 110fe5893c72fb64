"""The number a person is reached at: what eGov says of it, and how old that word is (R103).

eGov tells the number only to a sign-in of the person, so it is asked again at each, and between two of them
its age is what can be known.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.dispatch import Signal

from accounts.models import User

# Sent in the transaction that removes a number, with `user` and `now`: who writes notices is above this app.
gone = Signal()


def learn(user: User, told: str | None, *, now: datetime) -> None:
    """R103: a number eGov tells replaces the old one; "" (there is none) removes what eGov had told before,
    and the person is told so; None (eGov did not say) leaves everything. A number that the person wrote on
    paper was never eGov's, so eGov cannot take it away."""
    if told is None:
        return
    if told:
        user.phone, user.phone_known_at = told, now
    elif user.phone and user.phone_known_at:
        user.phone, user.phone_known_at = "", None
        gone.send(sender=User, user=user, now=now)
    user.save(update_fields=["phone", "phone_known_at"])


def is_old(user: User, *, now: datetime) -> bool:
    """Nobody has said for PHONE_FRESH_DAYS that the number is still this person's."""
    fresh_since = now - timedelta(days=settings.PHONE_FRESH_DAYS)
    return bool(user.phone) and (user.phone_known_at is None or user.phone_known_at < fresh_since)


def allow_ways(user: User, *, second_phone: str, email: str, now: datetime | None) -> None:
    """R103: the second number and the mailbox are kept only with the person's leave; without it (`now` is
    None) both are forgotten."""
    user.second_phone, user.email = (second_phone, email) if now else ("", "")
    user.ways_allowed_at = now
    user.save(update_fields=["second_phone", "email", "ways_allowed_at"])
