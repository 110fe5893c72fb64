"""The registers behind SmartBridge: persons, children, addresses, pupils, medical documents."""

import base64

from aiohttp import web
from lxml import etree

from sandbox import inbox, kdp, papers
from sandbox.people import FORMS, Human
from sandbox.registry import Service, register
from sandbox.shep import Refusal, add, get, send_message, service
from sandbox.texts import Text
from sandbox.world import World

EGOV_MOBILE = "eGov Mobile"
ON_PAPER = "PAPER"  # the parent's consent is in writing, at the school that asks
MODES = ("slow", "fail", "drop", "refuse", "late", "other")  # of the registers that are asked by number alone
OF_PEOPLE = (*MODES, "disagree")
REFUSES = Text("REFUSED коды бар жауап", "ответ с кодом REFUSED", "an answer with the code REFUSED")

register(
    Service(
        "person",
        Text("Жеке тұлғалар тізілімі", "Регистр физических лиц", "Register of persons"),
        Text("Т.А.Ә., туған күні, жынысы.", "Ф.И.О., дата рождения, пол.", "Names, birth date, sex."),
        REFUSES,
        modes=OF_PEOPLE,
    ),
    Service(
        "children",
        Text("Балалар мен қамқорлық", "Дети и опека", "Children and guardianship"),
        Text("Ересектің балалары.", "Дети взрослого.", "The children of an adult."),
        REFUSES,
        modes=OF_PEOPLE,
    ),
    Service(
        "address",
        Text("Тіркелген мекенжай", "Адрес регистрации", "Registered address"),
        Text(
            "КАТО коды, көше, үй, пәтер.",
            "Код КАТО, улица, дом, квартира.",
            "KATO code, street, house, flat.",
        ),
        REFUSES,
        modes=MODES,
    ),
    Service(
        "enrolment",
        Text("Ұлттық білім беру деректер қоры", "Национальная образовательная база", "Education database"),
        Text(
            "Бала қай мектепте, қай сыныпта.",
            "В какой школе и классе ребёнок.",
            "The child's school and grade.",
        ),
        REFUSES,
    ),
    Service(
        "medical",
        Text("Медициналық ақпараттық жүйе", "Медицинская информационная система", "Medical system"),
        Text(
            "065/у және 052-2/у нысандары (PDF).",
            "Формы 065/у и 052-2/у (PDF).",
            "Forms 065/у and 052-2/у (PDF).",
        ),
        REFUSES,
    ),
    Service(
        "notice",
        Text("eGov хабарламалары", "Уведомления eGov", "Notices of eGov"),
        Text(
            "Порталдың хабарламасын азаматтың eGov Mobile қосымшасына жеткізеді.",
            "Приносит уведомление портала в eGov Mobile гражданина.",
            "Brings a notice of the portal to the citizen's eGov Mobile.",
        ),
        REFUSES,
    ),
)


def _human(world: World, iin: str) -> Human:
    human = world.people.get(iin)
    if human is None:
        raise Refusal("PERSON_NOT_FOUND")
    return human


def _add_person(parent: etree._Element, human: Human) -> None:
    element = add(parent, "person")
    add(element, "iin", human.iin)
    add(element, "surname", human.surname)
    add(element, "name", human.name)
    add(element, "patronymic", human.patronymic)
    add(element, "birthDate", human.birth_date.isoformat())
    add(add(element, "gender"), "code", "1" if human.sex == "M" else "2")


@service("GBDFLUniversal_token", name="person")
async def person(world: World, asked: etree._Element, data: etree._Element) -> None:
    _add_person(data, _human(world, get(asked, "iin")))


@service("OQU_CHILDREN", name="children")
async def children(world: World, asked: etree._Element, data: etree._Element) -> None:
    adult = _human(world, get(asked, "iin"))
    add(data, "iin", adult.iin)
    for tie in adult.children:
        if tie.lost_until > world.time():
            continue
        element, child = add(data, "child"), _human(world, tie.iin)
        _add_person(element, child)
        add(element, "relation", tie.relation)
        if tie.document:
            add(element, "document", tie.document)
        for barred in child.hidden_from:
            bar = add(element, "hiddenFrom")
            add(bar, "iin", barred)
            add(bar, "document", child.hidden_by)


@service("OQU_REGISTERED_ADDRESS", name="address")
async def address(world: World, asked: etree._Element, data: etree._Element) -> None:
    for iin in asked.findall("iin"):
        human = _human(world, (iin.text or "").strip())
        if not human.address.kato:
            continue
        registration = add(data, "registration")
        add(registration, "iin", human.iin)
        element = add(registration, "address")
        add(element, "kato", human.address.kato)
        add(element, "street", human.address.street)
        add(element, "building", human.address.house)
        add(element, "flat", human.address.flat)
        add(element, "textKz", human.address.text_kk)
        add(element, "textRu", human.address.text_ru)


@service("OQU_ENROLMENT", name="enrolment")
async def enrolment(world: World, asked: etree._Element, data: etree._Element) -> None:
    human = _human(world, get(asked, "iin"))
    if get(asked, "consentBasis") != ON_PAPER:
        kdp.require(world, asked, human.iin)
    add(data, "iin", human.iin)
    if human.enrolment:
        element = add(data, "enrolment")
        add(element, "organisationBin", human.enrolment.bin)
        add(element, "organisationNameKz", human.enrolment.school_kk)
        add(element, "organisationNameRu", human.enrolment.school_ru)
        add(element, "grade", str(human.enrolment.grade))
        add(element, "letter", human.enrolment.letter)


@service("OQU_MEDICAL", name="medical")
async def medical(world: World, asked: etree._Element, data: etree._Element) -> None:
    human, form = _human(world, get(asked, "iin")), get(asked, "form")
    if form not in FORMS:
        raise Refusal("FORM_UNKNOWN")
    kdp.require(world, asked, human.iin)
    add(data, "iin", human.iin)
    add(data, "form", form)
    if form in human.papers:
        paper = await papers.issue(human, form, today=world.now().date())
        element = add(data, "document")
        add(element, "form", form)
        add(element, "clinic", paper.clinic)
        add(element, "issueDate", paper.issued_on.isoformat())
        add(element, "mime", "application/pdf")
        add(element, "content", base64.b64encode(paper.content).decode())


@service("OQU_NOTICE", name="notice")
async def notice(world: World, asked: etree._Element, data: etree._Element) -> None:
    human, key = _human(world, get(asked, "iin")), get(asked, "key")
    if not key or not get(asked, "text"):
        raise Refusal("REQUEST_INCOMPLETE")
    taken = world.part("notices")
    if key not in taken:  # the same key is one notice
        words = " ".join((get(asked, "text"), get(asked, "link"))).strip()
        taken[key] = str(inbox.put(world, to=f"iin:{human.iin}", sender=EGOV_MOBILE, text=words)["id"])
        world.changed()
    add(data, "reference", taken[key])


def routes(app: web.Application) -> None:
    app.router.add_post("/shep/bip-sync-wss-gost/", send_message)
