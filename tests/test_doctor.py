"""The doctor and its page: what would stop a parent is found, counted and told with what mends it (D61)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.cache import cache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts import outside
from accounts.models import Guardianship, Protection, User
from applications import appeals
from applications.models import (
    Appeal,
    Application,
    Ground,
    Paper,
    PaperKind,
    RefusalReason,
    Result,
    TableExport,
    Wish,
)  # fmt: skip
from applications.papers import keys
from applications.status import Status
from egov import http
from egov.errors import Misconfigured, Unavailable
from egov.tests.certified import certified
from notifications import shares
from notifications.models import Channel, Heartbeat, Message, MessageState
from oqu import clocks, doctor, watch
from oqu.clocks import difference  # before it is set right for the tests
from oqu.doctor import catalogue, machine, queues
from oqu.doctor.findings import Asked, Urgency
from oqu.doctor.kinds import Code
from schools.models import Holiday, Intake, Language, Period, Role, School, StaffMember
from tests.at_work import at_work
from tests.environment import undone

pytestmark = pytest.mark.rule("D61")
NOW, SOON = Urgency.NOW, Urgency.SOON


@pytest.fixture
def portal(
    intake: Intake, director: User, now: datetime, settings: Any, tmp_path: Path, time_machine: Any
) -> Asked:
    """A portal at work in June, in which nothing is missing."""
    time_machine.move_to(now, tick=False)
    settings.KEYS_DIR, settings.SEAL_PASSWORD, settings.TSP_URL = tmp_path / "keys", "test", "https://tsp"
    settings.KEYS_DIR.mkdir()
    settings.EDS_CRL_URLS, settings.BACKUP_STAMP, settings.DISK_FREE_MB = [], "", 0
    settings.DATA_KEYS_FILE, settings.DEFAULT_FROM_EMAIL = tmp_path / "data.keys", "oqu@example.kz"
    keys.ensure(now=now)
    at_work(now=now)
    Holiday.objects.create(date=date(2026, 7, 6), name_kk="x", name_ru="x")
    return Asked(now, 2026)


@pytest.fixture(autouse=True)
def _authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them are there depends on who has started the sandbox."""
    monkeypatch.setattr("egov.eds.trust.faults", lambda **_now: [])


CHECKS = (*doctor.OF_YEAR, *doctor.OF_PORTAL)


def found(asked: Asked) -> list[tuple[Code, Urgency, int]]:
    return [(one.code, one.urgency, one.count) for one in doctor.examine(asked, CHECKS)]


def make_message(parent: User, state: MessageState, due: timedelta, channel: Channel = Channel.SMS) -> None:
    Message.objects.create(
        key="key", channel=channel, recipient=parent, template="x", state=state,
        next_try_at=timezone.now() - due, created_at=timezone.now(),
    )  # fmt: skip


def make_lost(parent: User, count: int) -> None:
    now = timezone.now()
    Message.objects.bulk_create(
        Message(
            key=f"lost {number}", channel=Channel.SMS, recipient=parent, template="x",
            state=MessageState.DEAD, next_try_at=now, created_at=now,
        )
        for number in range(count)
    )  # fmt: skip


def make_intake(school: School, seats: int) -> None:
    """Of last year, in Russian."""
    Intake.objects.create(school=school, year=2025, language_id="ru", seats=seats, outside_limit=0)


def test_each_fault_of_the_catalogue_is_one_finding(
    portal: Asked, intake: Intake, subtests: pytest.Subtests
) -> None:
    school = intake.school
    spoils: dict[Code, tuple[Callable[[], Any], Urgency]] = {
        Code.NO_DATES: (lambda: Period.objects.filter(region="590000000").delete(), NOW),
        Code.NO_SEATS: (lambda: Intake.objects.all().delete(), NOW),
        Code.NO_DIRECTOR: (lambda: StaffMember.objects.update(ended_at=portal.now), NOW),
        Code.NO_ADDRESSES: (lambda: school.addresses.all().delete(), SOON),
        Code.NO_PHONE: (lambda: School.objects.update(phone=""), SOON),
        Code.NO_HOLIDAYS: (lambda: Holiday.objects.all().delete(), NOW),
        Code.NO_GROUNDS: (lambda: Ground.objects.all().delete(), NOW),
        Code.LANGUAGE_LOST: (
            lambda: make_intake(school, 4),
            SOON,
        ),
    }
    assert found(portal) == []
    for code, (spoil, urgency) in spoils.items():
        with subtests.test(str(code)), undone():
            spoil()
            assert found(portal) == [(code, urgency, 1)]
    with subtests.test("a school that has stopped is not missed"), undone():
        School.objects.update(phone="", stops_on=date(2026, 9, 1))
        assert found(portal) == []
    with subtests.test("nor is a lost language in which there were no seats"), undone():
        make_intake(school, 0)
        assert found(portal) == []
    with subtests.test("one without languages"), undone():
        Intake.objects.all().delete()
        Language.objects.all().delete()
        assert [code for code, *_rest in found(portal)] == [Code.NO_SEATS, Code.NO_LANGUAGES]


