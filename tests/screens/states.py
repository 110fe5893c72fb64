"""Pages in states to which an address of the matrix leads only later on, or by way of another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Consent, Guardianship, User
from applications import grounds, supplements
from applications.documents import keeping
from applications.filing.tests.wizard_cast import file, pdf
from applications.filing.wizard import IN_PERSON_TICKS_VERSION
from applications.models import (
    Application,
    Decision,
    DocumentKind,
    Ground,
    Result,
    Route,
    SigningRequest,
    SigningState,
)
from applications.review.ground_forms import words_of
from applications.status import Status
from schools import periods
from schools.models import MicrodistrictAddress, Period, School
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
    facts = {"source": "MANUAL", "mime": "application/pdf", "size": 9000, "label": "065.pdf"}
    facts |= {"added_at": now, "removed_at": now}
    waiting = found(world, "filed").removed_documents
    waiting.update_or_create(kind=DocumentKind.F065, position=1, defaults=facts)
    return address


def conclusion_ended(world: World) -> str:
    """The document asked for is a conclusion, whose term has ended since it was uploaded."""
    address, now = supplement(world), timezone.now()
    conclusion = found(world, "filed").documents.create(
        kind=DocumentKind.PMPC, added=True, source="MANUAL", mime="application/pdf", size=9000, sha256="x",
        added_at=now, valid_until=timezone.localdate(now) - timedelta(days=1), file="x",
    )  # fmt: skip
    found(world, "filed").supplements.update(kind=DocumentKind.PMPC, document=conclusion)
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


def of_last_year(status: Status) -> Callable[[World], str]:
    """Its intake is over."""

    def happens(world: World) -> str:
        year = periods.running(timezone.now()) - 1
        application = decided(world, Status.REFUSED)
        Application.objects.filter(pk=application.pk).update(status=status, year=year)
        return at("cabinet:application", "filed")(world)

    return happens


def contested(world: World) -> str:
    Application.objects.filter(pk=found(world, "registered").pk).update(contested_at=timezone.now())
    return at("cabinet:contest", "registered")(world)


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


def consent_asked_for(world: World) -> str:
    """1414 has no answer yet."""
    newcomer = User.objects.get(iin="950505499811")
    now = timezone.now()
    Consent.objects.create(user=newcomer, reference="ref-1", text_version="1", requested_at=now)
    return at("accounts:consent")(world)


def childrens_consents(world: World) -> str:
    """Asked for by one press with one's own."""
    user, now = found(world, "filed").applicant, timezone.now()
    asked = Consent.objects.create(
        user=user, child_iin="200315500099", reference="ref-1", text_version="1", requested_at=now
    )
    session = world.clients[cast.OWNER].session
    session["asked_at_start"] = [asked.pk]
    session.save()
    return at("filing:consents")(world)


def outside(world: World) -> str:
    application = found(world, "draft")
    school = application.chosen_intake.school
    Application.objects.filter(pk=application.pk).update(route=Route.OUTSIDE, intake=None)
    return f"{at('filing:step', 'draft', 'school')(world)}?school={school.pk}"


def no_school(world: World) -> str:
    MicrodistrictAddress.objects.all().delete()
    Application.objects.filter(pk=found(world, "draft").pk).update(route="", intake=None)
    return at("filing:step", "draft", "way")(world)


def papers_are_fetched(world: World) -> str:
    found(world, "draft").documents.exclude(kind=DocumentKind.PHOTO).delete()
    return at("filing:step", "draft", "documents")(world)


def signature_over(world: World) -> str:
    SigningRequest.objects.filter(batch__token=world.ids["batch"][0]).update(state=SigningState.CANCELLED)
    return at("signing:page", "batch")(world)


def ground_worded_anew(world: World) -> str:
    old = Ground.objects.get(pk=world.ids["ground"][0])
    grounds.rewrite(
        old, words_of(old) | {"text_kk": "Басқаша."}, by=User.objects.all()[0], now=timezone.now()
    )
    return at("review:ground", "ground")(world)


