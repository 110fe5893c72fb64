"""The due time of an application for the reader's own calendar (D74)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import journal
from accounts.access import SignedInRequest, consented
from accounts.models import Shown
from applications.cabinet import calendar_file, listed, shared
from applications.filing.views.visit import load
from applications.status import UNDER_REVIEW


@require_GET
@never_cache
@consented
def due_time(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """While the school's answer is waited for; after it the link of an old page leads to the answer. What
    somebody else has left behind is given out as its page is shown (D34)."""
    now, left_behind = timezone.now(), listed.of_another(request.user, public_id)
    found = left_behind or load(request.user, public_id)
    if left_behind and (stopped := shared.stop_at_registers(request, found, now=now)):
        return stopped
    if found.status not in UNDER_REVIEW or found.due_at is None:
        messages.info(request, _("Енді жауап күтілмейді: өтінімнің барысын осы беттен қараңыз."))
        return redirect("cabinet:application", public_id)
    if left_behind:
        journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    school = found.chosen_intake.school.name
    content = calendar_file.of_due_time(found, due=found.due_at, school=school, now=now)
    headers = {"Content-Disposition": f'attachment; filename="oqu-{found.number}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
