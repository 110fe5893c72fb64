"""Names that are stored in two languages; numbers of phones as people write them."""

from typing import Protocol

from django import template
from django.utils.translation import get_language

from accounts import models

register = template.Library()


class Named(Protocol):
    name_kk: str
    name_ru: str


@register.filter
def local_name(thing: Named) -> str:
    """The name of a school, place or language in the reader's language."""
    return thing.name_ru if get_language() == "ru" else thing.name_kk


@register.filter
def spaced(phone: str) -> str:
    return models.spaced(phone)
