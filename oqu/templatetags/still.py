"""What stays the same from page to page is found or written once in a process: addresses that nothing is put
into, and parts of pages of which only few values decide."""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context, Engine, Node
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as of_django
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
MOST_ADDRESSES, MOST_PARTS = 500, 500


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's own, for all templates (settings: builtins)."""
    node = of_django(parser, token)
    if node.args or node.kwargs:
        return node
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


class Address(URLNode):
    """Without arguments."""

    def render(self, context: Context) -> SafeString:
        name = self.view_name.resolve(context)
        found = _reversed(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
        if self.asvar is None:
            return conditional_escape(found)
        context[self.asvar] = found
        return SafeString()


@lru_cache(MOST_ADDRESSES)
def _reversed(name: str, urlconf: str, _prefix: str) -> str:
    return reverse(name, urlconf=urlconf)


@register.simple_tag
def still(name: str, **values: Any) -> SafeString:
    """A part that knows nothing but the language and these values, each of a few."""
    return _written(name, get_language(), tuple(values.items()))


@lru_cache(MOST_PARTS)
def _written(name: str, language: str | None, values: tuple[tuple[str, Any], ...]) -> SafeString:
    known = {"LANGUAGE_CODE": language, **dict(values)}
    return Engine.get_default().get_template(name).render(Context(known))
