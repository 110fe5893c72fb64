"""Django's library `i18n` under its own name (settings: libraries); words that stand in a template are looked
up once for each language."""

from typing import Any

from django import template
from django.template import Context, Node
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.templatetags.i18n import TranslateNode
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


@register.tag("trans")
@register.tag("translate")
def trans(parser: Parser, token: Token) -> Node:
    node = i18n.do_translate(parser, token)
    return Words(node) if isinstance(node, TranslateNode) and _is_fixed(node) else node


class Words(Node):
    """`{% trans "…" %}`, of which nothing but the language decides."""

    def __init__(self, node: TranslateNode) -> None:
        self._node = node
        self._told: dict[str | None, Any] = {}

    def render(self, context: Context) -> Any:
        language = get_language()
        if language not in self._told:
            self._told[language] = self._node.render(context)
        return self._told[language]


def _is_fixed(node: TranslateNode) -> bool:
    said = node.filter_expression
    fixed = isinstance(getattr(said.var, "literal", None), str) and not said.filters
    return fixed and not (node.noop or node.asvar or node.message_context)
