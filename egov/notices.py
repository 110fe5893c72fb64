"""A notice in the person's own eGov: a word from the portal for whom no SMS has reached."""

from django.conf import settings

from egov import smartbridge
from egov.errors import Unavailable
from egov.gate import Gate
from egov.smartbridge import text

SYSTEM = "notice"
GATE = Gate(SYSTEM)
MAX_REFERENCE = 64


def is_on() -> bool:
    """Off until the service is named."""
    return bool(settings.SMARTBRIDGE_SERVICES[SYSTEM])


def send(iin: str, *, words: str, link: str, key: str) -> str:
    """The reference of the notice that eGov has taken for this person; the same `key` is one notice, so it
    may be sent again. Raises Refused (nobody to tell by this IIN), Misconfigured, Unavailable."""
    fields = {"iin": iin, "text": words, "link": link, "key": key}
    data = smartbridge.send(SYSTEM, fields, repeat=True)
    reference = GATE.token(text(data, "reference"), "reference", limit=MAX_REFERENCE)
    if not reference:
        raise Unavailable(SYSTEM, "no reference in the answer")
    return reference
