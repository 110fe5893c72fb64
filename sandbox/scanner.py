"""eGov Mobile's scanner on a person's phone: reads a QR, fetches what is to be signed (API №1 and №2),
shows it, signs or refuses. It talks to the portal as the app does, over HTTP, and to no other host.
"""

import asyncio
import base64
import binascii
import json
import secrets
from collections import OrderedDict
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from sandbox import kalkan, tsa, xmldsig
from sandbox.ca import AUTHORITY
from sandbox.certificates import kinds_of
from sandbox.people import Human
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import PORTAL_URL, WORLD

register(
    Service(
        name="egov_mobile",
        title=Text("eGov Mobile: QR арқылы қол қою", "eGov Mobile: подпись по QR", "eGov Mobile: QR signing"),
        about=Text(
            "Телефон сканері QR-ды оқып, құжатты порталдан алады және қол қояды.",
            "Сканер телефона читает QR, берёт документ у портала и подписывает.",
            "The phone's scanner reads a QR, takes the document from the portal and signs it.",
        ),
        refusal=Text("қосымша ашылмайды", "приложение не открывается", "the app does not open"),
        url="/phone/",
        modes=("slow", "fail", "refuse"),
    )
)

PREFIX = "mobileSign:"
TIMEOUT = aiohttp.ClientTimeout(total=20)
KEPT = 50  # scanned requests that the phones remember


class Unreadable(Exception):
    """Not a QR of ours, or the portal does not give the document."""


@dataclass
class Scan:
    id: str
    iin: str
    uri: str
    headers: dict[str, str]  # of API №2: the Bearer token, unless the phone has proven whose it is
    about: dict[str, Any]  # answer of API №1
    package: dict[str, Any]  # answer of API №2
    files: list[bytes] = field(default_factory=list)
    status: int = 0  # of the PUT, once sent
    answer: str = ""


SCANS = web.AppKey("scans", OrderedDict)


def address_of(text: str, *, portal_url: str) -> str:
    """The address of API №1 in the text of a QR. The app, too, only follows addresses on its list."""
    address = text.strip().removeprefix(PREFIX)
    if urlsplit(address)[:2] != urlsplit(portal_url)[:2]:
        raise Unreadable("not an address of the portal")
    return address


async def scan(app: web.Application, human: Human, text: str, *, key: str = "auth") -> Scan:
    """Fetch the description and the documents; `key`: the one of the phone's owner that proves whose it is,
    where the portal asks for that. Raises Unreadable."""
    portal = app[PORTAL_URL]
    async with aiohttp.ClientSession(timeout=TIMEOUT, headers={"Accept-Language": human.lang}) as session:
        about = await _get(session, address_of(text, portal_url=portal), {})
        try:
            document = about["document"]
            uri, token = str(document["uri"]), str(document.get("auth_token", ""))
            headers = {"Authorization": f"Bearer {token}"} if document["auth_type"] == "Token" else {}
            address_of(uri, portal_url=portal)
            if document["auth_type"] == "Eds":
                package = await _post(session, uri, {"xml": await _login(app, human, uri, key)})
            else:
                package = await _get(session, uri, headers)
            files = [_bytes(item) for item in package["documentsToSign"]]
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise Unreadable("the answer is not of the agreed form") from None
    found = Scan(secrets.token_urlsafe(9), human.iin, uri, headers, about, package, files)
    kept = app[SCANS]
    kept[found.id] = found
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return found


async def _login(app: web.Application, human: Human, uri: str, kind: str) -> str:
    key = await asyncio.to_thread(app[AUTHORITY].key, human, kind)
    return xmldsig.login(uri, app[WORLD].now().isoformat(timespec="milliseconds"), key)


async def _get(session: aiohttp.ClientSession, address: str, headers: dict[str, str]) -> Any:
    return await _read(session.get(address, headers=headers, allow_redirects=False))


async def _post(session: aiohttp.ClientSession, address: str, body: dict[str, str]) -> Any:
    return await _read(session.post(address, json=body, allow_redirects=False))


async def _read(asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Any:
    try:
        async with asked as response:
            if response.status != 200:
                raise Unreadable(f"{response.status}: {(await response.text())[:200]}")
            return await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unreadable(type(error).__name__) from None


def _bytes(item: dict[str, Any]) -> bytes:
    return base64.b64decode(item["document"]["file"]["data"], validate=True)


async def sign(app: web.Application, found: Scan, human: Human, kind: str) -> None:
    """Put the same package back with signatures in place of the documents; `human` may be another
    person, as when somebody else's phone has read the QR."""
    key = await asyncio.to_thread(app[AUTHORITY].key, human, kind)
    package = {**found.package, "documentsToSign": []}
    for item, content in zip(found.package["documentsToSign"], found.files, strict=True):
        der = kalkan.sign(content, key, at=app[WORLD].now())
        der = tsa.stamped(app[WORLD], app[AUTHORITY], der)  # the app adds a time stamp by itself
        file = {**item["document"]["file"], "data": base64.b64encode(der).decode()}
        package["documentsToSign"].append({**item, "document": {**item["document"], "file": file}})
    await _put(found, package)


async def refuse(found: Scan) -> None:
    await _put(found, {**found.package, "status": "CANCELED"})


async def _put(found: Scan, package: dict[str, Any]) -> None:
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.put(found.uri, json=package, headers=found.headers, allow_redirects=False) as response,
        ):
            found.status, text = response.status, await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        found.status, found.answer = 503, type(error).__name__
        return
    found.answer = _message(text)


def _message(text: str) -> str:
    """What the app shows: the message of the answer, if it has one."""
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200]


async def control(request: web.Request) -> web.Response:
    """POST /control/scan {"iin", "qr", "action": "sign"|"refuse"|"open", "key": "sign", "signer": iin,
    "login": "auth"}"""
    app, wanted = request.app, await request.json()
    world = app[WORLD]
    human = world.people[wanted["iin"]]
    signer = world.people[wanted.get("signer", human.iin)]
    kind, action = wanted.get("key", "sign"), wanted.get("action", "sign")
    login = wanted.get("login", "auth")
    if kind not in kinds_of(signer) or login not in kinds_of(human):
        raise web.HTTPBadRequest(text=f"{signer.iin} has no such key")
    try:
        found = await scan(app, human, str(wanted["qr"]), key=login)
    except Unreadable as error:
        return web.json_response({"status": 0, "answer": str(error)}, status=409)
    if action == "sign":
        await sign(app, found, signer, kind)
    elif action == "refuse":
        await refuse(found)
    return web.json_response({"status": found.status, "answer": found.answer, "about": found.about})


def routes(app: web.Application) -> None:
    app[SCANS] = OrderedDict()
    app.router.add_post("/control/scan", control)
