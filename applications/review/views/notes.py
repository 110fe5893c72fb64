"""A school's notes on an application: written and taken back on its page (D50)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import SignedInRequest
from applications.models import Application
from applications.review import notes
from applications.review.forms import NoteForm
from applications.review.views.decision import button, stale
from applications.review.views.desk import show


@button
def write(request: SignedInRequest, found: Application) -> HttpResponse:
    if not found.is_whole_to_school:
        return stale(request, found)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, found, note_form=form)
    try:
        notes.write(found, form.cleaned_data["note"], by=request.user, now=timezone.now())
    except notes.TooMany:
        messages.error(request, _("Бұл өтінімге жазба тым көп: артығын жойыңыз."))
    return _back(found)


@button
def delete(request: SignedInRequest, found: Application) -> HttpResponse:
    if not found.is_whole_to_school:
        return stale(request, found)
    pk = request.POST.get("pk", "")
    known = pk.isascii() and pk.isdecimal() and len(pk) < 19
    if not known or not notes.delete(found, int(pk), by=request.user, now=timezone.now()):
        messages.warning(request, _("Жазба жойылмады: оны авторы ғана, жазған күні ғана жоя алады."))
    return _back(found)


def _back(found: Application) -> HttpResponse:
    return redirect(reverse("review:application", args=[found.public_id]) + "#notes-title")
