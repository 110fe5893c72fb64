"""What somebody who watches over the portal wants to hear of at once: one line of the log for each, with a
name that does not change, the person's row and posts, and nothing personal."""

import logging
from enum import StrEnum
from typing import Any

from django.db import DatabaseError
from django.dispatch import Signal

from accounts import speaker

logger = logging.getLogger(__name__)

heard = Signal()  # of each event: `event`, `facts`


class Event(StrEnum):
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    SIGN_IN_FAILED = "sign-in-failed"
    REFUSED = "refused"  # a page that exists, asked for by somebody it is not for
    LIMITED = "limited"  # too often
    FORGED = "forged"  # a form or a report that is not from where it says
    SIGNATURE_REFUSED = "signature-refused"
    PHONE_REFUSED = "phone-refused"  # it has not shown that it is the person's
    APPOINTED = "appointed"
    REMOVED = "removed"  # from a post


def happened(event: Event, *, level: int = logging.INFO, **facts: Any) -> None:
    """`facts` name things: a page, a reason, a number of a row."""
    _remember_posts()
    told = "".join(f" {name}={value}" for name, value in facts.items())
    logger.log(level, "%s%s", event, told, extra={"event": {"event": str(event)} | facts})
    heard.send(sender=Event, event=event, facts=facts)


def _remember_posts() -> None:
    """The line says in which post; where the database cannot be asked, it says the person only."""
    who = speaker.current()
    try:
        _ = who and who.said
    except DatabaseError:
        return
