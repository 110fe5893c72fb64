"""SmartBridge (ШЭП): the envelope, who may send and who has signed it, and to which service it goes."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from aiohttp import web
from lxml import etree

from sandbox import wss
from sandbox.ca import AUTHORITY, Authority
from sandbox.world import WORLD, World
from sandbox.wss import SOAP

CHANNEL = "http://bip.bee.kz/SyncChannel/v10/Types"
SENDER, PASSWORD = "oqu", "sandbox-secret"
OTHER_SURNAME = "Өзгеше"  # of whoever a register knows otherwise than the others do
SUCCESS = ("SCSS001", "Message has been processed successfully")

Handler = Callable[[World, etree._Element, etree._Element], Awaitable[None]]
# Service id -> (name of its faults, handler(world, data asked, data to fill)).
HANDLERS: dict[str, tuple[str, Handler]] = {}


class Refusal(Exception):
    """A business refusal: the envelope is sound, the service says no with this code."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message or code


class Malformed(Exception):
    """A fault of the sender: nothing of the message reaches a service."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def service(service_id: str, *, name: str) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        HANDLERS[service_id] = (name, handler)
        return handler

    return keep


def get(parent: etree._Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()


def add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text or None
    return element


def _read(body: bytes, authority: Authority) -> tuple[etree._Element, etree._Element]:
    """requestInfo and data of the message, as they were signed. Raises Malformed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Malformed("SCE001", "the message is not XML") from None
    if root.find(f"{{{SOAP}}}Body/{{{CHANNEL}}}SendMessage/request/requestInfo") is None:
        raise Malformed("SCE002", "requestInfo is missing")
    signed = wss.signed_body(root, authority.portal().certificate)
    if signed is None:
        raise Malformed("SCE005", "the message is not signed by who may send it")
    request = signed.find(f"{{{CHANNEL}}}SendMessage/request")
    info = request.find("requestInfo") if request is not None else None
    data = request.find("requestData/data") if request is not None else None
    if info is None or data is None or not get(info, "messageId") or not get(info, "messageDate"):
        raise Malformed("SCE002", "requestInfo or requestData is missing")
    if (get(info, "sender/senderId"), get(info, "sender/password")) != (SENDER, PASSWORD):
        raise Malformed("SCE003", "the sender is unknown or the password is wrong")
    if get(info, "serviceId") not in HANDLERS:
        raise Malformed("SCE004", "no such service, or the sender may not call it")
    return info, data


def _envelope(fill: Callable[[etree._Element], None]) -> etree._Element:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    fill(etree.SubElement(envelope, f"{{{SOAP}}}Body"))
    return envelope


def _sent(envelope: etree._Element, *, status: int = 200) -> web.Response:
    content: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return web.Response(body=content, status=status, content_type="text/xml", charset="utf-8")


def _fault(error: Malformed) -> web.Response:
    def fill(body: etree._Element) -> None:
        fault = etree.SubElement(body, f"{{{SOAP}}}Fault")
        add(fault, "faultcode", "soap:Client")
        add(fault, "faultstring", error.message)
        detail = etree.SubElement(fault, "detail")
        info = etree.SubElement(detail, f"{{{CHANNEL}}}SendMessageFault1_SendMessageFault")
        add(info, "errorCode", error.code)
        add(info, "errorMessage", error.message)

    return _sent(_envelope(fill), status=500)


def _response(
    world: World, info: etree._Element, *, status: tuple[str, str], data: etree._Element | None
) -> etree._Element:
    """The envelope of an answer, not signed yet."""

    def fill(body: etree._Element) -> None:
        message = etree.SubElement(body, f"{{{CHANNEL}}}SendMessageResponse", nsmap={None: CHANNEL})
        response = etree.SubElement(message, "response", nsmap={None: ""})
        about = add(response, "responseInfo")
        add(about, "messageId", str(uuid.uuid4()))
        add(about, "correlationId", get(info, "messageId"))
        add(about, "responseDate", world.now().isoformat(timespec="milliseconds"))
        outcome = add(about, "status")
        add(outcome, "code", status[0])
        add(outcome, "message", status[1])
        add(about, "sessionId", get(info, "sessionId"))
        if data is not None:
            add(response, "responseData").append(data)

    return _envelope(fill)


def _mistake(world: World, asked: etree._Element) -> None:
    """The service hears another number than it was told."""
    for iin in asked.iter("iin"):
        iin.text = world.stranger_to((iin.text or "").strip())


def _disagree(data: etree._Element) -> None:
    """The service knows the people by another surname and another day of birth than the others do."""
    for found in data.iter("person"):
        surname, born = found.find("surname"), found.find("birthDate")
        if surname is not None:
            surname.text = OTHER_SURNAME
        if born is not None:
            born.text = (date.fromisoformat(born.text or "") - timedelta(days=1)).isoformat()


async def send_message(request: web.Request) -> web.Response:
    world, authority = request.app[WORLD], request.app[AUTHORITY]
    lied = await world.fault("smartbridge")
    try:
        info, asked = _read(await request.read(), authority)
    except Malformed as error:
        return _fault(error)
    answer = await _answer(world, info, asked)
    lie = (lied.code or wss.LIES[0]) if lied else ""
    citizen = authority.key(world.adults()[0]) if lie == "person" else None
    wss.seal(answer, authority, lie=lie, citizen=citizen)
    return _sent(answer)


async def _answer(world: World, info: etree._Element, asked: etree._Element) -> etree._Element:
    name, handler = HANDLERS[get(info, "serviceId")]
    data = etree.Element("data")
    try:
        fault = await world.fault(name)
        if fault and fault.mode == "other":
            _mistake(world, asked)
        elif fault and fault.mode == "refuse":
            raise Refusal(fault.code or "REFUSED", "sandbox: this service is set to refuse")
        await handler(world, asked, data)
        if fault and fault.mode == "disagree":
            _disagree(data)
    except Refusal as error:
        return _response(world, info, status=(error.code, error.message), data=None)
    world.turn_after(name, [(iin.text or "").strip() for iin in asked.iter("iin")])
    return _response(world, info, status=SUCCESS, data=data)