def paper(page: str) -> Callable[[World], str]:
    """The draft of one filed in person, filled in up to there."""

    def happens(world: World) -> str:
        draft, now = found(world, "paper draft"), timezone.now()
        School.objects.filter(pk=draft.chosen_intake.school.pk).update(has_transport=True)
        done = dict.fromkeys(("step1_at", "step2_at", "step3_at", "data_correct_at", "external_data_at"), now)
        rows = Application.objects.filter(pk=draft.pk)
        rows.update(route=Route.LOCAL, ticks_version=IN_PERSON_TICKS_VERSION, **done)
        for kind in (DocumentKind.F052_2, DocumentKind.SCAN) if page == "review" else ():
            keeping.store(draft, kind=kind, upload=file("a.pdf", pdf()), now=now)
        return at("in_person:page", "paper draft", page)(world)

    return happens


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
    State("conclusion has ended", cast.OWNER, conclusion_ended),
    State("withdrawn", cast.OWNER, withdrawn),
    State("refused in an intake that is over", cast.OWNER, of_last_year(Status.REFUSED)),
    State("withdrawn in an intake that is over", cast.OWNER, of_last_year(Status.WITHDRAWN)),
    State("contested already", cast.OWNER, contested, "POST", {"words": "Мектепке бармадым."}),
    State("number is old", cast.OWNER, old_number),
    State("number given up", cast.OWNER, at("accounts:disown_phone")),
    State("other ways given up", cast.OWNER, ways_kept, "POST", {"email": "a@mail.kz"}),
    State("child without a consent", cast.OWNER, child_without_consent),
    State("consent", cast.NEWCOMER, at("accounts:consent")),
    State("consent asked for", cast.NEWCOMER, consent_asked_for),
    State("consents of children", cast.OWNER, childrens_consents),
    State("school outside", cast.OWNER, outside),
    State("no school of the address", cast.OWNER, no_school),
    State("medical documents are fetched", cast.OWNER, papers_are_fetched),
    State("filed meanwhile", cast.OWNER, at("filing:step", "filed", "child"), "POST"),
    State(
        "answers of an older window",
        cast.OWNER,
        at("filing:step", "draft", "documents"),
        "POST",
        {"seen": "older"},
    ),
    State("appeal", cast.OWNER, answered(Status.REFUSED, "cabinet:appeal")),
    State(
        "appeal of a decision that stands no more",
        cast.OWNER,
        answered(Status.REFUSED, "cabinet:appeal"),
        "POST",
        {"wish": "ADMIT", "words": "Мекенжайымыз осы мектептің шағын ауданында.", "decision": "0"},
    ),
    State(
        "appeal after an admission",
        cast.OWNER,
        answered(Status.ACCEPTED, "cabinet:appeal"),
        "POST",
        {"wish": "ADMIT", "words": "Мекенжайымыз осы мектептің шағын ауданында.", "decision": "0"},
    ),
    State("consent to be taken back", cast.OWNER, at("accounts:revoke_consent", "consent")),
    *(State(f"paper {page}", cast.EXECUTOR, paper(page)) for page in ("transport", "documents", "review")),
    State("person at the helpdesk", cast.OPS, at("ops:sessions"), "POST", {"iin": "900708499904"}),
    State("ground worded anew", cast.OPS, ground_worded_anew, "POST", {"name_kk": "Менің мәтінім"}),
    State("signature is over", cast.OWNER, signature_over),
    State("schools found", cast.ANONYMOUS, at("catalogue:schools", query="?q=мектеп")),
    State("age", cast.ANONYMOUS, at("public:before"), "POST", {"ask": "age", "birth_date": "01.01.2020"}),
    State("opening", cast.ANONYMOUS, at("public:before"), "POST", {"ask": "opening", "where": "710000000"}),
]
