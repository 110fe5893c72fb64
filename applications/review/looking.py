"""The documents of an application as they are looked at in its page: which page, turned how, how large. It
stands in the address, so that plain links do it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from applications.documents import pictures
from applications.models import Document


@dataclass(frozen=True)
class Look:
    document: Document
    at: str  # the application's page with the place in the queue; whole, for a refused form has another
    is_chosen: bool = False
    page: int = 1
    turn: int = 0  # quarters
    zoom: int = 1
    pages: int = 1  # 0: it cannot be shown

    @property
    def is_picture(self) -> bool:
        return self.document.mime != pictures.PDF

    @property
    def is_open(self) -> bool:
        """A picture stands there by itself; a page of a PDF is drawn for who asks for it."""
        return self.is_picture or (self.is_chosen and self.pages > 0)

    @property
    def asked(self) -> str:
        """What the address of the picture has to carry."""
        return urlencode({"turn": self.turn, "zoom": self.zoom})

    @property
    def opened(self) -> str:
        return self._link()

    @property
    def turned(self) -> str:
        return self._link(turn=(self.turn + 1) % 4)

    @property
    def resized(self) -> str:
        return self._link(zoom=3 - self.zoom)

    @property
    def previous(self) -> str:
        return self._link(page=self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self._link(page=self.page + 1) if self.page < self.pages else ""

    def _link(self, **changes: int) -> str:
        look = {"sheet": self.page, "turn": self.turn, "zoom": self.zoom} | changes
        asked = urlencode({"document": str(self.document.public_id)} | look)
        return f"{self.at}&{asked}#d-{self.document.public_id}"


def number(typed: str, most: int, *, least: int = 1) -> int:
    """Anything else is the least."""
    found = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else least
    return found if least <= found <= most else least


def looks(documents: Iterable[Document], query: QueryDict, *, at: str) -> list[Look]:
    return [_look(one, query, at=at) for one in documents]


def _look(document: Document, query: QueryDict, *, at: str) -> Look:
    if document.erased_at or query.get("document") != str(document.public_id):
        return Look(document, at)
    pages = pictures.pages_of(document)
    return Look(
        document,
        at,
        is_chosen=True,
        page=number(query.get("sheet", ""), max(pages, 1)),
        turn=number(query.get("turn", ""), 3, least=0),
        zoom=number(query.get("zoom", ""), len(pictures.LONGEST)),
        pages=pages,
    )
