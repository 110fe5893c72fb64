"""Sign-in through eGov: plain OAuth2, authorization code (R29-R36)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Identity:
    """Whom eGov says has signed in. The phone is that of the Mobile Citizens Database, "" when it has none."""

    iin: str
    surname: str
    name: str
    patronymic: str
    birth_date: date | None
    phone: str  # E.164 or ""


def authorize_url(*, state: str, redirect_uri: str, lang: str) -> str:
    """The eGov page to send the browser to."""
    raise NotImplementedError


def identify(*, code: str, redirect_uri: str) -> Identity:
    """Exchange the code for the person. Raises Refused (wrong, expired or replayed code), Unavailable."""
    raise NotImplementedError
