"""Ops word the grounds of a refusal (D49): a new wording, a new ground, the end of one."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept
from accounts.access import SignedInRequest, View, signed_in
from applications import grounds
from applications.grounds import NotWritten, Reason
from applications.models import Ground
from applications.review.ground_forms import GroundForm, NewGroundForm, words_of
from schools import posts

REFUSALS = {
    Reason.CODE_TAKEN: gettext_lazy("Бұл кодпен негіз бар: басқа код жазыңыз."),
    Reason.CHANGED: gettext_lazy("Бұл мәтін күшінен қалған: оны басқа біреу өзгертті. Жаңасын ашыңыз."),
    Reason.LAST: gettext_lazy("Соңғы негіз алып тасталмайды: онсыз мектеп бас тарта алмайды."),
}


def by_ops(view: Callable[..., HttpResponse]) -> View:
    """A stranger finds nothing."""

    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, **named: object) -> HttpResponse:
        if not posts.is_ops(request.user):
            raise Http404
        return view(request, **named)

    return guarded


@require_GET
@by_ops
def every(request: SignedInRequest) -> HttpResponse:
    in_force = Ground.objects.in_force().select_related("written_by")
    ended = Ground.objects.exclude(until=None).select_related("written_by", "ended_by").order_by("-until")
    return render(request, "review/grounds/every.html", {"in_force": in_force, "ended": ended[:100]})


@require_http_methods(["GET", "HEAD", "POST"])
@by_ops
def new(request: SignedInRequest) -> HttpResponse:
    form = NewGroundForm(_typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            grounds.add(form.cleaned_data["code"], form.words, by=request.user, now=timezone.now())
        except NotWritten as refused:
            form.add_error("code", str(REFUSALS[refused.reason]))
        else:
            messages.success(request, _("Негіз қосылды: мектептер оны енді таңдай алады."))
            return redirect("review:grounds")
    return _show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@by_ops
def one(request: SignedInRequest, ground_id: int) -> HttpResponse:
    """A wording in force is written anew; one that has ended is shown in the list of what was."""
    found, typed = get_object_or_404(Ground, pk=ground_id), _typed(request)
    if found.until:
        return _overtaken(request, found, typed)
    form = GroundForm(typed, initial=words_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            grounds.rewrite(found, form.words, by=request.user, now=timezone.now())
        except NotWritten:
            return _overtaken(request, found, typed)
        return _worded(request)
    return _show(request, form, ground=found)


def _worded(request: SignedInRequest) -> HttpResponse:
    messages.success(request, _("Жаңа мәтін күшіне енді. Бұрынғы шешімдер өз мәтінімен қалады."))
    return redirect("review:grounds")


def _overtaken(request: SignedInRequest, ended: Ground, typed: QueryDict | None) -> HttpResponse:
    """Somebody has worded it anew meanwhile, or ended it: what was typed is sent from here to what stands."""
    if typed is None:
        messages.warning(request, str(REFUSALS[Reason.CHANGED]))
        return redirect("review:grounds")
    stands = Ground.objects.in_force().filter(code=ended.code).first()
    given = typed.copy()
    given["code"] = ended.code
    form = GroundForm(given) if stands else NewGroundForm(given)
    if request.method == "POST" and stands and form.is_valid() and form.words == words_of(stands):
        return _worded(request)  # the button was pressed twice
    context = {
        "form": form,
        "ground": stands or ended,
        "overtaken": True,
        "stands": stands,
        "send_to": reverse("review:ground", args=[stands.pk]) if stands else reverse("review:new_ground"),
    }
    status = 409 if request.method == "POST" else 200
    return render(request, "review/grounds/one.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@by_ops
def end(request: SignedInRequest, ground_id: int) -> HttpResponse:
    found = get_object_or_404(Ground, pk=ground_id)
    if request.method != "POST":
        return render(request, "review/grounds/end.html", {"ground": found})
    try:
        grounds.end(found, by=request.user, now=timezone.now())
    except NotWritten as refused:
        messages.warning(request, str(REFUSALS[refused.reason]))
    else:
        messages.success(request, _("Негіз алып тасталды: мектептер оны енді таңдамайды."))
    return redirect("review:grounds")


def _typed(request: SignedInRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else kept.restored(request, now=timezone.now())


def _show(request: SignedInRequest, form: GroundForm, **more: object) -> HttpResponse:
    status = 400 if request.method == "POST" else 200
    return render(request, "review/grounds/one.html", {"form": form} | more, status=status)
