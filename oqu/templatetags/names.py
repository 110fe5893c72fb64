"""Names that are stored in two languages; days and numbers of phones as people write them."""

from datetime import date, datetime
from typing import Protocol

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language

from accounts import models, phones
from schools import kazakh

register = template.Library()
KAZAKH = frozenset("әғқңөұүһіӘҒҚҢӨҰҮҺІ")  # letters that Russian does not have
ROOMS_TO_ASK = ("accounts", "cabinet", "notifications", "public")


class Named(Protocol):
    name_kk: str
    name_ru: str


@register.filter
def local_name(thing: Named) -> str:
    """The name of a school, place or language in the reader's language."""
    return thing.name_ru if get_language() == "ru" else thing.name_kk


@register.filter
def local_text(address: dict[str, str]) -> str:
    """The words of a registered address in the reader's language; "" where the register has told of none."""
    return address.get("text_ru" if get_language() == "ru" else "text_kk", "")


@register.filter
def marked(words: object) -> object:
    """What the registers, a person or a list have written, known to be Kazakh by its letters: on a Russian
    page it says so, for a voice that reads the page out."""
    if get_language() == "ru" and not KAZAKH.isdisjoint(str(words)):
        return format_html('<bdi lang="kk">{}</bdi>', words)
    return words


@register.filter(expects_localtime=True)
def since(day: date) -> str:
    """A day after which something begins, as a sentence needs it: «27 мамырдан», «27 мая»."""
    return date_format(day, "MONTH_DAY_FORMAT") if get_language() == "ru" else kazakh.since(day)


@register.filter(expects_localtime=True)
def until(day: date) -> str:
    """A day that ends something: «31 тамызға» дейін, до «31 августа»."""
    return date_format(day, "MONTH_DAY_FORMAT") if get_language() == "ru" else kazakh.until(day)


@register.filter(expects_localtime=True)
def to_the_second(at: datetime) -> str:
    """For `<time datetime>`: HTML allows a thousandth of a second at most, our rows hold millionths."""
    return at.isoformat(timespec="seconds")


@register.filter
def spaced(phone: str) -> str:
    return models.spaced(phone)


@register.filter
def phone_is_old(user: models.User) -> bool:
    """Should the number be shown with the day when eGov told it, and the person be asked about it (R103)?"""
    return phones.is_old(user, now=timezone.now())


@register.filter
def may_be_asked(request: HttpRequest) -> bool:
    """Not in the middle of a form or a signature, nor at work."""
    found = request.resolver_match
    return found is not None and found.namespace in ROOMS_TO_ASK


@register.filter
def phone_mark(user: models.User) -> str:
    return phones.mark(user)
