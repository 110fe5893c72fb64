"""The checks where the instruction leaves room (R51-R90, D3-D10): who, in which year, from which place."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Consent, Guardianship, User
from applications import eligibility
from applications.eligibility import Blocked, Code
from applications.filing.tests.wizard_cast import Registers, file, jpeg, pdf, step
from applications.models import Application, DocumentKind, DocumentSource, Route
from applications.status import Status
from applications.tests.cast import complete
from conftest import ALMATY, YEAR
from schools.models import Intake, Locality, School
from schools.streets import street_key
from tests.reading import words

START = "/applications/new/"
SIX = date(2020, 12, 31)  # by the end of the year


@pytest.fixture
def draft(make_application) -> Application:
    """Opened and nothing answered."""
    return make_application(step1_at=None, step2_at=None, route="", intake=None)


def another_child(number: int) -> Child:
    return Child.objects.create(
        iin=f"2003155{number:05d}", surname="Бала", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )


# --- step 1 ------------------------------------------------------------------------------------------
@pytest.mark.rule("R52", "R53", "R54", "R51")
def test_three_checks_are_made_in_the_instructions_order(
    at_home: Client, draft: Application, make_application, registers: Registers
) -> None:
    """Three obstacles at once: they are met one after the other."""
    open_one = make_application(Status.IN_REVIEW)
    registers.enrolled = {"grade": "1", "letter": "А"}
    Child.objects.update(birth_date=date(2021, 1, 1))

    met = []
    for remove in (open_one.delete, registers.enrolled.clear, lambda: Child.objects.update(birth_date=SIX)):
        answer = at_home.post(step(draft, "child"), {})
        met.append((answer.status_code, words(answer.content.decode().split("<h1>")[1].split("</h1>")[0])))
        remove()

    assert met == [
        (409, "Белсенді өтінім бар"),
        (409, "Бала мектепке қабылданған"),
        (409, "Баланың жасы әзірге сәйкес келмейді"),
    ]
    assert at_home.post(step(draft, "child"), {})["Location"] == step(draft, "way")


@pytest.mark.rule("R52", "R202", "D4")
@pytest.mark.parametrize(
    ("status", "blocks"),
    [
        (Status.DRAFT, False),
        (Status.IN_REVIEW, True),
        (Status.SIGNING, True),
        (Status.ACCEPTED, True),
        (Status.REFUSED, False),
        (Status.WITHDRAWN, False),
    ],
)
@pytest.mark.parametrize("whose", ["own", "of the other parent"])
def test_open_application_blocks_whoever_filed_it(
    at_home: Client,
    draft: Application,
    make_application,
    stranger: User,
    status: Status,
    blocks: bool,
    whose: str,
) -> None:
    if (whose, status) != ("own", Status.DRAFT):  # that one is `draft` itself
        make_application(status, applicant=draft.applicant if whose == "own" else stranger)

    answer = at_home.post(step(draft, "child"), {})

    assert answer.status_code == (409 if blocks else 302)
    assert ("Белсенді өтінім бар" in words(answer)) == blocks


@pytest.mark.rule("R54", "R197", "D7")
@pytest.mark.parametrize(
    ("born", "today", "admitted"),
    [
        (date(2020, 12, 31), date(2026, 5, 27), True),  # six on the last day of the year
        (date(2020, 12, 31), date(2026, 8, 31), True),
        (date(2021, 1, 1), date(2026, 8, 31), False),
        (date(2020, 2, 29), date(2026, 6, 10), True),
        (date(2012, 3, 15), date(2026, 6, 10), True),  # no upper age
        (date(2021, 12, 31), date(2026, 9, 1), True),  # from September on, for 2027
        (date(2022, 1, 1), date(2026, 9, 1), False),
    ],
)
def test_age_is_of_the_year_the_studies_begin(
    at_home: Client, parent: User, child: Child, clock: Any, born: date, today: date, admitted: bool
) -> None:
    clock.move_to(datetime(today.year, today.month, today.day, 12, tzinfo=ALMATY))
    at_home.force_login(parent)  # the session of June is over in September
    Child.objects.update(birth_date=born)
    Guardianship.objects.update(answered_at=timezone.now())

    answer = at_home.post(START, {"child": child.pk})

    assert answer.status_code == (302 if admitted else 409)
    assert Application.objects.exists() == admitted


@pytest.mark.rule("R10", "R61", "R63", "R195a", "R217")
def test_special_needs_give_no_priority(
    at_home: Client, make_application, director: User, now: datetime
) -> None:
    """The school is told of the mark; the order is that of the terms, and a full quota is full."""
    ordinary = make_application(Status.IN_REVIEW, due_at=now + timedelta(hours=1))
    special = make_application(
        Status.IN_REVIEW, child=another_child(1), due_at=now + timedelta(hours=2), special_needs=True
    )
    outside = make_application(child=another_child(2), route=Route.OUTSIDE, special_needs=True)
    Intake.objects.update(held_outside=2)

    at_home.force_login(director)
    queue = at_home.get(reverse("review:queue"))

    assert list(queue.context["page"].object_list) == [ordinary, special]
    assert words(queue).count(" ЕББҚ ") == 1
    with pytest.raises(Blocked) as full:
        eligibility.check_school(Application.objects.get(pk=outside.pk), now=now)
    assert full.value.code == Code.OUTSIDE_FULL


# --- step 2 ------------------------------------------------------------------------------------------
@pytest.mark.rule("R66", "D5")
@pytest.mark.parametrize(
    ("setting", "found"),
    [("applicant", ["parent's"]), ("child", ["child's"]), ("either", ["parent's", "child's"])],
)
def test_setting_says_whose_address_counts(
    make_application, child: Child, school: School, settings: Any, setting: str, found: list[str]
) -> None:
    settings.MICRODISTRICT_ADDRESS = setting
    child.registered_address = {"kato": "711210000", "street": "Тұран даңғылы", "house": "7"}
    child.save()
    other = School.objects.create(
        bin="990540099922", locality=school.locality, name_kk="№70", name_ru="№70", sort_kk="70", search="70"
    )
    Intake.objects.create(school=other, year=YEAR, language_id="kk", seats=4, outside_limit=1)
    street = "Тұран даңғылы"
    other.addresses.create(locality=school.locality, street=street, street_key=street_key(street))
    names = {school: "parent's", other: "child's"}

    assert [names[one] for one in eligibility.local_schools(make_application())] == found


@pytest.mark.rule("R28", "R75", "D8")
def test_region_of_the_school_decides_not_that_of_the_home(
    at_home: Client,
    parent: User,
    make_application,
    localities: dict[str, Locality],
    intake: Intake,
    now: datetime,
) -> None:
    """North Kazakhstan opens on 29 June; from there one may apply to Astana, which is open, today."""
    parent.registered_address = {"kato": "593651100", "street": "Мектеп көшесі", "house": "5"}
    parent.save()
    draft = complete(make_application(route=Route.OUTSIDE, step2_at=None, intake=None), now=now)

    answer = at_home.post(step(draft, "school"), {"school": intake.school_id, "language": "kk"})

    draft.refresh_from_db()
    assert answer.status_code == 302
    eligibility.check_school(draft, now=now)


@pytest.mark.rule("R75", "D3")
def test_full_quota_is_explained_by_the_ratio_of_its_own_intake(
    at_home: Client, make_application, intake: Intake, school: School
) -> None:
    school.addresses.all().delete()
    Intake.objects.update(outside_ratio=1, outside_limit=4, held_outside=4)
    draft = make_application(route=Route.OUTSIDE, intake=None, step2_at=None)
    sentence = "Шағын аудан бойынша әр 1 орынға — шағын ауданнан тыс 1 орын келеді."

    before = words(at_home.get(step(draft, "school"), {"school": school.pk}))
    answer = at_home.post(step(draft, "school"), {"school": school.pk, "language": "kk"})

    assert sentence in before
    assert (answer.status_code, sentence in words(answer)) == (409, True)


# --- step 3, and again at signing --------------------------------------------------------------------
@pytest.mark.rule("R86", "R87", "D11")
def test_without_the_childs_consent_nothing_is_fetched_and_papers_are_uploaded_by_hand(
    at_home: Client, make_application, registers: Registers
) -> None:
    """The consent ended after step 1: the form goes on, the signature waits for a new one."""
    draft = make_application()
    Consent.objects.filter(child=draft.child).delete()
    papers = {"photo": file("p.jpg", jpeg()), "f065": file("a.pdf", pdf()), "f052_2": file("b.pdf", pdf())}

    page = words(at_home.get(step(draft, "documents")))
    onward = at_home.post(step(draft, "documents"), papers | {"data_correct": "on", "external_data": "on"})
    signed = at_home.post(reverse("filing:sign", args=[draft.public_id]))

    assert page.count("Құжатты емханадан алып, өзіңіз жүктеңіз.") == 2
    assert (draft.fetches.count(), registers.asked) == (0, [])
    assert onward["Location"] == step(draft, "review")
    assert (signed.status_code, "келісім қажет" in words(signed)) == (409, True)


@pytest.mark.rule("R90", "D10")
@pytest.mark.parametrize(("days", "good"), [(0, True), (1, False)])
def test_conclusion_is_in_force_on_the_day_of_signing(
    at_home: Client, make_application, now: datetime, clock: Any, days: int, good: bool
) -> None:
    draft = complete(make_application(special_needs=True), now=now)
    draft.documents.create(
        kind=DocumentKind.PMPC, source=DocumentSource.MANUAL, mime="application/pdf", size=9, sha256="0" * 64,
        file="x", added_at=now, valid_until=now.date(),
    )  # fmt: skip
    clock.move_to(now + timedelta(days=days))
    at_home.force_login(draft.applicant)

    answer = at_home.post(reverse("filing:sign", args=[draft.public_id]))

    assert answer.status_code == (302 if good else 409)
    assert ("ПМПК анықтамасының мерзімі өткен" in words(answer)) != good


@pytest.mark.rule("R14", "R15", "R16", "R17", "R18", "R91")
@pytest.mark.parametrize(
    ("take_away", "reason"),
    [
        (lambda one: one.documents.filter(kind="PHOTO").delete(), "3×4 см өлшеміндегі екі фотосурет"),
        (
            lambda one: one.documents.filter(kind="F065").delete(),
            "№ 065/у нысанды профилактикалық екпелердің",
        ),
        (lambda one: one.documents.filter(kind="F052_2").delete(), "«052-2/у» нысандағы «Бала денсаулығы"),
        (lambda one: Application.objects.update(data_correct_at=None), "Екі белгіні қойыңыз"),
        (lambda one: Application.objects.update(external_data_at=None), "Екі белгіні қойыңыз"),
        (lambda one: Application.objects.update(intake=None), "Мектеп пен оқу тілін қайта таңдаңыз"),
    ],
)
def test_nothing_mandatory_may_be_missing_when_it_is_signed(
    at_home: Client, make_application, now: datetime, take_away: Any, reason: str
) -> None:
    draft = complete(make_application(), now=now)
    take_away(draft)

    answer = at_home.post(reverse("filing:sign", args=[draft.public_id]))

    assert answer.status_code == 409
    assert reason in words(answer)
    assert not draft.signing_requests.exists()
