"""A receipt is made of the sheet that was signed, and looks and reads as if it had been drawn anew (R95)."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from accounts.models import Child, User
from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import drawing, printing, sheet
from applications.papers.tests.paper_cast import sign
from applications.papers.tests.test_papers import filed, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]
SHEET = range(30, 800)  # points below the upper edge; the foot tells the check's address in a line of its own


def receipt_of(application: Application, *, by: User, now: datetime) -> Paper:
    signature = sign(application, Purpose.APPLICATION, by=by, now=now)
    return Paper(application=application, kind=PaperKind.RECEIPT, signature=signature, token="t" * 22)


def words(pdf: bytes, path: Path) -> list[tuple[str, int, int]]:
    """With their places, to a third of a millimetre."""
    path.write_bytes(pdf)
    boxes = run("pdftotext", "-bbox", path, "-")
    found = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*?>(.*?)</word>', boxes)
    return sorted((word, round(float(x)), round(float(y))) for x, y, word in found if int(float(y)) in SHEET)


def is_drawn_whole(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> bool:
    templates: list[str] = []
    plain = printing.pdf

    def remember(template: str, *arguments: Any, **more: Any) -> bytes:
        templates.append(template.rpartition("/")[2])
        return plain(template, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(printing, "pdf", remember)
        drawing.paper_pdf(paper)
    return templates[-1] == "application.html"


@pytest.mark.rule("R95")
def test_receipt_has_every_word_in_the_place_where_a_whole_drawing_has_it(
    make_application: Callable[..., Application],
    parent: User,
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = receipt_of(filed(make_application, now=now), by=parent, now=now)
    made = drawing.paper_pdf(paper)
    monkeypatch.setattr(sheet, "completed", lambda *_: None)

    told, anew = words(made, tmp_path / "made"), words(drawing.paper_pdf(paper), tmp_path / "anew")

    assert [one[0] for one in told] == [one[0] for one in anew]
    assert all(abs(a[1] - b[1]) + abs(a[2] - b[2]) <= 1 for a, b in zip(told, anew, strict=True))
    with pikepdf.open(io.BytesIO(made)) as pdf:
        (page,) = pdf.pages
        page.contents_coalesce()
        drawn = page.Contents.read_bytes()
        marks = [int(mark) for mark in re.findall(rb"/MCID (\d+)", drawn)]
        read = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
        assert sorted(marks) == list(range(len(read)))
        assert all(mark in list(element.K) for mark, element in enumerate(read))
        assert all(element.Pg.objgen == page.objgen for element in read)
        fonts = {name.decode() for name in re.findall(rb"(/\w+) [\d.]+ Tf", drawn)}
        assert fonts == set(page.Resources.Font.keys())
        (title,) = pdf.open_outline().root
        assert [one.title for one in title.children][-1].startswith("Электрондық цифрлық қолтаңба қойылған")
        assert "/Keywords" not in pdf.docinfo  # the claim of an original


@pytest.mark.rule("R95", "D34")
def test_what_leaves_no_room_is_drawn_anew(
    make_application: Callable[..., Application],
    parent: User,
    child: Child,
    now: datetime,
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    application = filed(make_application, now=now)
    paper = receipt_of(application, by=parent, now=now)
    assert not is_drawn_whole(paper, monkeypatch)

    with subtests.test("too little room"), monkeypatch.context() as low:
        low.setattr(sheet, "_room", lambda _signed: sheet.Room(check="80pt", signed="700pt"))
        assert is_drawn_whole(paper, monkeypatch)
    with subtests.test("names corrected since"):
        application.corrected = {"applicant": "А", "child": "Б", "at": now.isoformat()}
        assert is_drawn_whole(paper, monkeypatch)

    two = pikepdf.open(io.BytesIO(drawing.application_pdf(application)))
    two.pages.append(two.pages[0])
    two.save(out := io.BytesIO())
    others = {
        "no PDF that opens": b"%PDF-1.7",
        "no place told": drawing.withdrawal_pdf(application),
        "two sheets": out.getvalue(),
    }
    for name, payload in others.items():
        with subtests.test(name):
            assert sheet.completed(payload, never) is None


@pytest.mark.rule("R95")
def test_original_of_another_structure_is_drawn_anew(
    make_application: Callable[..., Application],
    parent: User,
    now: datetime,
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paper = receipt_of(filed(make_application, now=now), by=parent, now=now)
    made, drawn = sheet.completed, list[bytes]()

    def remember(original: bytes, draw_over: Callable[[sheet.Room], bytes]) -> bytes | None:
        def over(room: sheet.Room) -> bytes:
            drawn.extend([original, draw_over(room)])
            return drawn[1]

        return made(original, over)

    with monkeypatch.context() as patch:
        patch.setattr(sheet, "completed", remember)
        drawing.paper_pdf(paper)
    original, over = drawn

    def is_made(change: Callable[[pikepdf.Pdf], None]) -> bool:
        with pikepdf.open(io.BytesIO(original)) as pdf:
            change(pdf)
            pdf.save(out := io.BytesIO())
        return made(out.getvalue(), lambda _room: over) is not None

    def spell_otherwise(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(page.Contents.read_bytes().replace(b"<</MCID ", b"<< /MCID "))

    others: dict[str, Callable[[pikepdf.Pdf], None]] = {
        "marks spelt otherwise": spell_otherwise,
        "no outline": lambda pdf: pdf.Root.__delattr__("Outlines"),
        "no numbers": lambda pdf: pdf.Root.StructTreeRoot.__delattr__("ParentTree"),
        "a place without a height": lambda pdf: pdf.Root.Names.Dests.Names.__setitem__(1, pikepdf.Array([])),
    }
    assert is_made(lambda _pdf: None)
    for name, change in others.items():
        with subtests.test(name):
            caplog.clear()
            assert not is_made(change)
            assert "an original of another structure is drawn anew" in caplog.text
    with subtests.test("marks drawn over it spelt otherwise"), monkeypatch.context() as patch:
        patch.setattr(sheet, "NUMBER", re.compile(rb"(?<=<</MCID )\d(?=>>)"))
        assert not is_made(lambda _pdf: None)


def never(_room: sheet.Room) -> bytes:
    raise AssertionError("nothing is drawn over it")
