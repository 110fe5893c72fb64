"""A line of a list before its streets are looked for: what a PDF broke is joined, what is no address is left
out with a note, a second name in brackets is written after «=» (R69)."""

import re
from dataclasses import dataclass, field

from schools.addresses import tidy
from schools.house_words import in_few_words
from schools.remarks import Kind, Remark
from schools.spelling import composed, plain
from schools.streets import AREAS, find_types


@dataclass
class Prepared:
    text: str
    remarks: list[Remark] = field(default_factory=list)
    finished: bool = False  # there is nothing to read in it

    def say(self, kind: Kind, text: str = "") -> None:
        self.remarks.append(Remark(kind, text))

    def finish(self, kind: Kind) -> None:
        self.say(kind, self.text)
        self.finished = True


_IGNORED = re.compile(
    r"(?:приложени|косымша|приказ|распоряжени|буйрык|утвержден|бекитилген|№ ?п/п|р/с|страница|бет\b|улица$"
    r"|коше$|итого|адрес\w*$|мекенжай\w*$|перечень|тизим|территория обслуживания|закрепленн"
    r"|\d+\s*(?:бет|стр\.?)$"
    r"|коше\w* атау\w*$|наименование улиц\w*$)"
)
_BOUNDARY = re.compile(
    r"\b(?:лев|прав)\w+ сторон|границ|шекара|\bвдоль\b|\bквадрат\w* улиц|\b(?:сол|он) жа[гк]"
    r"|\bот (?:ул|пр|пер|бул)\w*\b.*\bдо (?:ул|пр|пер|бул)\w*\b"
    r"|(?:кошесинен|дангылынан|кошеден)\b.*(?:кошесине|дангылына|кошеге) дейин"
)
_CLASSES = re.compile(
    r"\(?\s*(\d+)\s*[-–]\s*\d+\s*(?:-ші\s*)?(?:сынып\w*|класс\w*|кл\b\.?)\s*\)?", re.IGNORECASE
)
_NUMBERING = re.compile(r"^\s*\d+(?:\)\s*|\.\s+(?=\D|\d+\w?[\s-]+[^\W\d]))")
_HYPHEN = re.compile(r"([^\W\d])-\s*\n\s*([а-яәғқңөұүһі])")
_COLON = re.compile(r"(\b(?:улицы|переулки|проспекты|микрорайоны|кварталы|ул\.))\s*:\s*", re.IGNORECASE)
_TORN = re.compile(r"([^\W\d]{4,})\s+((?:ный|ная|ное|ного|ной|ский|ская|ского|ской|вский|вская)\b)")
_FLATS = re.compile(r"(?:\bкв\.?|\bквартир\w*|\bпәтер\w*)\s*№?\s*\d+(?:\s*[-–]\s*\d+)?", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()]*)\)\s*")
_OLD = re.compile(r"(?:бұрынғы|бұр\.|бывшая|бывший|бывш\.|быв\.)\s*", re.IGNORECASE)
_ABOVE = re.compile(
    r"\s*(?:(?:г\.|город|район|обл\.|область)\s*[^\W\d]+|[^\W\d]+ (?:к\.|каласы|облысы|область)"
    r"|(?:(?!шагын|ыкшам)[^\W\d]+ )+(?:ауданы|район))\s*[,:]"
)


def prepare(raw: str) -> Prepared:
    """The line as it can be read, with notes on all that was left out or mended."""
    line = Prepared(_NUMBERING.sub("", composed(raw).strip(), count=1))
    if not line.text or _IGNORED.match(plain(line.text)):
        if line.text:
            line.say(Kind.IGNORED, line.text)
        line.finished = True
    elif _BOUNDARY.search(plain(line.text)):
        line.finish(Kind.BOUNDARY)
    else:
        _join(line)
        _leave_out_classes(line)
    if not line.finished:
        _leave_out_above(line)
        _read_brackets(line)
        line.text, flats = _FLATS.subn(" ", line.text)
        if flats:
            line.say(Kind.FLATS)
    return line


def _join(line: Prepared) -> None:
    """«Станкостроитель ный» and «Станкострои-» over two lines are one word."""
    text, hyphens = _HYPHEN.subn(r"\1\2", line.text)
    line.text, torn = _TORN.subn(r"\1\2", _COLON.sub(r"\1 ", text))
    if hyphens or torn:
        line.say(Kind.LINE_BREAK)


def _leave_out_classes(line: Prepared) -> None:
    """A list may say for which classes it is; what is not for the first is of no use here."""
    if found := _CLASSES.search(line.text):
        if int(found[1]) > 1:
            line.finish(Kind.OTHER_CLASSES)
        line.text = _CLASSES.sub(" ", line.text)


def _leave_out_above(line: Prepared) -> None:
    """Without the city and its district, which the file is about anyway."""
    while above := _ABOVE.match(plain(line.text)):
        line.say(Kind.IGNORED, line.text[: above.end()].strip(" ,:"))
        line.text = line.text[above.end() :]
    line.text = line.text.strip()


def _read_brackets(line: Prepared) -> None:
    """«Жеңіс (Победы) даңғылы» becomes «Жеңіс даңғылы = Победы»; houses in brackets stay as they are."""
    position = 0
    while found := _BRACKETS.search(line.text, position):
        name = _second_name(found[1].strip(), line)
        if name is None:
            position = found.end()
            continue
        before, after = line.text[: found.start()].rstrip(), line.text[found.end() :]
        kind = next((match.end() for _, match in find_types(plain(after)) if match.start() == 0), 0)
        position = found.start()
        line.text = f"{before} {after[:kind]}" + (f" = {name} " if name else " ") + after[kind:]


def _second_name(inside: str, line: Prepared) -> str | None:
    """The other name that stands in brackets, nothing for a place, None for what is no name."""
    if old := _OLD.match(inside):
        return inside[old.end() :]
    if re.search(r"\d", inside) or not re.match(r"\w", inside) or _is_of_houses(inside):
        return None
    kinds = {kind for kind, _ in find_types(plain(inside))}
    if kinds & AREAS:
        line.say(Kind.WITHIN, inside)
        return ""
    return inside if kinds or inside[0].isupper() else None


def _is_of_houses(inside: str) -> bool:
    words = re.findall(r"\w+", in_few_words(tidy(inside)))
    return all(word in ("нечет", "чет", "обе", "все", "жеке", "частный", "сектор") for word in words)
