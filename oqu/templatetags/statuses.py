"""The tag of a status: of six words, written once in each language and then as often as a list has rows."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
_tags: dict[tuple[str | None, str], SafeString] = {}


@register.simple_tag(takes_context=True)
def status_tag(context: Context, status: str) -> SafeString:
    key = get_language(), str(status)
    if key not in _tags:
        assert context.template is not None
        found = context.template.engine.get_template("_components/status_tag.html")
        _tags[key] = SafeString(found.render(Context({"status": key[1]})).strip())
    return _tags[key]
