"""The school asks for a better document from the application's page (D55)."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import SignedInRequest
from applications import lifecycle, supplements
from applications.models import Application, DocumentKind
from applications.review.ask_forms import AskForm
from applications.review.views import place
from applications.review.views.decision import button, stale
from applications.review.views.desk import show
from applications.status import Status
from applications.supplements import Hindrance

SAID = {
    Hindrance.OFF: gettext_lazy(
        "Бұл оқу жылында құжат сұрау қосылмаған: бар құжаттар бойынша шешім қабылдаңыз."
    ),
    Hindrance.IN_PERSON: gettext_lazy(
        "Қағаз өтінім бойынша құжат портал арқылы сұралмайды: өтініш берушіге қоңырау шалыңыз."
    ),
    Hindrance.WAITING: gettext_lazy("Құжат сұралып қойған: жауабын күтіңіз."),
    Hindrance.OFTEN: gettext_lazy(
        "Бұл өтінім бойынша құжат екі рет сұралған: енді бар құжаттар бойынша шешім қабылдаңыз."
    ),
    Hindrance.OVERDUE: gettext_lazy(
        "Қарау мерзімі өткен, енді құжат сұралмайды: бар құжаттар бойынша шешім қабылдаңыз."
    ),
}


@button
def ask(request: SignedInRequest, found: Application) -> HttpResponse:
    now = timezone.now()
    if found.status != Status.IN_REVIEW:
        return stale(request, found)
    if hindrance := supplements.hindrance(found, now=now):
        return _hindered(request, found, hindrance)
    form = AskForm(request.POST, application=found)
    if not form.is_valid():
        return show(request, found, ask_form=form)
    kind, why = DocumentKind(form.cleaned_data["kind"]), form.cleaned_data["why"]
    try:
        asked = supplements.ask(found, kind=kind, why=why, by=request.user, now=now)
    except supplements.NotAsked as refused:
        return _hindered(request, found, refused.hindrance)
    except lifecycle.NotAllowed:
        return stale(request, found)
    until = date_format(timezone.localtime(asked.until), "DATETIME_FORMAT")
    said = _("Ата-анаға хабарланды. Қарау мерзімі тоқтады, құжат күтілетін соңғы уақыт: %(until)s.")
    messages.success(request, said % {"until": until})
    return place.to_application(request, found.public_id)


def _hindered(request: SignedInRequest, found: Application, hindrance: Hindrance) -> HttpResponse:
    messages.warning(request, SAID[hindrance])
    return place.to_application(request, found.public_id)
