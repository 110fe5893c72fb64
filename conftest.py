"""The cast every test may call on: the same people, schools and dates everywhere."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Child, Consent, ConsentStatus, Guardianship, User
from applications import grounds
from applications.models import Application, Route
from applications.status import Status
from schools.models import Intake, Language, Locality, Period, Role, School, StaffMember

# A fixture of the session that modules import by its name would be made anew for each of them.
pytest_plugins = ["tests.environment", "tests.sandbox", "egov.tests.eds_cast"]

ALMATY = ZoneInfo("Asia/Almaty")
YEAR = 2026
ANSWERED = datetime(2026, 6, 10, 11, 0, tzinfo=ALMATY)  # by the registers, about everybody here


@pytest.fixture
def now() -> datetime:
    """Wednesday, 10 June 2026, 11:00 in Almaty: waves 1 and 2 are open."""
    return ANSWERED


def _user(iin: str, surname: str, name: str, phone: str = "", **more: Any) -> User:
    user = User(iin=iin, surname=surname, name=name, phone=phone, **more)
    user.phone_known_at = timezone.now() if phone else None
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def localities(db: None) -> dict[str, Locality]:
    rows = [
        ("710000000", None, "Астана қаласы", "город Астана"),
        ("711210000", "710000000", "Есіл ауданы", "район Есиль"),
        ("590000000", None, "Солтүстік Қазақстан облысы", "Северо-Казахстанская область"),
        ("593600000", "590000000", "Мағжан Жұмабаев ауданы", "Район Магжана Жумабаева"),
        ("593651000", "593600000", "Қарақоға а.о.", "Каракогинский с.о."),
        ("593651100", "593651000", "Қарақоға а.", "с.Каракога"),
    ]
    made = Locality.objects.bulk_create(
        Locality(kato=kato, parent_id=parent, name_kk=name_kk, name_ru=name_ru, sort_kk=name_kk)
        for kato, parent, name_kk, name_ru in rows
    )
    return {place.kato: place for place in made}


@pytest.fixture
def school(localities: dict[str, Locality]) -> School:
    """№63, Astana, Есіл ауданы: open since 27 May, with the parent's address in its microdistrict."""
    languages = [
        Language(code="kk", name_kk="Қазақ", name_ru="Казахский", position=0),
        Language(code="ru", name_kk="Орыс", name_ru="Русский", position=1),
    ]
    Language.objects.bulk_create(languages, ignore_conflicts=True)
    grounds.load(now=ANSWERED)
    school = School.objects.create(
        bin="990540099902",
        locality=localities["711210000"],
        name_kk="«№63 жалпы білім беретін мектеп» КММ",
        name_ru="КГУ «Общеобразовательная школа №63»",
        phone="+77172000063",
        has_transport=True,
        sort_kk="63",
        search="63",
    )
    from schools.streets import street_key  # the key under which the catalogue looks a street up

    school.addresses.create(
        locality=localities["711210000"],
        street="Сәтбаев көшесі",
        street_key=street_key("Сәтбаев көшесі"),
        house_from=1,
        house_to=99,
    )
    Period.objects.bulk_create(
        Period(region=localities[kato], year=YEAR, opens=opens, closes=date(2026, 8, 31))
        for kato, opens in (("710000000", date(2026, 5, 27)), ("590000000", date(2026, 6, 29)))
    )
    return school


@pytest.fixture
def intake(school: School) -> Intake:
    return Intake.objects.create(school=school, year=YEAR, language_id="kk", seats=8, outside_limit=2)


@pytest.fixture
def other_school(localities: dict[str, Locality], school: School) -> School:
    """Қарақоға, North Kazakhstan: opens on 29 June only."""
    other = School.objects.create(
        bin="990540099912",
        locality=localities["593651100"],
        name_kk="«Қарақоға орта мектебі» КММ",
        name_ru="КГУ «Каракогинская средняя школа»",
        sort_kk="қарақоға",
        search="каракога",
    )
    Intake.objects.create(school=other, year=YEAR, language_id="kk", seats=4, outside_limit=1)
    return other


