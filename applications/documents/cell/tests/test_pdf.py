"""A PDF taken apart and written anew: it looks the same, and holds nothing but what it shows."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from applications.documents.cell.grammar import KINDS
from applications.documents.cell.pdf import rewrite
from applications.documents.cell.streams import GLOBALS, TOLD
from applications.documents.cell.tests import benign_pdfs, heavy_pdfs, hostile_pdfs, refused_pdfs
from applications.documents.cell.tests.making import DRAWING, add, changed, field, sheets
from applications.documents.faults import Fault, Rejected

pytestmark = pytest.mark.rule("D9")
MENDED = {"a photo without its end"}  # shown whole where the original breaks off
KEYS = (
    {key for kind in KINDS.values() for key in (*kind.keys, *kind.adds)}
    | {
        "/Pages",
        "/Kids",
        "/Count",
        "/Parent",
        "/MediaBox",
        "/CropBox",
        "/Rotate",
        "/UserUnit",
        "/OCProperties",
    }
    | {"/Length", "/Filter", "/DecodeParms", GLOBALS, *(key for keys in TOLD.values() for key in keys)}
)
NAMED = {
    "/ExtGState",
    "/ColorSpace",
    "/Pattern",
    "/Shading",
    "/XObject",
    "/Font",
    "/Properties",
    "/CharProcs",
}
CPU_SECONDS, MEMORY = 3, 300 * 1024 * 1024
CELL = """
import resource, signal, sys
from applications.documents.cell.pdf import rewrite
from applications.documents.faults import Rejected
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
signal.setitimer(signal.ITIMER_PROF, {seconds})
try:
    print(len(rewrite(sys.stdin.buffer.read())))
except Rejected as rejected:
    print(rejected.fault)
