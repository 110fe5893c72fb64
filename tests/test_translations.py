"""Every text of the portal exists in Kazakh (the source) and in Russian."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = ["accounts", "egov", "schools", "notifications", "applications", "oqu"]
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "N_"}


Text = tuple[str, str]  # its context and its words


def texts_of_python(source: str) -> set[Text]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            given = node.args[:2] if node.func.id.startswith("pgettext") else node.args[:1]
            said = [one.value for one in given if isinstance(one, ast.Constant)]
            words = [one for one in said if isinstance(one, str)]
            if len(words) == len(given):
                found.add((words[0] if len(words) == 2 else "", words[-1]))
    return found


STRING = r"""u?(?P<q>'''|\"\"\"|'|")(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)"""
TEMPLATE_CALL = re.compile(r"\b(?:_|gettext|ngettext)\(\s*" + STRING, re.S)


def texts_of_template(source: str) -> set[Text]:
    code = templatize(source)
    return {("", ast.literal_eval(f'"""{m["text"]}"""')) for m in TEMPLATE_CALL.finditer(code)}


def all_texts() -> dict[Text, str]:
    found: dict[Text, str] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if not {"tests", "migrations", "sandbox"} & set(path.parts):
                found |= dict.fromkeys(texts_of_python(path.read_text()), str(path.relative_to(ROOT)))
    for path in (ROOT / "templates").rglob("*.html"):
        found |= dict.fromkeys(texts_of_template(path.read_text()), str(path.relative_to(ROOT)))
    found.pop(("", ""), None)
    return found


@pytest.fixture(scope="module")
def russian() -> polib.POFile:
    return polib.pofile(str(ROOT / "locale/ru/LC_MESSAGES/django.po"))


def test_every_text_has_russian(russian: polib.POFile) -> None:
    whole = [entry for entry in russian if entry.translated() and not entry.fuzzy]
    translated = {(entry.msgctxt or "", entry.msgid) for entry in whole}
    missing = {text: place for text, place in all_texts().items() if text not in translated}

    assert missing == {}


def test_russian_has_nothing_that_no_page_says(russian: polib.POFile) -> None:
    used = set(all_texts())
    unused = [entry.msgid for entry in russian if (entry.msgctxt or "", entry.msgid) not in used]

    assert unused == []


def test_translations_keep_the_variables(russian: polib.POFile) -> None:
    variable = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
    wrong = []
    for entry in russian:
        forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        for form in forms:
            if set(variable.findall(form)) != set(variable.findall(entry.msgid)):
                wrong.append(entry.msgid)

    assert wrong == []


def test_the_extractor_sees_texts() -> None:
    assert texts_of_python('x = _("Кіру")') == {("", "Кіру")}
    assert texts_of_python('x = pgettext_lazy("result", "Бас тарту")') == {("result", "Бас тарту")}
    assert texts_of_template('{% load i18n %}{% trans "Кіру" %}{{ x|yesno:_("Иә,Жоқ") }}') >= {
        ("", "Кіру"),
        ("", "Иә,Жоқ"),
    }
    assert texts_of_template(
        "{% load i18n %}{% blocktrans trimmed with n=1 %}№ {{ n }}\n өтінім{% endblocktrans %}"
    ) == {("", "№ %(n)s өтінім")}
