"""What a cell of a table holds, so that no spreadsheet takes it for a formula (D53, D62)."""

import re

# = + - @ in their usual, full-width and small forms, at the start of a cell or of what a spreadsheet with
# another separator takes for one: Excel in Kazakhstan splits at «;» whatever we write.
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
FORMULA = re.compile(rf'(^|[;,|])(?=[\s"]*[{SIGNS}])')
GUARDED = re.compile(rf"""(^|[;,|])'(?=[\s"]*[{SIGNS}])""")


def plain(text: str) -> str:
    """The text without letters that nobody sees: some of them no XLSX may hold."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text)


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet would begin to compute (OWASP, «CSV Injection»)."""
    shown = plain(text)
    return "'" + shown if text.startswith(("\t", "\r", "\n")) else FORMULA.sub(r"\1'", shown)


def bare(text: str) -> str:
    """The text as it was before `harmless`: a file of errors is mended and loaded again."""
    return GUARDED.sub(r"\1", text)
