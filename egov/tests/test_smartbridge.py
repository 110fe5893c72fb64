"""The envelope: answers that are no answer, hostile XML, and what the sandbox's bus does not let in."""

import time
from typing import Any

import pytest
import requests

from egov import consent, enrolment, medical, persons, smartbridge
from egov.errors import EgovError, Misconfigured, Refused, Unavailable
from egov.tests.cast import AIGUL, DANIYAR
from egov.tests.odd_server import odd_server, ok
from tests.sandbox import Sandbox

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
CHANNEL = "http://bip.bee.kz/SyncChannel/v10/Types"


def envelope(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def response(data: str, *, code: str = "SCSS001") -> bytes:
    return envelope(
        f'<m:SendMessageResponse xmlns:m="{CHANNEL}"><response><responseInfo><status><code>{code}</code>'
        f"</status></responseInfo><responseData>{data}</responseData></response></m:SendMessageResponse>"
    )


def send(content: bytes, settings: Any, **options: Any) -> Any:
    with odd_server(ok(content)) as server:
        settings.SMARTBRIDGE_URL = server.url.rstrip("/")
        return options.get("call", lambda: smartbridge.send("person", {"iin": AIGUL}))()


def test_data_is_found_whatever_the_namespaces(settings: Any) -> None:
    data = send(
        response('<n:data xmlns:n="urn:x"><n:person><n:iin> 1 </n:iin></n:person></n:data>'), settings
    )

    assert smartbridge.text(data, "person/iin") == "1"


def test_values_are_escaped_and_the_envelope_is_as_the_bus_expects(settings: Any) -> None:
    with odd_server(ok(response("<data/>"))) as server:
        settings.SMARTBRIDGE_URL = server.url.rstrip("/")
        smartbridge.send("person", {"iin": ["<a>", "&"], "x": "ә"}, kind="someType")
        asked = server.asked[0].partition(b"\r\n\r\n")[2].decode()

    assert "<iin>&lt;a&gt;</iin><iin>&amp;</iin><x>ә</x>" in asked
    assert f'<SendMessage xmlns="{CHANNEL}"><request xmlns="">' in asked
    assert "<serviceId>GBDFLUniversal_token</serviceId>" in asked
    assert '<data xsi:type="someType">' in asked
    assert f"<senderId>{settings.SMARTBRIDGE_SENDER}</senderId>" in asked


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00", b"<", b"not xml", b"<a>", b"<html><body>502</body></html>", envelope(""),
        envelope("<other/>"), response(""), response("<other/>"), response("<data/>", code=""),
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>" * 100_000,
        response("<data>" + "<a>" * 1000 + "</a>" * 1000 + "</data>"),
    ],
)  # fmt: skip
def test_senseless_answer_is_unavailable(settings: Any, content: bytes) -> None:
    with pytest.raises(Unavailable):
        send(content, settings)


@pytest.mark.parametrize("code", ["Client", "soap:Client", "Server", "soap:Server"])
def test_fault_of_the_sender_is_refused_and_of_the_bus_unavailable(settings: Any, code: str) -> None:
    fault = envelope(
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>iin 900708499904</faultstring>"
        "<detail><e:x xmlns:e='urn:e'><e:errorCode>E1</e:errorCode></e:x></detail></s:Fault>"
    )

    with pytest.raises(EgovError) as caught:
        send(fault, settings)

    assert type(caught.value) is (Misconfigured if code.endswith("Client") else Unavailable)
    assert caught.value.detail == "fault E1"


def test_refusal_of_the_service_has_its_code(settings: Any) -> None:
    with pytest.raises(Refused, match="OTHER_CODE"):
        send(response("<data/>", code="OTHER_CODE"), settings)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "dtd",
    [
        f'<!ENTITY l0 "lol">{LAUGHS}',
        '<!ENTITY l11 SYSTEM "file:///etc/passwd">',
        '<!ENTITY l11 SYSTEM "http://127.0.0.1:9/">',
        f'<!ENTITY l11 "{"x" * 100_000}">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p; <!ENTITY l11 "x">',
    ],
)
@pytest.mark.parametrize("place", ["<data><iin>&l11;</iin></data>", '<data><iin a="&l11;"/></data>'])
def test_xml_bomb_and_foreign_entity_are_refused_fast(settings: Any, dtd: str, place: str) -> None:
    content = f"<!DOCTYPE a [{dtd}]>".encode() + response(place)
    started = time.monotonic()

    with pytest.raises(Unavailable):
        send(content, settings)

    assert time.monotonic() - started < 30  # what is expanded would never end