def test_what_the_year_lacks_is_urgent_from_thirty_days_before_it_opens(portal: Asked) -> None:
    """The dates of 2026 begin on 27 May; those of 2027 are not there, so the day of 2026 stands for them."""
    StaffMember.objects.filter(role=Role.DIRECTOR).delete()
    days = {date(2026, 4, 26): (2026, SOON), date(2026, 4, 27): (2026, NOW), date(2027, 4, 26): (2027, SOON),
            date(2027, 4, 27): (2027, NOW)}  # fmt: skip
    for day, (year, urgency) in days.items():
        asked = Asked(timezone.make_aware(datetime.combine(day, datetime.min.time())), year)
        assert [one.urgency for one in catalogue.directors(asked)] == [urgency], day
    Period.objects.create(region_id="590000000", year=2027, opens=date(2027, 7, 1), closes=date(2027, 8, 1))
    assert [one.urgency for one in catalogue.directors(asked)] == [NOW], "who opens late puts off nobody else"


def test_regions_without_dates_are_told_by_what_they_had_last_year(portal: Asked) -> None:
    asked = Asked(portal.now, 2027)
    assert [(one.code, one.count) for one in catalogue.dates(asked)] == [(Code.LAST_YEARS_DATES, 2)]
    Period.objects.filter(region="590000000").delete()
    both = catalogue.dates(asked)
    assert [(one.code, one.details[0].code) for one in both] == [
        (Code.LAST_YEARS_DATES, "710000000"), (Code.NO_DATES, "590000000"),
    ]  # fmt: skip
    Period.objects.all().delete()
    assert [(one.code, one.urgency) for one in catalogue.dates(asked)] == [(Code.NO_DATES, NOW)]


@pytest.mark.parametrize(
    ("day", "years"),
    [("2026-10-31", []), ("2026-11-01", [2027]), ("2026-12-31", [2027]), ("2027-01-01", [2027])],
)
def test_holidays_of_the_next_year_are_missed_from_1_november(
    portal: Asked, day: str, years: list[int], time_machine: Any
) -> None:
    time_machine.move_to(f"{day}T12:00:00+05:00", tick=False)
    asked = Asked(timezone.now(), 2026)

    told = [detail.code for one in catalogue.holidays(asked) for detail in one.details]

    assert told == [str(year) for year in years]
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("health", stdout=said)
    assert ("warning: the holidays of 2027 are not loaded" in said.getvalue()) is bool(years)


