"""NCALayer: the program that signs on a person's computer, as a WebSocket on a port of its own.

It greets first with its version; JSON frames, one answer for each question, no numbers on either.
Unlike the real one it asks for no PIN: what it does next is chosen on its page or by the control API.
"""

import asyncio
import base64
import json
import logging
from typing import Any

from aiohttp import WSMsgType, web

from sandbox import kalkan, tsa
from sandbox.ca import AUTHORITY, Authority
from sandbox.certificates import KINDS, kinds_of
from sandbox.kalkan import Key
from sandbox.people import Human
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import NCALAYER_PORT, WORLD, Dropped, World

register(
    Service(
        name="ncalayer",
        title=Text("NCALayer: ЭЦҚ кілті", "NCALayer: ключ ЭЦП", "NCALayer: EDS key"),
        about=Text(
            "Компьютерде ЭЦҚ кілтімен қол қоятын бағдарлама.",
            "Программа, которая подписывает ключом ЭЦП на компьютере.",
            "The program that signs with an EDS key on a computer.",
        ),
        refusal=Text("қате қайтарады", "возвращает ошибку", "returns an error"),
        url="/ncalayer/",
        modes=("slow", "fail", "drop", "refuse"),
    )
)

VERSION = {"result": {"version": "1.4"}}
BASICS, COMMON = "kz.gov.pki.knca.basics", "kz.gov.pki.knca.commonUtils"
AUTHENTICATION = "1.3.6.1.5.5.7.3.2"
ORGANISATION = "1.2.398.3.3.4.1.2"
TOKEN = "AKKZIDCardStore"  # noqa: S105  the identity card's chip
NEXT = ("", "cancel", "error", "other", *KINDS)  # the answers that may be ordered
MAX_FRAME = 64 * 1024 * 1024

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """The person has closed the window; also what happens when no key fits."""


class BadCall(Exception):
    """Arguments that the module does not take."""


def card(world: World) -> dict[str, Any]:
    """What is in the reader: whose key, which one, and what the next answer shall be."""
    kept = world.part("ncalayer")
    return {"iin": "", "kind": "sign", "next": "", "old": False, "signed": 0} | kept


def set_card(world: World, **changes: Any) -> dict[str, Any]:
    """Raises ValueError for what the emulator does not know."""
    new = card(world) | changes
    if new["next"] not in NEXT or new["kind"] not in KINDS or (new["iin"] and new["iin"] not in world.people):
        raise ValueError("no such person, key or answer")
    world.part("ncalayer").update(new)
    world.changed()
    return new


def choose(world: World, wanted: dict[str, Any]) -> tuple[Human, str]:
    """The holder and the kind of key: what the page asks for by IIN and BIN, else the card in the reader.

    Raises Cancelled when nobody here has such a key, as a person would after an empty list.
    """
    here, purposes = card(world), wanted.get("extKeyUsageOids") or []
    human = world.people.get(str(wanted.get("iin") or here["iin"]))
    if human is None or not human.sim:
        raise Cancelled
    bin_ = str(wanted.get("bin") or "")
    if bin_ and (human.job is None or human.job.bin != bin_):
        raise Cancelled
    kind = str(here["kind"])
    if AUTHENTICATION in purposes:
        kind = "auth"
    elif bin_ or any(str(oid).startswith(ORGANISATION) for oid in purposes):
        kind = "org"
    elif wanted.get("iin"):
        kind = "sign"
    return _forced(world, human, kind)


def _forced(world: World, human: Human, kind: str) -> tuple[Human, str]:
    """The next answer may have been ordered on the page; it is given once."""
    order = card(world)["next"]
    set_card(world, next="")
    if order == "cancel":
        raise Cancelled
    if order == "error":
        raise BadCall("org.json.JSONException: the sandbox was told to fail")
    if order == "other":
        human = next(each for each in world.adults() if each.iin != human.iin)
        kind = "sign"
    elif order:
        kind = order
    if kind not in kinds_of(human):
        raise Cancelled
    return human, kind


def _object(args: dict[str, Any], name: str) -> dict[str, Any]:
    """Checked before any window opens, in the words of the real one."""
    found = args.get(name)
    if found is not None and not isinstance(found, dict):
        raise BadCall(f'org.json.JSONException: JSONObject["{name}"] is not a JSONObject.')
    return found or {}


