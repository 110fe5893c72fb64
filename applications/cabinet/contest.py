"""«Мен мұндай өтінім берген жоқпын»: of an application that a school has filed in the person's name (D52)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, consented
from accounts.typed import TypedForm
from applications import contesting
from applications.filing.views.visit import load
from applications.models import Channel
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
    found = load(request.user, public_id)
    if found.channel != Channel.IN_PERSON or found.status == Status.DRAFT:
        raise Http404
    if not contesting.may_contest(found):
        messages.warning(request, _("Бұл өтінімге енді қарсылық білдірілмейді: оның бетін қараңыз."))
        return redirect("cabinet:application", found.public_id)
    form = ContestForm(request.POST) if request.method == "POST" else ContestForm()
    if not form.is_valid():
        status = 400 if form.is_bound else 200
        return render(request, "cabinet/contest.html", {"form": form, "application": found}, status=status)
    contesting.contest(found, words=form.cleaned_data["words"], now=timezone.now())
    messages.success(request, _("Мектеп пен білім басқармасына хабарланды."))
    return redirect("cabinet:application", found.public_id)
