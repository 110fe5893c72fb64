"""A page as WeasyPrint takes it, whose elements get their styles once in a process.

The library works them out anew for each document. Papers share two stylesheets and differ in their words:
what has the same rules below the same elements has the same styles in all of them, and to work these out,
with what is derived from them, was a fifth of a drawing. It stands on the inside of the release that
requirements.txt pins, and a test compares what both draw. Only who prints imports it: WeasyPrint takes half a
second and 60 MB.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from xml.etree import ElementTree

from cssselect2 import ElementWrapper
from weasyprint import CSS, DEFAULT_OPTIONS, HTML
from weasyprint.css import StyleFor
from weasyprint.css.targets import TargetCollector
from weasyprint.document import Document
from weasyprint.images import get_image_from_uri
from weasyprint.layout import LayoutContext

OWN = ("style", "id", "lang", "width", "height")  # attributes of which the library makes rules


@dataclass
class Known:
    """The styles of an element, its own under None and by its pseudo-elements, and what stands below it."""

    styles: dict[str | None, Any] = field(default_factory=dict)
    below: dict[tuple[Any, ...], "Known"] = field(default_factory=dict)


class Page(HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """One that is parsed already, with the few elements that papers are made of: the library's own stylesheet
    for all of HTML makes five more styles for each element."""

    def __init__(self, root: ElementTree.Element, elements: CSS, fetcher: Any, known: Known) -> None:
        self.base_url, self.url_fetcher, self.media_type = None, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element
        self.elements, self.known = elements, known

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [self.elements]

    def render(
        self, font_config: Any = None, counter_style: Any = None, color_profiles: Any = None, **options: Any
    ) -> Document:
        return _Laid._render(self, font_config, counter_style, color_profiles, DEFAULT_OPTIONS | options)


class _Laid(Document):  # type: ignore[misc]  # the same
    @classmethod
    def _build_layout_context(
        cls, html: Page, fonts: Any, counter_style: Any, _profiles: Any, options: dict[str, Any]
    ) -> LayoutContext:
        for styles in html._ua_counter_style():
            counter_style.update(styles)
        targets = TargetCollector()
        sheets = [(sheet, "user agent", None) for sheet in html._ua_stylesheets()]
        sheets += [(sheet, "user", None) for sheet in options["stylesheets"]]
        pictures = partial(get_image_from_uri, cache={}, url_fetcher=html.url_fetcher, options=options)
        return LayoutContext(_Styles(html, sheets, fonts, targets), pictures, fonts, counter_style, targets)


class _Styles(StyleFor):  # type: ignore[misc]  # the same
    """A page in which one element is new is worked out whole, and known from then on."""

    def __init__(self, html: Page, sheets: list[Any], fonts: Any, targets: TargetCollector) -> None:
        places = _places(html, sheets)
        if all(known.styles for _, known in places):
            self._cascaded_styles: dict[Any, Any] = {}
            self._computed_styles = {
                (element, pseudo): style
                for element, known in places
                for pseudo, style in known.styles.items()
            }
            self.initial_page_sizes = {"box": None, "area": None}
            self._sheets, self.font_config = sheets, fonts
            for anchor in (known.styles[None]["anchor"] for _, known in places):
                targets.collect_anchor(anchor)
            return
        super().__init__(html, sheets, False, fonts, targets)
        own: dict[Any, dict[str | None, Any]] = {}
        for (element, pseudo), style in self._computed_styles.items():
            own.setdefault(element, {})[pseudo] = style
        for element, known in places:
            known.styles = known.styles or own[element]


def _places(html: Page, sheets: list[Any]) -> list[tuple[Any, Known]]:
    """Each element with what is known of its place."""
    found: dict[Any, Known] = {}
    for wrapper in html.wrapper_element.iter_subtree():
        element = wrapper.etree_element
        above = found[wrapper.parent.etree_element] if wrapper.parent else html.known
        rules = [id(rule[3][0]) for sheet, _, _ in sheets for rule in sheet.matcher.match(wrapper)]
        place = (*rules, *map(element.get, OWN))
        found[element] = above.below.get(place) or above.below.setdefault(place, Known())
    return list(found.items())
