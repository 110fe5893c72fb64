"""Who is told what of an appeal (D73): its words stand on pages alone, an SMS has the number."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts import protection
from accounts.models import Guardianship, User
from applications import messages
from applications.models import Appeal, Outcome
from notifications import outbox
from schools.posts import officers_for


def filed(appeal: Appeal, *, now: datetime) -> None:
    _tell_applicant(appeal, "appeal_filed", now=now)
    _tell_school(appeal, "appeal_school", now=now)
    _tell_department(appeal, "appeal_department", now=now)


def passed(appeal: Appeal, *, now: datetime) -> None:
    _tell_applicant(appeal, "appeal_passed", now=now)
    _tell_department(appeal, "appeal_passed_department", now=now)


def answered(appeal: Appeal, *, now: datetime) -> None:
    """The parent with the department's answer; the school has to act on one that was upheld."""
    upheld = appeal.outcome == Outcome.UPHELD
    _tell_applicant(appeal, "appeal_upheld" if upheld else "appeal_declined", now=now, answer=appeal.answer)
    _tell_school(appeal, "appeal_upheld_school" if upheld else "appeal_declined_school", now=now)


def taken_back(appeal: Appeal, *, now: datetime) -> None:
    _tell_school(appeal, "appeal_taken_back", now=now)
    _tell_department(appeal, "appeal_taken_back", now=now)


def _event(appeal: Appeal, template: str) -> str:
    """It begins with the application's key, by which what tells of a hidden child is hidden (D35)."""
    return f"{appeal.application_id}:appeal-{appeal.pk}:{template}"


def _tell_applicant(appeal: Appeal, template: str, *, now: datetime, **more: str) -> None:
    messages.tell_applicant(
        appeal.application, template, now=now, event=_event(appeal, template),
        until=appeal.answer_by.isoformat(), **more,
    )  # fmt: skip


def _tell_school(appeal: Appeal, template: str, *, now: datetime) -> None:
    people = messages.people_at(appeal.application.chosen_intake.school)
    _tell_at_work(appeal, people, template, now=now)


def _tell_department(appeal: Appeal, template: str, *, now: datetime) -> None:
    officers = officers_for(appeal.application.chosen_intake.school)
    _tell_at_work(appeal, {post.user for post in officers.select_related("user")}, template, now=now)


def _tell_at_work(appeal: Appeal, people: Iterable[User], template: str, *, now: datetime) -> None:
    """In the cabinet alone; nobody of whom a court hides the child (D35) or whose own it is (D39): they may
    not open the page."""
    application, school = appeal.application, appeal.application.chosen_intake.school
    barred = protection.barred_from(application.child)
    own = {*Guardianship.objects.standing().filter(child=application.child).values_list("user", flat=True)}
    context = {"number": application.number, "school_kk": school.name_kk, "school_ru": school.name_ru}
    times = {"due": appeal.pass_by.isoformat(), "until": appeal.answer_by.isoformat()}
    for user in people:
        if user.iin not in barred and user.pk not in own | {appeal.by_id}:
            outbox.tell(
                user,
                event=_event(appeal, template),
                template=template,
                context=context | times,
                link=reverse("review:appeal", args=[appeal.public_id]),
                now=now,
                sms=False,
            )
