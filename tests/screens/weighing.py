"""What a first visit brings over the line: the page as the portal packs it, and what the page asks for."""

import gzip
import re
from functools import cache
from pathlib import Path

from tests.screens.rendering import Screen

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
ASKED_FOR = re.compile(r"""<(?:link|script|img)\b[^>]*\b(?:href|src)="/static/([^"]+)\"""")
BEHIND_THE_HERO = "img/shanyraq.svg"  # the one picture that the stylesheet asks for


def cold(screen: Screen) -> int:
    """Bytes, without the headers of the answers."""
    files = set(ASKED_FOR.findall(screen.html))
    if 'class="hero__inner"' in screen.html:
        files.add(BEHIND_THE_HERO)
    pictures = 0 if screen.name.startswith("review:") else sum(screen.pictures)  # who decides has no phone
    return screen.bytes_sent + sum(map(packed, files)) + pictures


@cache
def packed(name: str) -> int:
    """As WhiteNoise packs it: a file that becomes no smaller goes as it is."""
    content = (STATIC / name).read_bytes()
    return min(len(content), len(gzip.compress(content, 9)))
