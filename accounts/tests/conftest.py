"""eGov, the registers and 1414 in miniature, answering in place of the network (`egov.http.call`)."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import redis
from django.test import Client
from django.urls import reverse
from lxml import etree

from egov import http
from egov.errors import Unavailable

ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<b:SendMessageResponse xmlns:b="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo><status>
<code>{code}</code></status></responseInfo><responseData><data>{data}</data></responseData></response>
</b:SendMessageResponse></soap:Body></soap:Envelope>"""
ADDRESS = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "1", "flat": "12"}
ADDRESS |= {"text_kk": "Есіл ауданы, Сәтбаев көшесі, 1", "text_ru": "район Есиль, улица Сатпаева, 1"}


@dataclass
class Known:
    """A person of the registers."""

    iin: str
    surname: str
    name: str
    patronymic: str = ""
    birth_date: str = "1990-07-08"
    sex: str = "2"
    phone: str | None = ""  # None: eGov does not tell


AIGUL = Known("900708499904", "Сәрсенова", "Айгүл", "Маратқызы", phone="77011234501")
ARMAN = Known("200315599908", "Сәрсенов", "Арман", birth_date="2020-03-15", sex="1")
ARUZHAN = Known("191102699904", "Сәрсенова", "Аружан", birth_date="2019-11-02", sex="2")
FOREIGN = Known("201231599904", "Ким", "Артём", birth_date="2020-12-31", sex="1")


@dataclass
class Egov:
    people: dict[str, Known] = field(
        default_factory=lambda: {k.iin: replace(k) for k in (AIGUL, ARMAN, ARUZHAN)}
    )
    children: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # a sign-in code -> IIN
    answers: dict[str, str] = field(default_factory=dict)  # a consent's reference -> its status
    asked: list[dict[str, str]] = field(default_factory=list)  # what 1414 was asked to send
    down: set[str] = field(default_factory=set)
    refusals: dict[str, str] = field(default_factory=dict)  # a system -> the code it refuses with
    street: str = ADDRESS["street"]

    def call(
        self,
        method: str,
        url: str,
        *,
        system: str,
        data: Any = None,
        accept: Collection[int] = (),
        **more: Any,
    ) -> http.Answer:
        if system in self.down:
            raise Unavailable(system, "too late")
        path = urlsplit(url).path
        if path.endswith("/oauth/token"):
            return self._token(data)
        if "/resource/user/" in path:
            return self._resource(path.rpartition("/")[2], more["headers"]["Authorization"][len("Bearer ") :])
        if system in self.refusals:
            return http.Answer(system, 200, ENVELOPE.format(code=self.refusals[system], data="").encode())
        asked = etree.fromstring(data).find(".//{*}requestData/{*}data")
        return http.Answer(system, 200, self._bus(system, asked).encode())

    def _token(self, data: dict[str, str]) -> http.Answer:
        iin = self.codes.pop(data["code"], None)
        if iin is None:
            return http.Answer("login", 400, b'{"error": "invalid_grant"}')
        return http.Answer("login", 200, json.dumps({"access_token": iin}).encode())

    def _resource(self, name: str, token: str) -> http.Answer:
        one = self.people[token]
        if name == "phone":
            if "phone" in self.down:
                raise Unavailable("login", "too late")
            told = {} if one.phone is None else {"phone": one.phone}
            return http.Answer("login", 200, json.dumps(told).encode())
        facts = {"iin": one.iin, "surname": one.surname, "name": one.name, "patronymic": one.patronymic}
        return http.Answer(
            "login", 200, json.dumps({"person": facts | {"birthDate": one.birth_date}}).encode()
        )

    def _bus(self, system: str, asked: Any) -> str:
        iins = [element.text for element in asked.iter("{*}iin")]
        if system == "person":
            return self._data(self._person(iins[0]))
        if system == "children":
            rows = self.children.get(iins[0], [])
            return self._data("".join(
                f"<child><relation>{relation}</relation>{self._person(iin)}</child>" for iin, relation in rows
            ))  # fmt: skip
        if system == "address":
            return self._data("".join(self._registration(iin) for iin in iins))
        return self._consent(asked)

    def _consent(self, asked: Any) -> str:
        code = asked.findtext("{*}code")
        if code is None:
            self.asked.append({element.tag: element.text for element in asked})
            code = f"ref-{len(self.asked)}"
            self.answers[code] = "PENDING"
            return self._data(f"<status>PENDING</status><code>{code}</code>")
        if code not in self.answers:
            return ENVELOPE.format(code="REQUEST_UNKNOWN", data="")
        token = "<token>tkn</token><public-key>pk</public-key>" if self.answers[code] == "GRANTED" else ""
        return self._data(f"<status>{self.answers[code]}</status>{token}")

    def _person(self, iin: str) -> str:
        one = self.people[iin]
        return (
            f"<person><iin>{one.iin}</iin><surname>{one.surname}</surname><name>{one.name}</name>"
            f"<patronymic>{one.patronymic}</patronymic><birthDate>{one.birth_date}</birthDate>"
            f"<gender><code>{one.sex}</code></gender></person>"
        )

    def _registration(self, iin: str) -> str:
        where = ADDRESS | {"street": self.street}
        return (
            f"<registration><iin>{iin}</iin><address><kato>{where['kato']}</kato>"
            f"<street>{where['street']}</street><building>{where['house']}</building><flat>{where['flat']}</flat>"
            f"<textKz>{where['text_kk']}</textKz><textRu>{where['text_ru']}</textRu></address></registration>"
        )

    def _data(self, inner: str) -> str:
        return ENVELOPE.format(code="SCSS001", data=inner)

    def answer(self, status: str = "GRANTED") -> None:
        """The person answers the last SMS from 1414."""
        self.answers[list(self.answers)[-1]] = status


@pytest.fixture
def egov(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Egov]:
    settings.PUBLIC_URL = "http://testserver"
    world = Egov(children={AIGUL.iin: [(ARMAN.iin, "PARENT"), (ARUZHAN.iin, "GUARDIAN")]})
    monkeypatch.setattr(http, "call", world.call)
    yield world


@pytest.fixture
def own_redis(settings: Any) -> Iterator[str]:
    """The real Redis in place of the memory of one process, with keys of this test alone; its address."""
    address = settings.REDIS_URL
    backend = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": address,
        "KEY_PREFIX": (own := f"test-{uuid4().hex}"),
    }
    settings.CACHES = {"default": backend}
    settings.REDIS_PREFIX = own
    yield address
    client = redis.Redis.from_url(address)
    for key in client.scan_iter(f"*{own}:*"):
        client.delete(key)
    client.close()


def start(client: Client, **query: str) -> str:
    """Press «Кіру»; the state that eGov was given."""
    answer = client.get(reverse("accounts:login"), query)
    assert answer.status_code == 302, answer.status_code
    return parse_qs(urlsplit(answer["Location"]).query)["state"][0]


def come_back(client: Client, egov: Egov, state: str, *, iin: str = AIGUL.iin, code: str = "c0de") -> Any:
    egov.codes[code] = iin
    return client.get(reverse("accounts:callback"), {"state": state, "code": code})


def sign_in(client: Client, egov: Egov, *, iin: str = AIGUL.iin, **query: str) -> Any:
    return come_back(client, egov, start(client, **query), iin=iin)
