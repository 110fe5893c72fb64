"""E-mail: one of the ways to a person whom an SMS has not reached. Off until EMAIL_FROM is set."""

from datetime import datetime
from email.utils import format_datetime
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from egov.causes import cause_of
from egov.errors import Misconfigured, Refused, Unavailable

SYSTEM = "email"
GONE = 500  # from here on a reply of the server is final (RFC 5321, 4.2.1)


def is_on() -> bool:
    return bool(settings.DEFAULT_FROM_EMAIL)


def send(*, to: str, subject: str, body: str, key: str, at: datetime) -> None:
    """Hand one letter to the mail server; whether it is read, nobody tells. Nobody tells either whether one
    that broke off was taken, so it may go twice: under one number and one time, by which a mailbox knows it
    again. Raises Refused (the address), Misconfigured (our name, password or sender), Unavailable."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    headers = {"Message-ID": f"<{key}@{host}>", "Date": format_datetime(at)}
    try:
        EmailMessage(subject, body, None, [to], headers=headers).send()
    except SMTPRecipientsRefused as error:
        codes = {code for code, _words in error.recipients.values()}
        kind = Refused if min(codes, default=0) >= GONE else Unavailable
        raise kind(SYSTEM, "the address is refused") from None  # its words may hold the address
    except (SMTPAuthenticationError, SMTPSenderRefused) as error:
        raise Misconfigured(SYSTEM, type(error).__name__) from None
    except (SMTPException, OSError) as error:
        raise Unavailable(SYSTEM, cause_of(error).words) from None


def knock() -> None:
    """Does the server let us in? No letter is sent. Raises as `send`."""
    try:
        with get_connection():
            return
    except SMTPAuthenticationError:
        raise Misconfigured(SYSTEM, "our name or password is refused") from None
    except (SMTPException, OSError) as error:
        raise Unavailable(SYSTEM, cause_of(error).words) from None


def faults() -> list[str]:
    try:
        knock()
    except Unavailable as error:
        return [error.detail]
    return []