class Session:
    """One connection. `answer` is all there is to the protocol."""

    def __init__(self, world: World, authority: Authority) -> None:
        self.world, self.authority = world, authority

    async def answer(self, text: str) -> dict[str, Any]:
        try:
            question = json.loads(text)
            module, method = str(question["module"]), str(question["method"])
        except (ValueError, TypeError, KeyError):
            return {"code": "500", "message": "java.lang.IllegalArgumentException: not a request"}
        refused = await self.world.fault("ncalayer") is not None
        if module == BASICS and not card(self.world)["old"]:
            return await self._basics(method, question.get("args"), refused=refused)
        if module == COMMON:
            return await self._common(method, question.get("args") or [], refused=refused)
        return {"code": "500", "message": f"Module not found: {module}"}

    async def _basics(self, method: str, args: Any, *, refused: bool) -> dict[str, Any]:
        try:
            if refused or method != "sign":
                raise BadCall(f"no method {method}" if method != "sign" else "the sandbox was told to refuse")
            return {"body": {"result": await self._sign(args)}, "status": True}
        except Cancelled:
            return {"body": {}, "status": True}
        except (BadCall, TypeError, ValueError, KeyError, AttributeError) as error:
            return {
                "status": False,
                "code": "INVOCATION_ERROR",
                "message": "An invoked method threw an exception.",
                "details": str(error),
            }

    async def _sign(self, args: dict[str, Any]) -> Any:
        if args["format"] != "cms":
            raise BadCall("the sandbox signs CMS only")
        how, wanted = _object(args, "signingParams"), _object(args, "signerParams")
        _object(how, "tsaProfile")
        human, kind = choose(self.world, wanted)  # once, with one PIN, however many the documents
        key = await self._key(human, kind)
        data = args["data"]
        many = data if isinstance(data, list) else [data]
        made = [kalkan.armour(self._one(str(item), key, how)) for item in many]
        self._count(len(made))
        result: Any = made if isinstance(data, list) else made[0]
        if how.get("outputCert"):
            result = {"signatures": result, "certificate": base64.b64encode(key.asn1.dump()).decode()}
        return result

    def _one(self, item: str, key: Key, how: dict[str, Any]) -> bytes:
        data = base64.b64decode(item, validate=True) if how.get("decode", True) else item.encode()
        at = self.world.now()
        if how.get("digested"):
            der = kalkan.sign_digest(data, key, at=at)
        else:
            der = kalkan.sign(data, key, at=at, attached=bool(how.get("encapsulate")))
        return der if how.get("tsaProfile") is None else tsa.stamped(self.world, self.authority, der)

    async def _common(self, method: str, args: list[Any], *, refused: bool) -> dict[str, Any]:
        try:
            if refused:
                raise BadCall("the sandbox was told to refuse")
            found = await self._call_common(method, args)
            return ({} if found is None else {"responseObject": found}) | {"code": "200"}
        except Cancelled:
            return {"code": "500", "message": "action.canceled"}
        except (BadCall, TypeError, ValueError, IndexError):
            text = "java.lang.IllegalArgumentException: argument type mismatch. Method: "
            return {"code": "500", "message": text + method}

    async def _call_common(self, method: str, args: list[Any]) -> Any:
        if method == "getActiveTokens":
            return [TOKEN] if card(self.world)["iin"] else []
        if not args or not isinstance(args[0], str):
            raise BadCall(method)
        if method == "changeLocale":
            return None
        if method == "getKeyInfo":
            human, kind = choose(self.world, {})
            return self._info(await self._key(human, kind))
        if method.startswith("createC") and len(args) > 2 and all(isinstance(arg, str) for arg in args[:3]):
            return await self._create(method, args)
        raise BadCall(method)

    async def _create(self, method: str, args: list[Any]) -> str:
        """createCAdESFromBase64(storage, keyType, data, attach), ...Hash, createCMSSignatureFromBase64."""
        wanted = {"extKeyUsageOids": [AUTHENTICATION]} if args[1] == "AUTHENTICATION" else {}
        human, kind = choose(self.world, wanted)
        how = {"digested": method.endswith("Hash"), "encapsulate": len(args) > 3 and args[3]}
        der = self._one(args[2], await self._key(human, kind), how)
        self._count(1)
        return base64.b64encode(der).decode()

    async def _key(self, human: Human, kind: str) -> Key:
        return await asyncio.to_thread(self.authority.key, human, kind)

    def _info(self, key: Key) -> dict[str, str]:
        certificate = key.certificate
        return {
            "alias": f"{certificate.serial_number:x}",
            "algorithm": "RSA",
            "subjectDn": certificate.subject.rfc4514_string(),
            "issuerDn": certificate.issuer.rfc4514_string(),
            "serialNumber": str(certificate.serial_number),
            "certNotBefore": str(int(certificate.not_valid_before_utc.timestamp() * 1000)),
            "certNotAfter": str(int(certificate.not_valid_after_utc.timestamp() * 1000)),
        }

    def _count(self, made: int) -> None:
        set_card(self.world, signed=card(self.world)["signed"] + made)


async def talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=MAX_FRAME)
    await socket.prepare(request)
    await socket.send_json(VERSION)
    session = Session(request.app[WORLD], request.app[AUTHORITY])
    async for message in socket:
        if message.type != WSMsgType.TEXT:
            break
        try:
            await socket.send_json(await session.answer(message.data))
        except (Dropped, web.HTTPException):
            if request.transport is not None:
                request.transport.abort()
            break
    return socket


async def _listen(app: web.Application) -> Any:
    """The second port lives as long as the sandbox. One that is taken (a real NCALayer?) stops nothing."""
    inner = web.Application()
    inner[WORLD], inner[AUTHORITY] = app[WORLD], app[AUTHORITY]
    inner.router.add_get("/", talk)
    runner = web.AppRunner(inner, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", app[NCALAYER_PORT]).start()
    except OSError:
        logger.error("sandbox: port %s is taken, there is no NCALayer", app[NCALAYER_PORT])
    yield
    await runner.cleanup()


def routes(app: web.Application) -> None:
    app.cleanup_ctx.append(_listen)
