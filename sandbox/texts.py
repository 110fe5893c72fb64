"""A sentence in the three languages of the sandbox."""

from typing import NamedTuple

LANGUAGES = ("kk", "ru", "en")


class Text(NamedTuple):
    kk: str
    ru: str
    en: str

    def to(self, lang: str) -> str:
        return str(getattr(self, lang if lang in LANGUAGES else "kk"))
