"""The pages by which posts are given and taken (D38)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from schools.models import Locality, Role, School, StaffMember

PERSON = "691130399308"
ESIL = "711210000"


@pytest.fixture(autouse=True)
def today(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school(ESIL, "№63 мектеп")


def browser(iin: str = "840214399807", **post: Any) -> Client:
    user = User.objects.create(iin=iin, surname="Нұрланов", name="Ерболат")
    StaffMember.objects.create(user=user, **post)
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(f"schools:{name}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def test_director_is_led_to_their_school_and_appoints_its_executor(school: School) -> None:
    director = browser(role=Role.DIRECTOR, school=school)
    address = reverse("schools:staff_of_school", args=[school.pk])
    assert director.get(reverse("schools:staff")).headers["Location"] == address
    assert 'value="DIRECTOR"' not in page(director, "staff_of_school", school.pk)

    answer = director.post(address, {"iin": "691130 399308", "role": "EXECUTOR"}, follow=True)

    shown = answer.content.decode()
    assert "Қызметкер тағайындалды" in shown
    assert "Порталға әлі кірмеген" in shown and "••••••••9308" in shown
    assert StaffMember.objects.get(user__iin=PERSON).role == Role.EXECUTOR


def test_name_of_a_typed_number_shows_only_after_its_person_has_come(school: School, now: datetime) -> None:
    """Else any number could be asked about."""
    director = browser(role=Role.DIRECTOR, school=school)
    known = User.objects.create(iin=PERSON, surname="Смағұлов", name="Асқар")
    director.post(reverse("schools:staff_of_school", args=[school.pk]), {"iin": PERSON, "role": "EXECUTOR"})
    assert "Смағұлов" not in page(director, "staff_of_school", school.pk)

    Client().force_login(known)

    assert "Смағұлов Асқар" in page(director, "staff_of_school", school.pk)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"iin": "", "role": "EXECUTOR"}, "ЖСН-ді жазыңыз: 12 цифр."),
        ({"iin": "123", "role": "EXECUTOR"}, "ЖСН-де қате бар"),
        ({"iin": "200315500007", "role": "EXECUTOR"}, "18 жасқа толмаған"),
        ({"iin": PERSON, "role": ""}, "Лауазымды таңдаңыз."),
        ({"iin": PERSON, "role": "OPS"}, "Тізімдегі лауазымдардың бірін таңдаңыз."),
        ({"iin": PERSON, "role": "ACTING"}, "екі күнді де жазыңыз"),
        (
            {"iin": PERSON, "role": "ACTING", "starts_on": "xx", "ends_on": "2026-06-20"},
            "Күнді толық жазыңыз",
        ),
        (
            {"iin": PERSON, "role": "ACTING", "starts_on": "2026-06-20", "ends_on": "2026-06-19"},
            "Соңғы күн бірінші күннен",
        ),
        ({"iin": "840214399807", "role": "DIRECTOR"}, "Өзіңізді лауазымға тағайындай алмайсыз"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(
    school: School, typed: dict[str, str], told: str
) -> None:
    officer = browser(role=Role.DEPARTMENT, region=Locality.objects.get(kato="710000000"))

    answer = officer.post(reverse("schools:staff_of_school", args=[school.pk]), typed)

    shown = answer.content.decode()
    assert answer.status_code == 400
    assert told in shown
    assert not typed["iin"] or f'value="{typed["iin"]}"' in shown
    assert not school.staff.exists()


@pytest.mark.rule("D38", "D72")
def test_new_director_is_appointed_after_the_present_one_is_named(school: School) -> None:
    """And one who has come between the question and the press is named as well."""
    officer = browser(role=Role.DEPARTMENT, region=Locality.objects.get(kato="710000000"))
    address = reverse("schools:staff_of_school", args=[school.pk])
    typed = {"iin": PERSON, "role": "DIRECTOR"}

    def direct(iin: str, name: str) -> StaffMember:
        user = User.objects.create(iin=iin, surname="Қасымова", name=name)
        return StaffMember.objects.create(user=user, school=school, role=Role.DIRECTOR)

    def press(**more: Any) -> tuple[int, list[str], str]:
        answer = officer.post(address, typed | more)
        asked = re.findall(r'name="ends" value="(\d+)"', answer.content.decode())
        standing = school.staff.filter(role=Role.DIRECTOR).values_list("user__iin", flat=True)
        return answer.status_code, asked, " ".join(sorted(standing))

    first = direct("580715400202", "Нұргүл")
    assert press() == (200, [str(first.pk)], first.user.iin)
    shown = officer.post(address, typed).content.decode()
    assert "Қасымова Нұргүл" in shown.partition("Тағайындалсын ба?")[2].partition("</form>")[0]
    assert press(ends=first.pk) == (200, [str(first.pk)], first.user.iin)  # not said yet
    second = direct("711203300306", "Айжан")
    both = [str(first.pk), str(second.pk)]
    assert press(remove_yes="1", ends=first.pk)[:2] == (200, both)

    for nonsense in ("9" * 5000, "", "x", "٣", f" {second.pk}"):
        assert press(remove_yes="1", ends=[str(first.pk), nonsense])[:2] == (200, both)

    assert press(remove_yes="1", ends=both) == (302, [], PERSON)
    assert officer.post(address, typed | {"iin": "xx"}).status_code == 400


def test_department_appoints_who_stands_in_and_ends_it_again(school: School) -> None:
    officer = browser(role=Role.DEPARTMENT, region=Locality.objects.get(kato="710000000"))
    address = reverse("schools:staff_of_school", args=[school.pk])
    days = {"starts_on": "2026-06-10", "ends_on": "2026-06-20"}
    shown = officer.post(address, {"iin": PERSON, "role": "ACTING"} | days, follow=True).content.decode()
    assert "Директордың міндетін атқарушы" in shown and "2026" in shown

    post = StaffMember.objects.get(user__iin=PERSON)
    assert "Өкілеттігін тоқтатасыз ба?" in page(officer, "end_post", post.pk)
    shown = officer.post(reverse("schools:end_post", args=[post.pk]), follow=True).content.decode()

    assert "Өкілеттігі тоқтатылды" in shown and "Бұрынғы қызметкерлер" in shown
    assert not school.staff.exists()
    again = officer.post(reverse("schools:end_post", args=[post.pk]), follow=True)
    assert "Бұл өкілеттік бұрын тоқтатылған." in again.content.decode()


def test_list_tells_which_schools_have_no_director_and_finds_by_name_and_number(
    school: School, make_school: Callable[..., School]
) -> None:
    other = make_school(ESIL, "Қарақоға орта мектебі")
    far = make_school("551010000", "Павлодар мектебі")
    officer = browser(role=Role.DEPARTMENT, region=Locality.objects.get(kato="710000000"))
    StaffMember.objects.create(user=User.objects.create(iin=PERSON), school=school, role=Role.DIRECTOR)

    def found(query: str) -> set[str]:
        shown = officer.get(reverse("schools:staff") + query).content.decode()
        return {one.name_kk for one in (school, other, far) if one.name_kk in shown}

    assert found("") == {school.name_kk, other.name_kk}
    assert found("?view=without") == {other.name_kk}
    assert found("?q=каракога") == {other.name_kk}
    assert found(f"?q={school.bin}") == {school.name_kk}
    assert found(f"?q={far.bin}") == set()
    assert "Мұндай мектеп табылмады" in officer.get(reverse("schools:staff") + "?q=жоқ").content.decode()


def test_ops_appoint_officers_of_regions_and_districts_and_ops(school: School) -> None:
    ops = browser(role=Role.OPS)
    assert "Портал қызметі" in page(ops, "staff")
    for name, args, role in [
        ("staff_of_area", ["710000000"], Role.DEPARTMENT),
        ("staff_of_area", [ESIL], Role.DEPARTMENT),
        ("staff_of_portal", [], Role.OPS),
    ]:
        answer = ops.post(reverse(f"schools:{name}", args=args), {"iin": PERSON, "role": str(role)})
        assert answer.status_code == 302

    assert StaffMember.objects.filter(user__iin=PERSON).count() == 3
    page(ops, "staff_of_area", "551010000", status=404)  # neither a region nor a district
    assert ops.get("/staff/areas/nowhere/").status_code == 404


def test_last_of_ops_hears_why_it_stays(school: School) -> None:
    ops = browser(role=Role.OPS)
    post = StaffMember.objects.get(role=Role.OPS)

    shown = ops.post(reverse("schools:end_post", args=[post.pk]), follow=True).content.decode()

    assert "бір ғана адам қалды" in shown


def test_header_says_as_whom_the_person_acts(school: School) -> None:
    director = browser(role=Role.DIRECTOR, school=school)

    assert f"Директор, {school.name}" in director.get(reverse("review:queue")).content.decode()
    assert "Ата-ана ретінде" in director.get(reverse("accounts:profile")).content.decode()


@pytest.mark.django_db
def test_header_of_a_parent_says_nothing_of_it() -> None:
    client = Client()
    client.force_login(User.objects.create(iin=PERSON))

    assert "Ата-ана ретінде" not in client.get(reverse("accounts:profile")).content.decode()


@pytest.mark.parametrize(
    "address", ["/staff/areas/%00/", "/staff/areas/71/", "/staff/?q=%00", "/school/sign/?batch=%00"]
)
def test_nonsense_in_an_address_is_no_fault_of_ours(school: School, address: str) -> None:
    ops = browser(role=Role.OPS)

    assert ops.get(address).status_code in (200, 404)
