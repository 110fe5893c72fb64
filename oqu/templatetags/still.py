"""What stays the same from page to page is found or written once in a process: addresses, and parts of
pages of which only few values decide."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Engine, Node
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as of_django
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.addresses import address

register = template.Library()
MOST_PARTS = 500


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's own, for all templates (settings: builtins)."""
    node = of_django(parser, token)
    return node if node.kwargs else Address(node.view_name, node.args, node.kwargs, node.asvar)


class Address(URLNode):
    """Without names of arguments."""

    def render(self, context: Context) -> SafeString:
        try:
            found = address(self.view_name.resolve(context), *[one.resolve(context) for one in self.args])
        except NoReverseMatch:
            if self.asvar is None:
                raise
            found = ""
        if self.asvar is None:
            return conditional_escape(found)
        context[self.asvar] = found
        return SafeString()


@register.simple_tag
def still(name: str, **values: Any) -> SafeString:
    """A part that knows nothing but the language and these values, each of a few."""
    return _written(name, get_language(), tuple(values.items()))


@lru_cache(MOST_PARTS)
def _written(name: str, language: str | None, values: tuple[tuple[str, Any], ...]) -> SafeString:
    known = {"LANGUAGE_CODE": language, **dict(values)}
    return Engine.get_default().get_template(name).render(Context(known))
