"""Addresses of files for pages that must show even when nothing else works."""

from django import template
from django.conf import settings
from django.templatetags.static import static

register = template.Library()


@register.simple_tag
def stylesheet() -> str:
    """The stylesheet's address; an error page must not fail for want of a manifest."""
    try:
        return static("css/portal.css")
    except ValueError:
        return f"{settings.STATIC_URL}css/portal.css"
