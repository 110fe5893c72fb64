"""The person's own data, as the registers gave them and where to correct them (R49), and the language."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import consents, freshness, kept, throttle
from accounts.access import SignedInRequest, consented, signed_in
from accounts.forms import LanguageForm
from accounts.views.session import remember_language
from egov.errors import EgovError
from egov.persons import Household

REFRESHES = 20  # a minute and an address: each asks three registers


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: SignedInRequest) -> HttpResponse:
    user = request.user
    data = request.POST if request.method == "POST" else kept.restored(request, now=timezone.now())
    form = LanguageForm(data, initial={"language": user.lang})
    if request.method == "POST" and form.is_valid():
        user.lang = form.cleaned_data["language"]
        user.save(update_fields=["lang"])
        with override(user.lang):
            messages.success(request, _("Тіл сақталды."))
        return remember_language(redirect("accounts:profile"), user.lang)
    context = {"form": form, "consent": consents.valid(user, None, timezone.now())}
    return render(request, "accounts/profile.html", context, status=400 if form.errors else 200)


@require_POST
@consented
@throttle.limited("refresh", per_minute=REFRESHES)
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
