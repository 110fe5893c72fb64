"""The QR code of a paper: the address of the public check page, and behind it a signed line that can be
checked without any network.

    https://<portal>/check/<token>/#OQU1.<key id>.<facts>.<signature>

The line is in capitals and digits (base32): a QR code packs those closer than mixed letters.

The facts are what the check page says too, and no more: number, kind, day, school, the child's initials.
What stands behind # never reaches a server or its log.
"""

import base64
import io
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.urls import reverse

from applications.papers import keys

MARK = "OQU1"
APPLICATION = "APPLICATION"
KINDS = {APPLICATION: "P", "ACCEPT": "A", "REFUSE": "R"}  # on paper one letter is enough
MAX_TEXT = 2_000  # of a QR code with its address; ours have a tenth of it
MASK = 3  # a fixed mask: choosing the best one costs three times the drawing


@dataclass(frozen=True)
class Facts:
    number: str
    kind: str  # APPLICATION, ACCEPT or REFUSE
    day: date
    school_bin: str
    initials: str


class Unproven(Exception):
    """The line is not ours, or not whole."""


def address(token: str) -> str:
    """Where anyone checks the paper: absolute, from the settings, never from the request."""
    return str(settings.PUBLIC_URL + reverse("papers:paper", args=[token]))


def site() -> str:
    """The check page without a paper, as it is printed for those who cannot scan."""
    return str(settings.PUBLIC_URL + reverse("papers:form"))


def line(facts: Facts) -> str:
    parts = [facts.number, KINDS[facts.kind], f"{facts.day:%y%m%d}", facts.school_bin, facts.initials]
    body = _pack("|".join(parts).encode())
    key_id, signature = keys.qr_sign(_signed_text(keys.current(keys.QR).id, body))
    return f"{MARK}.{key_id}.{body}.{_pack(signature)}"


def read(text: str) -> Facts:
    """The facts of a line (or of the whole text of a QR code), if the signature is ours."""
    if len(text) > MAX_TEXT:
        raise Unproven("not a line of ours")
    text = "".join(text.split()).rpartition("#")[2]
    try:
        mark, key_id, body, signature = text.split(".")
        key = keys.qr_public(key_id)
        if mark != MARK or key is None:
            raise Unproven("unknown key")
        key.verify(_unpack(signature), _signed_text(key_id, body))
        number, letter, day, school_bin, initials = _unpack(body).decode().split("|")
        kind = next(kind for kind, one in KINDS.items() if one == letter)
        signed_on = datetime.strptime(day, "%y%m%d").date()  # noqa: DTZ007  (a day, no moment)
        return Facts(number, kind, signed_on, school_bin, initials)
    except (ValueError, StopIteration, InvalidSignature) as error:
        raise Unproven("not a line of ours") from error


def qr_png(text: str) -> bytes:
    """One pixel a module; the page scales it without smoothing."""
    import qrcode
    from PIL import Image
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(text, optimize=20)
    code.make()
    picture = Image.new("1", (code.modules_count, code.modules_count))
    picture.putdata([not dark for row in code.modules for dark in row])
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _signed_text(key_id: str, body: str) -> bytes:
    return f"{MARK}.{key_id}.{body}".encode()


def _pack(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def _unpack(text: str) -> bytes:
    """Only as `_pack` writes it: the last letter has bits to spare, by which one line could be many."""
    data = base64.b32decode(text + "=" * (-len(text) % 8))
    if _pack(data) != text:
        raise ValueError("not as we write it")
    return data
