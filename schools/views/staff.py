"""Who works where: the pages by which posts are given and taken (D38). A department sees the schools of its
area, ops all and the departments too, a director their own."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import kept, throttle
from accounts.access import SignedInRequest, signed_in
from accounts.models import User
from schools import appointing, posts
from schools.appointing import NotAppointed, Reason
from schools.listed import listed
from schools.models import Locality, Role, School, StaffMember
from schools.staff_forms import AppointForm

HISTORY = 100  # posts that have ended, the last ones
APPOINTMENTS = 30  # a minute


@require_GET
@signed_in
def schools(request: SignedInRequest) -> HttpResponse:
    """The schools whose people the person may appoint: those without a director first."""
    ours = posts.managed_by(request.user)
    if not ours.exists() and not posts.is_ops(request.user):
        raise Http404
    only = ours[:2]
    if len(only) == 1 and not posts.areas_of(request.user) and not posts.is_ops(request.user):
        return redirect("schools:staff_of_school", only[0].pk)
    staffed = ours.annotate(
        directors=Count("staff", filter=_in_force(role=Role.DIRECTOR), distinct=True),
        executors=Count("staff", filter=_in_force(role=Role.EXECUTOR), distinct=True),
    )
    context = listed(request.GET, staffed, lacking=Q(directors=0))
    context["regions"] = _regions() if posts.is_ops(request.user) else []
    return render(request, "schools/staff/schools.html", context)


def _in_force(*, role: Role) -> Q:
    """The same as `StaffMember.objects`, from the school's side."""
    return Q(staff__in=StaffMember.objects.filter(role=role))


def _regions() -> QuerySet[Locality]:
    return Locality.objects.filter(parent=None).order_by("sort_kk")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def of_school(request: SignedInRequest, school_id: int) -> HttpResponse:
    school = get_object_or_404(posts.managed_by(request.user), pk=school_id)
    roles = posts.roles_open_to(request.user, school)
    members = StaffMember.every.filter(school=school)
    return _people(request, members, roles=roles, school=school)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def of_area(request: SignedInRequest, kato: str) -> HttpResponse:
    """A department's officers, of a region or a district."""
    _demand_ops(request)
    area = get_object_or_404(Locality.objects.filter(posts.may_have_a_department()), kato=kato)
    below = area.children.filter(posts.may_have_a_department()).order_by("sort_kk")
    members = StaffMember.every.filter(region=area)
    return _people(request, members, roles=[Role.DEPARTMENT], area=area, below=below)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def of_portal(request: SignedInRequest) -> HttpResponse:
    _demand_ops(request)
    return _people(request, StaffMember.every.filter(role=Role.OPS), roles=[Role.OPS])


def _demand_ops(request: SignedInRequest) -> None:
    if not posts.is_ops(request.user):
        raise Http404


def _people(
    request: SignedInRequest, members: QuerySet[StaffMember], *, roles: list[Role], **place: Any
) -> HttpResponse:
    posted = request.method == "POST"
    form = AppointForm(request.POST if posted else kept.restored(request, now=timezone.now()), roles=roles)
    ends: Sequence[StaffMember] = ()
    if posted:
        if not throttle.allowed(request, what="appointing", per_minute=APPOINTMENTS):
            return throttle.too_often(request)
        if form.is_valid():
            try:
                _appoint(request, form, **place)
                return redirect(request.path)
            except NotAppointed as refused:
                ends = refused.ends
                if not ends:
                    form.refuse(refused)
    rows = members.select_related("user", "appointed_by", "ended_by")
    today = timezone.localdate()
    standing = Q(ends_on=None) | Q(ends_on__gte=today)
    context = place | {
        "form": form,
        "roles": roles,
        "ends": ends,
        "now_in": rows.filter(standing, ended_at=None).order_by("role", "pk"),
        "before": rows.exclude(standing, ended_at=None).order_by("-appointed_at")[:HISTORY],
        "today": today,
    }
    return render(
        request, "schools/staff/people.html", context, status=400 if posted and form.errors else 200
    )


def _appoint(
    request: SignedInRequest,
    form: AppointForm,
    *,
    school: School | None = None,
    area: Locality | None = None,
    **_more: Any,
) -> None:
    """Whose post ends with it is asked about first, by name (D72). Raises NotAppointed."""
    post = form.post(school=school, region=area)
    named = request.POST.getlist("ends") if "remove_yes" in request.POST else []
    appointing.appoint(form.cleaned_data["iin"], post, by=request.user, now=timezone.now(), told=named)
    messages.success(request, _("Қызметкер тағайындалды: порталға кіргенде бірден жұмыс істей алады."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def end(request: SignedInRequest, post_id: int) -> HttpResponse:
    """Asks first; what is taken away counts at the person's next click."""
    post = get_object_or_404(StaffMember.every.select_related("user", "school", "region"), pk=post_id)
    if not appointing.may_end(request.user, post):
        raise Http404
    back = _page_of(post, request.user)
    if request.method != "POST":
        return render(request, "schools/staff/end.html", {"post": post, "back_to": back})
    try:
        appointing.end(post.pk, by=request.user, now=timezone.now())
    except NotAppointed as refused:
        if refused.reason == Reason.NOT_YOURS:
            raise Http404 from None
        messages.warning(request, _told(refused.reason))
    else:
        messages.success(
            request,
            _(
                "Өкілеттігі тоқтатылды: бұл адам лауазымның беттерін енді аша алмайды, шешімге қол қоя "
                "алмайды."
            ),
        )
    return redirect(_page_of(post, request.user))


def _told(reason: Reason) -> str:
    if reason == Reason.LAST_OPS:
        return _("Портал қызметінде бір ғана адам қалды: алдымен басқасын тағайындаңыз.")
    return _("Бұл өкілеттік бұрын тоқтатылған.")


def _page_of(post: StaffMember, user: User) -> str:
    """Where the post stands among others, as far as the user may see that."""
    if post.school_id:
        theirs = posts.managed_by(user).filter(pk=post.school_id).exists()
        return reverse("schools:staff_of_school", args=[post.school_id]) if theirs else reverse("public:home")
    if not posts.is_ops(user):
        return reverse("public:home")
    if post.region_id:
        return reverse("schools:staff_of_area", args=[post.region_id])
    return reverse("schools:staff_of_portal")
