"""Who is told what when an application moves, or stands still (R97, R103, R109, R121-R125; D13, D21)."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from accounts import protection
from accounts.models import User
from accounts.prepared import Prepared
from applications import hands
from applications.models import (
    Application,
    ApplicationQuerySet,
    Channel,
    Decision,
    DocumentKind,
    Result,
    StatusChange,
    Supplement,
)
from notifications import outbox, wishes
from schools import periods
from schools.models import Role, School, StaffMember
from schools.posts import officers_for

# Where a word on a school as a whole leads, when it is no word to the school itself: to a page of that
# school, for the inbox shows one notice for a page (D58).
PAGES = {
    "overdue_department": "review:department_school",
    "contested_department": "review:department_school",
    "corrected_department": "review:department_school",
    "nobody_signs": "schools:staff_of_school",
    "school_stops_at_work": "",  # nowhere: it stands by itself
    "school_goes_on": "",
}

_MOVES = Prepared(
    lambda application: StatusChange.objects.filter(application=application).values_list("pk"), int
)
_POSTS = Prepared(
    lambda school, roles, today: (
        StaffMember.in_force(today).filter(school=school, role__among=roles).select_related("user")
    ),
    int,
    list[str],
    date,
)


def filed(application: Application, *, now: datetime) -> None:
    """R122: the school's director and executor in the cabinet; the applicant by notice and SMS."""
    _tell_school(application, "new_application", now=now)
    on_paper = application.channel == Channel.IN_PERSON
    tell_applicant(application, "registered" if on_paper else "in_review", now=now)
    if hands.nobody_signs(application):
        school = application.chosen_intake.school
        tell_of_school(school, officers_for(school), "nobody_signs", now=now, about=application)


def proposed(application: Application, *, now: datetime) -> None:
    """«Қол қоюда»: a neutral word to the applicant, a call to the director (D1)."""
    _tell_school(application, "decision_prepared", now=now, roles=[Role.DIRECTOR])
    tell_applicant(application, "signing", now=now)


def returned(application: Application, *, now: datetime) -> None:
    _tell_school(application, "decision_returned", now=now, roles=[Role.EXECUTOR])
    tell_applicant(application, "back_in_review", now=now)


def decided(application: Application, decision: Decision, *, now: datetime) -> None:
    """The result with the refusal's reason and the answer on transport (R109, R124, R125, R213); of one that
    corrects another (D54) also what it was and why, and then the school and the department hear of it."""
    template = "accepted" if decision.result == Result.ACCEPT else "refused"
    if decision.corrects:
        template = f"corrected_{template}"
        school = application.chosen_intake.school
        _tell_school(application, "corrected_school", now=now)
        tell_of_school(school, officers_for(school), "corrected_department", now=now, about=application)
    elif decision.result == Result.REFUSE and periods.is_over(application.year, now):
        template = "refused_late"  # D83
    tell_applicant(
        application,
        template,
        now=now,
        reason_code=decision.reason_code,
        ground_kk=decision.ground.name_kk if decision.ground else "",
        ground_ru=decision.ground.name_ru if decision.ground else "",
        reason=decision.reason,
        transport=decision.transport,
        transport_reason=decision.transport_reason,
        was=decision.corrects.result if decision.corrects else "",
        mistake=decision.mistake,
    )


def document_asked(application: Application, asked: Supplement, *, now: datetime) -> None:
    """D55: what is asked for and why, by notice and SMS; the SMS tells neither."""
    tell_applicant(
        application, "document_asked", now=now, event=_supplement_event(application, asked),
        **_document(asked), until=asked.until.isoformat(), asked=asked.why,
    )  # fmt: skip


def document_came(application: Application, asked: Supplement, *, now: datetime) -> None:
    event = f"{_supplement_event(application, asked)}:came"
    _tell_school(application, "document_came", now=now, event=event)
    tell_applicant(application, "document_added", now=now, event=event, **_document(asked))


def document_late(application: Application, asked: Supplement, *, now: datetime) -> None:
    """Nothing came: the clock goes on, and the school decides on what there is."""
    event = f"{_supplement_event(application, asked)}:late"
    _tell_school(application, "document_late", now=now, event=event)


def _supplement_event(application: Application, asked: Supplement) -> str:
    return f"{application.pk}:document-{asked.pk}"


def _document(asked: Supplement) -> dict[str, str]:
    label = DocumentKind(asked.kind).label
    told = {}
    for lang in ("kk", "ru"):
        with translation.override(lang):
            told[f"document_{lang}"] = str(label)
    return told


def contested(application: Application, *, now: datetime) -> None:
    """D52: to the school by its number, to the department by the school alone."""
    school = application.chosen_intake.school
    _tell_school(application, "contested", now=now)
    tell_of_school(school, officers_for(school), "contested_department", now=now, about=application)


def room_again(application: Application, *, now: datetime) -> None:
    """D60: the school that has refused it for want of a seat has more of them."""
    event = f"{application.pk}:{now.isoformat()}:room_again"
    tell_applicant(application, "room_again", now=now, event=event)


