"""The part of the page's frame that would cost every page the same work."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from oqu.templatetags.scripted import PACKED

register = template.Library()
MARKED = {"public", "catalogue", "papers"}  # rooms of which a link at the foot may be the page itself
_feet: dict[str | None, SafeString] = {}  # by language: nothing in them is of a person, a page or a moment


@register.simple_tag(takes_context=True)
def foot(context: Context) -> SafeString:
    """The end of the page: in rooms to which none of its links leads it is written once in each language."""
    request = context.get("request")
    page = getattr(request, "resolver_match", None)
    if page is None or page.namespace in MARKED:
        return _written(context, "_components/footer.html")
    language = get_language()
    if language in _feet:
        return _feet[language]
    written = _written(context, "_components/footer.html")
    if "aria-current" not in written:  # else it is of this page after all
        _feet[language] = written
    return written


@register.simple_tag(takes_context=True)
def refuses(context: Context) -> str:
    """Beside words that refuse where the answer's status does not say so: the page ends with its case."""
    _mark(context, "refuses")
    return ""


@register.simple_tag(takes_context=True)
def case_number(context: Context) -> SafeString:
    """D75: what to tell 1414 of this page, here and not at its end; in a part that only a script may show,
    besides there."""
    if not context.get(PACKED):
        _mark(context, "case_told")
    return _written(context, "_components/case.html")


def _mark(context: Context, as_what: str) -> None:
    request = context.get("request")
    if request is not None:
        request.__dict__[as_what] = True


def _written(context: Context, name: str) -> SafeString:
    assert context.template is not None
    found: SafeString = context.template.engine.get_template(name).render(context)
    return found
