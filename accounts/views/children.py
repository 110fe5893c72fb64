"""«Менің балаларым»: the list, and the way a child gets onto it (R55-R59): choose, consent, look, add."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import children, consents, kept, paths, protection, throttle
from accounts.access import SignedInRequest, consented
from accounts.forms import ChooseChildForm
from accounts.models import Consent, ConsentStatus, Relation, Sex, masked
from accounts.views.consent import LOOKS, PROBLEMS, lifetime_days, look, may_send, send, show
from accounts.views.profile import REGISTERS, ask_anew
from egov.errors import EgovError

NAMES = "asked_children"  # names of children not added yet, for the waiting page of this session only


@never_cache
@require_GET
@consented
def listing(request: SignedInRequest) -> HttpResponse:
    """The children added, each with the state of its consent."""
    now = timezone.now()
    ties = request.user.guardianships.standing().select_related("child").order_by("child__birth_date", "pk")
    # D35: a reader's post names the school.
    rows = ties.annotate(readers_shown=~protection.of_child_from("child__iin", request.user))
    given = consents.of_children(request.user, now=now)
    listed = [
        {
            "child": row.child,
            "readers_shown": row.readers_shown,  # type: ignore[attr-defined]  # annotated above
            "relation": row.get_relation_display(),
            "document": row.document,
            "consent": given.get(row.child.iin),
            "state": consents.state(given.get(row.child.iin), now=now),
        }
        for row in rows
    ]
    ready = any(one["state"] == ConsentStatus.GRANTED for one in listed)
    context = {"children": listed, "ready": ready} | paths.carried(request)
    return render(request, "accounts/children.html", context)


def _listed(request: SignedInRequest) -> set[str]:
    return set(children.of(request.user).values_list("iin", flat=True))


@require_POST
@consented
@throttle.limited("registers", per_minute=REGISTERS)
def refresh(request: SignedInRequest) -> HttpResponse:
    """«Деректерді жаңарту»: names, addresses and ties as the registers tell them today (R56, D34). Who is new
    there (born, adopted, in care) is offered to be added, who is not theirs any more leaves the list."""
    before = _listed(request)
    household = ask_anew(request)
    if household and {record.person.iin for record in household.children} - before:
        new = _("Тізілімде тізіміңізге қосылмаған бала бар: «Баланы қосу» батырмасын басыңыз.")
        messages.info(request, new)
    if before - _listed(request):
        messages.warning(request, _("Тізілімде сізге тіркелмеген бала тізімнен алынып тасталды."))
    return redirect(paths.with_next(reverse("accounts:children"), paths.wanted(request)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@consented
@throttle.limited("registers", per_minute=REGISTERS)
def add(request: SignedInRequest) -> HttpResponse:
    """The register's children; one is chosen and a consent asked for it (R55-R57)."""
    try:
        family = children.family(request.user)
    except EgovError:
        return _silent_register(request)
    posted, problem, candidates = request.method == "POST", "", family.candidates
    data = request.POST if posted else kept.restored(request, now=timezone.now())
    form = ChooseChildForm(data, candidates=candidates)
    if posted and form.is_valid():
        if not may_send(request):
            return throttle.too_often(request)
        chosen = form.chosen()
        problem = send(request.user, subject=chosen.record.person.iin, now=timezone.now())
        if not problem:
            return _to_waiting(request, chosen.record.person.iin, name=chosen.full_name)
    context = {"form": form, "candidates": candidates, "problem": problem, "days": lifetime_days()}
    context["lost"] = family.lost
    context["to_choose"] = any(not one.added for one in candidates)
    status = PROBLEMS.get(problem, 400 if posted else 200)
    return render(request, "accounts/add_child.html", context | paths.carried(request), status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@consented
@throttle.limited("consent", per_minute=LOOKS)
def asked(request: SignedInRequest, consent_id: int) -> HttpResponse:
    """The answer for this child is awaited, is here, or was no (R58). A POST asks once more."""
    consent = _mine(request, consent_id)
    problem, name = "", request.session.get(NAMES, {}).get(str(consent.pk), "")
    if request.method == "POST":
        if not may_send(request):
            return throttle.too_often(request)
        problem = send(request.user, subject=consent.child_iin, now=timezone.now())
        if not problem:
            return _to_waiting(request, consent.child_iin, name=name)
    standing = look(request.user, subject=consent.child_iin, now=timezone.now())
    added = children.of(request.user).filter(iin=consent.child_iin).first()
    context = {"consent": consent, "added": added, "name": name, "masked_iin": masked(consent.child_iin)}
    return show(request, "accounts/child_consent.html", standing, problem=problem, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@consented
@throttle.limited("registers", per_minute=REGISTERS)
def confirm(request: SignedInRequest, consent_id: int) -> HttpResponse:
    """The child's data, asked of the register anew, and the button «Қосу» (R59)."""
    consent, now, wanted = _mine(request, consent_id), timezone.now(), paths.wanted(request)
    if not look(request.user, subject=consent.child_iin, now=now).granted:
        return redirect(paths.with_next(reverse("accounts:child_consent", args=[consent_id]), wanted))
    try:
        record = children.record_of(request.user, consent.child_iin)
    except EgovError:
        return _silent_register(request)
    if record is None:  # by the register the child is not theirs
        raise Http404
    if request.method == "POST":
        child = children.add(request.user, record, now=now)
        messages.success(request, _("Бала тізімге қосылды: %(name)s.") % {"name": child.full_name})
        return redirect(wanted or "accounts:children")
    hidden = protection.hides(child_iin=record.person.iin, from_iin=request.user.iin)  # D35
    context = {
        "record": record,
        "address": None if hidden else record.person.address,
        "masked_iin": masked(record.person.iin),
        "sex": Sex(record.person.sex).label,
        "relation": Relation(record.relation).label,
    }
    return render(request, "accounts/confirm_child.html", context | paths.carried(request))


@require_http_methods(["GET", "HEAD", "POST"])
@consented
def renew(request: SignedInRequest, child_id: int) -> HttpResponse:
    """Ask again for a child on the list whose consent has ended or was refused (R57). Who comes here by an
    address, after signing in again or in the other language, is led to the list with its button."""
    child = get_object_or_404(children.of(request.user), pk=child_id)
    if request.method != "POST":
        return redirect(paths.with_next(reverse("accounts:children"), paths.wanted(request)))
    if not may_send(request):
        return throttle.too_often(request)
    problem = send(request.user, subject=child.iin, now=timezone.now())
    if not problem:
        return _to_waiting(request, child.iin)
    context = {"child": child, "problem": problem} | paths.carried(request)
    return render(request, "accounts/renew_failed.html", context, status=PROBLEMS[problem])


def _mine(request: SignedInRequest, consent_id: int) -> Consent:
    return get_object_or_404(Consent.objects.exclude(child_iin=""), pk=consent_id, user=request.user)


def _to_waiting(request: SignedInRequest, subject: str, *, name: str = "") -> HttpResponse:
    consent = consents.current(request.user, subject=subject, now=timezone.now())
    if consent is None:  # what was just asked was taken back in another tab
        return redirect("accounts:add_child")
    if name:
        request.session[NAMES] = request.session.get(NAMES, {}) | {str(consent.pk): name}
    address = reverse("accounts:child_consent", args=[consent.pk])
    return redirect(paths.with_next(address, paths.wanted(request)))


def _silent_register(request: HttpRequest) -> HttpResponse:
    """The register of births keeps silent: nothing is lost, the children already added can be used."""
    context = {"here": request.get_full_path()} | paths.carried(request)
    return render(request, "accounts/register_silent.html", context, status=503)
