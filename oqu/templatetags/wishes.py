"""What a person has said of being told."""

from django import template
from django.template.context import Context

from notifications import wishes

register = template.Library()


@register.simple_tag(takes_context=True)
def reminds_of_opening(context: Context) -> bool:
    """D76: is the signed-in person reminded the evening before a region opens?"""
    return wishes.of(context["request"].user).openings
