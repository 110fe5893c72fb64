"""Who may give which post to whom, and from when on it counts (D38)."""

import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.models import JournalEntry, User
from schools import appointing, posts, quality, readiness
from schools.appointing import NotAppointed, Post, Reason
from schools.models import Locality, Role, School, StaffMember

PERSON, OTHER = "750312499106", "850905499202"
CHILD = "200315500007"
ASTANA, ESIL, PAVLODAR = "710000000", "711210000", "550000000"


@pytest.fixture
def schools(make_school: Callable[..., School]) -> dict[str, School]:
    """Two of Astana, one of Pavlodar."""
    places = {"А": ESIL, "Б": ESIL, "В": "551010000"}
    return {name: make_school(place, f"{name} мектебі") for name, place in places.items()}


@pytest.fixture
def people(schools: dict[str, School]) -> dict[str, User]:
    """Everybody who might give a post."""
    given: dict[str, dict[str, Any]] = {
        "ops": {"role": Role.OPS},
        "region": {"role": Role.DEPARTMENT, "region_id": ASTANA},
        "district": {"role": Role.DEPARTMENT, "region_id": ESIL},
        "elsewhere": {"role": Role.DEPARTMENT, "region_id": PAVLODAR},
        "director": {"role": Role.DIRECTOR, "school": schools["А"]},
        "executor": {"role": Role.EXECUTOR, "school": schools["А"]},
        "parent": {},
    }
    found = {}
    for number, (who, post) in enumerate(given.items()):
        found[who] = User.objects.create(iin=f"7007073997{number:02d}", surname=who)
        if post:
            StaffMember.objects.create(user=found[who], **post)
    return found


WHO_GIVES = {
    "director of А": {"ops", "region", "district"},
    "executor of А": {"ops", "region", "district", "director"},
    "executor of Б": {"ops", "region", "district"},
    "director of В": {"ops", "elsewhere"},
    "officer": {"ops"},
    "ops": {"ops"},
}


def post(name: str, schools: dict[str, School]) -> Post:
    role, _of, school = name.partition(" of ")
    if school:
        return Post(Role(role.upper()), schools[school])
    return (
        Post(Role.OPS) if name == "ops" else Post(Role.DEPARTMENT, region=Locality.objects.get(kato=ASTANA))
    )


@pytest.mark.rule("D38")
@pytest.mark.parametrize("who", ["ops", "region", "district", "elsewhere", "director", "executor", "parent"])
@pytest.mark.parametrize("name", WHO_GIVES)
def test_post_is_given_by_those_above_it_only(
    schools: dict[str, School], people: dict[str, User], now: datetime, who: str, name: str
) -> None:
    given: Reason | None = None
    try:
        appointing.appoint(PERSON, post(name, schools), by=people[who], now=now)
    except NotAppointed as refused:
        given = refused.reason

    assert given == (None if who in WHO_GIVES[name] else Reason.NOT_YOURS)
    assert User.objects.filter(iin=PERSON).exists() is (given is None)


@pytest.mark.rule("D38")
@pytest.mark.parametrize("who", ["ops", "region", "district", "elsewhere", "director", "executor", "parent"])
@pytest.mark.parametrize("name", WHO_GIVES)
def test_post_is_taken_by_those_who_may_give_it(
    schools: dict[str, School], people: dict[str, User], now: datetime, who: str, name: str
) -> None:
    given = appointing.appoint(PERSON, post(name, schools), by=None, now=now)
    allowed = who in WHO_GIVES[name] and not (name == "director of А" and who == "director")

    try:
        appointing.end(given.pk, by=people[who], now=now)
        assert allowed
    except NotAppointed as refused:
        assert (allowed, refused.reason) == (False, Reason.NOT_YOURS)


