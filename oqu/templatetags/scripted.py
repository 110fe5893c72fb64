"""What is there for scripts alone: a browser without them, or one that reads without styles and knows no
`hidden`, no `<dialog>` and no `<template>`, is not told what only a script can show."""

from django import template
from django.template import Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
PACKED = "packed_for_scripts"


@register.tag
def scripted(parser: Parser, token: Token) -> Node:
    """`{% scripted %}…{% endscripted %}`: packed into a block of data, out of which `packed.js` takes it.
    With `unless=value` it stands in the page as it is where the value is true."""
    values = token_kwargs(token.split_contents()[1:], parser)
    if values.keys() - {"unless"}:
        raise TemplateSyntaxError("scripted knows nothing but unless=")
    inner = parser.parse(("endscripted",))
    parser.delete_first_token()
    return Scripted(inner, values.get("unless"))


class Scripted(Node):
    def __init__(self, inner: NodeList, unless: FilterExpression | None) -> None:
        self.nodelist, self.unless = inner, unless

    def render(self, context: Context) -> SafeString:
        if context.get(PACKED) or (self.unless and self.unless.resolve(context)):
            return self.nodelist.render(context)
        with context.push(**{PACKED: True}):
            inner = self.nodelist.render(context)
        return mark_safe(f'<script type="text/html">{inner}</script>')  # noqa: S308 (a template has written it)
