"""The director signs many decisions at once: look through them, then sign (R108)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import journal
from accounts.access import SignedInRequest, signed_in
from accounts.models import Shown
from applications.review.queue import Filter
from applications.signing import many
from applications.signing.views.batch import address
from schools.models import Role


@require_http_methods(["GET", "POST"])
@signed_in
def confirm(request: SignedInRequest) -> HttpResponse:
    """All that was ticked, before it is signed: each decision, the seats, and what is left out and why."""
    if not request.user.posts.filter(role=Role.DIRECTOR).exists():
        raise Http404
    back = f"{reverse('review:queue')}?{Filter.read(request.GET).query}"
    ticked = many.keys_of((request.POST if request.method == "POST" else request.GET).getlist("one"))
    if problem := _problem(len(ticked)):
        messages.error(request, problem)
        return redirect(back)
    selection = many.select(ticked, director=request.user)
    if not selection.to_sign and not selection.left_out:
        raise Http404
    if request.method == "POST":
        try:
            batch = many.open_batch(
                selection,
                shown=request.POST.get("shown", ""),
                by=request.user,
                now=timezone.now(),
                fresh="fresh" in request.POST,
            )
            return redirect(address(batch, request.POST.get("way", "")))
        except many.Changed:
            selection = many.select(ticked, director=request.user)
            messages.warning(request, _("Тізім өзгерді: төмендегіні қайта қарап шығыңыз."))
    for application, _decision in selection.to_sign:
        journal.seen(request, application, child=application.child, what=Shown.APPLICATION)
    context = {"selection": selection, "seats": many.seats_of(selection), "most": many.MOST, "back": back}
    return render(request, "review/bulk.html", context)


def _problem(ticked: int) -> str:
    if not ticked:
        return _("Бірде-бір өтінім таңдалмаған: қол қоятын өтінімдерді белгілеп, батырманы қайта басыңыз.")
    if ticked > many.MOST:
        said = _("Бір жолы %(most)s құжатқа дейін қол қойылады: азырақ өтінімді белгілеңіз.")
        return said % {"most": many.MOST}
    return ""