def withdrawn(application: Application, *, by: User, now: datetime) -> None:
    """R116: who has withdrawn; the applicant, where that is somebody else, in words of its own, and by night
    no phone rings with them (D36, D58)."""
    _tell_school(application, "withdrawn_school", now=now)
    _tell_parent(by, application, "withdrawn", now=now)
    if by != application.applicant:
        tell_applicant(application, "withdrawn_by_other", now=now)


def not_represented(application: Application, *, now: datetime) -> None:
    """D34: by the register its applicant does not represent the child any more."""
    _tell_school(application, "not_represented", now=now)


def due_soon(school: School, applications: ApplicationQuerySet, *, now: datetime) -> None:
    """The term of these is ending (R121): one message that counts, to each of the school's people whose hand
    they wait for and who wants to be reminded (D58)."""
    for user, held in people_at(school).items():
        soon = applications.waiting_for(user, held).aggregate(count=Count("pk"), due=Min("due_at"))
        if soon["count"] and wishes.of(user).reminders:
            outbox.tell_of_work(
                user,
                event=f"school:{school.pk}:{now.isoformat()}:reminder",
                template="reminder",
                context=_names(school) | soon,
                link=reverse("review:queue"),
                now=now,
                good_until=soon["due"],
            )


def people_at(school: School) -> dict[User, list[StaffMember]]:
    """Who works on the school's applications now, and in which posts."""
    people: dict[User, list[StaffMember]] = {}
    for post in school.staff.filter(role__in=hands.DESK).select_related("user").order_by("pk"):
        people.setdefault(post.user, []).append(post)
    return people


def overdue(application: Application, *, now: datetime) -> None:
    """The term has ended without an answer (R121, D13): the same people, and the region's department."""
    school = application.chosen_intake.school
    officers = officers_for(school)
    to_director = "overdue_today" if officers.exists() else "overdue_today_alone"
    _tell_school(application, "overdue", now=now, event=overdue_event(application))
    tell_of_school(school, directors_of(school), to_director, now=now, about=application)
    tell_of_school(school, officers, "overdue_department", now=now, about=application)


def reminded(school: School, posts: QuerySet[StaffMember], *, now: datetime) -> None:
    """D56: the department's word on what is overdue, to these of the director and who stands in."""
    tell_of_school(school, posts, "department_reminds", now=now)


def overdue_event(application: Application) -> str:
    return f"{application.pk}:overdue"


def daily_event(school: School, template: str, *, now: datetime) -> str:
    return f"school:{school.pk}:{timezone.localdate(now)}:{template}"


def directors_of(school: School) -> QuerySet[StaffMember]:
    """The director and who stands in."""
    return school.staff.filter(role=Role.DIRECTOR)


def tell_of_school(
    school: School,
    posts: QuerySet[StaffMember],
    template: str,
    *,
    now: datetime,
    event: str = "",
    about: Application | None = None,
    **more: str,
) -> None:
    """A word on the school as a whole, without a number: once a day, or once for an event. Whom a court hides
    the child from whose application gave cause to it hears nothing: the word alone would tell where it is
    (D35)."""
    link = reverse("review:queue")
    if template in PAGES:
        link = PAGES[template] and reverse(PAGES[template], args=[school.pk])
    barred = protection.barred_from(about.child) if about else ()
    for post in posts.exclude(user__iin__in=barred).select_related("user"):
        outbox.tell(
            post.user,
            event=event or daily_event(school, template, now=now),
            template=template,
            context=_names(school) | more,
            link=link,
            now=now,
        )


def _names(school: School) -> dict[str, Any]:
    return {"school_kk": school.name_kk, "school_ru": school.name_ru}


def _context(application: Application) -> dict[str, Any]:
    school = application.chosen_intake.school
    return _names(school) | {
        "number": application.number,
        "due": application.due_at.isoformat() if application.due_at else "",
    }


def _event(application: Application, template: str) -> str:
    """One cause, one message: the number of moves so far tells one return to review from the next."""
    return f"{application.pk}:{len(_MOVES(application.pk))}:{template}"


def tell_applicant(
    application: Application, template: str, *, now: datetime, event: str = "", **more: Any
) -> None:
    _tell_parent(application.applicant, application, template, now=now, event=event, **more)


def _tell_parent(
    user: User, application: Application, template: str, *, now: datetime, event: str = "", **more: object
) -> None:
    if protection.hidden_from(user, application.child):  # D35
        return
    outbox.tell(
        user,
        event=event or _event(application, template),
        template=template,
        context=_context(application) | more,
        link=reverse("cabinet:application", args=[application.public_id]),
        now=now,
    )


def _tell_school(
    application: Application,
    template: str,
    *,
    now: datetime,
    roles: tuple[Role, ...] | list[Role] = (Role.DIRECTOR, Role.EXECUTOR),
    event: str = "",
) -> None:
    school, today = application.chosen_intake.school_id, timezone.localdate()
    posts = _POSTS(school, [str(role) for role in roles], today)
    barred = protection.barred_from(application.child)
    event = event or _event(application, template)
    for user in {post.user for post in posts if post.user.iin not in barred}:  # D35
        outbox.tell(
            user,
            event=event,
            template=template,
            context=_context(application),
            link=reverse("review:application", args=[application.public_id]),
            now=now,
            sms=False,
        )
