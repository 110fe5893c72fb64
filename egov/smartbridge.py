"""The SmartBridge (ШЭП) envelope: a synchronous SendMessage with one service's data inside, signed with the
organisation's key; of the answer only what the bus has signed is read (D78). See docs/protocols.md.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from lxml import etree

from egov import gate, http, wss
from egov.errors import Misconfigured, Refused, Unavailable, Unbelieved

logger = logging.getLogger(__name__)

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CHANNEL = "http://bip.bee.kz/SyncChannel/v10/Types"
SUCCESS = "SCSS001"
ROUND_SECONDS = 2.0  # for all questions that are asked side by side: somebody waits before a page
ALMATY = ZoneInfo("Asia/Almaty")
# From whose silence about somebody something follows, or whose answer names nobody: a signed one to another
# question would be believed.
NAMED = frozenset({"children", "address", "consent"})


def send(
    service: str,
    fields: Mapping[str, str | Sequence[str]],
    *,
    kind: str = "",
    repeat: bool = False,
    seconds: float | None = None,
    knock: bool = False,
) -> etree._Element:
    """The `data` of the service's answer. `service` is a key of SMARTBRIDGE_SERVICES, `kind` the xsi:type,
    `seconds` another patience than EGOV_TIMEOUT.

    Raises Refused with the service's own code, Misconfigured when the bus refuses the sender or we cannot
    sign, Unbelieved when that answer is none that we believe, Unavailable when there is no sound answer.
    """
    message = str(uuid.uuid4())
    answer = http.call(
        "POST",
        settings.SMARTBRIDGE_URL + "/",
        system=service,
        data=_signed(_envelope(service, fields, kind=kind, message=message), system=service),
        headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": ""},
        timeout=seconds,
        repeat=repeat,
        accept=(500,),  # a SOAP fault comes with it
        knock=knock,
    )
    body = _body(_parse(answer.content, system=service), system=service)
    return _data(body, system=service, message=message)


def text(parent: etree._Element, path: str) -> str:
    """Of the element at this path of local names, whatever the namespaces; "" when there is none."""
    found = parent.find(_path(path))
    return (found.text or "").strip() if found is not None else ""


def each(parent: etree._Element, path: str) -> list[etree._Element]:
    answer: list[Any] = parent.findall(_path(path))
    return answer


def _path(path: str) -> str:
    return "/".join(name if name == "." else "{*}" + name for name in path.split("/"))


def _envelope(
    service: str, fields: Mapping[str, str | Sequence[str]], *, kind: str, message: str
) -> etree._Element:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP, "xsi": XSI})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body", Id=str(uuid.uuid4()))
    sent = etree.SubElement(body, f"{{{CHANNEL}}}SendMessage", nsmap={None: CHANNEL})
    request = etree.SubElement(sent, "request", nsmap={None: ""})
    info = etree.SubElement(request, "requestInfo")
    _add(info, "messageId", message)
    _add(info, "serviceId", settings.SMARTBRIDGE_SERVICES[service])
    _add(info, "messageDate", datetime.now(ALMATY).isoformat(timespec="milliseconds"))
    sender = etree.SubElement(info, "sender")
    _add(sender, "senderId", settings.SMARTBRIDGE_SENDER)
    _add(sender, "password", settings.SMARTBRIDGE_PASSWORD)
    _add(info, "sessionId", str(uuid.uuid4()))
    data = etree.SubElement(etree.SubElement(request, "requestData"), "data")
    if kind:
        data.set(f"{{{XSI}}}type", kind)
    for name, value in fields.items():
        for one in [value] if isinstance(value, str) else value:
            _add(data, name, one)
    return envelope


def _signed(envelope: etree._Element, *, system: str) -> bytes:
    """Its bytes; after them nothing of it changes any more."""
    if settings.SMARTBRIDGE_WSS:
        try:
            wss.sign(envelope)
        except wss.Unsound as error:
            raise _unsound(error, system=system, of_ours=Misconfigured) from None
    content: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return content


def _unsound(error: wss.Unsound, *, system: str, of_ours: type[Misconfigured]) -> Unavailable:
    logger.warning("%s: signature: %s", system, error.words)
    return (of_ours if error.ours else Unavailable)(system, f"signature: {error.words}")


def _add(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = value


def _parse(content: bytes, *, system: str) -> etree._Element:
    """SOAP allows no DTD, so one is never read: no entity, no file and no address of it is followed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unavailable(system, "not XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unavailable(system, "a DTD in the answer")
    return root


def _body(envelope: etree._Element, *, system: str) -> etree._Element | None:
    """As it was signed. Who cannot read a signature of ours may send a fault without one of theirs: it says
    what is wrong, and not that nothing was done."""
    if not settings.SMARTBRIDGE_WSS:
        return envelope.find("{*}Body")
    try:
        return wss.body_of(envelope, now=timezone.now())
    except wss.Unsound as error:
        fault = envelope.find("{*}Body/{*}Fault")
        if fault is not None:
            raise _fault(fault, system=system, of_ours=Unbelieved) from None
        raise _unsound(error, system=system, of_ours=Unbelieved) from None


def _data(body: etree._Element | None, *, system: str, message: str) -> etree._Element:
    fault = body.find("{*}Fault") if body is not None else None
    if fault is not None:
        raise _fault(fault, system=system, of_ours=Misconfigured)
    response = body.find("{*}SendMessageResponse/{*}response") if body is not None else None
    if response is None:
        raise Unavailable(system, "no response in the envelope")
    _demand_own(text(response, "responseInfo/correlationId"), system=system, message=message)
    code = text(response, "responseInfo/status/code")
    if code != SUCCESS:
        raise Refused(system, code) if (code := gate.code(code)) else Unavailable(system, "no status")
    data = response.find("{*}responseData/{*}data")
    if data is None:
        raise Unavailable(system, "no data in the response")
    return data


def _demand_own(answered: str, *, system: str, message: str) -> None:
    """A signature says who has answered, and not what: an answer is to the message that it names."""
    if answered not in (message, ""):
        raise Unavailable(system, "the answer to another message")
    if not answered and system in NAMED and settings.SMARTBRIDGE_WSS:
        raise Unavailable(system, "the answer names no message")


def _fault(fault: etree._Element, *, system: str, of_ours: type[Misconfigured]) -> Unavailable:
    """The sender's fault is ours: name, password, service id. The bus's own may pass."""
    codes = [element.text or "" for element in fault.iter("{*}errorCode")]
    detail = f"fault {gate.code(codes[0].strip()) if codes else ''}".strip()
    return (of_ours if text(fault, "faultcode").endswith("Client") else Unavailable)(system, detail)
