"""Whatever a system answers, a gateway gives sound facts or one of its own errors, and nothing else."""

import dataclasses
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from egov import consent, enrolment, gate, http, login, medical, persons
from egov.errors import EgovError, Unavailable, Unreadable
from egov.gate import Gate, NotJson
from egov.tests.bender import bent_json, bent_xml
from egov.tests.cast import AIGUL

ARMAN, ARUZHAN = "200315599908", "191102699904"
ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<b:SendMessageResponse xmlns:b="http://bip.bee.kz/SyncChannel/v10/Types"><response><responseInfo><status>
<code>SCSS001</code></status></responseInfo><responseData><data>{}</data></responseData></response>
</b:SendMessageResponse></s:Body></s:Envelope>"""


def who(iin: str, name: str, sex: str, born: str) -> str:
    return (
        f"<person><iin>{iin}</iin><surname>Сәрсен</surname><name>{name}</name><patronymic/>"
        f"<birthDate>{born}</birthDate><gender><code>{sex}</code></gender></person>"
    )


def registered(iin: str) -> str:
    return (
        f"<registration><iin>{iin}</iin><address><kato>711210000</kato><street>Сәтбаев көшесі</street>"
        "<building>1</building><flat>12</flat><textKz>Есіл</textKz><textRu>Есиль</textRu></address></registration>"
    )


KIDS = [(ARMAN, "Арман", "1", "2020-03-15"), (ARUZHAN, "Аружан", "2", "2019-11-02")]
GOOD = {
    "person": who(AIGUL, "Айгүл", "2", "1990-07-08"),
    "children": "".join(f"<child><relation>PARENT</relation>{who(*kid)}</child>" for kid in KIDS),
    "address": "".join(registered(iin) for iin in (AIGUL, ARMAN, ARUZHAN)),
    "enrolment": f"<iin>{ARMAN}</iin><enrolment><organisationBin>990540099902</organisationBin>"
    "<organisationNameKz>Мектеп</organisationNameKz><organisationNameRu>Школа</organisationNameRu>"
    "<grade>1</grade><letter>Б</letter></enrolment>",
    "medical": f"<iin>{ARMAN}</iin><form>065/у</form><document><content>JVBERi0xLjc=</content>"
    "<issueDate>2026-01-02</issueDate><clinic>Емхана</clinic></document>",
    "consent": "<code>ref-1</code><status>GRANTED</status><token>tkn</token><public-key>pk</public-key>",
}
TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 60}
BASIC = {
    "person": {
        "iin": AIGUL,
        "surname": "Сәрсенова",
        "name": "Айгүл",
        "patronymic": "Маратқызы",
        "birthDate": "1990-07-08",
    }
}
PHONE = {"phone": "77011234501"}
ASK: dict[str, list[tuple[str, Callable[[], object]]]] = {
    "person": [("person", lambda: persons.person(AIGUL)), ("address", lambda: persons.person(AIGUL))],
    "children": [("children", lambda: persons.children(AIGUL)), ("address", lambda: persons.children(AIGUL))],
    "enrolment": [("enrolment", lambda: enrolment.current(ARMAN, consent_token="t"))],
    "medical": [("medical", lambda: medical.fetch(ARMAN, "065/у", consent_token="t"))],
    "consent": [
        ("consent", lambda: consent.request(AIGUL, subject_iin=ARMAN, scope="child")),
        ("consent", lambda: consent.status("ref-1")),
    ],
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What each system answers; of the sign-in by the end of the address."""
    found = {system: ENVELOPE.format(data).encode() for system, data in GOOD.items()}
    found |= {"token": json.dumps(TOKEN).encode(), "basic": json.dumps(BASIC).encode()}
    found["phone"] = json.dumps(PHONE).encode()

    def call(method: str, url: str, *, system: str, **_more: Any) -> http.Answer:
        return http.Answer(system, 200, found[url.rpartition("/")[2] if system == "login" else system])

    monkeypatch.setattr(http, "call", call)
    return found


def texts(value: Any) -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        value = list(vars(value).values())
    if isinstance(value, str):
        yield value
    for one in value if isinstance(value, list) else ():
        yield from texts(one)


def check(how: str, call: Callable[[], object]) -> Any:
    """The answer, with nothing in it that a page, a paper or a column could not take; None for an error."""
    try:
        found = call()
    except EgovError as error:
        assert len(str(error)) < 200 and gate.plain(str(error)), how
        return None
    assert all(gate.plain(text) and len(text) <= 8192 for text in texts(found)), how
    return found


@pytest.mark.parametrize("service", ASK)
def test_bent_answer_of_a_register_is_sound_or_an_error(service: str, answers: dict[str, bytes]) -> None:
    for system, call in ASK[service]:
        good, tried = answers[system], 0
        assert check("good", call) is not None
        for how, content in bent_xml(good.decode()):
            answers[system] = content
            check(f"{system}: {how}", call)
            tried += 1
        answers[system] = good
        assert tried > 60


