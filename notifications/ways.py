"""The ways a message leaves the portal: to a number, to a mailbox, into the person's own eGov.

Each has a queue of its own that stops when its gateway fails, and none waits for another.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from egov import notices
from notifications import mail, sms
from notifications.models import Channel, Message


@dataclass(frozen=True)
class Way:
    system: str  # in accounts.outside
    channels: tuple[Channel, ...]
    is_on: Callable[[], bool]
    send: Callable[[Message], str]  # the id at the other side, "" when it gives none
    taken: Callable[[Message], Iterable[str]]  # ids under which a try before may have been taken


def _send_sms(message: Message) -> str:
    found: str = sms.gateway().send(phone=message.phone, text=message.text, key=message.key)
    return found


def _taken_sms(message: Message) -> Iterable[str]:
    gateway = sms.gateway()
    return gateway.find(phone=message.phone, text=message.text) if gateway.REPORTS else []


def _send_mail(message: Message) -> str:
    """Neither the subject nor the letter names anybody: a mailbox may be read by others."""
    with translation.override(message.recipient.lang):
        body = "\n\n".join((message.text, _("Толығырақ порталда:"), _inbox()))
        to, subject = message.recipient.email, _("OQU: жаңа хабарлама")
        mail.send(to=to, subject=subject, body=body, key=_key(message), at=message.created_at)
    return ""


def _push(message: Message) -> str:
    return notices.send(message.recipient.iin, words=message.text, link=_inbox(), key=_key(message))


def _key(message: Message) -> str:
    """The same at each try, and nobody's."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:32]


def _inbox() -> str:
    return str(settings.PUBLIC_URL + reverse("notifications:inbox"))


def _nothing(_message: Message) -> Iterable[str]:
    return []


SMS = Way("sms", (Channel.SMS, Channel.SECOND), lambda: True, _send_sms, _taken_sms)
EMAIL = Way(mail.SYSTEM, (Channel.EMAIL,), mail.is_on, _send_mail, _nothing)
PUSH = Way(notices.SYSTEM, (Channel.PUSH,), notices.is_on, _push, _nothing)
WAYS = (SMS, EMAIL, PUSH)
BESIDE = frozenset({EMAIL.system, PUSH.system})  # who is not told by one is told by the SMS, or called


def others(user: User, *, tried: str) -> list[Channel]:
    """R103: where else this person may be told when the SMS to `tried` has not arrived. The second number and
    the mailbox are theirs to allow; their own eGov is theirs already."""
    found = []
    if user.ways_allowed_at and user.second_phone and user.second_phone != tried:
        found.append(Channel.SECOND)
    if user.ways_allowed_at and user.email and mail.is_on():
        found.append(Channel.EMAIL)
    if notices.is_on():
        found.append(Channel.PUSH)
    return found
