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
from applications import obstacles, registers
from applications.cabinet import calendar_file, listed
from applications.eligibility import Blocked
from applications.filing.views.visit import load
from applications.status import UNDER_REVIEW


@require_GET
@never_cache
@consented
def due_time(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """While the school's answer is waited for; after it the link of an old page leads to the answer. Of
    another's application only to whom the register of today names (D34, D80), as a look that is kept."""
    now, anothers = timezone.now(), listed.of_another(request.user, public_id)
    found = anothers or load(request.user, public_id)
    if anothers:
        try:
            registers.before_page(found, user=request.user, now=now)
        except Blocked as blocked:
            return obstacles.explain(request, None, blocked, child=found.child)
        journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    if found.status not in UNDER_REVIEW or found.due_at is None:
        messages.info(request, _("Енді жауап күтілмейді: өтінімнің барысын осы беттен қараңыз."))
        return redirect("cabinet:application", public_id)
    school = found.chosen_intake.school.name
    content = calendar_file.of_due_time(found, due=found.due_at, school=school, now=now)
    headers = {"Content-Disposition": f'attachment; filename="oqu-{found.number}.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
