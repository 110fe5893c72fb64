"""The quick reader of papers reads what pyHanko's own does."""

import io

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from applications.papers import printing
from applications.papers.reader import PaperReader


def packed() -> bytes:
    rows = "<p>Қабылданды</p>" * 30
    return printing._print(f'<html lang="kk"><head><title>x</title></head><body>{rows}</body></html>')


def test_every_object_is_read_as_by_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    paper = packed()
    theirs, ours = PdfFileReader(io.BytesIO(paper)), PaperReader(paper)
    whole = pikepdf.open(io.BytesIO(paper))
    left_to_them: list[int] = []
    monkeypatch.setattr(
        PdfFileReader, "_get_object_from_stream", lambda *asked: left_to_them.append(asked[1])
    )

    read = {
        number: str(ours.get_object(Reference(number, 0, ours))) for number in range(1, len(whole.objects))
    }

    monkeypatch.undo()
    assert left_to_them == []
    assert read == {number: str(theirs.get_object(Reference(number, 0, theirs))) for number in read}


def test_what_is_not_in_its_stream_is_refused_as_by_the_library() -> None:
    ours = PaperReader(packed())
    ours.get_object(ours.root_ref)

    with pytest.raises(PdfReadError):
        ours._get_object_from_stream(9999, next(iter(ours._opened)), 0)
