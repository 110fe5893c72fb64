"""The signed line in the QR code: checked without any network, says no more than the check page."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import qrcode
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

from applications.papers import keys, qr_line

pytestmark = pytest.mark.usefixtures("portal_keys")
FACTS = qr_line.Facts("2026-000123", "ACCEPT", date(2026, 6, 11), "990540099902", "С. А. М.")


def test_line_gives_its_facts_back_alone_and_in_a_whole_qr_text() -> None:
    line = qr_line.line(FACTS)

    assert qr_line.read(line) == FACTS
    assert qr_line.read(f"{qr_line.address('token')}#{line}") == FACTS
    assert qr_line.read(line[:50] + "\n  " + line[50:]) == FACTS  # copied from a PDF, where it is wrapped


@pytest.mark.parametrize("kind", ["APPLICATION", "ACCEPT", "REFUSE"])
def test_every_kind_of_paper_has_its_line(kind: str) -> None:
    facts = replace(FACTS, kind=kind)

    assert qr_line.read(qr_line.line(facts)) == facts


def test_line_of_ours_with_an_unknown_kind_is_no_line() -> None:
    body = qr_line._pack("2026-000123|X|260611|990540099902|С. А. М.".encode())
    key_id, signature = keys.qr_sign(qr_line._signed_text(keys.current(keys.QR).id, body))

    with pytest.raises(qr_line.Unproven):
        qr_line.read(f"OQU1.{key_id}.{body}.{qr_line._pack(signature)}")


def test_text_of_two_thousand_characters_is_still_read() -> None:
    line = qr_line.line(FACTS)
    longest = f"{'#' * (2000 - len(line))}{line}"

    assert qr_line.read(longest) == FACTS
    with pytest.raises(qr_line.Unproven):
        qr_line.read(f"#{longest}")


@pytest.mark.parametrize(
    ("capitals", "packed"),
    [(20, True), (19, False)],
)
def test_code_is_drawn_one_pixel_a_module_and_packs_the_line_closely(capitals: int, packed: bool) -> None:
    """Against the code made by hand: the address in bytes, the line in letters of 5.5 bits."""
    address, line = b"https://oqu.kz/check/x/#", b"OQU1." + b"A" * (capitals - 5)
    by_hand = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=3)
    parts = (
        [(address, MODE_8BIT_BYTE), (line, MODE_ALPHA_NUM)] if packed else [(address + line, MODE_8BIT_BYTE)]
    )
    for part, mode in parts:
        by_hand.add_data(QRData(part, mode=mode))

    drawn = Image.open(io.BytesIO(qr_line.qr_png((address + line).decode())))

    matrix = by_hand.get_matrix()
    assert (drawn.format, drawn.mode, drawn.size) == ("PNG", "1", (len(matrix), len(matrix)))
    assert [[not drawn.getpixel((x, y)) for x in range(len(matrix))] for y in range(len(matrix))] == matrix


def test_line_is_short_and_has_only_letters_that_a_qr_code_packs_closely() -> None:
    line = qr_line.line(FACTS)

    assert len(line) < 200
    assert set(line) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.")


def test_no_changed_line_is_accepted() -> None:
    line = qr_line.line(FACTS)
    for place, letter in enumerate(line):
        for other in {"A", "B", "7"} - {letter}:
            with pytest.raises(qr_line.Unproven):
                qr_line.read(line[:place] + other + line[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OQU1",
        "OQU1...",
        "OQU1.x.y.z",
        "OQU1.../../secret.A.B",
        "OQU1.261122.ӘҒҚ.ҢӨҰ",
        "http://x/#",
        "\x00" * 99,
    ],
)
def test_nonsense_is_no_line(text: str) -> None:
    with pytest.raises(qr_line.Unproven):
        qr_line.read(text)


def test_line_of_another_platform_with_our_key_id_is_refused(settings: Any, tmp_path: Path) -> None:
    ours = settings.KEYS_DIR
    settings.KEYS_DIR = tmp_path
    keys.make(keys.QR, now=timezone.now())
    line = qr_line.line(FACTS)

    settings.KEYS_DIR = ours

    with pytest.raises(qr_line.Unproven):
        qr_line.read(line)


def test_old_line_is_checked_after_rotation(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    first = keys.make(keys.QR, now=timezone.now())
    line = qr_line.line(FACTS)
    second = keys.make(keys.QR, now=timezone.now())
    (tmp_path / f"{first}.key").unlink()  # its private part is destroyed

    assert keys.current(keys.QR) == second
    assert qr_line.read(line) == FACTS
    assert qr_line.line(FACTS).split(".")[1] == second.id


def test_check_address_comes_from_the_settings(settings: Any) -> None:
    settings.PUBLIC_URL = "https://oqu.example.kz"

    assert qr_line.address("tok") == "https://oqu.example.kz/check/tok/"
    assert qr_line.site() == "https://oqu.example.kz/check/"


def test_verify_paper_reads_a_qr_text(capsys: pytest.CaptureFixture[str]) -> None:
    line = qr_line.line(FACTS)

    call_command("verify_paper", f"https://oqu.example.kz/check/x/#{line}")
    said = capsys.readouterr().out
    for fact in ("2026-000123", "decision: accepted", "2026-06-11", "990540099902", "С. А. М."):
        assert fact in said

    with pytest.raises(SystemExit):
        call_command("verify_paper", line[:-9])
    assert "NOT OURS" in capsys.readouterr().out