@pytest.mark.rule("D38")
def test_post_counts_at_once_and_no_longer_when_it_is_ended(
    schools: dict[str, School], people: dict[str, User], now: datetime
) -> None:
    given = appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["Б"]), by=people["region"], now=now)
    user = User.objects.get(iin=PERSON)
    assert posts.schools_of(user) == [schools["Б"]]

    appointing.end(given.pk, by=people["region"], now=now)

    assert posts.schools_of(user) == []
    kept = StaffMember.every.get(pk=given.pk)
    assert (kept.appointed_by, kept.ended_by, kept.ended_at) == (people["region"], people["region"], now)
    with pytest.raises(NotAppointed, match=Reason.ENDED):
        appointing.end(given.pk, by=people["region"], now=now)


@pytest.mark.rule("D38")
def test_new_director_ends_the_one_before_and_not_who_stands_in(
    schools: dict[str, School], people: dict[str, User], now: datetime
) -> None:
    days = (date(2026, 6, 1), date(2026, 6, 30))
    stands_in = appointing.appoint(OTHER, Post(Role.DIRECTOR, schools["А"], None, *days), by=None, now=now)
    before = StaffMember.objects.get(user=people["director"])

    appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"]), by=people["district"], now=now)

    before.refresh_from_db()
    stands_in.refresh_from_db()
    assert (before.ended_at, before.ended_by) == (now, people["district"])
    assert stands_in.ended_at is None


@pytest.mark.rule("D38")
@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-06-10T23:59:59+05:00", False),
        ("2026-06-11T00:00:00+05:00", True),
        ("2026-06-12T23:59:59+05:00", True),
        ("2026-06-13T00:00:00+05:00", False),
    ],
)
def test_who_stands_in_does_so_on_the_days_of_almaty(
    schools: dict[str, School], now: datetime, at: str, counts: bool
) -> None:
    days = (date(2026, 6, 11), date(2026, 6, 12))
    appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"], None, *days), by=None, now=now)

    with time_machine.travel(at, tick=False):
        assert posts.directed_by(User.objects.get(iin=PERSON)) == ({schools["А"].pk} if counts else set())


@pytest.mark.rule("D38")
def test_who_stood_in_once_may_do_so_again(schools: dict[str, School], now: datetime) -> None:
    first = (date(2026, 6, 10), date(2026, 6, 12))
    appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"], None, *first), by=None, now=now)
    again = (date(2026, 7, 1), date(2026, 7, 9))
    with pytest.raises(NotAppointed, match=Reason.HAS_IT):
        appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"], None, *again), by=None, now=now)

    later = datetime.fromisoformat("2026-06-20T10:00:00+05:00")
    appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"], None, *again), by=None, now=later)

    assert StaffMember.every.filter(user__iin=PERSON).count() == 2


@pytest.mark.rule("D38")
@pytest.mark.parametrize(
    ("iin", "days", "reason"),
    [
        ("750312499107", None, Reason.NOT_AN_IIN),
        ("", None, Reason.NOT_AN_IIN),
        ("٧٥٠٣١٢٤٩٩١٠٦", None, Reason.NOT_AN_IIN),
        (CHILD, None, Reason.TOO_YOUNG),
        (PERSON, ("2026-06-11", "2026-06-10"), Reason.DAYS),
        (PERSON, ("2026-05-01", "2026-06-09"), Reason.DAYS),  # over before today
        (PERSON, ("2026-06-10", "2027-06-12"), Reason.DAYS),  # more than a year
        (PERSON, ("2026-06-10", "9999-12-31"), Reason.DAYS),
    ],
)
def test_what_is_not_right_is_refused_with_a_reason(
    schools: dict[str, School], now: datetime, iin: str, days: tuple[str, str] | None, reason: Reason
) -> None:
    first, last = (date.fromisoformat(day) for day in days) if days else (None, None)

    with pytest.raises(NotAppointed, match=reason):
        appointing.appoint(iin, Post(Role.DIRECTOR, schools["А"], None, first, last), by=None, now=now)

    assert not StaffMember.every.filter(school=schools["А"]).exists()


@pytest.mark.rule("D38")
def test_nobody_appoints_themselves(schools: dict[str, School], now: datetime) -> None:
    ops = appointing.appoint(PERSON, Post(Role.OPS), by=None, now=now).user

    with pytest.raises(NotAppointed, match=Reason.ONESELF):
        appointing.appoint(PERSON, Post(Role.DIRECTOR, schools["А"]), by=ops, now=now)


