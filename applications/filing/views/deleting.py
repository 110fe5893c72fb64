"""A draft's deletion, asked for twice: by a second click, or after «Back». The second time there is nothing
left to find, and the person is told that it is done, not that it was never there."""

from django.http import HttpRequest

from applications import drafts
from applications.models import Application

KEY = "deleted_draft"


def delete(request: HttpRequest, draft: Application) -> None:
    """Raises drafts.NotADraft."""
    request.session[KEY] = str(draft.public_id)
    request.session.save()  # before the row goes: a second click does not wait for the first one's answer
    drafts.delete(draft)


def is_done(request: HttpRequest, public_id: object) -> bool:
    """Of a draft that is not found: did this very person delete it just now? The session is read anew, for
    the first click may have written into it after the second one came."""
    if type(request.session)(request.session.session_key).get(KEY) != str(public_id):
        return False
    request.session[KEY] = str(public_id)
    return True
