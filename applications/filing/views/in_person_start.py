"""The first page of «Қағаз өтінімді тіркеу»: whose paper it is, and why one asks (R129, D15, D51)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import kept, throttle
from accounts.access import SignedInRequest, signed_in
from applications.eligibility import Blocked, Code
from applications.filing import in_person, look_ups, wizard
from applications.filing.forms.in_person import StartForm
from applications.filing.views import in_person as in_person_pages
from applications.hands import Barred
from applications.models import Application
from applications.signing.words import advice
from egov.errors import Refused, Unavailable
from schools import periods

ASKS = 20  # of the registers, a minute and a person
NOT_THEIRS = gettext_lazy(
    "Тізілім бойынша бұл өтініш берушінің мұндай баласы немесе қамқорлығындағы баласы жоқ. Екі ЖСН-ді де "
    "тексеріңіз. Дұрыс болса, ата-ана бала туралы деректі eGov порталында жаңартуы керек."
)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: SignedInRequest) -> HttpResponse:
    """Whose paper it is: the registers answer for both numbers, and the three checks are made (R51-R54)."""
    now = timezone.now()
    intakes = in_person_pages.intakes_of(in_person_pages.schools_of(request), year=periods.current_year(now))
    posted = request.method == "POST"
    form = StartForm(request.POST if posted else kept.restored(request, now=now), intakes=intakes)
    if not posted or not form.is_valid():
        return _show_start(request, form, status=400 if form.errors else 200)
    if not throttle.allowed(request, what="registers", per_minute=ASKS):
        return throttle.too_often(request)
    return _begin(request, form)


def _begin(request: SignedInRequest, form: StartForm) -> HttpResponse:
    now, typed = timezone.now(), form.cleaned_data
    try:
        look_ups.note(
            by=request.user,
            school=form.intake().school,
            applicant_iin=typed["applicant_iin"],
            child_iin=typed["child_iin"],
            why=typed["why"],
            words=typed["words"],
            now=now,
        )
    except look_ups.TooMany:
        return _show_start(request, form, status=429, most=settings.LOOK_UPS_A_DAY)
    try:
        household = in_person.ask(typed["applicant_iin"], typed["child_iin"])
        intake = form.intake()
        draft = in_person.begin(household, intake=intake, by=request.user, year=intake.year, now=now)
    except Unavailable:
        return _show_start(request, form, status=503, silent=True)
    except Refused:
        form.add_error("applicant_iin", _("Мемлекеттік тізілімде мұндай ЖСН жоқ. Цифрларын тексеріңіз."))
    except in_person.NotTheirChild:
        form.add_error("child_iin", NOT_THEIRS)
    except Barred as barred:
        form.add_error("applicant_iin", str(advice(barred.bar).reason))
    except Blocked as blocked:
        if blocked.code == Code.REGISTER_SILENT:
            return _show_start(request, form, status=503, silent=True)
        return in_person_pages.explain(request, None, blocked)
    else:
        return redirect("in_person:page", draft.public_id, wizard.resume_page(draft, now=now))
    return _show_start(request, form, status=400)


def _show_start(
    request: SignedInRequest, form: StartForm, *, status: int, silent: bool = False, most: int = 0
) -> HttpResponse:
    begun = Application.objects.in_person_drafts(request.user).select_related(
        "child", "applicant", "filed_by"
    )
    context = {"form": form, "begun": begun.order_by("-updated_at"), "silent": silent, "most": most}
    return render(request, "filing/in_person/start.html", context, status=status)