@pytest.mark.parametrize("part", ["token", "basic", "phone"])
def test_bent_answer_of_the_sign_in_is_sound_or_an_error(part: str, answers: dict[str, bytes]) -> None:
    def identify() -> object:
        return login.identify(code="c", redirect_uri="http://x/")

    assert check("good", identify) == login.Identity(
        AIGUL, "Сәрсенова", "Айгүл", "Маратқызы", date(1990, 7, 8), "+77011234501"
    )
    for how, content in bent_json({"token": TOKEN, "basic": BASIC, "phone": PHONE}[part]):
        answers[part] = content
        found = check(f"{part}: {how}", identify)
        assert found is None or found.iin == AIGUL, how


def test_bent_child_costs_itself_and_not_the_family(answers: dict[str, bytes]) -> None:
    """Unless the whole answer makes no sense, the brother is there, and the lost one is counted."""
    good = ENVELOPE.format(GOOD["children"])
    second = good.index("<child>", good.index("<child>") + 1)
    iin, sex = f"<iin>{ARUZHAN}</iin>", "<code>2</code>"
    table = [(iin, ""), (iin, "<iin>000000000000</iin>"), (sex, "<code>9</code>"), (sex, "")]
    table += [("<name>Аружан</name>", bad) for bad in ("", "<name/>", f"<name>{'Ә' * 301}</name>")]
    table += [("<relation>PARENT</relation>", ""), (iin, iin + iin.replace("19", "18"))]
    for old, new in table[:-1]:
        answers["children"] = (good[:second] + good[second:].replace(old, new, 1)).encode()
        found = persons.children(AIGUL)
        assert ([one.person.iin for one in found], found.lost) == ([ARMAN], 1), (old, new)
        with pytest.raises(Unreadable):
            persons.child_of(AIGUL, ARUZHAN)
        assert persons.child_of(AIGUL, ARMAN) == found[0]


def test_same_child_twice_is_one_child(answers: dict[str, bytes]) -> None:
    answers["children"] = ENVELOPE.format(GOOD["children"] * 2).encode()

    assert [one.person.iin for one in persons.children(AIGUL)] == [ARUZHAN, ARMAN]


def test_school_counts_whatever_enrolment_stands_first(answers: dict[str, bytes]) -> None:
    inside = GOOD["enrolment"][GOOD["enrolment"].index("<enrolment>") :]
    preschool = inside.replace("<grade>1<", "<grade>0<")
    answers["enrolment"] = ENVELOPE.format(f"<iin>{ARMAN}</iin>{preschool}{inside}").encode()

    found = enrolment.current(ARMAN, consent_token="t")

    assert found is not None and found.grade == 1


def test_log_names_the_field_and_never_its_value(
    answers: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answers["basic"] = json.dumps({"person": BASIC["person"] | {"surname": "Құпиятек1"}}).encode()

    with pytest.raises(Unreadable):
        login.identify(code="c", redirect_uri="http://x/")

    assert "login: the field surname is not a name" in caplog.text
    assert "Құпиятек" not in caplog.text and AIGUL not in caplog.text


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Әл-Фараби", "Әл-Фараби"),
        ("O'Brien", "O'Brien"),
        ("Д’Артаньян", "Д’Артаньян"),
        ("ф. Нолькен", "ф. Нолькен"),
        ("Айгүл\0", "Айгүл"),
        ("\u202eАйгүл\u200b", "Айгүл"),
        (" Ким \t Чен\n", "Ким Чен"),
        ("Е\u0308лка", "Е\u0308лка"),
        ("Ә" * 300, "Ә" * 300),
        (None, ""),
        ("", ""),
    ],
)
def test_name_that_is_one_passes_whole(given: Any, name: str) -> None:
    assert Gate("x").name(given, "name") == name


@pytest.mark.parametrize(
    "given", ["Ә" * 301, "<b>", "А1", "---", "А😀", "\ud800", "А\ue000", 1, [], {}, True]
)
def test_name_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(Unreadable):
        Gate("x").name(given, "name")


def test_json_is_refused_quickly_however_deep() -> None:
    started = time.process_time()
    for content in (b"[" * 10**6, b'{"a":' * 10**5, b"1e999", b"[NaN]", b'{"a":1,"a":1}', b'["\\ud800"]'):
        with pytest.raises(NotJson):
            gate.loads(content)
    assert time.process_time() - started < 5
    with pytest.raises(NotJson):
        gate.loads(b"[" * 33 + b"]" * 33)
    assert gate.loads(b'{"a": [1, 2.5, "\xd3\x99", null]}') == {"a": [1, 2.5, "ә", None]}


def test_unreadable_is_a_kind_of_unavailable() -> None:
    """Who knows nothing of it tries later, and refuses nobody."""
    assert issubclass(Unreadable, Unavailable)
