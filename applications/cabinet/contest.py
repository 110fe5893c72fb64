"""«Мен мұндай өтінім берген жоқпын»: of an application that a school has filed in the person's name (D52)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import kept
from accounts.access import SignedInRequest, consented
from accounts.typed import TypedForm
from applications import contesting
from applications.filing.views.visit import load
from applications.models import Application, Channel
from applications.status import Status


class ContestForm(TypedForm):
    words = forms.CharField(
        label=gettext_lazy("Не болғанын жазыңыз"),
        help_text=gettext_lazy(
            "Мектеп пен білім басқармасы оқиды. Мысалы: мектепке бармадым, қол қойған жоқпын."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        min_length=10,
        max_length=1000,
        error_messages={
            "required": gettext_lazy("Не болғанын жазыңыз: онсыз мектеп тексере алмайды."),
            "min_length": gettext_lazy("Кемінде 10 таңба жазыңыз."),
            "max_length": gettext_lazy("1000 таңбаға дейін қысқартыңыз."),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def contest(request: SignedInRequest, public_id: object) -> HttpResponse:
    """Where it is too late, or was said already, what was typed is shown beside that."""
    now, found, posted = timezone.now(), load(request.user, public_id), request.method == "POST"
    if found.channel != Channel.IN_PERSON or found.status == Status.DRAFT:
        raise Http404
    form = ContestForm(request.POST if posted else kept.restored(request, now=now))
    if not contesting.may_contest(found) and not form.is_bound:
        messages.warning(request, _("Бұл өтінімге енді қарсылық білдірілмейді: оның бетін қараңыз."))
        return redirect("cabinet:application", found.public_id)
    if posted and form.is_valid():
        words = form.cleaned_data["words"]
        if contesting.contest(found, words=words, now=now):
            messages.success(request, _("Мектеп пен білім басқармасына хабарланды."))
            return redirect("cabinet:application", found.public_id)
        found = load(request.user, public_id)
        if found.contest == words:  # a double click
            return redirect("cabinet:application", found.public_id)
    return _show(request, found, form)


def _show(request: SignedInRequest, found: Application, form: ContestForm) -> HttpResponse:
    is_open = contesting.may_contest(found)
    status = 200 if request.method != "POST" else 400 if is_open else 409
    context = {
        "application": found,
        "form": form if is_open else None,
        "typed": "" if is_open else form.data.get("words", ""),
    }
    return render(request, "cabinet/contest.html", context, status=status)