def test_each_fault_of_queues_and_machine_is_one_finding(
    portal: Asked,
    parent: User,
    make_application: Callable[..., Application],
    settings: Any,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    application = make_application(Status.IN_REVIEW)
    late = timedelta(minutes=6)

    def paper(**more: Any) -> None:
        Paper.objects.create(
            application=application, kind=PaperKind.RECEIPT, created_at=portal.now,
            next_try_at=portal.now - late, **more,
        )  # fmt: skip

    def table() -> None:
        TableExport.objects.create(
            user=parent, kind="QUEUE", form="csv", lang="kk", ordered_at=portal.now,
            next_try_at=portal.now, dead=True,
        )  # fmt: skip

    def stopped() -> None:
        make_message(parent, MessageState.PENDING, late)
        outside.failed(Misconfigured("sms", "code 8"), now=portal.now)

    spoils: dict[str, tuple[Callable[[], Any], list[tuple[Code, Urgency, int]]]] = {
        "worker": (lambda: Heartbeat.objects.all().delete(), [(Code.WORKER_SILENT, NOW, 6)]),
        "late": (lambda: make_message(parent, MessageState.PENDING, late), [(Code.STUCK, NOW, 1)]),
        "not yet": (lambda: make_message(parent, MessageState.PENDING, timedelta(minutes=4)), []),
        "stopped": (stopped, [(Code.OUTSIDE, NOW, 1)]),
        "dead": (lambda: make_message(parent, MessageState.DEAD, late), [(Code.DEAD_MESSAGES, NOW, 1)]),
        "arriving": (
            lambda: make_lost(parent, shares.ENOUGH),
            [(Code.DEAD_MESSAGES, NOW, shares.ENOUGH), (Code.UNDELIVERED, NOW, 1)],
        ),
        "dead letter": (
            lambda: make_message(parent, MessageState.DEAD, late, Channel.EMAIL),
            [(Code.DEAD_MESSAGES, SOON, 1)],
        ),
        "late paper": (paper, [(Code.STUCK, NOW, 1)]),
        "dead paper": (lambda: paper(dead=True), [(Code.DEAD_PAPERS, NOW, 1)]),
        "dead table": (table, [(Code.DEAD_ORDERS, NOW, 1)]),
        "outside": (
            lambda: [outside.failed(Unavailable(one, "HTTP 503"), now=portal.now) for one in ("ocsp", "tsp")],
            [(Code.OUTSIDE, NOW, 1), (Code.OUTSIDE, SOON, 1)],
        ),
    }
    assert found(portal) == []
    for name, (spoil, right) in spoils.items():
        with subtests.test(name), undone():
            spoil()
            assert found(portal) == right

    root = certified(tmp_path / "root.pem", ends=(portal.now - datetime.now(UTC)).days + 30)
    changed: dict[str, tuple[dict[str, Any], Code, Urgency]] = {
        "keys": ({"KEYS_DIR": tmp_path / "none"}, Code.KEYS, NOW),
        "data keys": ({"DATA_KEYS": []}, Code.DATA_KEYS, NOW),
        "disk": ({"DISK_FREE_MB": 10**9}, Code.DISK, NOW),
        "backup": ({"BACKUP_STAMP": str(tmp_path / "none")}, Code.BACKUP, SOON),
        "stamps": ({"TSP_URL": ""}, Code.NO_STAMPS, SOON),
        "texts": ({"LOCALE_PATHS": [tmp_path / "locale"]}, Code.NO_TEXTS, NOW),
        "lists": ({"EDS_CRL_URLS": ["https://crl"]}, Code.AUTHORITIES, SOON),
        "certificate": ({"CONNECTIONS": {"sms": {"cert": "/none"}}}, Code.CERTIFICATES, NOW),
        "soon": ({"CONNECTIONS": {"sms": {"ca": str(root)}}}, Code.CERTIFICATES, SOON),
    }
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "django.po").touch()
    with subtests.test("static"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "staticfiles_storage", ManifestStaticFilesStorage(location=tmp_path))
        (static,) = doctor.examine(portal, CHECKS)
        assert (static.code, static.urgency) == (Code.NO_STATIC, NOW)
        assert len(static.details) == 20
        assert static.more == static.count - 20
    for name, (values, code, urgency) in changed.items():
        with subtests.test(name), override_settings(**values):
            assert [(one, how) for one, how, _count in found(portal)] == [(code, urgency)]


@pytest.mark.rule("D68")
@pytest.mark.parametrize(
    ("mode", "day", "urgency"),
    [("off", 10, SOON), ("off", 27, SOON), ("off", 28, NOW), ("off", 29, NOW), ("off", 30, None),
     ("auto", 28, None), ("on", 28, None)],
)  # fmt: skip
def test_opening_without_a_waiting_room_is_told_as_soon_as_its_day_is_known(
    portal: Asked, settings: Any, mode: str, day: int, urgency: Urgency | None
) -> None:
    """A region of the cast opens on 29 June."""
    settings.WAITING_ROOM, now = mode, portal.now.replace(day=day)

    told = queues.guarded(Asked(now, 2026))

    assert [(one.code, one.urgency, one.details[0].code) for one in told] == (
        [(Code.ROOM_OFF, urgency, "2026-06-29")] if urgency else []
    )
    said = [line for line in watch.warnings(now=now) if "the waiting room is off" in line]
    assert len(said) == len(told)


