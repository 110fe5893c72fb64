"""The parent appeals a refusal, and reads what became of it (D73). One address, which may be bookmarked."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import journal, kept
from accounts.access import SignedInRequest, consented
from accounts.models import Shown
from accounts.typed import TypedForm
from applications import appeals, obstacles, registers
from applications.cabinet import listed
from applications.eligibility import Blocked, Code
from applications.filing.views.visit import load
from applications.models import Application, Wish
from applications.rights import NotAllowed
from applications.status import Status

WORDS_MIN, WORDS_MAX = 20, 4000  # characters
NOT_APPEALED = gettext_lazy("Шағым мектептің күшіндегі бас тартуына ғана беріледі: өтінімнің бетін қараңыз.")
ENDED = gettext_lazy("№ %(number)s шағым бойынша іс аяқталған: нәтижесі осы бетте.")
SILENT = gettext_lazy(
    "Мемлекеттік тізілімдер жауап бермей тұр, шағым әлі жіберілген жоқ. Жазғаныңыз осы бетте сақталды: "
    "бірнеше минуттан кейін қайта жіберіңіз."
)


class AppealForm(TypedForm):
    wish = forms.ChoiceField(
        label=gettext_lazy("Не сұрайсыз"),
        choices=Wish.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Не сұрайтыныңызды таңдаңыз.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Шешіммен неге келіспейсіз"),
        help_text=gettext_lazy(
            "Өз сөзіңізбен жазыңыз: шешімнің несі қате, оны не растайды. Мектеп пен білім басқармасы оқиды."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
        min_length=WORDS_MIN,
        max_length=WORDS_MAX,
        error_messages={
            "required": gettext_lazy("Шешіммен неге келіспейтініңізді жазыңыз."),
            "min_length": gettext_lazy("Кемінде 20 таңба жазыңыз."),
            "max_length": gettext_lazy("4000 таңбаға дейін қысқартыңыз."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def appeal(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The appeals of an application, the newest first, and the form while the refusal may be appealed. What
    was typed for a decision that stands no more is shown beside what has become of it."""
    now, posted = timezone.now(), request.method == "POST"
    found = _load(request, public_id)
    signed, typed = appeals.appealable(found), request.POST if posted else kept.restored(request, now=now)
    if signed is None and not found.appeals.exists() and not (typed and found.decisions.signed().exists()):
        messages.warning(request, NOT_APPEALED)
        return redirect("cabinet:application", public_id)
    form, of_another = AppealForm(typed), found.applicant_id != request.user.pk
    try:
        if of_another:  # before anything of it is shown
            registers.before_page(found, user=request.user, now=now)
        if typed is not None:
            appeals.demand_read(signed, _decision_of(typed))
        if posted and not of_another:
            registers.before_page(found, user=request.user, now=now)
    except appeals.Corrected:
        return _show(request, found, form, now=now, status=409 if posted else 200, corrected=True)
    except Blocked as blocked:
        if posted and blocked.code == Code.PERSONS_SILENT:
            form.add_error(None, SILENT)
            return _show(request, found, form, now=now, status=503)
        return obstacles.explain(request, None, blocked, child=found.child)
    if posted and form.is_valid():
        return _file(request, found, form, now=now)
    is_filed = signed is not None and appeals.of_decision(signed) is not None
    return _show(request, found, form, now=now, status=(409 if is_filed else 400) if posted else 200)


def _decision_of(typed: QueryDict) -> str:
    """The one whose page has the button (D82); a form from before pages told it has none."""
    return typed.get("decision") or ""


def _load(request: SignedInRequest, public_id: UUID) -> Application:
    """One's own, or, to read, what somebody else has filed for the child."""
    found = listed.of_another(request.user, public_id) if request.method != "POST" else None
    found = found or load(request.user, public_id)
    if found.status == Status.DRAFT:
        raise Http404
    return found


def _file(request: SignedInRequest, found: Application, form: AppealForm, *, now: datetime) -> HttpResponse:
    typed = form.cleaned_data
    try:
        made = appeals.file(
            found, by=request.user, wish=Wish(typed["wish"]), words=typed["words"], now=now,
            shown=_decision_of(request.POST),
        )  # fmt: skip
    except appeals.Corrected:
        now_stands = load(request.user, found.public_id)
        return _show(request, now_stands, form, now=now, status=409, corrected=True)
    except (appeals.Filed, appeals.TooLate, appeals.Spent):
        return _show(request, found, form, now=now, status=409)
    except Blocked as blocked:
        return obstacles.explain(request, None, blocked, child=found.child)
    messages.success(request, _("Шағым тіркелді. Нөмірі: %(number)s") % {"number": made.number})
    return redirect("cabinet:appeal", found.public_id)


def _show(
    request: SignedInRequest,
    found: Application,
    form: AppealForm,
    *,
    now: datetime,
    status: int,
    corrected: bool = False,
) -> HttpResponse:
    journal.seen(request, found, child=found.child, what=Shown.APPLICATION)
    signed, mine = appeals.appealable(found), found.applicant_id == request.user.pk
    asked = signed is not None and appeals.of_decision(signed) is None
    too_late = asked and signed is not None and now > appeals.ends(signed)
    spent = asked and signed is not None and appeals.is_spent(signed)
    takes = asked and mine and not too_late and not spent
    typed = "" if takes else form.data.get("words", "")
    context = {
        "application": found,
        "now": now,
        "appeals": appeals.with_stages(found, now=now),
        "mine": mine,
        "signed": signed,
        "ends": appeals.ends(signed) if signed else None,
        "form": form if takes else None,
        "corrected": corrected,
        "filed": form.is_bound and signed is not None and not asked,
        "too_late": too_late,
        "spent": spent and not too_late,
        "most": appeals.MOST,
        "stop": appeals.barrier(signed, found, now=now) if signed else None,
        "typed": typed,
    }
    return render(request, "cabinet/appeal.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def take_back(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """The appeal whose page has the button (D82), the last one for a form from before pages told it. Who
    comes here by an address is led to where the button is."""
    found, now = load(request.user, public_id), timezone.now()
    made, named = list(found.appeals.all()), request.POST.get("appeal", "")
    asked = next((one for one in reversed(made) if named in ("", str(one.public_id))), None)
    if asked is None:
        raise Http404
    if request.method == "POST":
        try:
            appeals.take_back(asked, by=request.user, now=now)
        except (appeals.Ended, NotAllowed):
            messages.warning(request, ENDED % {"number": asked.number})
        else:
            messages.success(request, _("Шағым кері қайтарып алынды."))
    return redirect("cabinet:appeal", public_id)
