"""What every page knows of a person's messages."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from notifications.models import Message


def unread(request: HttpRequest) -> dict:
    """`unread_messages`: how many the person has not seen; counted only where a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_messages": 0}
    return {"unread_messages": SimpleLazyObject(lambda: Message.objects.unread(user).count())}
