"""A school that stops, joins another, or gets a new number: nobody is left behind (D57)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import closing, eligibility, lifecycle
from applications.closing import NotPossible
from applications.eligibility import Blocked, Code
from applications.models import Application, Purpose
from applications.papers import coherence
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from notifications.models import Channel, Message
from schools import catalogue
from schools.models import FormerBin, Intake, Locality, School

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D57")]
STOPS = date(2026, 7, 1)
HOME = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "1"}


@pytest.fixture(autouse=True)
def _today(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def neighbour(school: School, intake: Intake, localities: dict[str, Locality]) -> School:
    """№64, in the same district, with places of its own and no microdistrict here."""
    found = School.objects.create(
        bin="990540099922",
        locality=localities["711210000"],
        name_kk="«№64 гимназия» КММ",
        name_ru="КГУ «Гимназия №64»",
        sort_kk="64",
        search=" 64 ",
    )
    Intake.objects.create(school=found, year=2026, language_id="kk", seats=8, outside_limit=2)
    return found


def templates_told(user: User) -> list[str]:
    found = Message.objects.filter(recipient=user, channel=Channel.CABINET).order_by("pk")
    return list(found.values_list("template", flat=True))


def offered() -> list[School]:
    return catalogue.schools_for(**HOME, year=2026)


def test_until_its_day_a_school_is_offered_and_from_then_on_its_successor(
    school: School, neighbour: School, now: datetime
) -> None:
    closing.stop(school, on=STOPS, successor=neighbour, now=now)

    with time_machine.travel(datetime(2026, 6, 30, 18, 59, 59, tzinfo=UTC), tick=False):  # 23:59:59 in Almaty
        assert offered() == [school]
    with time_machine.travel(datetime(2026, 6, 30, 19, tzinfo=UTC), tick=False):
        assert offered() == [neighbour] == catalogue.attached_to(**HOME)
        assert school not in catalogue.schools_in(school.locality, year=2026)
        assert list(catalogue.search("63", year=2026)) == []
        assert list(catalogue.offering(2026)) == [neighbour]
        full = catalogue.nearest_with_seats(neighbour, language="kk", outside=False, year=2026)
        assert full == []


def test_successor_that_stops_too_hands_it_on(
    school: School, neighbour: School, other_school: School, now: datetime
) -> None:
    closing.stop(school, on=STOPS, successor=neighbour, now=now)
    closing.stop(neighbour, on=STOPS, successor=other_school, now=now)

    with time_machine.travel(datetime(2026, 7, 2, tzinfo=UTC), tick=False):
        assert catalogue.attached_to(**HOME) == [other_school]


def test_school_without_successor_leaves_its_addresses_to_nobody(school: School, now: datetime) -> None:
    closing.stop(school, on=STOPS, successor=None, now=now)

    with time_machine.travel(datetime(2026, 7, 2, tzinfo=UTC), tick=False):
        assert catalogue.attached_to(**HOME) == []


def test_nothing_is_signed_to_a_school_that_has_stopped(
    make_application: Callable[..., Application], school: School, neighbour: School, now: datetime
) -> None:
    draft = complete(make_application(), now=now)
    closing.stop(school, on=STOPS, successor=neighbour, now=now)
    draft.refresh_from_db()
    later = datetime(2026, 7, 1, tzinfo=UTC)

    eligibility.check_school(draft, now=now)
    draft = Application.objects.get(pk=draft.pk)
    with pytest.raises(Blocked) as blocked:
        eligibility.check_school(draft, now=later)

    assert blocked.value.code == Code.SCHOOL_STOPPED


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", ("өтінім қабылдамайды", "№64 гимназия")), ("ru", ("не принимает заявления", "Гимназия №64"))],
)
def test_page_says_which_day_and_where_to_go(
    client: Client,
    make_application: Callable[..., Application],
    school: School,
    neighbour: School,
    parent: User,
    now: datetime,
    language: str,
    words: tuple[str, ...],
) -> None:
    draft = complete(make_application(), now=now)
    closing.stop(school, on=date(2026, 6, 10), successor=neighbour, now=now)
    client.force_login(parent)
    client.cookies["lang"] = language

    answer = client.post(reverse("filing:sign", args=[draft.public_id]))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(word in page for word in words)
    assert reverse("filing:step", args=[draft.public_id, "way"]) in page


@pytest.mark.parametrize(
    ("status", "merged", "told"),
    [
        (Status.DRAFT, True, ["school_merges_draft"]),
        (Status.DRAFT, False, ["school_stops_draft"]),
        (Status.IN_REVIEW, True, ["school_merges"]),
        (Status.ACCEPTED, False, ["school_stops"]),
        (Status.REFUSED, True, []),
        (Status.WITHDRAWN, True, []),
    ],
)
def test_people_are_told_what_it_means_to_them_once(
    make_application: Callable[..., Application],
    school: School,
    neighbour: School,
    parent: User,
    director: User,
    now: datetime,
    status: Status,
    merged: bool,
    told: list[str],
) -> None:
    make_application(status)
    for minutes in range(2):
        into = neighbour if merged else None
        closing.stop(school, on=STOPS, successor=into, now=now + timedelta(minutes=minutes))

    assert templates_told(parent) == told
    assert templates_told(director) == ["school_stops_at_work"]


def test_who_was_told_hears_that_it_goes_on(
    make_application: Callable[..., Application], school: School, parent: User, director: User, now: datetime
) -> None:
    make_application()
    closing.stop(school, on=STOPS, successor=None, now=now)

    closing.go_on(school, now=now)

    school.refresh_from_db()
    assert school.stops_on is None
    assert templates_told(parent) == ["school_stops_draft", "school_goes_on"]
    assert templates_told(director) == ["school_stops_at_work", "school_goes_on"]
    closing.stop(school, on=STOPS, successor=None, now=now + timedelta(days=1))
    assert templates_told(parent)[-1] == "school_stops_draft"


def test_what_cannot_be(school: School, neighbour: School, other_school: School, now: datetime) -> None:
    with pytest.raises(NotPossible, match="passed"):
        closing.stop(school, on=date(2026, 6, 9), successor=None, now=now)
    with pytest.raises(NotPossible, match="successor"):
        closing.stop(school, on=STOPS, successor=school, now=now)
    with pytest.raises(NotPossible, match="does not stop"):
        closing.go_on(school, now=now)
    closing.stop(neighbour, on=STOPS, successor=school, now=now)
    with pytest.raises(NotPossible, match="come back to it"):
        closing.stop(school, on=STOPS, successor=neighbour, now=now)
    with pytest.raises(NotPossible, match="name who takes over"):
        closing.stop(school, on=STOPS, successor=None, now=now)
    with pytest.raises(NotPossible, match="has stopped"):
        closing.go_on(neighbour, now=now + timedelta(days=60))
    with pytest.raises(NotPossible, match="has stopped"):  # nor by another, later day
        closing.stop(neighbour, on=date(2026, 9, 1), successor=school, now=now + timedelta(days=60))
    with pytest.raises(NotPossible, match="come back to it"):
        closing.stop(school, on=date(2026, 6, 25), successor=neighbour, now=now)
    for number, why in (("123", "not a BIN"), (other_school.bin, "another school"), (school.bin, "already")):
        with pytest.raises(NotPossible, match=why):
            closing.renumber(school, number, now=now)


def test_database_refuses_a_successor_without_a_day(school: School, neighbour: School) -> None:
    with pytest.raises(IntegrityError):
        School.objects.filter(pk=school.pk).update(successor=neighbour)


def test_new_number_leaves_what_was_filed_whole(
    make_application: Callable[..., Application], school: School, neighbour: School, now: datetime
) -> None:
    draft = complete(make_application(), now=now)
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    filed = lifecycle.act(evidence, now=now)
    before = school.bin
    assert coherence.fault(filed, list(filed.signatures.all())) == ""

    closing.renumber(school, "260640099904", now=now)

    filed = Application.objects.get(pk=filed.pk)
    assert filed.chosen_intake.school.bin == "260640099904"
    assert coherence.fault(filed, list(filed.signatures.all())) == ""
    assert school.goes_by(before) and not neighbour.goes_by(before)
    with pytest.raises(NotPossible, match="had, this BIN"):
        closing.renumber(neighbour, before, now=now)
    closing.renumber(school, before, now=now)  # back again
    assert [one.number for one in FormerBin.objects.all()] == ["260640099904"]


def test_command_tells_what_became_of_a_school(school: School, neighbour: School, now: datetime) -> None:
    out = StringIO()
    call_command("school", school.bin, stop=STOPS, into=neighbour.bin, stdout=out)
    call_command("school", school.bin, new_bin="260640099904", stdout=out)
    call_command("school", "990540099902", stdout=out)
    call_command("school", neighbour.bin, stdout=out)
    with pytest.raises(CommandError, match="no school"):
        call_command("school", "1", stdout=out)
    with pytest.raises(CommandError, match="goes with"):
        call_command("school", neighbour.bin, into=school.bin, stdout=out)

    told = out.getvalue()
    assert "stops on 2026-07-01, into 990540099922" in told
    assert "until 2026-06-10: 990540099902" in told
    assert "takes over 260640099904" in told
