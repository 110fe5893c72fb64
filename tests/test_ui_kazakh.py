"""Django speaks Kazakh and Russian wherever a person can hear it."""

from datetime import date
from pathlib import Path

import django
import polib
import pytest
from django.utils import formats, translation

FOR_PEOPLE = ("core/", "forms/", "utils/", "db/models/base.py", "views/csrf.py")
FOR_DEVELOPERS = ("DEBUG=True", "Referer", "CSRF cookie", "disable cookies")
SAME_EVERYWHERE = {"IPv4", "IPv6", "…", ":", ":?.!", "%(truncated_text)s…", ", ", "URL"}
LOCALE = Path(django.__file__).parent / "conf" / "locale"


def django_texts() -> list[polib.POEntry]:
    catalogue = polib.pofile(str(LOCALE / "en" / "LC_MESSAGES" / "django.po"))
    return [
        entry
        for entry in catalogue
        if any(place.startswith(FOR_PEOPLE) for place, _ in entry.occurrences)
        and not any(word in entry.msgid for word in FOR_DEVELOPERS)
        and entry.msgid not in SAME_EVERYWHERE
    ]


def spoken(entry: polib.POEntry) -> str:
    if entry.msgid_plural:
        return translation.ngettext(entry.msgid, entry.msgid_plural, 5)
    if entry.msgctxt:
        return translation.pgettext(entry.msgctxt, entry.msgid)
    return translation.gettext(entry.msgid)


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_django_texts_are_translated(language: str) -> None:
    with translation.override(language):
        english = [
            entry.msgid for entry in django_texts() if spoken(entry) in (entry.msgid, entry.msgid_plural)
        ]

    assert english == []


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_placeholders_survive_translation(language: str) -> None:
    catalogue = polib.pofile(str(Path(__file__).parent.parent / f"locale/{language}/LC_MESSAGES/django.po"))
    wrong = []
    for entry in catalogue:
        names = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
        texts = [*entry.msgstr_plural.values()] or [entry.msgstr]
        wrong += [text for text in texts if not placeholders(text) <= names]

    assert wrong == []


def placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}


@pytest.mark.parametrize(
    ("language", "written"),
    [("kk", "2027 ж. 27 мамыр"), ("ru", "27 мая 2027 г.")],
)
def test_date_is_written_as_people_write_it(language: str, written: str) -> None:
    with translation.override(language):
        assert formats.date_format(date(2027, 5, 27)) == written
