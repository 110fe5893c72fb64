"""The due time of an application for the reader's own calendar (D74)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import SignedInRequest, consented
from applications.cabinet import calendar_file, listed
from applications.filing.views.visit import load
from applications.status import UNDER_REVIEW


@require_GET
@never_cache
@consented
def due_time(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """While the school's answer is waited for; after it the link of an old page leads to the answer."""
    found = listed.of_another(request.user, public_id) or load(request.user, public_id)
    if found.status not in UNDER_REVIEW or found.due_at is None:
        messages.info(request, _("Енді жауап күтілмейді: өтінімнің барысын осы беттен қараңыз."))
        return redirect("cabinet:application", public_id)
    school = found.chosen_intake.school.name
    content = calendar_file.of_due_time(found, due=found.due_at, school=school, now=timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="oqu-{found.number}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
