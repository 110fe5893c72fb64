"""What a screen reader finds in a paper: PDF/UA where it costs little (what veraPDF would be asked is in
docs/signatures.md)."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pikepdf
import pytest

from accounts.models import User
from applications import facts
from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import drawing
from applications.papers.tests.paper_cast import add_documents, sign
from applications.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


@pytest.fixture
def receipt(make_application: Callable[..., Application], parent: User, now: datetime) -> pikepdf.Pdf:
    application = make_application(Status.IN_REVIEW)
    add_documents(application, now=now)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now)
    paper = Paper(application=application, kind=PaperKind.RECEIPT, signature=signature, token="t" * 22)
    return pikepdf.open(io.BytesIO(drawing.paper_pdf(paper, stamped=False)))


def elements(node: Any) -> Iterator[pikepdf.Dictionary]:
    if isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
    kids = node.get("/K", []) if isinstance(node, pikepdf.Dictionary) else node
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary | pikepdf.Array):
            yield from elements(kid)


def test_paper_is_tagged_with_its_language_and_title(receipt: pikepdf.Pdf) -> None:
    assert receipt.Root.MarkInfo.Marked
    assert str(receipt.Root.Lang) == "kk"
    assert [item.title for item in receipt.open_outline().root] == ["Өтінім / Заявление"]
    assert "Өтінім" in str(receipt.docinfo["/Title"]) or "өтінім" in str(receipt.docinfo["/Title"])


def test_only_the_list_of_documents_is_a_table(receipt: pikepdf.Pdf) -> None:
    kinds = [str(one.S) for one in elements(receipt.Root.StructTreeRoot)]

    assert kinds.count("/Table") == 1
    assert kinds.count("/TH") == 4


def test_every_picture_has_words_in_its_place(receipt: pikepdf.Pdf) -> None:
    figures = [one for one in elements(receipt.Root.StructTreeRoot) if one.S == "/Figure"]

    assert figures
    assert all(str(one.get("/Alt", "")) for one in figures)
