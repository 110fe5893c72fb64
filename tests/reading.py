"""A page as it reads: its words without the marks around them, in Kazakh and in Russian."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.utils import translation

UNSEEN = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<[^>]*>", re.S)


def words(answer: Any) -> str:
    """The text of an answer, or of a piece of HTML, in one line."""
    source = answer if isinstance(answer, str) else answer.content.decode()
    text = " ".join(html.unescape(UNSEEN.sub(" ", source)).split())
    return re.sub(r" (?=[.,:;!?)»])|(?<=[(«]) ", "", text)


def page(client: Client, address: str, language: str) -> str:
    """What a page says to a reader of this language."""
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200
    return words(answer)


def told(language: str, *pieces: str) -> str:
    """The instruction's words, or the Russian that the portal has for them."""
    if language == "kk":
        return " ".join(pieces)
    with translation.override(language):
        russian = [translation.gettext(piece) for piece in pieces]
    assert [kazakh for kazakh, ours in zip(pieces, russian, strict=True) if kazakh == ours] == []
    return " ".join(russian)


def unsaid(page: str, language: str, rules: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """What the page should say and does not."""
    expected = {rule: told(language, *pieces) for rule, pieces in rules.items()}
    return [(rule, text) for rule, text in expected.items() if text not in page]


def first_missing(page: str, labels: list[str]) -> str:
    """The first label that does not stand on the page after those before it; "" when all stand in order."""
    place = 0
    for label in labels:
        place = page.find(label, place)
        if place < 0:
            return label
        place += len(label)
    return ""
