"""The draft of an application, begun or gone on with."""

from django.db import IntegrityError, transaction

from accounts import written
from accounts.models import Child, User
from accounts.prepared import Prepared
from applications import drafts, facts
from applications.models import Application, Channel
from applications.status import Status

OWN_DRAFT = {"status": Status.DRAFT, "channel": Channel.ONLINE}
_DRAFT = Prepared(
    lambda user, child, year: Application.objects.filter(applicant=user, child=child, year=year, **OWN_DRAFT),
    int,
    int,
    int,
)


def open_draft(user: User, child: Child, *, year: int) -> Application:
    """The user's draft for this child: the open one, or a new one with its number."""
    with transaction.atomic():
        begun = _DRAFT.first(user.pk, child.pk, year) or _begin(user, child, year=year)
        begun.applicant, begun.child = user, child
        if not begun.number:
            drafts.give_number(begun)
            drafts.write(begun, registers_seen=facts.of_registers(begun))
    return begun


def _begin(user: User, child: Child, *, year: int) -> Application:
    draft = Application(applicant=user, child=child, year=year)
    try:
        with transaction.atomic():
            written.insert(draft)
    except IntegrityError:  # another window was quicker
        return Application.objects.get(applicant=user, child=child, year=year, **OWN_DRAFT)
    return draft
