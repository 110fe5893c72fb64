"""КДК (1414): asks a person by SMS, takes 511 for yes and anything else for no, gives tokens for consents."""

import secrets
from typing import Any

from lxml import etree

from sandbox import inbox
from sandbox.people import Human
from sandbox.registry import Service, register
from sandbox.shep import Refusal, add, get, service
from sandbox.texts import Text
from sandbox.world import World

NUMBER, YES = "1414", "511"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TOKEN_SECONDS = 180 * 24 * 3600

OWN = Text(
    "КДК: OQU жеке деректеріңізге қол жеткізуді сұрайды. Келісу үшін 511 деп жауап беріңіз.",
    "КДП: OQU запрашивает доступ к вашим персональным данным. Чтобы согласиться, ответьте 511.",
    "",
)
CHILD = Text(
    "КДК: OQU балаңыздың деректеріне қол жеткізуді сұрайды: {name}. Келісу үшін 511 деп жауап беріңіз.",
    "КДП: OQU запрашивает доступ к данным вашего ребёнка: {name}. Чтобы согласиться, ответьте 511.",
    "",
)
THANKS = Text("Келісіміңіз қабылданды.", "Ваше согласие принято.", "")
DENIED = Text("Келісім берілмеді.", "Согласие не дано.", "")
NOTHING = Text("Жауап күтетін сұрау жоқ.", "Нет запроса, ожидающего ответа.", "")

register(
    Service(
        "consent",
        Text("КДК, 1414", "КДП, 1414", "KDP, 1414"),
        Text(
            "Дербес деректерге келісімді SMS арқылы сұрайды; 511 жауабы келісім береді.",
            "Запрашивает согласие по SMS; ответ 511 его даёт.",
            "Asks for consent by SMS; the answer 511 grants it.",
        ),
        Text(
            "сұрау REFUSED кодымен қайтарылады",
            "запрос отклоняется с кодом REFUSED",
            "the request is refused with the code REFUSED",
        ),
    )
)


def _consents(world: World) -> dict[str, dict[str, Any]]:
    return world.part("consents")


@service("KDP_SERVICE", name="consent")
async def kdp(world: World, asked: etree._Element, data: etree._Element) -> None:
    kind = asked.get(XSI_TYPE, "").rpartition(":")[2]
    if kind == "getUserDataRequest":
        _ask(world, asked, data)
    elif kind == "getConsentStatusRequest":
        _tell(world, asked, data)
    else:
        raise Refusal("REQUEST_TYPE_UNKNOWN")


def _ask(world: World, asked: etree._Element, data: etree._Element) -> None:
    human = world.people.get(get(asked, "uin"))
    if human is None:
        raise Refusal("PERSON_NOT_FOUND")
    if not human.phone:
        raise Refusal("NO_PHONE", "no number in the Mobile Citizens Database")
    subject = world.people.get(get(asked, "subject_uin") or human.iin)
    if subject is None or not (subject == human or any(tie.iin == subject.iin for tie in human.children)):
        raise Refusal("SUBJECT_NOT_THEIRS")
    if not get(asked, "company_bin") or not get(asked, "access_name"):
        raise Refusal("REQUEST_INCOMPLETE")
    try:
        seconds = int(get(asked, "expiresIn")) / 1000
    except ValueError:
        raise Refusal("REQUEST_INCOMPLETE") from None
    code = secrets.token_urlsafe(16)
    _consents(world)[code] = {
        "iin": human.iin,
        "subject": subject.iin,
        "access": get(asked, "access_name"),
        "status": "PENDING",
        "until": world.time() + seconds,
    }
    text = OWN.to(human.lang) if subject == human else CHILD.to(human.lang).format(name=subject.name)
    if get(asked, "omit-sms") != "true":
        inbox.put(world, to=human.phone, sender=NUMBER, text=text)
    world.changed()
    add(data, "status", "PENDING")
    add(data, "code", code)


def _tell(world: World, asked: etree._Element, data: etree._Element) -> None:
    consent = _consents(world).get(get(asked, "code"))
    if consent is None:
        raise Refusal("REQUEST_UNKNOWN")
    add(data, "status", _status(world, consent))
    if consent["status"] == "GRANTED":
        add(data, "token", consent["token"])
        add(data, "public-key", consent["public_key"])


def _status(world: World, consent: dict[str, Any]) -> str:
    ends = {"PENDING": consent["until"], "GRANTED": consent.get("token_until", 0)}.get(consent["status"])
    if ends is not None and ends < world.time():
        consent["status"] = "EXPIRED"
        world.changed()
    return str(consent["status"])


def pending(world: World, human: Human) -> list[dict[str, Any]]:
    """Newest first."""
    mine = [consent for consent in _consents(world).values() if consent["iin"] == human.iin]
    return [consent for consent in reversed(mine) if _status(world, consent) == "PENDING"]


def reply(world: World, human: Human, text: str) -> None:
    """An SMS from this person's SIM card to 1414: it answers the newest request that waits."""
    waiting = pending(world, human)
    if not waiting:
        answer = NOTHING
    elif text.strip() == YES:
        code = next(code for code, consent in _consents(world).items() if consent is waiting[0])
        waiting[0] |= {
            "status": "GRANTED",
            "token": f"{code}.{secrets.token_urlsafe(32)}",
            "public_key": secrets.token_urlsafe(32),
            "token_until": world.time() + TOKEN_SECONDS,
        }
        answer = THANKS
    else:
        waiting[0]["status"] = "DENIED"
        answer = DENIED
    inbox.put(world, to=human.sim, sender=NUMBER, text=answer.to(human.lang))
    world.changed()


def revoke(world: World, iin: str) -> int:
    """The person takes every consent back; their tokens open nothing any more."""
    given = [each for each in _consents(world).values() if each["iin"] == iin and each["status"] == "GRANTED"]
    for consent in given:
        consent["status"] = "DENIED"
    world.changed()
    return len(given)


def require(world: World, asked: etree._Element, subject: str) -> None:
    """Raise Refusal unless the message carries a good token for data about `subject`."""
    token = get(asked, "kdpToken")
    consent = _consents(world).get(token.partition(".")[0])
    if not token or consent is None or not secrets.compare_digest(token, consent.get("token", "")):
        raise Refusal("CONSENT_REQUIRED")
    if consent["status"] != "GRANTED" or consent["token_until"] < world.time():
        raise Refusal("CONSENT_EXPIRED")
    if consent["subject"] != subject:
        raise Refusal("CONSENT_FOR_ANOTHER")