@pytest.fixture
def parent(db: None) -> User:
    address = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "1", "flat": "12"}
    address |= {"text_kk": "Астана қ., Есіл ауданы, Сәтбаев көшесі, 1-үй, 12-пәтер"}
    address |= {"text_ru": "г. Астана, район Есиль, улица Сатпаева, дом 1, кв. 12"}
    user = _user("900708499904", "Сәрсенова", "Айгүл", "+77011234501", registered_address=address)
    user.patronymic = "Маратқызы"
    user.save(update_fields=["patronymic"])
    grant_consent(user)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """A parent who has nothing to do with the others' children."""
    user = _user("880120399905", "Ахметов", "Данияр", "+77011234502", lang="ru")
    grant_consent(user)
    return user


@pytest.fixture
def child(parent: User) -> Child:
    """Born on 31 December 2020, the last day admitted in 2026; the parent's consent is granted."""
    child = Child.objects.create(
        iin="201231599904",
        surname="Сәрсенов",
        name="Арман",
        birth_date=date(2020, 12, 31),
        sex="M",
        registered_address=parent.registered_address,
    )
    Guardianship.objects.create(user=parent, child=child, answered_at=ANSWERED)
    grant_consent(parent, child)
    return child


def grant_consent(user: User, child: Child | None = None) -> Consent:
    asked = datetime(2026, 5, 1, tzinfo=UTC)
    return Consent.objects.create(
        user=user,
        child=child,
        child_iin=child.iin if child else "",
        reference=f"ref-{user.pk}-{child.pk if child else 0}",
        status=ConsentStatus.GRANTED,
        token="token",
        text_version="1",
        requested_at=asked,
        answered_at=asked,
        expires_at=asked + timedelta(days=3650),
    )


@pytest.fixture
def director(school: School) -> User:
    user = _user("750312499106", "Қасымова", "Нұргүл", "+77011234563")
    StaffMember.objects.create(user=user, school=school, role=Role.DIRECTOR)
    return user


@pytest.fixture
def executor(school: School) -> User:
    user = _user("850905499202", "Бекова", "Жанар", "+77011234564")
    StaffMember.objects.create(user=user, school=school, role=Role.EXECUTOR)
    return user


@pytest.fixture
def other_director(other_school: School) -> User:
    user = _user("691130399308", "Смағұлов", "Асқар")
    StaffMember.objects.create(user=user, school=other_school, role=Role.DIRECTOR)
    return user


@pytest.fixture
def make_application(parent: User, child: Child, intake: Intake, now: datetime) -> Callable[..., Application]:
    """make_application(status=…, **changes): a row in that status, with its seat counted. Its number is the
    same in every test, and so are the papers that bear it."""
    numbers = count(900_001)  # beyond those that the database gives out

    def make(status: Status = Status.DRAFT, **changes: Any) -> Application:
        values: dict[str, Any] = {
            "pk": next(numbers),
            "year": YEAR,
            "child": child,
            "applicant": parent,
            "route": Route.LOCAL,
            "intake": intake,
            "step1_at": now,
            "step2_at": now,
        }
        if status != Status.DRAFT:
            values |= {
                "number": f"{YEAR}-new{child.pk}",
                "submitted_at": now,
                "received_at": now,
                "due_at": now + timedelta(days=1),
            }
            values |= {"step3_at": now, "data_correct_at": now, "external_data_at": now}
        if status in (Status.ACCEPTED, Status.REFUSED):
            values["decided_at"] = now
        application = Application.objects.create(status=status, **(values | changes))
        Guardianship.objects.get_or_create(
            user=application.applicant, child=application.child, defaults={"answered_at": now}
        )
        if "number" not in changes:
            application.number = f"{YEAR}-{application.pk:06d}"
            application.save(update_fields=["number"])
        if status in (Status.IN_REVIEW, Status.SIGNING, Status.ACCEPTED):
            side = "held_outside" if application.route == Route.OUTSIDE else "held_local"
            held = Intake.objects.get(pk=application.chosen_intake.pk)
            setattr(held, side, getattr(held, side) + 1)
            held.save(update_fields=[side])
        return application

    return make
