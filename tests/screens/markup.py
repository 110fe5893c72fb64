"""What the Nu HTML checker would say of a page, as far as it can be asked without Java: errors of the parser,
and the rules that it found broken once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tinyhtml5.parser import HTMLParser

# Elements without a role of their own cannot be called anything.
NAMELESS = {"div", "span", "p", "b", "i", "em", "strong", "code", "small", "sub", "sup", "caption", "dl"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
NAMING = ("aria-label", "aria-labelledby")
REFERRING = ("for", "form", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls")


def remarks(html: str) -> list[str]:
    parser = HTMLParser(namespace_html_elements=False)
    tree = parser.parse(html)
    found = [f"{code} {data}" for _at, code, data in parser.errors]
    elements = [one for one in tree.iter() if isinstance(one.tag, str)]
    return [*found, *_of_ids(elements), *_of_names(elements), *_of_sections(elements)]


def _of_ids(elements: list[Any]) -> Iterator[str]:
    ids = Counter(one.get("id") for one in elements if "id" in one.attrib)
    yield from (f"id {name} stands {times} times" for name, times in ids.items() if times > 1)
    for one in elements:
        for attribute in REFERRING:
            for name in one.get(attribute, "").split():
                if name not in ids:
                    yield f"{attribute} of {one.tag} leads to no {name}"


def _of_names(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        if one.tag in NAMELESS and "role" not in one.attrib and any(name in one.attrib for name in NAMING):
            yield f"{one.tag} without a role has a name"


def _of_sections(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        if one.tag == "section" and not any(below.tag in HEADINGS for below in one.iter()):
            yield f"section {one.get('class', '')} has no heading"
