"""The documents of an application as they are looked at in a page of its case: which page, turned how, how
large. It stands in the address, so that plain links do it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts import paths
from applications.documents import pictures
from applications.models import Appeal, Application, Document


@dataclass(frozen=True)
class Files:
    """Through which addresses the documents of a case are handed out."""

    document: str
    picture: str
    case: UUID


def of_school(application: Application) -> Files:
    return Files("review:document", "review:picture", application.public_id)


def of_department(appeal: Appeal) -> Files:
    return Files("review:appeal_document", "review:appeal_picture", appeal.public_id)


@dataclass(frozen=True)
class Look:
    document: Document
    at: str  # the page of the case with the place in the queue; whole, for a refused form has another
    files: Files
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
    def file(self) -> str:
        return reverse(self.files.document, args=[self.files.case, self.document.public_id])

    @property
    def picture(self) -> str:
        """Of its page, as it is looked at."""
        drawn = reverse(self.files.picture, args=[self.files.case, self.document.public_id, self.page])
        return f"{drawn}?{urlencode({'turn': self.turn, 'zoom': self.zoom})}"

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
        joint = "&" if "?" in self.at else "?"
        return f"{self.at}{joint}{asked}#d-{self.document.public_id}"


def looked_at(request: HttpRequest) -> QueryDict:
    """The document that stands open: beside a form that is shown again, the one it was written by."""
    return request.GET if request.method == "GET" else QueryDict(urlsplit(paths.page_of(request)).query)


def number(typed: str, most: int, *, least: int = 1) -> int:
    """Anything else is the least."""
    found = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else least
    return found if least <= found <= most else least


def looks(documents: Iterable[Document], query: QueryDict, *, at: str, files: Files) -> list[Look]:
    return [_look(one, query, at=at, files=files) for one in documents]


def _look(document: Document, query: QueryDict, *, at: str, files: Files) -> Look:
    if document.erased_at or query.get("document") != str(document.public_id):
        return Look(document, at, files)
    pages = pictures.pages_of(document)
    return Look(
        document,
        at,
        files,
        is_chosen=True,
        page=number(query.get("sheet", ""), max(pages, 1)),
        turn=number(query.get("turn", ""), 3, least=0),
        zoom=number(query.get("zoom", ""), len(pictures.LONGEST)),
        pages=pages,
    )
