"""Styles that were worked out for other papers draw what the library would draw (R95, R100)."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import Child, User
from applications.models import Application, Paper, PaperKind, Purpose, RefusalReason, Result
from applications.papers import drawing, printing, sheet
from applications.papers.styles import Known, Page
from applications.papers.tests.paper_cast import decided, sign
from applications.papers.tests.test_papers import filed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


def draw(page: str, known: Known) -> bytes:
    press = printing._press()
    made: bytes = Page(printing._read(page), press.page.keywords["elements"], press.fetcher, known).write_pdf(
        stylesheets=[press.stylesheet], font_config=press.fonts, pdf_variant=printing.VARIANT
    )
    return made


def places(known: Known) -> int:
    return sum(1 + places(one) for one in known.below.values())


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each page as it went to print."""
    printed: list[str] = []
    plain = printing._print

    def remember(page: str, **enclosed: Any) -> bytes:
        printed.append(page)
        return plain(page, **enclosed)

    monkeypatch.setattr(printing, "_print", remember)
    return printed


def test_every_paper_is_drawn_as_if_it_were_the_first_of_its_process(
    make_application: Callable[..., Application],
    parent: User,
    director: User,
    now: datetime,
    pages: list[str],
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    application = filed(make_application, now=now, special_needs=True)
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now)
    receipt = Paper(application=application, kind=PaperKind.RECEIPT, signature=signature, token="t" * 22)
    drawing.paper_pdf(receipt)
    with monkeypatch.context() as whole:
        whole.setattr(sheet, "completed", lambda *_: None)
        drawing.paper_pdf(receipt, stamped=False)
    drawing.withdrawal_pdf(application)
    asked = {"asked_at": now.isoformat(), "why": "Бет жоқ.", "application_sha256": "0" * 64, "supplement": 1}
    drawing.supplement_pdf(application, stated=asked | {"document": application.snapshot["documents"][0]})
    refusal = {"result": Result.REFUSE, "reason_code": RefusalReason.NO_SEATS, "reason": "Орындар толды."}
    decision = decided(application, by=director, now=now, **refusal)
    signature = sign(application, Purpose.DECISION, by=director, now=now, decision=decision)
    notice = Paper(application=application, kind=PaperKind.NOTICE, signature=signature, token="t" * 22)
    for decision.result in (Result.REFUSE, Result.ACCEPT):
        drawing.paper_pdf(notice)

    assert len(pages) >= 8
    first = [draw(page, Known()) for page in pages]
    known = Known()
    for page in reversed(pages):
        draw(page, known)
    for number, page in enumerate(pages):
        with subtests.test(number=number):
            assert draw(page, known) == first[number]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"%s><path d="M0 0h1v1z"/></svg>'
ELEMENTS = {
    "style": ("<p%s>x</p>", "font-size: 20pt"),
    "id": ("<p%s>x</p>", "check"),
    "lang": ("<b%s>x</b>", "ru"),
    "width": (SVG, "40mm"),
    "height": (SVG, "40mm"),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_attribute_of_which_the_library_makes_a_rule_makes_a_place(name: str) -> None:
    element, value = ELEMENTS[name]
    one, other = (
        f'<html lang="kk"><head><title>x</title></head><body>{element % given}</body></html>'
        for given in ("", f' {name}="{value}"')
    )
    known = Known()

    draw(one, known)
    before = places(known)

    assert draw(other, known) == draw(other, Known()) and places(known) > before
    assert draw(one, known) == draw(one, Known())


def test_words_make_no_new_place(
    make_application: Callable[..., Application], child: Child, parent: User, now: datetime, pages: list[str]
) -> None:
    """Else a worker would grow with each paper."""
    application = filed(make_application, now=now)
    drawing.application_pdf(application)
    application.snapshot["applicant"]["name"] = application.snapshot["child"]["name"] = "Әбдірахманова Ұлжан"
    application.number = application.snapshot["number"] = "2027-999999"
    drawing.application_pdf(application)
    known = Known()

    draw(pages[-2], known)
    before = places(known)
    draw(pages[-1], known)

    assert pages[-1] != pages[-2] and places(known) == before > 50


def test_threads_of_a_process_print_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, together = [0], [0]
    second = threading.Event()

    def look(_page: str, _enclosures: Any) -> bytes:
        inside[0] += 1
        together[0] = max(together[0], inside[0])
        second.wait(0.2)  # long enough for the other to come in, were it let
        inside[0] -= 1
        return b""

    monkeypatch.setattr(printing, "_print_alone", look)
    threads = [threading.Thread(target=printing._print, args=(f"{one}",)) for one in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert together == [1]
