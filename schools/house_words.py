"""What departments write around the numbers of houses, brought to a small language.

Seven words are left: «нечет», «чет», «обе», «все» (a side of the street), «кроме» (without these), «с» and
«до» (from, up to), and «…» (to the end of the street). Everything else is a number with what follows it.
"""

import re
from collections.abc import Callable


def _each(kind: str, numbers: str) -> str:
    return ", ".join(f"{kind} {number}" for number in re.findall(r"\d+", numbers))


NUMBER = r"\d{1,4}(?:\s?/\s?\d{1,3})?(?:\s?[а-я](?![\wәғқңөұүһі]))?"
_FROM = r"\s*-?\s*(?:үйден|ші үйден|шы үйден|[дтн][еа]н)"
_UP_TO = r"\s*-?\s*(?:үйге|ші үйге|шы үйге|[гғкқ][еа])"
_HELPERS = (  # «жұп жағы», «четные номера домов»
    r"(?:\s*(?:жа[гқғ]\w*|сторон\w*|үйлер\w*|үй\b|дом\b|дома\b|номер\w*|нөмір\w*|сан\w*|числа\w*)\b[.:]?)*"
)
_ODD = r"(?:нечетн\w*|нечет|неч|тақ|так)\b\.?"
_EVEN = r"(?:четн\w*|чет|жұп|жуп)\b\.?"
_SIDE = rf"(?:{_ODD}|{_EVEN})"

# In this order: what a pattern makes is read by those below it.
_Meaning = str | Callable[[re.Match[str]], str]
_MEANINGS: tuple[tuple[str, _Meaning], ...] = (
    (r"(\d[а-я]?)\((\d{1,3})\)", r"\1/\2"),  # 70(1)
    (r"(\d)\s*-\s*([а-я])(?=\s*(?:$|[,;()\n]))", r"\1\2"),  # 12-а
    (rf"({NUMBER}){_FROM}\s+({NUMBER}){_UP_TO}\s+дейін\w*", r"с \1 до \2"),
    (
        rf"({NUMBER}){_FROM}\s+(?:бастап|жоғары|әрі(?: қарай)?|(?:көше\w* )?(?:соңына|аяғына) дейін)"
        r"(?:\s+(?:көше\w* )?(?:соңына|аяғына) дейін)?",
        r"с \1 … ",
    ),
    (rf"({NUMBER}){_UP_TO}\s+дейін\w*", r"до \1"),
    (r"(?:и )?до конца(?: улицы)?|и далее|и выше", " … "),
    (r"\bпо\b(?=\s*(?:\D{0,12})\d)", " до "),
    (r"\b(?:со|от)\b(?=\s+\D{0,12}\d)", "с"),
    (rf"(\d\s*{_SIDE}{_HELPERS})\s*(?:и|және|мен)\s*(?={_SIDE}{_HELPERS}\s*(?:с\s*)?\d)", r"\1, "),
    (rf"\b{_SIDE}{_HELPERS}\s*(?:и|және|мен|/)\s*{_SIDE}{_HELPERS}", " обе "),
    (r"\b(?:с )?обе\w* сторон\w*|\bекі жағы\w*", " обе "),
    (rf"\b{_ODD}{_HELPERS}", " нечет "),
    (rf"(?<!не)\b{_EVEN}{_HELPERS}", " чет "),
    (r"\b(?:за исключением|исключая|кроме)\b(?:\s+(?:жилых\s+)?домов|\s+дома)?", " кроме "),
    (r"\s*-?\s*(?:үйлерден|үйлерінен|үйден|[дтн][еа]н)?\s*\b(?:басқа\w*|қоспағанда)", " басқа "),
    (
        r"\b(?:барлық|барлығы|все|всё|весь|вся)\b(?:\s+(?:жилые\s+)?(?:үйлері?|үй|дома|дом|улица|көше|сторон\w*))?"
        r"(?:\s+(?:толық|толығымен|полностью))?"
        r"|\b(?:толығымен|толық|түгелімен|түгел|полностью|целиком)\b",
        " все ",
    ),
    (r"(\d)\s*-?\s*үй\b", r"\1"),
    (r"\b(?:жеке |жилые )?(?:дома|домов|дом|үйлері|үйлер|үй|дачи)\b[\s.:]*|\bд\.\s*|№", " "),
    (r"(\d[а-я]?)\s+(?:и|және|мен)\s+(?=\d)", r"\1, "),
    (r"\bучастки\s+((?:\d+\s*,\s*)*\d+)", lambda found: _each("уч", found[1])),
    (
        r"((?:\d+\s*,\s*)*\d+)\s*(?:-ші\s*)?блок(?:тар|тары|и)?\b(?!\s*\d)",
        lambda found: _each("блок", found[1]),
    ),
    (r"\bблоки\s+((?:\d+\s*,\s*)*\d+)", lambda found: _each("блок", found[1])),
)
_RULES = [(re.compile(pattern), meaning) for pattern, meaning in _MEANINGS]
_PREMISES = re.compile(
    r"\b(?:пом|помещени\w*|оф|офис\w*|кв|квартир\w*|пәтер\w*|н\.п)\b\.?\s*№?\s*\d+(?:\s*-\s*\d+)?"
)
_PRIVATE = re.compile(r"\(?\s*\b(?:жеке сектор|жеке меншік|частн\w+ сектор\w*|ч/с)\b\s*\)?[,.:]?")
_WITHOUT = (
    re.compile(r"\(\s*кроме\s+(?P<out>[^()]*)\)"),
    re.compile(r"\bкроме\s+(?P<out>[^;()]*)"),
    re.compile(r"\(\s*(?P<out>[^()]*?)\s*басқа\s*\)"),
    re.compile(r"(?<=все)\s*[,(]?\s*(?P<out>[^;()]*?)\s*басқа\s*\)?"),
    re.compile(r"^\s*(?P<out>[^;()]*?)\s*басқа\s+(?=все)"),
)


def in_few_words(tidied: str) -> str:
    """The list of houses in the small language; words that have no meaning here stay as they are."""
    for pattern, meaning in _RULES:
        tidied = pattern.sub(meaning, tidied)
    return tidied


def without_premises(tidied: str) -> tuple[str, bool]:
    """Flats and premises are no part of an address that a school serves."""
    text, count = _PREMISES.subn(" ", tidied)
    return text, bool(count)


def without_sector(tidied: str) -> tuple[str, bool]:
    """«жеке сектор барлық үйлер»: the houses of the street, and that they are private ones."""
    text, count = _PRIVATE.subn(" ", tidied)
    return text, bool(count)


def take_exceptions(words: str) -> tuple[str, str]:
    """The list without its exceptions, and the exceptions: «все (кроме 1-4)» is «все» and «1-4»."""
    for pattern in _WITHOUT:
        if found := pattern.search(words):
            return f"{words[: found.start()]} {words[found.end() :]}", found["out"]
    return words, ""
