"""What the sandbox's templates can do beyond Django's own."""

from datetime import date

from django import template

from sandbox.texts import Text

register = template.Library()


@register.filter
def to(text: Text | None, lang: str) -> str:
    """A sentence in the language of the page: {{ human.case|to:lang }}."""
    return text.to(lang) if text else ""


@register.filter
def grouped(number: str) -> str:
    """+77011234501 as people read it."""
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:10]} {number[10:]}" if number else ""


@register.filter
def day(value: date) -> str:
    """Django's own `date` asks for settings, and the sandbox has none."""
    return f"{value:%d.%m.%Y}"
