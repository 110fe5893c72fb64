"""Mobizon: its API of one message, of reports, and the signature of its webhook."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from egov import http
from egov.errors import EgovError, Misconfigured, Refused, Unavailable, Unreadable
from egov.gate import Gate
from notifications.sms.errors import State, TryLater

REPORTS = True
VALIDITY_MINUTES = 24 * 60  # an SMS about a decision is worth a day of trying
TIMEOUT = 5.0
MAX_BYTES = 512 * 1024  # of an answer: a hundred reports take 20 KB
MAX_ID, MAX_CODE = 10**18, 10**6
SYSTEM = "sms"
GATE = Gate(SYSTEM)

DONE, BACKGROUND = 0, 100
VALIDATION = 1
ITEM_FIELDS = {"recipient", "text"}  # what the message brings; the sender and the rest are settings of ours
TRY_LATER = (3, 10, 999)  # the gateway failed at this one call
# Nothing by that name, access denied, a method or parameter it does not know, wrong host, account blocked.
OURS = (2, 4, 5, 6, 8, 9, 11, 12, 13, 14)

FINAL = {
    "DELIVRD": State.DELIVERED,
    "UNDELIV": State.UNDELIVERED,
    "REJECTD": State.UNDELIVERED,
    "EXPIRED": State.UNDELIVERED,
    "DELETED": State.UNDELIVERED,
}


def send(*, phone: str, text: str, key: str) -> str:
    form = {
        "recipient": phone.lstrip("+"),
        "text": text,
        "from": settings.SMS_SENDER,
        "params[name]": hashlib.sha256(key.encode()).hexdigest()[:32],  # one cause, one campaign name
        "params[validity]": VALIDITY_MINUTES,
    }
    data = _call("sendSmsMessage", form)
    try:
        return _id(GATE.mapping(data, "data").get("messageId"))
    except Unreadable:  # the message is taken all the same: another try would be another SMS
        return ""


def find(*, phone: str, text: str) -> list[str]:
    form = {"criteria[to]": phone.lstrip("+"), "criteria[text]": text, "pagination[pageSize]": 25}
    data = _call("list", form)
    items = data.get("items") if isinstance(data, dict) else None
    same = [item for item in _objects(items) if item.get("text") == text]
    try:
        return sorted((_id(item.get("id")) for item in same), key=int, reverse=True)
    except Unreadable as error:  # it is there, under an id that nobody can ask about
        raise Unavailable(SYSTEM, "no sense in the answer") from error


def knock() -> None:
    """Does the gateway let us in? Asked for messages to a number of nobody. Raises as the others."""
    _call("list", {"criteria[to]": "70000000000", "pagination[pageSize]": 1}, knock=True)


def states(ids: list[str]) -> dict[str, State]:
    """At most a hundred ids in one call."""
    data = _call("getSMSStatus", {f"ids[{place}]": value for place, value in enumerate(ids)})
    rows = _objects(data)
    return {str(row.get("id")): FINAL.get(str(row.get("status")), State.WAITING) for row in rows}


def _objects(rows: Any) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _id(value: Any) -> str:
    return str(GATE.integer(value, "id", low=1, high=MAX_ID))


def webhook_is_signed(event: dict[str, Any]) -> bool:
    """The signature covers the event's id, attempt and time, not what it says: a report is only a hint
    to ask `states`."""
    parts = [str(event.get(name, "")) for name in ("eventId", "attempt", "eventCreateTs")]
    plain = "|".join([*parts, settings.MOBIZON_WEBHOOK_SECRET])
    expected = hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()
    given = str(event.get("sign", ""))
    return bool(settings.MOBIZON_WEBHOOK_SECRET) and hmac.compare_digest(given.encode(), expected.encode())


def _call(method: str, form: dict[str, Any], *, knock: bool = False) -> Any:
    """The answer's data. The key travels in the address, so no address is ever logged or raised."""
    query = urlencode({"output": "json", "api": "v1", "apiKey": settings.MOBIZON_KEY})
    url = f"{settings.MOBIZON_URL}/service/message/{method}?{query}"
    answer = http.call(
        "POST", url, system=SYSTEM, data=form, timeout=TIMEOUT, max_bytes=MAX_BYTES, knock=knock
    )
    body = GATE.mapping(answer.json(), "answer")
    code = GATE.integer(body.get("code"), "code", low=0, high=MAX_CODE)
    if code in (DONE, BACKGROUND):
        return body.get("data")
    raise _no(code, body.get("data"))


def _no(code: int, data: Any) -> EgovError:
    """Only what the gateway finds wrong with the number or the text is the message's own fault. A code
    that is not known here (15, 30: too often, 98, 99, those to come) says nothing against it: it waits."""
    if code == VALIDATION:
        fields = set(data) if isinstance(data, dict) else set()
        named = ", ".join(sorted(name for name in map(str, fields) if name.isidentifier()))[:60]
        detail = f"code {code}: {named}" if named else f"code {code}"
        return (Refused if fields and fields <= ITEM_FIELDS else Misconfigured)(SYSTEM, detail)
    if code in OURS:
        return Misconfigured(SYSTEM, f"code {code}")
    return (TryLater if code in TRY_LATER else Unavailable)(SYSTEM, f"code {code}")
