"""The world of the property test: families, two schools, their people; made once, used by every example."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from accounts.models import Child, Guardianship, User
from applications import beginning, drafts
from applications.evidence import Evidence
from applications.filing.wizard import TICKS_VERSION
from applications.models import Application, Decision, Document, DocumentKind, DocumentSource, Route
from applications.status import Status
from conftest import YEAR, grant_consent
from schools.models import Intake, Role, School, StaffMember

CHILDREN = 5
SEATS = (4, 9, 4)  # of the intakes as an example finds them

any_of, yes_or_no = st.integers(0, 999), st.booleans()
an_intake, a_child = st.integers(0, len(SEATS) - 1), st.integers(0, CHILDREN - 1)
newest = st.sampled_from([0, 0, 1, 2])
seldom = st.sampled_from([False, False, False, True])
# What may happen next, and how often: one rule draws from it, for of several rules Hypothesis switches off
# the half in every example, and a school that nobody signs for stays empty.
ACTS: dict[str, tuple[int, dict[str, st.SearchStrategy]]] = {
    "choose": (3, {"child": a_child, "second": yes_or_no, "outside": yes_or_no, "intake": an_intake}),
    "ask_to_file": (6, {"which": any_of}),
    "ask_to_withdraw": (2, {"which": any_of}),
    "propose": (3, {"which": any_of, "accept": yes_or_no, "stranger": seldom}),
    "prepare": (2, {"which": any_of, "accept": yes_or_no}),
    "ask_to_decide": (3, {"which": any_of, "older": newest, "stranger": seldom}),
    "send_back": (2, {"which": any_of}),
    "correct": (3, {"which": any_of, "accept": yes_or_no}),
    "ask_document": (2, {"which": any_of}),
    "add_document": (2, {"which": any_of}),
    "signature_arrives": (12, {"which": any_of, "late": seldom}),
    "change_seats": (2, {"intake": an_intake, "count": st.integers(0, 12)}),
    "change_ratio": (1, {"intake": an_intake, "ratio": st.none() | st.integers(0, 4)}),
}  # fmt: skip
an_act = st.sampled_from([name for name, (often, _) in ACTS.items() for _ in range(often)]).flatmap(
    lambda name: st.tuples(st.just(name), st.fixed_dictionaries(ACTS[name][1]))
)
PAPERS = (DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2)


@dataclass(frozen=True)
class Choice:
    outside: bool
    intake: int  # index in World.intakes


@dataclass
class Case:
    """One application as the model knows it."""

    application: Application
    choice: Choice
    status: Status = Status.DRAFT
    decisions: list[Decision] = field(default_factory=list)  # every one ever prepared, the newest last
    waits: bool = False  # the newest decision, for a signature
    asked: int = 0  # documents (D55)
    awaits: bool = False  # the last of them
    came_at: datetime | None = None

    @property
    def child(self) -> int:
        return self.application.child_id


@dataclass
class Ticket:
    """A batch to sign, opened at some moment; the signature may come much later, or twice."""

    evidence: Evidence
    case: Case
    choice: Choice  # what the paper showed
    stranger: bool = False  # opened by the director of another school
    done: bool = False


@dataclass
class World:
    now: datetime
    intakes: list[Intake]
    local: set[int]  # intakes of the school whose microdistrict the families live in
    children: list[Child]
    parents: list[tuple[User, User]]  # of each child
    executors: dict[int, User]  # by school
    directors: dict[int, User]
    strangers: dict[int, User]  # a director of the other school
    drafts: list[tuple[Application, Choice]] = field(
        default_factory=list
    )  # one of each parent for each child

    def post(self, posts: dict[int, User], case: Case) -> User:
        return posts[self.intakes[case.choice.intake].school_id]


def _person(number: int) -> User:
    address = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "7"}
    return User.objects.create(
        iin=f"88012{number:07d}", surname="Ата", name="Ана", registered_address=address
    )


def _family(number: int) -> tuple[Child, tuple[User, User]]:
    child = Child.objects.create(
        iin=f"20031{number:07d}", surname="Бала", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )
    parents = _person(number * 2), _person(number * 2 + 1)
    for user in parents:
        Guardianship.objects.create(user=user, child=child)
        grant_consent(user)
        grant_consent(user, child)
    return child, parents


def _staff(school: School, number: int) -> tuple[User, User]:
    executor, director = _person(number), _person(number + 1)
    StaffMember.objects.create(user=executor, school=school, role=Role.EXECUTOR)
    StaffMember.objects.create(user=director, school=school, role=Role.DIRECTOR)
    return executor, director


def build(school: School, other: School, *, now: datetime) -> World:
    kk, ru, _ = SEATS
    Intake.objects.create(school=school, year=YEAR, language_id="kk", seats=kk, outside_limit=kk // 4)
    Intake.objects.create(school=school, year=YEAR, language_id="ru", seats=ru, outside_limit=ru // 4)
    families = [_family(number) for number in range(CHILDREN)]
    mine, theirs = _staff(school, 100), _staff(other, 200)
    world = World(
        now=now,
        intakes=[*school.intakes.order_by("language_id"), *other.intakes.all()],
        local={0, 1},
        children=[child for child, _ in families],
        parents=[both for _, both in families],
        executors={school.pk: mine[0], other.pk: theirs[0]},
        directors={school.pk: mine[1], other.pk: theirs[1]},
        strangers={school.pk: theirs[1], other.pk: mine[1]},
    )
    for number in range(CHILDREN * 2):  # the first drafts, so that no example has to make them
        choice = Choice(outside=number % 3 == 2, intake=number % len(SEATS))
        draft = draft_of(world, number // 2, second=bool(number % 2))
        choose(draft, world.intakes[choice.intake], outside=choice.outside)
        world.drafts.append((draft, choice))
    return world


def choose(draft: Application, intake: Intake, *, outside: bool) -> None:
    drafts.write(draft, route=Route.OUTSIDE if outside else Route.LOCAL, intake=intake)


def draft_of(world: World, child: int, *, second: bool) -> Application:
    """The open draft of this parent for this child, with all its papers and ticks."""
    user, now = world.parents[child][second], world.now
    found = Application.objects.filter(applicant=user, child=world.children[child], status=Status.DRAFT)
    draft = found.select_related("applicant", "child").first()
    if draft is None:
        draft = beginning.open_draft(user, world.children[child], year=YEAR)
        Document.objects.bulk_create(_paper(draft, kind, now=now) for kind in PAPERS)
        for moment in ("step1_at", "step2_at", "step3_at", "data_correct_at", "external_data_at"):
            setattr(draft, moment, now)
        draft.ticks_version = TICKS_VERSION
        draft.save()
    return draft


def better(application: Application, *, now: datetime) -> Document:
    """What the school has asked for, uploaded and not kept yet."""
    found = _paper(application, DocumentKind.F065, now=now)
    found.added, found.sha256 = True, "1" * 64
    return found


def _paper(draft: Application, kind: DocumentKind, *, now: datetime) -> Document:
    values: dict[str, Any] = {"mime": "application/pdf", "size": 9, "sha256": "0" * 64, "added_at": now}
    return Document(application=draft, kind=kind, source=DocumentSource.MANUAL, file=f"00/{kind}", **values)
