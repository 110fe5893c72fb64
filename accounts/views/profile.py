"""The person's own data, as the registers gave them and where to correct them (R49), and the language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import consents, freshness, kept, paths, phones, seen, throttle
from accounts.access import SignedInRequest, consented, signed_in
from accounts.forms import LanguageForm, WaysForm
from accounts.models import User
from accounts.views.session import remember_language
from egov.errors import EgovError
from egov.persons import Household

REGISTERS = 30  # questions to the registers, a minute and a person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    user = request.user
    data = request.POST if request.method == "POST" else kept.restored(request, now=timezone.now())
    form = LanguageForm(data, initial={"language": user.lang})
    stale = False
    if request.method == "POST" and form.is_valid():
        try:
            _save_language(request, form.cleaned_data["language"])
        except seen.Stale:
            stale = True
        else:
            with override(user.lang):
                messages.success(request, _("Тіл сақталды."))
            return remember_language(redirect("accounts:profile"), user.lang)
    typed_at = data.get(seen.FIELD, "") if data and not stale else ""
    context = {
        "form": form,
        "consent": consents.valid(user, None, timezone.now()),
        "stale": stale,
        "seen": typed_at or seen.mark({"language": user.lang}),
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "accounts/profile.html", context, status=status)


@transaction.atomic
def _save_language(request: SignedInRequest, language: str) -> None:
    """Raises seen.Stale when it was changed in another window."""
    user = request.user
    user.lang = User.objects.select_for_update(of=("self",)).values_list("lang", flat=True).get(pk=user.pk)
    typed_at = request.POST.get(seen.FIELD, "")
    seen.demand(typed_at, stored={"language": user.lang}, wanted={"language": language})
    user.lang = language
    user.save(update_fields=["lang"])


@require_POST
@consented
@throttle.limited("registers", per_minute=REGISTERS)
def refresh(request: SignedInRequest) -> HttpResponse:
    """«Деректерді жаңарту»: what was corrected on eGov or at a service centre (D34)."""
    ask_anew(request)
    return redirect("accounts:profile")


def ask_anew(request: SignedInRequest) -> Household | None:
    """Ask the registers for the person and the children today, and say how it ended; None when they are
    silent."""
    try:
        household = freshness.renew(request.user, now=timezone.now())
    except EgovError:
        said = _("Тізілім жауап бермеді. Бұрынғы деректер сақталды, кейінірек қайталап көріңіз.")
        messages.warning(request, said)
        return None
    messages.success(request, _("Деректер тізілімнен жаңартылды."))
    return household


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def phone(request: SignedInRequest) -> HttpResponse:
    """«Иә» to «is this old number still yours?» (R103). It is about the number that was shown: another one,
    learned meanwhile, is neither confirmed nor given up by it."""
    if request.method == "POST":
        try:
            _answer_about_number(request, phones.confirm)
        except seen.Stale:
            return _number_has_changed(request)
        messages.success(request, _("Рақмет! SMS осы нөмірге жіберіле береді."))
    return redirect(paths.wanted(request) or "accounts:profile")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def disown_phone(request: SignedInRequest) -> HttpResponse:
    """«Жоқ» to the same question: what goes with the number is said before it is given up (D72)."""
    if not request.user.phone:
        return redirect("accounts:profile")
    if request.method != "POST":
        return render(request, "accounts/disown_phone.html", {"disowning": phones.mark(request.user)})
    try:
        _answer_about_number(request, phones.disown)
    except seen.Stale:
        return _number_has_changed(request)
    said = _(
        "Ол нөмірге енді SMS жіберілмейді. Жаңа нөміріңізді eGov порталында тіркеп, порталға қайта кіріңіз. "
        "Әзірге осы бетте екінші нөмір көрсете аласыз."
    )
    messages.success(request, said)
    return redirect("accounts:ways")


def _number_has_changed(request: SignedInRequest) -> HttpResponse:
    messages.warning(request, _("Нөміріңіз осы арада өзгерді: төмендегісін қараңыз."))
    return redirect("accounts:profile")


@transaction.atomic
def _answer_about_number(request: SignedInRequest, act: Callable[..., None]) -> None:
    """Raises seen.Stale."""
    user = User.objects.select_for_update(of=("self",)).get(pk=request.user.pk)
    if request.POST.get(seen.FIELD) != phones.mark(user):
        raise seen.Stale
    act(user, now=timezone.now())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def ways(request: SignedInRequest) -> HttpResponse:
    """Where else the person may be told when an SMS does not arrive (R103). What stands there goes by a
    second press, after the first has been told what it takes (D72)."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else kept.restored(request, now=now)
    form = WaysForm(data, initial=_ways_of(request.user))
    stale = removing = False
    if request.method == "POST" and form.is_valid():
        removing = _takes_ways(request.user, form.cleaned_data) and "remove_yes" not in request.POST
    if request.method == "POST" and form.is_valid() and not removing:
        try:
            _save_ways(request, form.cleaned_data, now=now)
        except seen.Stale:
            stale = True
            request.user.refresh_from_db()
        else:
            allowed = form.cleaned_data["allowed"]
            messages.success(request, _("Сақталды.") if allowed else _("Қосымша байланыс деректері жойылды."))
            return redirect("accounts:profile")
    typed_at = data.get(seen.FIELD, "") if data and not stale else ""
    context = {
        "form": form,
        "stale": stale,
        "removing": removing,
        "seen": typed_at or seen.mark(_ways_of(request.user)),
    }
    status = 409 if stale else 400 if form.errors else 200
    return render(request, "accounts/ways.html", context, status=status)


def _takes_ways(user: User, asked: dict[str, Any]) -> bool:
    return not asked["allowed"] and bool(user.second_phone or user.email)


def _ways_of(user: User) -> dict[str, object]:
    return {
        "second_phone": user.second_phone,
        "email": user.email,
        "allowed": user.ways_allowed_at is not None,
    }


@transaction.atomic
def _save_ways(request: SignedInRequest, asked: dict[str, Any], *, now: datetime) -> None:
    """Raises seen.Stale when they were changed in another window."""
    stored = User.objects.select_for_update(of=("self",)).get(pk=request.user.pk)
    wanted = {name: asked[name] if asked["allowed"] else "" for name in ("second_phone", "email")}
    seen.demand(request.POST.get(seen.FIELD, ""), stored=_ways_of(stored), wanted=wanted)
    phones.allow_ways(
        stored,
        second_phone=asked["second_phone"],
        email=asked["email"],
        now=now if asked["allowed"] else None,
    )
