"""An in-person application that its applicant says they have not filed (D52)."""

from datetime import datetime

from django.db import transaction

from applications import messages
from applications.models import Application, Channel
from applications.status import ACTIVE, Status


def may_contest(application: Application) -> bool:
    """Filed by a school on paper, in force, and not contested yet."""
    on_paper = application.channel == Channel.IN_PERSON
    return on_paper and Status(application.status) in ACTIVE and application.contested_at is None


@transaction.atomic
def contest(application: Application, *, words: str, now: datetime) -> bool:
    """Told to the school and to the department; nothing is undone by it, for a seat is at stake: the
    applicant withdraws under their own signature, the school answers for its register. False: it is too
    late, or said already (a double click)."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("intake__school")
    locked = rows.get(pk=application.pk)
    if not may_contest(locked):
        return False
    locked.contested_at, locked.contest = now, words
    locked.save(update_fields=["contested_at", "contest", "updated_at"])
    messages.contested(locked, now=now)
    return True
