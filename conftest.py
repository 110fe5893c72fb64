"""The cast every test may call on: the same people, schools and dates everywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts import roles, speaker
from accounts.models import Child, Consent, ConsentStatus, Guardianship, User
from applications import grounds
from applications.models import Application, Route
from applications.status import Status
from schools.models import Intake, Language, Locality, Period, Role, School, StaffMember

ALMATY = ZoneInfo("Asia/Almaty")
YEAR = 2026
DATA_KEY = f"test:{'a' * 43}="  # under which files and tokens of tests lie
ANSWERED = datetime(2026, 6, 10, 11, 0, tzinfo=ALMATY)  # by the registers, about everybody here

# The same examples in every run, on a machine of any speed: what fails, fails again.
hypothesis_settings.register_profile(
    "oqu", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("oqu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rule", metavar="ID", help="only the tests that prove this rule of docs/rules.md")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    rule = config.getoption("--rule")
    if not rule:
        return
    proofs = [item for item in items if any(rule in mark.args for mark in item.iter_markers("rule"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in proofs])
    items[:] = proofs


@pytest.fixture(autouse=True)
def _plain_test_settings(settings: Any, tmp_path: Any) -> None:
    """Files of a test stay in its folder; pages find static files without a collected manifest."""
    settings.TSP_URL = ""  # papers go without a stamp but where a test brings an authority
    settings.STORAGES = {
        "default": {
            "BACKEND": "accounts.storage.LockedStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.DATA_KEYS = [DATA_KEY]
    # Of this test alone: what others have counted (the throttle) would depend on who ran before.
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    settings.CACHES = {"default": memory}
    settings.EDS_CRL_DIR = tmp_path / "crl"
    settings.STATIC_ROOT = None  # nothing is collected, so WhiteNoise has nothing to serve


PORTAL = "oqu_portal"
LASTING = {"django_content_type", "auth_permission"}  # made with the tables


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The owner has made the tables; who uses them from here on is the portal's role, as in production."""
    with django_db_blocker.unblock():
        _make_role()
        roles.give(PORTAL)
        connection.close()
    connection_created.connect(_as_portal)
    yield
    connection_created.disconnect(_as_portal)
    connection.close()


def _make_role() -> None:
    """Of the whole server, so a worker beside this one may be first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {PORTAL} LOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )


def _as_portal(connection: Any, **_signal: Any) -> None:
    if connection.alias == DEFAULT_DB_ALIAS:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {PORTAL}")


@pytest.fixture
def owner(db: None) -> Iterator[None]:
    """This test works as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield
        cursor.execute(f"SET ROLE {PORTAL}")


@pytest.fixture
def gather_statistics(db: None) -> Callable[[], None]:
    """By which PostgreSQL chooses its plans; it does so for the owner alone, and to others only warns."""

    def gather() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"RESET ROLE; ANALYZE; SET ROLE {PORTAL}")

    return gather


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_quickly() -> Iterator[None]:
    """Between tests that commit the rows go and nothing else: Django's own way would make the triggers, the
    permissions and the types of content anew each time. The journal refuses to be emptied but to the owner of
    the database, with its triggers asleep."""

    def teardown(_case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE; SET session_replication_role = replica")
            tables = set(connection.introspection.django_table_names(only_existing=True)) - LASTING
            asked = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in sorted(tables)
            )
            cursor.execute(asked)
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")
        connection.close()  # the next one is the portal's again

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def undone() -> Iterator[None]:
    """What this block does to rows and files is taken back: many cases share one costly set-up."""
    store = Path(default_storage.path(""))
    files = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for path in store.rglob("*"):
        if path.is_file() and path not in files:
            path.unlink()
    for path, content in files.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """A page leaves its language active in the thread, a task its name and number; the next test starts in
    the portal's own language, and nobody speaks."""
    yield
    translation.deactivate()
    speaker.fall_silent()


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
    """make_application(status=…, **changes): a row in that status, with its seat counted."""

    def make(status: Status = Status.DRAFT, **changes: Any) -> Application:
        values: dict[str, Any] = {
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