@pytest.mark.rule("D38")
def test_portal_is_never_left_without_ops(people: dict[str, User], now: datetime) -> None:
    only = StaffMember.objects.get(role=Role.OPS)
    with pytest.raises(NotAppointed, match=Reason.LAST_OPS):
        appointing.end(only.pk, by=people["ops"], now=now)

    appointing.appoint(PERSON, Post(Role.OPS), by=people["ops"], now=now)
    appointing.end(only.pk, by=people["ops"], now=now)

    assert StaffMember.objects.get(role=Role.OPS).user.iin == PERSON


@pytest.mark.rule("D38")
def test_who_may_not_sign_in_is_in_no_post(
    schools: dict[str, School], people: dict[str, User], now: datetime, subtests: pytest.Subtests
) -> None:
    """No work may wait for them: a school of theirs has no director, a department no officer. The post itself
    is ended like any other, for they may be let in again."""
    closed = [people[who].pk for who in ("region", "director", "executor", "ops")]
    appointing.appoint(PERSON, Post(Role.OPS), by=None, now=now)
    User.objects.filter(pk__in=closed).update(is_active=False)
    area, school = Locality.objects.get(kato=ASTANA), schools["А"]

    with subtests.test("nobody counts on them"):
        assert [posts.held_by(people[who]) for who in ("director", "ops")] == [[], []]
        assert list(posts.officers_for(school)) == [StaffMember.every.get(user=people["district"])]
        assert school in quality.without_director(area)
        assert school in readiness.schools_without_a_director(2026)
        assert not school.staff.exists() and school.staff.model.every.filter(school=school).count() == 2
    with subtests.test("who is left of ops stays"), pytest.raises(NotAppointed, match=Reason.LAST_OPS):
        appointing.end(StaffMember.objects.get(role=Role.OPS).pk, by=User.objects.get(iin=PERSON), now=now)
    with subtests.test("a new director ends their post too"):
        given = appointing.appoint(OTHER, Post(Role.DIRECTOR, school), by=people["district"], now=now)
        User.objects.filter(pk__in=closed).update(is_active=True)
        assert school.staff.get(role=Role.DIRECTOR) == given


@pytest.mark.rule("D38")
@pytest.mark.django_db(transaction=True)
def test_two_appointments_at_once_leave_one_director(schools: dict[str, School], now: datetime) -> None:
    together, ends = threading.Barrier(2), []

    def appoint(iin: str) -> None:
        together.wait()
        try:
            appointing.appoint(iin, Post(Role.DIRECTOR, schools["А"]), by=None, now=now)
            ends.append(iin)
        finally:
            connection.close()

    threads = [threading.Thread(target=appoint, args=[iin]) for iin in (PERSON, OTHER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(ends) == [PERSON, OTHER]
    assert StaffMember.objects.filter(school=schools["А"], role=Role.DIRECTOR).count() == 1
    assert StaffMember.every.filter(school=schools["А"]).count() == 2


def test_journal_says_who_was_appointed_and_removed(schools: dict[str, School], now: datetime) -> None:
    given = appointing.appoint(PERSON, Post(Role.EXECUTOR, schools["А"]), by=None, now=now)
    appointing.end(given.pk, by=None, now=now)

    entries = JournalEntry.objects.filter(model="schools.staffmember", row=str(given.pk)).order_by("pk")
    assert [(one.kind, bool(one.facts["ended_at"])) for one in entries] == [
        ("INSERT", False),
        ("UPDATE", True),
    ]


@pytest.mark.parametrize(
    ("place", "officers"),
    [("А", {"region", "district"}), ("Б", {"region", "district"}), ("В", {"elsewhere"})],
)
def test_school_is_watched_over_by_its_district_and_its_region(
    schools: dict[str, School], people: dict[str, User], place: str, officers: set[str]
) -> None:
    assert {post.user.surname for post in posts.officers_for(schools[place])} == officers