@pytest.mark.rule("D73")
def test_appeal_that_no_officer_may_answer_does_not_lie_unseen(
    portal: Asked, make_application: Callable[..., Application], director: User, stranger: User,
    subtests: pytest.Subtests,
) -> None:  # fmt: skip
    refused = make_application(Status.REFUSED)
    child, now = refused.child, portal.now
    decision = refused.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="x", prepared_by=director,
        prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    appeal = appeals.file(refused, by=refused.applicant, wish=Wish.ADMIT, words="x", now=now)

    def told() -> tuple[list[Any], int]:
        """By the doctor with the page of ops, and by `health`."""
        return found(portal), len(watch.faults(now=now)["appeals"])

    def officer(area: str) -> None:
        StaffMember.objects.create(user=stranger, region_id=area, role=Role.DEPARTMENT)

    silent: tuple[list[Any], int] = ([], 0)
    with subtests.test("in good time, while the school has it"):
        assert told() == ([(Code.NO_OFFICER, SOON, 1)], 0)
    Appeal.objects.update(pass_by=now)
    with subtests.test("the department's, which has nobody"):
        assert told() == ([(Code.NO_OFFICER, NOW, 1)], 1)
        (finding,) = queues.appeals(portal)
        assert finding.details[0].code == decision.application.chosen_intake.school.bin
    with subtests.test("an officer elsewhere changes nothing"), undone():
        officer("590000000")
        assert told() == ([(Code.NO_OFFICER, NOW, 1)], 1)
    for area in ("710000000", str(refused.chosen_intake.school.locality_id)):
        with subtests.test("one of the region, or of the place"), undone():
            officer(area)
            assert told() == silent
            with subtests.test("whose own child it is"), undone():
                Guardianship.objects.create(user=stranger, child=child, answered_at=now)
                assert told() == ([(Code.NO_OFFICER, NOW, 1)], 1)
            with subtests.test("from whom a court hides it"), undone():
                Protection.objects.create(child_iin=child.iin, barred_iin=stranger.iin, since=now, why="x")
                assert told() == ([(Code.NO_OFFICER, NOW, 1)], 1)
            with subtests.test("whom the sign-in turns away"), undone():
                User.objects.filter(pk=stranger.pk).update(is_active=False)
                assert told() == ([(Code.NO_OFFICER, NOW, 1)], 1)
    with subtests.test("no first of September answers it"), undone():
        Intake.objects.update(year=2023)
        Application.objects.update(year=2023)
        findings, faults = told()
        assert (Code.NO_OFFICER, NOW, 1) in findings and faults == 1
    with subtests.test("answered"), undone():
        Appeal.objects.filter(pk=appeal.pk).update(outcome="DECLINED", answer="x", ended_at=now)
        assert told() == silent


@pytest.mark.parametrize(("days", "urgency"), [(91, None), (89, SOON), (31, SOON), (29, NOW), (-1, NOW)])
def test_seal_is_spoken_of_ninety_days_before_its_end(
    portal: Asked, days: int, urgency: Urgency | None
) -> None:
    ends = keys.seal_ends()
    assert ends is not None

    told = machine.seal(Asked(ends - timedelta(days=days), 2026))

    assert [one.urgency for one in told] == ([urgency] if urgency else [])


