"""Who knocks, and what stands behind the doors: the things of parent A and of school A."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import Child, Consent, ConsentStatus, Guardianship, Protection, User
from accounts.session import RENEWED, STARTED
from applications import appeals, lifecycle, protecting
from applications.documents import keeping
from applications.filing.tests.wizard_cast import ENVELOPE, file, jpeg, pdf
from applications.models import (
    Appeal,
    Application,
    Channel,
    DocumentKind,
    FamilyExport,
    Ground,
    Paper,
    PaperKind,
    Purpose,
    Result,
    TableExport,
    TableKind,
    Wish,
)
from applications.papers.tests import paper_cast
from applications.review.tests.desk_cast import DeskRegisters
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from conftest import grant_consent
from egov import http
from schools.models import (
    AddressList,
    AddressRequest,
    EndedPlace,
    Holiday,
    Intake,
    ListDraft,
    Period,
    Role,
    School,
    StaffMember,
    StreetAlias,
)

ANONYMOUS, PHONE = "anonymous", "eGov Mobile with a wrong Bearer"
NEWCOMER = "signed in, without a consent"
OWNER, STRANGER = "parent A", "parent B"
EXECUTOR, DIRECTOR = "executor of school A", "director of school A"
FORMER_DIRECTOR = "director of school A until yesterday"
OTHER_EXECUTOR, OTHER_DIRECTOR = "executor of school B", "director of school B"
OFFICER, OTHER_OFFICER = "department of A's region", "department of another region"
OPS = "ops"

OUTSIDERS = (ANONYMOUS, PHONE)
SCHOOL_A, SCHOOL_B = (EXECUTOR, DIRECTOR), (OTHER_EXECUTOR, OTHER_DIRECTOR)
PEOPLE = (
    NEWCOMER, OWNER, STRANGER, *SCHOOL_A, FORMER_DIRECTOR, *SCHOOL_B, OFFICER, OTHER_OFFICER, OPS,
)  # fmt: skip

POSTS = {  # of those whom the cast of all tests does not know
    OTHER_EXECUTOR: ("860101499811", Role.EXECUTOR),
    OFFICER: ("770707399705", Role.DEPARTMENT),
    OTHER_OFFICER: ("780808399705", Role.DEPARTMENT),
    OPS: ("840214399807", Role.OPS),
}
PLACES: dict[str, dict[str, Any]] = {
    OFFICER: {"region_id": "710000000"}, OTHER_OFFICER: {"region_id": "590000000"}, OPS: {},
}  # fmt: skip


class Registers(DeskRegisters):
    """And 1414, which takes every request and has no answer yet."""

    def call(self, method: str, url: str, *, system: str, data: Any = None, **more: Any) -> http.Answer:
        if system != "consent":
            return super().call(method, url, system=system, data=data, **more)
        self.asked.append(system)
        answer = f"<status>PENDING</status><code>ref-{len(self.asked)}</code>"
        return http.Answer(system, 200, ENVELOPE.format(code="SCSS001", data=answer).encode())


@dataclass(frozen=True)
class World:
    """The ids in the addresses, by what they are ids of; a browser for each who knocks."""

    ids: dict[str, tuple[Any, ...]]
    clients: dict[str, Client]


def people(school: School, other: School, known: dict[str, User]) -> dict[str, User]:
    """Everybody who signs in. All but the newcomer have given their own consent: what stops them later on is
    whose the thing is, not who they are."""
    users = dict(known)
    for who, (iin, role) in POSTS.items():
        users[who] = User.objects.create(iin=iin, surname=who)
        where = PLACES.get(who, {"school": other})
        StaffMember.objects.create(user=users[who], role=role, **where)
    for who, iin in {NEWCOMER: "950505499811", FORMER_DIRECTOR: "710101499811"}.items():
        users[who] = User.objects.create(iin=iin, surname=who)
    StaffMember.objects.create(user=users[FORMER_DIRECTOR], school=school, role=Role.DIRECTOR)
    for who in set(users) - {NEWCOMER, OWNER, STRANGER}:
        grant_consent(users[who])
    return users


def reference_rows(intake: Intake) -> dict[str, tuple[Any, ...]]:
    """One of each kind; the period is of a region with no application."""
    pair = StreetAlias.objects.create(key="street:a", other="street:b")
    EndedPlace.objects.create(place_id="593651100", ended_on=date(2026, 1, 1))
    Holiday.objects.create(date=date(2027, 3, 22), name_kk="Наурыз", name_ru="Наурыз")
    return {
        "school row": (intake.school.pk,), "intake row": (intake.pk,), "streetalias row": (pair.pk,),
        "period row": (Period.objects.get(region_id="590000000").pk,), "holiday row": ("2027-03-22",),
        "language row": ("kk",), "endedplace row": ("593651100",),
    }  # fmt: skip


def browsers(users: dict[str, User]) -> dict[str, Client]:
    clients = {ANONYMOUS: Client(), PHONE: Client(headers={"authorization": "Bearer wrong"})}
    for who, user in users.items():
        clients[who] = Client()
        clients[who].force_login(user)
        session = clients[who].session
        session[STARTED] = session[RENEWED] = timezone.now().timestamp()  # or each question would store that
        session.save()
    return clients


class Things:
    """Everything that parent A has with school A, one application for each child."""

    def __init__(self, make: Callable[..., Application], users: dict[str, User], now: datetime) -> None:
        self.make, self.users, self.now = make, users, now
        self.parent, self.director = users[OWNER], users[DIRECTOR]

    def child(self, number: int) -> Child:
        child = Child.objects.create(
            iin=f"2003155000{number:02d}", surname="Бала", name="Бала", birth_date=date(2020, 3, 15), sex="M"
        )
        Guardianship.objects.create(user=self.parent, child=child, answered_at=self.now)
        grant_consent(self.parent, child)
        return child

    def application(self, status: Status, number: int, **changes: Any) -> Application:
        return self.make(status, child=self.child(number), **changes)

    def document(self, application: Application, kind: DocumentKind = DocumentKind.F065) -> tuple[Any, Any]:
        is_photo = kind == DocumentKind.PHOTO
        upload = file("p.jpg", jpeg()) if is_photo else file("065.pdf", pdf())
        stored = keeping.store(application, kind=kind, upload=upload, now=self.now)
        return application.public_id, stored.public_id

    def signing_request(self, application: Application, purpose: Purpose, *, by: User, **more: Any) -> str:
        fresh = Application.objects.get(pk=application.pk)
        return evidence_of(fresh, purpose, by=by, now=self.now, **more).signing_request.batch.token

    def paper(self, application: Application, kind: PaperKind) -> Paper:
        signature = paper_cast.sign(
            application, Purpose.APPLICATION, by=self.parent, now=self.now, payload=b"%"
        )
        paper = Paper.objects.create(
            application=application, kind=kind, signature=signature, created_at=self.now,
            next_try_at=self.now, rendered_at=self.now, sha256=hashlib.sha256(b"%PDF").hexdigest(),
        )  # fmt: skip
        paper.file.save("paper", ContentFile(b"%PDF"))
        return paper

    def export(self, child: Child) -> FamilyExport:
        ends = timezone.now() + timedelta(days=1)
        found = FamilyExport(user=self.parent, ordered_at=self.now, next_try_at=self.now)
        found.made_at, found.ends_at, found.children = self.now, ends, [child.pk]
        found.sha256 = hashlib.sha256(b"zip").hexdigest()
        found.file.save("export", ContentFile(b"zip"))
        return found

    def appeal(self, number: int) -> tuple[Appeal, Any]:
        """Of a refusal of this moment, with a document of its application."""
        draft, at = complete(self.application(Status.DRAFT, number), now=self.now), timezone.now()
        _draft, document = self.document(draft)
        found = self._file(draft, Status.REFUSED, decided_at=self.now)
        refusal = {
            "result": Result.REFUSE,
            "reason_code": "OTHER",
            "reason": "x",
            "prepared_by": self.director,
        }
        refusal |= {"prepared_at": at, "signed_by": self.director, "signed_at": at}
        found.decisions.create(**refusal)
        return appeals.file(found, by=self.parent, wish=Wish.ADMIT, words="x", now=at), document

    def passed_appeal(self) -> tuple[Any, Any]:
        """The department's to answer."""
        found, document = self.appeal(8)
        appeals.pass_on(found, by=self.director, opinion="x", now=timezone.now())
        return found.public_id, document

    def table(self, **changes: Any) -> TableExport:
        values = {"kind": TableKind.QUEUE, "form": "csv", "lang": "kk", "next_try_at": self.now} | changes
        found = TableExport(user=self.director, ordered_at=self.now, **values)
        found.sha256 = hashlib.sha256(b"csv").hexdigest()
        found.file.save("table", ContentFile(b"csv"))
        return found

    def made_table(self) -> TableExport:
        ends = timezone.now() + timedelta(days=1)
        return self.table(made_at=self.now, ends_at=ends, schools=[self.school_of(DIRECTOR)])

    def school_of(self, who: str) -> int | None:
        return StaffMember.objects.get(user=self.users[who]).school_id

    def ended_consent(self) -> Consent:
        ended = {"reference": "ended", "status": ConsentStatus.EXPIRED, "text_version": "1"}
        return Consent.objects.create(user=self.parent, requested_at=self.now, **ended)

    def post(self, who: str) -> int:
        return StaffMember.objects.get(user=self.users[who]).pk

    def protection(self) -> Protection:
        """Of a child of A's region, from somebody who is none of the people here."""
        child = self.child(6)
        return protecting.protect(
            child_iin=child.iin, barred_iin="600101300015", by=self.users[OFFICER], why="court", now=self.now
        )

    def list_draft(self, school: School) -> ListDraft:
        lines = [[1, "Абай көшесі 1-9", school.pk]]
        at = {"created_at": self.now, "changed_at": self.now}
        return ListDraft.objects.create(author=self.users[OFFICER], school=school, lines=lines, **at)

    def list_version(self, school: School) -> AddressList:
        return AddressList.objects.create(school=school, author="x", reason="x", ended=self.now)

    def address_request(self) -> AddressRequest:
        return AddressRequest.objects.create(kato="711210000", street="Мир", house="1", asked_at=self.now)

    def ids(self, child: Child) -> dict[str, tuple[Any, ...]]:
        """By name; `child` is that of the draft."""
        draft = complete(self.make(), now=self.now)
        filed = complete(self.application(Status.DRAFT, 1), now=self.now)
        filed_document = self.document(filed)
        filed = self._file(filed)
        proposed = self.application(Status.IN_REVIEW, 2)
        decision = lifecycle.propose(
            proposed, by=self.users[EXECUTOR], now=self.now, result=Result.ACCEPT
        )  # fmt: skip
        refused = self.application(Status.REFUSED, 3)
        paper = {"channel": Channel.IN_PERSON, "filed_by": self.users[EXECUTOR]}
        paper_draft = self.application(Status.DRAFT, 4, **paper)
        registered = self.application(Status.IN_REVIEW, 5, **paper)
        appeal, appeal_document = self.appeal(7)
        found: dict[str, tuple[Any, ...]] = {
            "appeal": (appeal.public_id,), "appealed": (appeal.application.public_id,),
            "appeal document": (appeal.public_id, appeal_document),
            "passed appeal document": self.passed_appeal(),
            "consent": (Consent.objects.get(user=self.parent, child=child).pk,), "child": (child.pk,),
            "ended consent": (self.ended_consent().pk,), "protection": (self.protection().pk,),
            "draft": (draft.public_id,), "filed": (filed.public_id,), "proposed": (proposed.public_id,),
            "refused": (refused.public_id,), "paper draft": (paper_draft.public_id,),
            "registered": (registered.public_id,),
            "draft document": self.document(draft), "filed document": filed_document,
            "paper draft document": self.document(paper_draft),
            "draft photo": self.document(draft, DocumentKind.PHOTO),
            "paper draft photo": self.document(paper_draft, DocumentKind.PHOTO),
            "receipt": (filed.public_id, self.paper(filed, PaperKind.RECEIPT).kind.lower()),
            "ground": (Ground.objects.filter(code="AGE").latest("pk").pk,),
            "school": (filed.chosen_intake.school.pk,),
            "list draft": (self.list_draft(filed.chosen_intake.school).pk,),
            "list version": (self.list_version(filed.chosen_intake.school).pk,),
            "address request": (self.address_request().pk,),
            **reference_rows(filed.chosen_intake),
            "executor's post": (self.post(EXECUTOR),),
            "director's post": (self.post(DIRECTOR),),
            "officer's post": (self.post(OFFICER),),
            "export": (self.export(child).public_id,),
            "table": (self.made_table().public_id,),
            "failed table": (self.table(dead=True).public_id,),
            "printed": (Paper.objects.get().token,),
            "batch": (self.signing_request(draft, Purpose.APPLICATION, by=self.parent),),
            "director's batch": (
                self.signing_request(proposed, Purpose.DECISION, by=self.director, decision=decision),
            ),
            "former director's batch": (
                self.signing_request(
                    proposed, Purpose.DECISION, by=self.users[FORMER_DIRECTOR], decision=decision
                ),
            ),
        }  # fmt: skip
        StaffMember.objects.filter(user=self.users[FORMER_DIRECTOR]).update(ended_at=self.now)
        return found

    def _file(self, draft: Application, status: Status = Status.IN_REVIEW, **changes: Any) -> Application:
        Application.objects.filter(pk=draft.pk).update(
            status=status, submitted_at=self.now, received_at=self.now, due_at=self.now, **changes
        )
        draft.refresh_from_db()
        return draft
