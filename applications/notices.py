"""Who is told what when an application moves (R97, R103, R109, R122-R125; D21)."""

from datetime import datetime

from django.urls import reverse

from applications.models import Application, Decision, Result
from notifications import outbox
from schools.models import Role


def filed(application: Application, *, now: datetime) -> None:
    """R122: the school's director and executor in the cabinet; the applicant by notice and SMS."""
    _tell_school(application, "new_application", now=now)
    _tell_applicant(application, "in_review", now=now)


def proposed(application: Application, *, now: datetime) -> None:
    """«Қол қоюда»: a neutral word to the applicant, a call to the director (D1)."""
    _tell_school(application, "decision_prepared", now=now, roles=[Role.DIRECTOR])
    _tell_applicant(application, "signing", now=now)


def returned(application: Application, *, now: datetime) -> None:
    _tell_school(application, "decision_returned", now=now, roles=[Role.EXECUTOR])
    _tell_applicant(application, "back_in_review", now=now)


def decided(application: Application, decision: Decision, *, now: datetime) -> None:
    """The result with the refusal's reason and the answer on transport (R109, R124, R125, R213)."""
    template = "accepted" if decision.result == Result.ACCEPT else "refused"
    _tell_applicant(
        application,
        template,
        now=now,
        reason_code=decision.reason_code,
        reason=decision.reason,
        transport=decision.transport,
        transport_reason=decision.transport_reason,
    )


def withdrawn(application: Application, *, now: datetime) -> None:
    _tell_school(application, "withdrawn_school", now=now)
    _tell_applicant(application, "withdrawn", now=now)


def _context(application: Application) -> dict:
    school = application.intake.school
    return {
        "number": application.number,
        "school_kk": school.name_kk,
        "school_ru": school.name_ru,
        "due": application.due_at.isoformat() if application.due_at else "",
    }


def _event(application: Application, template: str) -> str:
    """One cause, one message: the number of moves so far tells one return to review from the next."""
    return f"{application.pk}:{application.changes.count()}:{template}"


def _tell_applicant(application: Application, template: str, *, now: datetime, **more: object) -> None:
    outbox.tell(
        application.applicant,
        event=_event(application, template),
        template=template,
        context=_context(application) | more,
        link=reverse("parent:application", args=[application.public_id]),
        now=now,
    )


def _tell_school(
    application: Application,
    template: str,
    *,
    now: datetime,
    roles: tuple[Role, ...] | list[Role] = (Role.DIRECTOR, Role.EXECUTOR),
) -> None:
    posts = application.intake.school.staff.filter(role__in=roles).select_related("user")
    for user in {post.user for post in posts}:
        outbox.tell(
            user,
            event=_event(application, template),
            template=template,
            context=_context(application),
            link=reverse("review:application", args=[application.public_id]),
            now=now,
            sms=False,
        )