def test_clock_is_compared_with_the_databases(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long ago the doctor has begun."""
    monkeypatch.setattr(clocks, "difference", difference)
    now = timezone.now()

    assert machine.clock(Asked(now - timedelta(minutes=5), 2026)) == []
    for seconds in (66, -66):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            (told,) = machine.clock(Asked(now, 2026))
        assert (told.code, told.urgency) == (Code.CLOCK, NOW)
        assert abs(int(told.details[0].code.split()[2]) - 66) < 30, "the machine may be busy"


@pytest.mark.django_db(transaction=True)  # what fails may spoil no transaction of others
def test_check_that_fails_hides_no_other(portal: Asked, caplog: pytest.LogCaptureFixture) -> None:
    def broken(asked: Asked) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_table")

    def unread(asked: Asked) -> Any:
        raise OSError("/etc/oqu/keys")

    def wrong(asked: Asked) -> Any:
        raise AttributeError("/etc/oqu/keys")

    School.objects.update(phone="")
    told = doctor.examine(portal, [broken, unread, wrong, catalogue.phones])

    assert [(one.code, one.urgency) for one in told] == [
        *[(Code.CHECK_FAILED, NOW)] * 3, (Code.NO_PHONE, SOON),
    ]  # fmt: skip
    assert told[2].details[0].code.endswith(".wrong: AttributeError")
    assert "check test_doctor.wrong: AttributeError" in caplog.text
    assert "/etc" not in str(told) and "/etc" not in caplog.text


def test_without_a_database_that_alone_is_said(portal: Asked) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection to server at 10.0.0.5 failed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)

        assert found(portal) == [(Code.NO_DATABASE, NOW, 1)]


def said(*options: str) -> tuple[str, int]:
    out, code = StringIO(), 0
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    return out.getvalue(), code


def test_command_says_all_in_words_and_tells_cron(
    portal: Asked, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "OF_PORTAL", [queues.worker])
    asked: list[str] = []

    def call(method: str, url: str, *, system: str, **more: Any) -> http.Answer:
        asked.append(system)
        if system == "ocsp":
            raise Unavailable(system, "too late")
        return http.Answer(system, 404, b"")

    monkeypatch.setattr(http, "call", call)
    make_intake(intake.school, 4)
    told, code = said()
    assert (code, told.splitlines()) == (0, [
        "SOON 1 schools without seats in a language of the year before 2026 (language-lost)",
        "       990540099902 «№63 жалпы білім беретін мектеп» КММ",
        "       mend: manage.py load_schools FILE --year 2026",
        "2026: 1 findings, 0 of them stop a parent today",
    ])  # fmt: skip
    assert asked == []

    Intake.objects.filter(pk=intake.pk).update(held_local=3)
    Heartbeat.objects.all().delete()
    told, code = said("--outside")
    assert code == 1
    assert "NOW  6 queues whose worker, or beat, gives no sign of life (worker-silent)" in told
    assert f"intake {intake.pk} (school {intake.school_id}): local counter 3, applications 0" in told
    assert "       ocsp: too late" in told and "       medical: not XML" in told
    assert "2026: 5 findings, 3 of them stop a parent today" in told
    assert {"login", "person", "ocsp", "tsp", "sms"} <= set(asked)
    assert "2027:" in said("--year", "2027")[0].splitlines()[-1]


# --- The page of ops -----------------------------------------------------------------------------


@pytest.fixture
def ops(db: None) -> Client:
    user = User.objects.create(
        iin="840214399807", surname="Нұрланов", name="Ерболат", last_login=timezone.now()
    )
    StaffMember.objects.create(user=user, role=Role.OPS)
    client = Client()
    client.force_login(user)
    return client


def test_page_tells_ops_the_same_in_their_language(
    portal: Asked, ops: Client, parent: User, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    assert "Ата-аналарға кедергі болатын ештеңе табылмады." in ops.get("/ops/").content.decode()
    StaffMember.objects.filter(role=Role.DIRECTOR).delete()
    make_message(parent, MessageState.DEAD, timedelta())

    assert "Директоры жоқ" not in ops.get("/ops/").content.decode(), "kept for a minute"
    cache.clear()
    kazakh = ops.get("/ops/").content.decode()
    ops.post("/language/", {"language": "ru"})
    russian = ops.get("/ops/").content.decode()
    for page, words in ((kazakh, "Директоры жоқ мектептер"), (russian, "Школы без директора")):
        with subtests.test(words):
            assert words in page
            assert "manage.py outbox --retry-dead" in page
            assert 'href="/staff/?view=without"' in page
            assert not any(name in page for name in (parent.surname, parent.phone, parent.iin))
    assert "«№63 жалпы білім беретін мектеп» КММ" in kazakh
    assert "КГУ «Общеобразовательная школа №63»" in russian


def test_page_is_there_whatever_fails(portal: Asked, ops: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**asked: Any) -> Any:
        raise LookupError

    monkeypatch.setattr(queues, "lines", fail)

    answer = ops.get("/ops/")

    assert answer.status_code == 200 and "queues.standing: LookupError" in answer.content.decode()


def test_page_needs_no_cache(portal: Asked, ops: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead Redis raises whatever it is asked."""
    monkeypatch.setattr("oqu.ops.cache", None)

    assert ops.get("/ops/").status_code == 200