"""


def fault_of(content: bytes) -> Fault | None:
    try:
        rewrite(content)
    except Rejected as rejected:
        return rejected.fault
    return None


def in_a_cell(content: bytes, seconds: float = CPU_SECONDS) -> str:
    """What a process says that has as little time and memory as the real one."""
    code = CELL.format(memory=MEMORY, seconds=seconds)
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=False)
    return "ENDED" if done.returncode < 0 else done.stdout.decode().strip()


# --- what it looks like ----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def kind_files() -> dict[str, bytes]:
    return benign_pdfs.corpus()


def test_a_kind_file_looks_as_it_did(kind_files: dict[str, bytes], tmp_path: Path) -> None:
    written = {name: rewrite(content) for name, content in kind_files.items()}

    changed = {
        name for name in written if shown(written[name], tmp_path) != shown(kind_files[name], tmp_path)
    }
    assert changed == MENDED
    assert len(written) >= 45


def test_no_sheet_is_without_end(kind_files: dict[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(rewrite(kind_files["endless, with a part shown"]))) as pdf:
        assert list(pdf.pages[0].mediabox) == [0, 0, 200, 200]


def test_a_kind_file_holds_its_pages_alone(kind_files: dict[str, bytes]) -> None:
    for name, content in kind_files.items():
        written = rewrite(content)
        assert rewrite(written) == written, name
        with pikepdf.open(io.BytesIO(written)) as pdf:
            assert pdf.check_pdf_syntax() == [], name
            assert foreign_keys(pdf) == set(), name
            assert set(pdf.trailer.keys()) == {"/Root", "/Size", "/ID"} | STREAMED, name


STREAMED = {"/Type", "/W", "/Length", "/Filter", "/DecodeParms"}  # the trailer is a stream


def shown(content: bytes, folder: Path) -> bytes:
    tool = shutil.which("pdftoppm")
    if not tool:
        pytest.skip("pdftoppm is not installed")
    path = folder / "file.pdf"
    path.write_bytes(content)
    done = subprocess.run([tool, "-cropbox", "-r", "36", path], capture_output=True, check=True)
    return done.stdout


def test_the_pictures_tell_one_file_from_another(kind_files: dict[str, bytes], tmp_path: Path) -> None:
    names = ("plain", "turned", "notes", "layers", "patterns", "a photo", "nothing")

    assert len({shown(kind_files[name], tmp_path) for name in names}) == len(names)


# --- what it holds ---------------------------------------------------------------------------------
def dictionaries(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, bool]]:
    """Every dictionary, and whether its keys are names that a page gave."""
    waiting: list[tuple[Any, bool]] = [(item, False) for item in pdf.objects if not _is_structure(item)]
    while waiting:
        item, named = waiting.pop()
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item, named
            pairs = [(key, item.get(key)) for key in item.keys() if key.isascii()]  # noqa: SIM118 (as below)
            waiting += [
                (value, key in NAMED and isinstance(value, pikepdf.Dictionary) and "/Type" not in value)
                for key, value in pairs
                if isinstance(value, pikepdf.Object) and not value.is_indirect
            ]
        elif isinstance(item, pikepdf.Array):
            waiting += [
                (each, False) for each in item if isinstance(each, pikepdf.Object) and not each.is_indirect
            ]


def _is_structure(item: Any) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Type") in ("/XRef", "/ObjStm")


def foreign_keys(pdf: pikepdf.Pdf) -> set[str]:
    return {key for item, named in dictionaries(pdf) if not named for key in item.keys()} - KEYS  # noqa: SIM118 (not a Python dict)


def everything(pdf: pikepdf.Pdf) -> bytes:
    streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
    return b"\n".join(
        [pdf.trailer.unparse(), *(item.unparse(resolved=True) for item in pdf.objects)]
        + [item.stream_dict.unparse() + item.read_raw_bytes() + _unpacked(item) for item in streams]
    )


def _unpacked(stream: Any) -> bytes:
    return b"" if stream.get("/Filter") in ("/DCTDecode", "/JPXDecode") else bytes(stream.read_bytes())


FORBIDDEN = re.compile(
    rb"/(JS|JavaScript|OpenAction|AA|AcroForm|Annots|EmbeddedFiles?|EF|AF|Metadata|PieceInfo|OPI|Ref|Alternates|URI"
    rb"|Launch|GoTo\w*|SubmitForm|ImportData|Rendition|Movie|Sound|RichMedia\w*|StructTreeRoot|Thread|B|Names|Info"
    rb"|Outlines|Filespec|FileAttachment|XFA|Thumb|PS|ViewerPreferences|Lang|FFilter|StructParents)\b"
)


@pytest.fixture(scope="module")
def attacks() -> dict[str, bytes]:
    return dict(hostile_pdfs.actions()) | dict(hostile_pdfs.attachments())


@pytest.mark.parametrize("place", hostile_pdfs.PLACES)
def test_nothing_that_runs_comes_through(place: str, attacks: dict[str, bytes]) -> None:
    """Nor a trace of which it was."""
    written = {kind: rewrite(attacks[f"{kind} {place}"]) for kind in hostile_pdfs.ACTIONS}

    assert len(set(written.values())) == 1
    assert_clean(written["JavaScript"])


def test_nothing_is_carried_along(attacks: dict[str, bytes]) -> None:
    base = rewrite(changed(hostile_pdfs.holders, sheets(DRAWING)))

    for name, _ in hostile_pdfs.attachments():
        written = rewrite(attacks[name])
        assert_clean(written)
        if name.endswith("everywhere") and name != "/Name everywhere":  # a layer may have one, of text
            assert written == base, name


def assert_clean(content: bytes) -> None:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert foreign_keys(pdf) == set()
        held = everything(pdf)
    assert hostile_pdfs.MARK.encode() not in held
    assert FORBIDDEN.findall(held) == []
    assert len(held) > 500


def test_the_search_finds_what_is_forbidden(attacks: dict[str, bytes]) -> None:
    clean = []
    for name, content in attacks.items():
        with pikepdf.open(io.BytesIO(content)) as pdf:
            held = everything(pdf)
        if hostile_pdfs.MARK.encode() not in held and not FORBIDDEN.search(held):
            clean.append(name)

    assert clean == []


# --- what is refused -------------------------------------------------------------------------------
def test_what_is_refused() -> None:
    cases = refused_pdfs.refused()

    assert {name: fault_of(content) for name, (_, content) in cases.items()} == {
        name: Fault(fault) for name, (fault, _) in cases.items()
    }
    assert {fault for fault, _ in cases.values()} == {"UNREADABLE", "ENCRYPTED", "PAGES", "PORTFOLIO", "FORM"}


HEAVY = heavy_pdfs.heavy()
ENDED_FROM_OUTSIDE = "objects in streams of blanks"  # opening it costs that much: nobody is asked before
BIG = (
    "contents of 2 GB",
    "contents in zeros of 85, deflated",
    "contents many times on a page",
    "pictures, many",
)


@pytest.mark.parametrize("name", sorted(HEAVY.keys() - {ENDED_FROM_OUTSIDE, *BIG}))
def test_what_costs_too_much_is_refused(name: str) -> None:
    assert fault_of(HEAVY[name]()) == Fault.HEAVY


@pytest.mark.parametrize("name", BIG)
def test_a_small_process_is_enough_to_refuse_it(name: str) -> None:
    assert in_a_cell(HEAVY[name]()) == "HEAVY"


def test_what_is_not_bounded_from_inside_is_ended() -> None:
    assert in_a_cell(HEAVY[ENDED_FROM_OUTSIDE](), seconds=0.7) == "ENDED"


def test_a_small_process_is_enough_for_a_kind_file(kind_files: dict[str, bytes]) -> None:
    assert in_a_cell(kind_files["signed, written by us"]).isdigit()


def test_a_filled_field_that_nobody_has_drawn_is_drawn() -> None:
    """A program that fills a form by its values alone leaves the drawing to the reader."""
    with pikepdf.open(io.BytesIO(rewrite(changed(lambda pdf: field(pdf, V="Aigul", AP=None))))) as pdf:
        assert b"(Aigul) Tj" in everything(pdf)


@pytest.mark.parametrize(("step", "fault"), [(10, None), (1, None), (0.2, Fault.HEAVY), (0, Fault.HEAVY)])
def test_tiles_without_number_are_refused(step: float, fault: Fault | None) -> None:
    """A page of them costs the file nothing, and who looks at it the rest of the day."""

    def tiled(pdf: pikepdf.Pdf) -> None:
        tile = pikepdf.Stream(pdf, b"0 0 5 5 re f")
        entries = {
            "PatternType": 1, "PaintType": 1, "TilingType": 1, "XStep": step, "YStep": step,
            "BBox": [0, 0, 10, 10], "Resources": pikepdf.Dictionary(), "Type": pikepdf.Name.Pattern,
        }  # fmt: skip
        for key, value in entries.items():
            tile[f"/{key}"] = value
        resources = pikepdf.Dictionary(Pattern=pikepdf.Dictionary(P=tile))
        add(pdf, b"/Pattern cs /P scn 0 0 600 800 re f", Resources=resources)

    assert fault_of(changed(tiled)) == fault


def test_hidden_field_need_not_be_drawn() -> None:
    def hidden(pdf: pikepdf.Pdf) -> None:
        add(pdf)
        one = pdf.make_indirect(
            pikepdf.Dictionary(
                {
                    "/Type": pikepdf.Name.Annot,
                    "/Subtype": pikepdf.Name.Widget,
                    "/FT": pikepdf.Name.Tx,
                    "/T": "a",
                    "/V": "Әлия",
                    "/F": 2,
                    "/Rect": [0, 0, 0, 0],
                }
            )
        )
        pdf.pages[0].Annots = pikepdf.Array([one])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([one]))

    assert fault_of(changed(hidden)) is None
