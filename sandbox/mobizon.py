"""An SMS gateway in the shape of Mobizon: send, list, statuses, and a delivery report to the portal.

Mobizon has no idempotency key: the same text sent twice is two messages, here too.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp import web

from sandbox import inbox
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import PORTAL_URL, WORLD, Dropped, World, late

KEY, WEBHOOK_SECRET = "sandbox-key", "sandbox-webhook"
WEBHOOK = "/webhooks/sms/mobizon/"
DELIVERY_SECONDS = 0.2
REPORT_TRIES, REPORT_TIMEOUT = 10, 5
KEPT = 3000
OK, VALIDATION, DENIED, RATE_LIMIT = 0, 1, 8, 30

TASKS = web.AppKey("mobizon_tasks", set[asyncio.Task[None]])
logger = logging.getLogger(__name__)

register(
    Service(
        "sms",
        Text("SMS шлюзі (Mobizon)", "SMS-шлюз (Mobizon)", "SMS gateway (Mobizon)"),
        Text(
            "Порталдың SMS хабарламаларын телефондарға жеткізеді.",
            "Доставляет SMS портала на телефоны.",
            "Carries the portal's SMS to the phones.",
        ),
        Text(
            "30 коды (тым жиі) немесе берілген код",
            "код 30 (слишком часто) или заданный код",
            "code 30 (too often), or the code given",
        ),
    ),
    Service(
        "sms-report",
        Text("SMS жеткізу туралы есеп", "Отчёт о доставке SMS", "SMS delivery report"),
        Text(
            "Порталға хабарламаның тағдырын айтады.",
            "Сообщает порталу судьбу сообщения.",
            "Tells the portal what became of a message.",
        ),
        Text(
            "SMS жеткізілмейді (UNDELIV)",
            "SMS не доставляется (UNDELIV)",
            "the SMS is not delivered (UNDELIV)",
        ),
    ),
)


def _answer(code: int, data: Any = None, message: str = "") -> web.Response:
    return web.json_response({"code": code, "data": data, "message": message})


def _messages(world: World) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = world.part("mobizon").setdefault("messages", [])
    return answer


def _next(world: World, counter: str) -> int:
    part = world.part("mobizon")
    part[counter] = part.get(counter, 0) + 1
    return int(part[counter])


async def entry(request: web.Request) -> web.Response:
    """All methods of the message module: parameters come in the address or in the form."""
    world = request.app[WORLD]
    values = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
    if not hmac.compare_digest(values.get("apiKey", ""), KEY):
        return _answer(DENIED, message="access denied")
    fault = await world.fault("sms")
    if fault:
        return _answer(int(fault.code or RATE_LIMIT), message="sandbox: set to refuse")
    method = request.match_info["method"]
    if method == "sendSmsMessage":
        return _send(request.app, values)
    if method == "getSMSStatus":
        return _statuses(world, values)
    if method == "list":
        return _list(world, values)
    return _answer(12, message="no such method")


def _send(app: web.Application, values: Mapping[str, str]) -> web.Response:
    world, number, text = app[WORLD], values.get("recipient", "").lstrip("+"), values.get("text", "")
    if not (number.isdigit() and len(number) == 11 and number.startswith("77")):
        return _answer(VALIDATION, {"recipient": ["the number is not a mobile number"]}, "validation error")
    if not text:
        return _answer(VALIDATION, {"text": ["the text is empty"]}, "validation error")
    message = {
        "id": str(_next(world, "last")),
        "campaignId": str(world.part("mobizon")["last"] + 1000),
        "from": values.get("from", ""),
        "to": number,
        "text": text,
        "status": "NEW",
        "segNum": str(segments(text)),
        "startSendTs": _stamp(world),
        "statusUpdateTs": _stamp(world),
    }
    _messages(world).append(message)
    del _messages(world)[:-KEPT]
    world.changed()
    task = asyncio.get_running_loop().create_task(_deliver(app, message))
    app[TASKS].add(task)
    task.add_done_callback(app[TASKS].discard)
    return _answer(OK, {"campaignId": message["campaignId"], "messageId": message["id"], "status": 2})


def segments(text: str) -> int:
    """Parts of an SMS: letters beyond Latin make it UCS-2."""
    one, many = (160, 153) if text.isascii() else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // many)


def _stamp(world: World) -> str:
    return f"{world.now():%Y-%m-%d %H:%M:%S}"


def _statuses(world: World, values: Mapping[str, str]) -> web.Response:
    asked = {value for name, value in values.items() if name.startswith("ids[")}
    names = ("id", "status", "segNum", "startSendTs", "statusUpdateTs")
    found = [message for message in _messages(world) if message["id"] in asked]
    return _answer(OK, [{name: message[name] for name in names} for message in found])


def _list(world: World, values: Mapping[str, str]) -> web.Response:
    to, text = values.get("criteria[to]", "").lstrip("+"), values.get("criteria[text]", "")
    size = int(values.get("pagination[pageSize]", "25"))
    found = [
        message for message in reversed(_messages(world)) if to in message["to"] and text in message["text"]
    ]
    return _answer(OK, {"items": found[:size], "totalItemCount": str(len(found))})


async def _deliver(app: web.Application, message: dict[str, Any]) -> None:
    """The message reaches the phone, or does not; then the portal is told, if it can be."""
    world, told = app[WORLD], True
    owed: list[float] = []
    late.set(owed)
    await asyncio.sleep(DELIVERY_SECONDS)
    try:
        lost = await world.fault("sms-report") is not None
    except (web.HTTPException, Dropped):
        lost = told = False
    message["status"] = "UNDELIV" if lost else "DELIVRD"
    message["statusUpdateTs"] = _stamp(world)
    if not lost:
        inbox.put(world, to=f"+{message['to']}", sender=message["from"] or "SMS", text=message["text"])
    world.changed()
    await asyncio.sleep(sum(owed))
    if told:
        await _report(app, message)


async def _report(app: web.Application, message: dict[str, Any]) -> None:
    """Repeated until the portal answers 2xx, ten times at most, each time after a longer wait."""
    world = app[WORLD]
    event = {
        "eventId": _next(world, "events"),
        "eventType": "sms-delivery-report",
        "eventCreateTs": _stamp(world),
        "webhookId": 1,
        "data": {
            "campaignId": int(message["campaignId"]),
            "messageId": int(message["id"]),
            "segNum": int(message["segNum"]),
            "statusUpdateTs": message["statusUpdateTs"],
            "status": message["status"],
            "to": message["to"],
        },
    }
    for attempt in range(1, REPORT_TRIES + 1):
        body = {**event, "attempt": attempt, "sign": sign(event, attempt)}
        if await _post(app[PORTAL_URL] + WEBHOOK, body):
            return
        await asyncio.sleep(min(2**attempt, 60))


def sign(event: Mapping[str, Any], attempt: int) -> str:
    plain = f"{event['eventId']}|{attempt}|{event['eventCreateTs']}|{WEBHOOK_SECRET}"
    return hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()


async def _post(url: str, body: Mapping[str, Any]) -> bool:
    timeout = aiohttp.ClientTimeout(total=REPORT_TIMEOUT)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url, json=body) as answer:
            return 200 <= answer.status < 300
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def _stop(app: web.Application) -> None:
    for task in app[TASKS]:
        task.cancel()
    await asyncio.gather(*app[TASKS], return_exceptions=True)


def routes(app: web.Application) -> None:
    app[TASKS] = set()
    app.on_shutdown.append(_stop)
    app.router.add_route("*", "/mobizon/service/message/{method}", entry)
