"""The medical information system: forms 065/у and 052-2/у as files (R86, R87)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import date

from lxml import etree

from egov import formats, smartbridge
from egov.errors import Unavailable
from egov.gate import Gate
from egov.smartbridge import each, text


@dataclass(frozen=True)
class MedicalDocument:
    content: bytes  # as it came; whether it is a PDF that opens is for the reader to see
    issued_on: date | None
    clinic: str


def fetch(child_iin: str, form: str, *, consent_token: str, public_key: str = "") -> MedicalDocument | None:
    """The child's paper; form is "065/у" or "052-2/у"; None when the system has none. Raises Unavailable,
    Refused (no valid consent)."""
    fields = {"iin": child_iin, "form": form, "kdpToken": consent_token, "publicKey": public_key}
    data = smartbridge.send("medical", fields, repeat=True)
    if text(data, "iin") != child_iin or text(data, "form") != form:
        raise Unavailable("medical", "not the paper that was asked for")
    found = each(data, "document")
    return _paper(found[0]) if found else None


def _paper(element: etree._Element) -> MedicalDocument:
    try:
        content = base64.b64decode("".join(text(element, "content").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unavailable("medical", "the file is not base64") from None
    if not content:
        raise Unavailable("medical", "the file is empty")
    return MedicalDocument(
        content=content,
        issued_on=formats.day(text(element, "issueDate")),
        clinic=Gate("medical").line(text(element, "clinic"), "clinic", limit=500),
    )
