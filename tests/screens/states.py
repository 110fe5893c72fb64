"""Pages in states to which an address of the matrix leads only later on, or by way of another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Guardianship, User
from applications import supplements
from applications.models import Application, Decision, DocumentKind, Result
from applications.status import Status
from schools.models import Period
from tests.access import cast
from tests.access.cast import World


@dataclass(frozen=True)
class State:
    """What has to happen, and what is asked for then, by whom. What happens gives the address."""

    name: str
    who: str
    happens: Callable[[World], str]
    method: str = "GET"
    data: dict[str, Any] = field(default_factory=dict)


def at(name: str, ids: str = "", *more: str, query: str = "") -> Callable[[World], str]:
    """Nothing has to happen."""
    return lambda world: reverse(name, args=[*world.ids.get(ids, ()), *more]) + query


def found(world: World, ids: str) -> Application:
    return Application.objects.get(public_id=world.ids[ids][0])


def supplement(world: World) -> str:
    Period.objects.update(asks_documents=True)
    application = found(world, "filed")
    now = timezone.now()
    Application.objects.filter(pk=application.pk).update(due_at=now + timedelta(days=1))
    by = application.chosen_intake.school.staff.get(ended_at=None, role="EXECUTOR").user
    supplements.ask(application, kind=DocumentKind.F065, why="Бет жоқ.", by=by, now=now)
    return at("cabinet:supplement", "filed")(world)


def file_replaced(world: World) -> str:
    """On the page of the document asked for: what stood there before can be had back."""
    address, now = supplement(world), timezone.now()
    facts = {"kind": DocumentKind.F065, "source": "MANUAL", "mime": "application/pdf", "size": 9000}
    found(world, "filed").removed_documents.create(**facts, label="065.pdf", added_at=now, removed_at=now)
    return address


def decided(world: World, status: Status) -> Application:
    """«filed» has this answer of its director."""
    application, now = found(world, "filed"), timezone.now()
    director = application.chosen_intake.school.staff.get(ended_at=None, role="DIRECTOR").user
    signed: dict[str, Any] = {"prepared_by": director, "signed_by": director, "signed_at": now}
    reason: dict[str, Any] = (
        {"reason_code": "OTHER", "reason": "Бет жоқ."} if status == Status.REFUSED else {}
    )
    result = Result.REFUSE if status == Status.REFUSED else Result.ACCEPT
    Decision.objects.create(application=application, result=result, prepared_at=now, **signed, **reason)
    Application.objects.filter(pk=application.pk).update(status=status, decided_at=now)
    return application


def answered(status: Status, page: str) -> Callable[[World], str]:
    def happens(world: World) -> str:
        decided(world, status)
        return at(page, "filed")(world)

    return happens


def withdrawn(world: World) -> str:
    application = found(world, "filed")
    Application.objects.filter(pk=application.pk).update(status=Status.WITHDRAWN)
    return at("cabinet:application", "filed")(world)


def old_number(world: World) -> str:
    known = timezone.now() - timedelta(days=900)
    User.objects.filter(pk=found(world, "filed").applicant_id).update(phone_known_at=known)
    return at("cabinet:applications")(world)


def ways_kept(world: World) -> str:
    kept = {"second_phone": "+77010000000", "ways_allowed_at": timezone.now()}
    User.objects.filter(pk=found(world, "filed").applicant_id).update(**kept)
    return at("accounts:ways")(world)


def of_the_other_parent(world: World) -> str:
    user = User.objects.get(iin="880120399905")
    at_once = {"answered_at": timezone.now()}
    Guardianship.objects.create(user=user, child=decided(world, Status.REFUSED).child, **at_once)
    return at("cabinet:application", "filed")(world)


def child_without_consent(world: World) -> str:
    one = Child.objects.create(
        iin="200315500099", surname="Бала", name="Бала", birth_date="2020-03-15", sex="M"
    )
    Guardianship.objects.create(user=found(world, "filed").applicant, child=one, answered_at=timezone.now())
    return at("accounts:children")(world)


def left_of_a_batch(world: World) -> str:
    (token,) = world.ids["director's batch"]
    return f"{reverse('review:bulk')}?batch={token}"


STATES = [
    State("error 404", cast.ANONYMOUS, lambda world: "/none/"),
    State("signing by QR", cast.OWNER, at("signing:page", "batch", query="?way=qr")),
    State("signing by key", cast.OWNER, at("signing:page", "batch", query="?way=eds")),
    State("decision by QR", cast.DIRECTOR, at("signing:page", "director's batch", query="?way=qr")),
    State("decision by key", cast.DIRECTOR, at("signing:page", "director's batch", query="?way=eds")),
    State("many to sign", cast.DIRECTOR, left_of_a_batch),
    State("document asked for", cast.OWNER, supplement),
    State("file replaced", cast.OWNER, file_replaced),
    State(
        "director to be replaced",
        cast.OFFICER,
        at("schools:staff_of_school", "school"),
        "POST",
        {"iin": "691130399308", "role": "DIRECTOR"},
    ),
    State("correction", cast.DIRECTOR, answered(Status.ACCEPTED, "review:correct")),
    *(
        State(f"{name} {status}", who, answered(status, name))
        for name, who in (("cabinet:application", cast.OWNER), ("review:application", cast.DIRECTOR))
        for status in (Status.ACCEPTED, Status.REFUSED)
    ),
    State("application of the other parent", cast.STRANGER, of_the_other_parent),
    State("withdrawn", cast.OWNER, withdrawn),
    State("number is old", cast.OWNER, old_number),
    State("number given up", cast.OWNER, at("accounts:disown_phone")),
    State("other ways given up", cast.OWNER, ways_kept, "POST", {"email": "a@mail.kz"}),
    State("child without a consent", cast.OWNER, child_without_consent),
    State("schools found", cast.ANONYMOUS, at("catalogue:schools", query="?q=мектеп")),
    State("age", cast.ANONYMOUS, at("public:before"), "POST", {"ask": "age", "birth_date": "01.01.2020"}),
    State("opening", cast.ANONYMOUS, at("public:before"), "POST", {"ask": "opening", "where": "710000000"}),
]
