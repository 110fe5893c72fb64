"""A citizen is looked up by IIN with a reason, so many times a day, and finds it in «Кім қарады» (D51)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import journal
from accounts.models import Child, Shown, User
from applications.models import LookUp
from schools.models import School


class TooMany(Exception):
    """As many of this person today as are allowed."""


@transaction.atomic
def note(
    *, by: User, school: School, applicant_iin: str, child_iin: str, why: str, words: str, now: datetime
) -> LookUp:
    """Before the registers are asked: whatever they answer, and if they answer nothing, it stands. A day is
    Almaty's; two at once are counted one after the other. Raises TooMany."""
    User.objects.select_for_update().get(pk=by.pk)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    today = LookUp.objects.filter(by=by, at__gte=midnight, at__lt=midnight + timedelta(days=1))
    if today.count() >= settings.LOOK_UPS_A_DAY:
        raise TooMany
    made = LookUp.objects.create(
        by=by, school=school, applicant_iin=applicant_iin, child_iin=child_iin, why=why, words=words, at=now
    )
    journal.read(made, child=Child.objects.filter(iin=child_iin).first(), what=Shown.LOOK_UP)
    return made
