"""The buttons of a closed application that open a draft of the next one (R109, R116, D20)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, consented
from applications import lifecycle, obstacles, registers
from applications.cabinet import refused
from applications.eligibility import Blocked
from applications.filing import reapplication, wizard
from applications.filing.reapplication import Opened
from applications.filing.views.visit import address, load
from applications.models import Application
from applications.status import CLOSED, Status
from schools.models import Intake

COPIED = gettext_lazy("Жаңа өтінім ашылды: деректеріңіз көшірілді. Тексеріп, қол қойыңыз.")
OPEN_ALREADY = gettext_lazy(
    "Бұл бала үшін толтырылып жатқан өтініміңіз бар: ол сол күйінде ашылды, ештеңе көшірілген жоқ. "
    "Тексеріп, қол қойыңыз."
)
CHOSEN_IN_OPEN = gettext_lazy(
    "Бұл бала үшін толтырылып жатқан өтініміңіз бар: сол ашылды, онда сіз таңдаған мектеп белгіленді: "
    "%(wanted)s. Басқа ештеңе көшірілген жоқ. Тексеріп, қол қойыңыз."
)
OPEN_FOR_ANOTHER = gettext_lazy(
    "Бұл бала үшін толтырылып жатқан өтініміңіз бар және ол басқа мектепке: %(has)s. Ол сол күйінде ашылды, "
    "сіз қазір таңдаған мектеп онда белгіленген жоқ: %(wanted)s. Мектепті ауыстыру үшін мектеп таңдалатын "
    "бетте соны таңдаңыз."
)
INTAKE_OVER = gettext_lazy(
    "Жаңа өтінім ашылмады: өтініміңіздің оқу жылына қабылдау 31 тамызда аяқталды. Келесі оқу жылына өтінім "
    "жаңадан беріледі."
)
OTHER_YEAR = gettext_lazy("Жаңа өтінім ашылмады: портал қазір басқа оқу жылына өтінім қабылдап жатыр.")
NOT_OPENED = gettext_lazy(
    "Жаңа өтінім ашылмады: бұл баланың белсенді өтінімі бар. "
    "Бір балаға бір уақытта тек бір ғана өтінім беруге болады."
)


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def reapply(request: SignedInRequest, public_id: object) -> HttpResponse:
    """A new application with everything kept except what was wrong (R109, D20). Who comes here by an address,
    after signing in again, is led to where the button is."""
    now, found = timezone.now(), load(request.user, public_id)
    if request.method != "POST":
        return redirect("cabinet:application", found.public_id)
    if found.status in CLOSED and reapplication.is_over(found, now=now):  # the page is of the summer
        messages.warning(request, INTAKE_OVER)
        return redirect("cabinet:application", found.public_id)
    try:
        registers.before_draft(request.user, found.child, now=now)
    except Blocked as blocked:
        return obstacles.explain(request, None, blocked, child=found.child)
    to = refused.asked_for(request.POST.get("intake", ""))
    try:
        draft, opened = reapplication.reapply(found, to=to, now=now)
    except Blocked as blocked:  # of that school: the others stand on the same page
        messages.warning(request, str(obstacles.HEADINGS[blocked.code]))
        return redirect("cabinet:application", found.public_id)
    except lifecycle.NotAllowed:
        if found.status != Status.DRAFT:  # one goes on with a draft, without a word
            other = reapplication.is_of_another_year(found, now=now)
            messages.warning(request, OTHER_YEAR if other else NOT_OPENED)
        return redirect("cabinet:application", found.public_id)
    return _to_draft(request, draft, opened, to=to, now=now)


def _to_draft(
    request: SignedInRequest, draft: Application, opened: Opened, *, to: Intake | None, now: datetime
) -> HttpResponse:
    """Nobody signs for a school other than they have pressed without having read so."""
    page = wizard.first_unfinished(draft, now=now)
    names = {"wanted": _named(to), "has": _named(draft.intake)}
    if opened == Opened.COPIED:
        messages.success(request, COPIED)
    elif opened == Opened.CHOSEN:
        messages.info(request, CHOSEN_IN_OPEN % names)
    elif opened == Opened.FOR_ANOTHER and to:
        messages.warning(request, OPEN_FOR_ANOTHER % names)
        changed = reapplication.page_of_choice(draft, to)
        page = changed if wizard.may_open(draft, changed, now=now) else page
    else:
        messages.info(request, OPEN_ALREADY)
    return redirect(address(draft, page))


def _named(intake: Intake | None) -> str:
    return f"{intake.school.name}, {intake.language.name}" if intake else ""
