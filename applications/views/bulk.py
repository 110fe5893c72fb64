"""The director signs many decisions at once: look through them, sign, see what became of each (R108)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import SignedInRequest, signed_in
from applications import bulk
from applications.models import SigningState
from applications.queue import Filter
from applications.signing_texts import advice_on
from applications.views import invitation
from schools.models import Role


@require_http_methods(["GET", "POST"])
@signed_in
def confirm(request: SignedInRequest) -> HttpResponse:
    """All that was ticked, before it is signed: each decision, the seats, and what is left out and why."""
    if not request.user.posts.filter(role=Role.DIRECTOR).exists():
        raise Http404
    back = f"{reverse('review:queue')}?{Filter.read(request.GET).query}"
    ticked = bulk.keys_of((request.POST if request.method == "POST" else request.GET).getlist("one"))
    if problem := _problem(len(ticked)):
        messages.error(request, problem)
        return redirect(back)
    selection = bulk.select(ticked, director=request.user)
    if not selection.to_sign and not selection.left_out:
        raise Http404
    if request.method == "POST":
        try:
            batch = bulk.invite(
                selection,
                shown=request.POST.get("shown", ""),
                by=request.user,
                now=timezone.now(),
                fresh="fresh" in request.POST,
            )
            return redirect(invitation.address(batch, request.POST.get("way", "")))
        except bulk.Changed:
            selection = bulk.select(ticked, director=request.user)
            messages.warning(request, _("Тізім өзгерді: төмендегіні қайта қарап шығыңыз."))
    context = {"selection": selection, "seats": bulk.seats_of(selection), "most": bulk.MOST, "back": back}
    return render(request, "review/bulk.html", context)


def _problem(ticked: int) -> str:
    if not ticked:
        return _("Бірде-бір өтінім таңдалмаған: қол қоятын өтінімдерді белгілеп, батырманы қайта басыңыз.")
    if ticked > bulk.MOST:
        said = _("Бір жолы %(most)s құжатқа дейін қол қойылады: азырақ өтінімді белгілеңіз.")
        return said % {"most": bulk.MOST}
    return ""


@require_GET
@signed_in
def result(request: SignedInRequest, token: str) -> HttpResponse:
    """What became of each of several documents; of a single one its own page tells."""
    batch, tickets = invitation.load(request, token)
    if len(tickets) == 1:
        return redirect(invitation.address(batch))
    left = [one for one in tickets if one.state != SigningState.DONE]
    again, standing = [one.application for one in left if bulk.stands(one)], bulk.standing(left)
    is_open = invitation.is_open(batch, tickets, now=timezone.now())
    context = {
        "batch": batch,
        "rows": [(one, advice_on(one, is_open=is_open, stands=one in standing)) for one in tickets],
        "signed": len(tickets) - len(left),
        "total": len(tickets),
        "is_open": is_open,
        "again": invitation.selection(again) if again else "",
    }
    return render(request, "signing/result.html", context)
