"""A due time as staff read it: how much working time is left, or how late it is."""

from datetime import datetime
from typing import Any, cast

from django import template
from django.utils import timezone

from schools import calendar, due_words

register = template.Library()


@register.simple_tag(takes_context=True)
def due_in_words(context: template.Context, due: datetime) -> str:
    now = timezone.now()
    return due_words.in_words(due, now=now, days=_days(context, now=now))


def _days(context: template.Context, *, now: datetime) -> calendar.Days:
    """One question for all due times of a page, none where the page itself has asked it."""
    if (asked := context.get("working_days")) is not None:
        return cast(calendar.Days, asked)
    kept: dict[str, Any] = context["request"].__dict__
    days: calendar.Days | None = kept.get("working_days")
    if days is None:
        days = kept["working_days"] = calendar.load_days(now - calendar.BEHIND, now + calendar.HORIZON)
    return days