def test_dtd_of_another_encoding_is_refused_too(settings: Any) -> None:
    content = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY l "x">]>'.encode("utf-16")

    with pytest.raises(Unavailable):
        send(content + response("<data/>").decode().encode("utf-16")[2:], settings)


MALE = "<gender><code>1</code></gender>"
OTHERS = "<data><iin>880120399905</iin><form>065/у</form><enrolment><grade>1</grade></enrolment></data>"


@pytest.mark.parametrize(
    ("data", "call"),
    [
        ("<data/>", lambda: persons.person(AIGUL)),
        (f"<data><person><iin>{DANIYAR}</iin>{MALE}</person></data>", lambda: persons.person(AIGUL)),
        (f"<data><person><iin>{AIGUL}</iin></person></data>", lambda: persons.person(AIGUL)),  # no sex
        (OTHERS, lambda: enrolment.current(AIGUL, consent_token="t")),
        (
            OTHERS.replace(DANIYAR, AIGUL).replace(">1<", ">I<"),
            lambda: enrolment.current(AIGUL, consent_token="t"),
        ),
        (
            OTHERS.replace(DANIYAR, AIGUL).replace(">1<", "><"),
            lambda: enrolment.current(AIGUL, consent_token="t"),
        ),
        (OTHERS, lambda: medical.fetch(AIGUL, "065/у", consent_token="t")),
        ("<data/>", lambda: consent.request(AIGUL, subject_iin=AIGUL, scope="applicant")),
        ("<data/>", lambda: consent.status("x")),
        ("<data><status>MAYBE</status></data>", lambda: consent.status("x")),
        ("<data><status>GRANTED</status></data>", lambda: consent.status("x")),
    ],
)
def test_data_about_another_or_about_nothing_are_unavailable(settings: Any, data: str, call: Any) -> None:
    with pytest.raises(Unavailable):
        send(response(data), settings, call=call)


@pytest.mark.parametrize("content", ["", "не base64", "JVBERi0"])
def test_paper_that_is_no_file_is_unavailable(settings: Any, content: str) -> None:
    data = (
        f"<data><iin>{AIGUL}</iin><form>065/у</form><document><content>{content}</content></document></data>"
    )

    with pytest.raises(Unavailable):
        send(response(data), settings, call=lambda: medical.fetch(AIGUL, "065/у", consent_token="t"))


def test_paper_may_lack_clinic_and_date(settings: Any) -> None:
    document = "<document><content>JVBERi0x\nLjQ=</content></document>"
    data = f"<data><iin>{AIGUL}</iin><form>065/у</form>{document}</data>"

    paper = send(response(data), settings, call=lambda: medical.fetch(AIGUL, "065/у", consent_token="t"))

    assert paper == medical.MedicalDocument(b"%PDF-1.4", None, "")


def test_answer_over_the_limit_is_unavailable(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable):
        send(response("<data>" + "x" * 9_000_000 + "</data>"), settings)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "SCE001"),
        (b"<a", "SCE001"),
        (b"<a/>", "SCE002"),
        (envelope(f'<m:SendMessage xmlns:m="{CHANNEL}"><request/></m:SendMessage>'), "SCE002"),
        (f"<!DOCTYPE a [<!ENTITY l0 'lol'>{LAUGHS}]>".encode() + envelope("&l11;"), "SCE001"),
    ],
)
def test_bus_of_the_sandbox_lets_no_broken_envelope_in(sandbox: Sandbox, body: bytes, code: str) -> None:
    answer = requests.post(f"{sandbox.url}/shep/bip-sync-wss-gost/", data=body, timeout=10)

    assert answer.status_code == 500
    assert "<faultcode>soap:Client</faultcode>" in answer.text
    assert code in answer.text
