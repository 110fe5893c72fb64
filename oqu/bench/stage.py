"""A made-up region with schools, a director, an officer, ops, and parents whose papers are gathered. Its rows
stand in the caller's transaction."""

import hashlib
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile

from accounts.models import Child, Consent, ConsentStatus, Guardianship, User
from applications.models import Application, Document, DocumentKind, DocumentSource, Route
from applications.status import Status
from schools import languages, periods
from schools.models import Intake, Locality, MicrodistrictAddress, Period, Role, School, StaffMember
from schools.streets import street_key

REGION, VILLAGE = "990000000", "990101100"
STREET = "Сәтбаев көшесі"
SEATS = 100_000
NEEDED = (DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2)
TEXT_VERSION = "bench"


class Stage:
    """People and schools are numbered, so that each is told from the others."""

    def __init__(self, now: datetime, *, queue: int) -> None:
        self.now, self.year, self._people = now, periods.current_year(now), 0
        languages.load()
        self.region, self.village = (
            Locality.objects.create(kato=kato, parent_id=parent, name_kk=kato, name_ru=kato, sort_kk=kato)
            for kato, parent in ((REGION, None), (VILLAGE, REGION))
        )
        today = now.date()
        Period.objects.create(
            region=self.region,
            year=self.year,
            opens=today - timedelta(days=3),
            closes=today + timedelta(days=3),
        )
        self.schools = [self._school(number) for number in range(2)]
        self.intake = Intake.objects.get(school=self.schools[0], language_id="kk")
        self.director, self.officer = self.person("Директор"), self.person("Бақылаушы")
        self.ops = self.person("Портал")
        StaffMember.objects.create(user=self.director, school=self.schools[0], role=Role.DIRECTOR)
        StaffMember.objects.create(user=self.officer, region=self.region, role=Role.DEPARTMENT)
        StaffMember.objects.create(user=self.ops, role=Role.OPS)
        self.queue = [self.filed(self.family()) for _ in range(queue)]
        self._have_documents(self.queue)

    def person(self, name: str) -> User:
        """Known to the registers since a moment ago: a first hour leans on what they have said before."""
        self._people += 1
        person = User(
            iin=f"9{self._people:011d}", surname=name, name="Дана", phone=f"+7700{self._people:07d}",
            phone_known_at=self.now, phone_confirmed_at=self.now, refreshed_at=self.now,
            registered_address=_address(),
        )  # fmt: skip
        person.set_unusable_password()
        person.save()
        return person

    def family(self, parent: User | None = None) -> tuple[User, Child]:
        """A parent with one more child, and all consents."""
        parent = parent or self.person("Ата-ана")
        self._people += 1
        child = Child.objects.create(
            iin=f"8{self._people:011d}", surname="Бала", name="Арман", birth_date=date(self.year - 6, 3, 1),
            sex="M", registered_address=_address(), refreshed_at=self.now,
        )  # fmt: skip
        Guardianship.objects.create(user=parent, child=child, answered_at=self.now)
        for subject in (None, child):
            self._consent(parent, subject)
        return parent, child

    def documents(self, draft: Application) -> None:
        """The files that a parent has chosen: examined, and in their places."""
        for kind in NEEDED:
            content = f"%PDF-1.7 {kind} {draft.pk}\n".encode()
            document = Document(
                application=draft, kind=kind, source=DocumentSource.MANUAL, mime="application/pdf",
                size=len(content), sha256=hashlib.sha256(content).hexdigest(), added_at=self.now,
            )  # fmt: skip
            document.file.save("file", ContentFile(content), save=True)

    def _have_documents(self, filed: list[Application]) -> None:
        """Their rows alone: a list looks at what kinds there are, and no file is opened."""
        Document.objects.bulk_create(
            Document(
                application=one, kind=kind, source=DocumentSource.MANUAL, file="bench", size=1,
                mime="application/pdf", sha256="0" * 64, added_at=self.now,
            )
            for one in filed
            for kind in NEEDED
        )  # fmt: skip

    def filed(self, family: tuple[User, Child], year: int | None = None) -> Application:
        """An application in the queue of the first school; of an earlier year one that was answered."""
        parent, child = family
        status = Status.IN_REVIEW if year is None else Status.REFUSED
        return Application.objects.create(
            number=f"bench-{child.pk}-{year or self.year}", year=year or self.year, child=child,
            applicant=parent, status=status, route=Route.LOCAL, intake=self.intake, submitted_at=self.now,
            received_at=self.now,
            due_at=self.now + timedelta(days=1, minutes=self._people % 300),
            decided_at=None if year is None else self.now,
            data_correct_at=self.now, external_data_at=self.now, step1_at=self.now, step2_at=self.now,
            step3_at=self.now,
        )  # fmt: skip

    def _school(self, number: int) -> School:
        name = f"№{number} мектеп"
        school = School.objects.create(
            bin=f"9{number:011d}", locality=self.village, name_kk=name, name_ru=name, sort_kk=name,
            search=f" {name} ",
        )  # fmt: skip
        Intake.objects.create(
            school=school, year=self.year, language_id="kk", seats=SEATS, outside_limit=SEATS // 4
        )
        if number == 0:
            MicrodistrictAddress.objects.create(
                school=school, locality=self.village, street=STREET, street_key=street_key(STREET),
                house_from=1, house_to=99,
            )  # fmt: skip
        return school

    def _consent(self, parent: User, child: Child | None) -> None:
        Consent.objects.get_or_create(
            reference=f"bench-{parent.pk}-{child.pk if child else 0}",
            defaults={
                "user": parent, "child": child, "child_iin": child.iin if child else "",
                "status": ConsentStatus.GRANTED, "token": "bench", "text_version": TEXT_VERSION,
                "requested_at": self.now, "answered_at": self.now, "expires_at": self.now + timedelta(days=1),
            },
        )  # fmt: skip


def _address() -> dict[str, str]:
    text = f"{STREET}, 1-үй"
    return {"kato": VILLAGE, "street": STREET, "house": "1", "text_kk": text, "text_ru": text}
