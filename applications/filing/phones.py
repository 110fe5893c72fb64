"""Phone numbers of Kazakhstan, however people type them."""

import re

_TYPED = re.compile(r"[\d\s()+\-‑–.]*")
_KAZAKHSTAN = re.compile(r"7[67]\d{9}")  # +7 7… and +7 6…; +7 9… is Russia


def normal(text: str) -> str | None:
    """E.164, from «8 701 …», «701 …», «+7 (701) …» and city numbers; None when it is no number of ours."""
    if not _TYPED.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    if len(digits) == 10:
        digits = f"7{digits}"
    elif len(digits) == 11 and digits.startswith("8"):
        digits = f"7{digits[1:]}"
    return f"+{digits}" if _KAZAKHSTAN.fullmatch(digits) else None
