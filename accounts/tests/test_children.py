"""«Менің балаларым»: choose, consent, look, add (R55-R59), and nobody else's child ever."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import children
from accounts.models import Child, Consent, Guardianship, User
from accounts.tests.conftest import AIGUL, ARMAN, ARUZHAN, Egov, sign_in
from conftest import grant_consent
from egov.iin import valid_iin

T0 = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
LIST, ADD = "/children/", "/children/add/"


@pytest.fixture
def clock():
    with time_machine.travel(T0, tick=False) as moved:
        yield moved


@pytest.fixture
def mother(client: Client, egov: Egov, parent: User, clock) -> User:
    """Айгүл, signed in, her own consent given, no child added yet."""
    sign_in(client, egov)
    return parent


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def keys(client: Client) -> dict[str, str]:
    """What the page offers to choose from: name -> key."""
    page = text(client, ADD)
    found = re.findall(r'name="child" value="(\w+)".*?<label[^>]*>(.*?)</label>', page, re.S)
    return {label.strip(): key for key, label in found}


def key_of(client: Client, name: str) -> str:
    return next(key for label, key in keys(client).items() if name in label)


def ask(client: Client, name: str, **more: str) -> str:
    """Choose the child and send the request; the address of its waiting page."""
    answer = client.post(ADD, {"child": key_of(client, name)} | more)
    assert answer.status_code == 302
    return answer["Location"]


def add(client: Client, egov: Egov, name: str) -> Child:
    waiting = ask(client, name)
    egov.answer()
    client.post(waiting + "confirm/")
    return Child.objects.get(name=name)


@pytest.mark.rule("R55", "R181")
def test_empty_list_shows_how_to_add(client: Client, mother: User) -> None:
    page = text(client, LIST)

    assert "Әзірге бала қосылмаған" in page
    assert f'href="{ADD}"' in page
    assert "Баланы қосу" in page


@pytest.mark.rule("R56")
def test_page_shows_the_children_of_the_register(client: Client, mother: User) -> None:
    assert [label.split(",")[0] for label in keys(client)] == ["Сәрсенова Аружан", "Сәрсенов Арман"]


@pytest.mark.rule("R56")
@pytest.mark.parametrize("known", [True, False])
def test_missing_children_are_mended_at_egov(
    client: Client, egov: Egov, mother: User, settings, known: bool
) -> None:
    if not known:
        egov.children.clear()

    page = text(client, ADD)

    assert f'<a href="{settings.EGOV_URL}">Мемлекеттік қызметтер</a>' in page
    assert ("табылмады" in page) == (not known)


@pytest.mark.rule("R57", "R58", "R59", "R40")
def test_whole_way_of_a_child(client: Client, egov: Egov, mother: User) -> None:
    waiting = ask(client, "Арман", next="/applications/new/")
    assert [sent["subject_uin"] for sent in egov.asked] == [ARMAN.iin]
    first = client.get(waiting)
    assert first["Refresh"] == "5"
    assert "511" in first.content.decode()
    assert "Сәрсенов Арман" in first.content.decode()

    egov.answer()
    granted = client.get(waiting)
    assert "Refresh" not in granted
    path, _, query = waiting.partition("?")
    assert f'href="{path}confirm/?{query}">Келесі</a>' in granted.content.decode()
    confirm = text(client, f"{path}confirm/?{query}")
    assert "••••••••9908" in confirm
    assert "Есіл ауданы, Сәтбаев көшесі, 1" in confirm
    assert "Қосу" in confirm
    assert not Child.objects.exists()

    added = client.post(f"{path}confirm/", {"next": "/applications/new/"})
    assert added["Location"] == "/applications/new/"
    child = Child.objects.get()
    assert (child.iin, child.full_name, child.birth_date, child.sex) == (
        ARMAN.iin,
        "Сәрсенов Арман",
        date(2020, 3, 15),
        "M",
    )
    assert child.registered_address["street"] == "Сәтбаев көшесі"
    assert (Guardianship.objects.get().user, Guardianship.objects.get().relation) == (mother, "PARENT")
    assert Consent.objects.get(child=child).status == "GRANTED"
    assert "Келісім берілді" in text(client, LIST)


@pytest.mark.rule("D22")
def test_relation_comes_from_the_register(client: Client, egov: Egov, mother: User) -> None:
    add(client, egov, "Аружан")

    assert Guardianship.objects.get().relation == "GUARDIAN"
    assert "Заңды өкілі" in text(client, LIST)


@pytest.mark.rule("R57")
def test_each_child_is_asked_about_apart(client: Client, egov: Egov, mother: User) -> None:
    ask(client, "Арман")
    ask(client, "Аружан")

    assert [sent["subject_uin"] for sent in egov.asked] == [ARMAN.iin, ARUZHAN.iin]


def test_added_child_is_not_offered_again(client: Client, egov: Egov, mother: User) -> None:
    add(client, egov, "Арман")
    assert [label.split(",")[0] for label in keys(client)] == ["Сәрсенова Аружан"]

    add(client, egov, "Аружан")
    assert "барлық балаңыз тізімге қосылған" in text(client, ADD)


def test_both_parents_share_the_child_and_not_the_consent(
    client: Client, egov: Egov, mother: User, stranger: User
) -> None:
    add(client, egov, "Арман")
    father = Client()
    egov.children[stranger.iin] = [(ARMAN.iin, "PARENT")]
    father.force_login(stranger)

    assert "Келісім берілді" not in father.get(LIST).content.decode()
    add(father, egov, "Арман")

    assert Child.objects.count() == 1
    assert set(Child.objects.get().guardians.all()) == {mother, stranger}
    assert len(egov.asked) == 2


def test_child_is_not_added_before_the_answer(client: Client, egov: Egov, mother: User) -> None:
    waiting = ask(client, "Арман")

    answer = client.post(waiting + "confirm/")

    assert answer["Location"] == waiting
    assert not Child.objects.exists()


@pytest.mark.parametrize("answer", ["DENIED", "EXPIRED"])
def test_child_without_consent_is_not_added_and_may_be_asked_again(
    client: Client, egov: Egov, mother: User, clock, answer: str
) -> None:
    waiting = ask(client, "Арман")
    egov.answer(answer)

    page = text(client, waiting)
    client.post(waiting + "confirm/")

    assert "Сұрау жіберу" in page
    assert "мектепке тікелей барып" in page
    assert not Child.objects.exists()
    clock.shift(timedelta(minutes=1))
    again = client.post(waiting)["Location"]
    assert again != waiting
    egov.answer()
    client.post(again + "confirm/")
    assert Child.objects.count() == 1


@pytest.mark.rule("R57")
def test_ended_consent_of_a_child_is_asked_for_again(
    client: Client, egov: Egov, mother: User, clock, settings
) -> None:
    child = add(client, egov, "Арман")
    clock.shift(timedelta(seconds=settings.CONSENT_LIFETIME_SECONDS))
    sign_in(client, egov)
    page = text(client, LIST)

    asked = client.post(reverse("accounts:renew_consent", args=[child.pk]), {"next": "/applications/new/"})

    assert "Мерзімі өтті" in page
    assert "Келісімді қайта сұрау" in page
    egov.answer()
    granted = text(client, asked["Location"])
    assert 'href="/applications/new/">Келесі</a>' in granted
    assert "Келісім берілді" in text(client, LIST)


@pytest.mark.parametrize("data", [{}, {"child": ""}, {"child": "0" * 32}, {"child": ARMAN.iin}])
def test_choice_outside_the_list_asks_nobody(client: Client, egov: Egov, mother: User, data: dict) -> None:
    page = client.post(ADD, data)

    assert page.status_code == 400
    assert "Қателер бар" in page.content.decode()
    assert re.search("Тізімнен баланы (қайта )?таңдаңыз", page.content.decode())
    assert egov.asked == []


def test_key_of_another_parent_opens_nothing(
    client: Client, egov: Egov, mother: User, stranger: User
) -> None:
    egov.children[stranger.iin] = [(ARMAN.iin, "PARENT")]
    theirs = next(one.key for one in children.family(stranger).candidates)

    assert theirs not in keys(client).values()
    assert client.post(ADD, {"child": theirs}).status_code == 400


def test_pages_carry_no_iin(client: Client, egov: Egov, mother: User) -> None:
    waiting = ask(client, "Арман")
    egov.answer()

    for path in (ADD, waiting, waiting + "confirm/", LIST, "/profile/"):
        numbers = re.findall(r"(?<!\d)\d{12}(?!\d)", path + " " + text(client, path))
        assert not [one for one in numbers if valid_iin(one)], path  # a UUID may end in twelve digits


def test_stranger_gets_404(client: Client, egov: Egov, mother: User, stranger: User) -> None:
    child = add(client, egov, "Арман")
    consent = Consent.objects.get(child=child)
    own = Consent.objects.get(user=mother, child_iin="")
    other = Client()
    other.force_login(stranger)

    for name, number in (("child_consent", consent.pk), ("confirm_child", consent.pk)):
        assert other.get(reverse(f"accounts:{name}", args=[number])).status_code == 404
        assert other.post(reverse(f"accounts:{name}", args=[number])).status_code == 404
    assert other.post(reverse("accounts:renew_consent", args=[child.pk])).status_code == 404
    for number in (own.pk, 0, 10**30):  # one's own consent is no child's
        assert client.get(reverse("accounts:child_consent", args=[number])).status_code == 404
    assert len(egov.asked) == 1


def test_child_that_is_no_longer_theirs_is_not_added(client: Client, egov: Egov, mother: User) -> None:
    waiting = ask(client, "Арман")
    egov.answer()
    egov.children[AIGUL.iin] = [(ARUZHAN.iin, "PARENT")]

    assert client.get(waiting + "confirm/").status_code == 404
    assert client.post(waiting + "confirm/").status_code == 404
    assert not Child.objects.exists()


def test_silent_register_leaves_the_rest_usable(client: Client, egov: Egov, mother: User) -> None:
    child = add(client, egov, "Арман")
    waiting = ask(client, "Аружан")
    egov.answer()
    egov.down.add("children")

    for path in (ADD, waiting + "confirm/"):
        page = client.get(path)
        assert page.status_code == 503
        assert "Балалар тізілімі жауап бермей тұр" in page.content.decode()
        assert f'href="{path}">Қайталап көру</a>' in page.content.decode()
    assert client.post(waiting + "confirm/").status_code == 503
    assert child.name in text(client, LIST)
    egov.down.clear()
    client.post(waiting + "confirm/")
    assert Child.objects.count() == 2


def test_silent_1414_asks_to_try_again(client: Client, egov: Egov, mother: User) -> None:
    egov.down.add("consent")

    page = client.post(ADD, {"child": key_of(client, "Арман")})

    assert page.status_code == 503
    assert "сұраудың жеткен-жетпегені белгісіз" in page.content.decode()
    assert "checked" in page.content.decode()


def test_renewing_fails_with_words(client: Client, egov: Egov, mother: User, clock) -> None:
    child = add(client, egov, "Арман")
    Consent.objects.filter(child=child).update(expires_at=T0)
    clock.shift(timedelta(minutes=1))
    egov.refusals["consent"] = "NO_PHONE"

    page = client.post(reverse("accounts:renew_consent", args=[child.pk]))

    assert page.status_code == 409
    assert "Нөміріңіз Мобильді азаматтар базасында жоқ" in page.content.decode()


def test_address_of_renewing_leads_to_the_list_with_its_button(
    client: Client, egov: Egov, mother: User
) -> None:
    child = add(client, egov, "Арман")
    address = reverse("accounts:renew_consent", args=[child.pk])

    assert client.get(address).headers["Location"] == "/children/"
    assert (
        client.head(f"{address}?next=/applications/new/").headers["Location"]
        == "/children/?next=/applications/new/"
    )


def test_adding_twice_is_adding_once(client: Client, egov: Egov, mother: User) -> None:
    waiting = ask(client, "Арман")
    egov.answer()

    answers = [client.post(waiting + "confirm/"), client.post(waiting + "confirm/")]

    assert [answer["Location"] for answer in answers] == [LIST, LIST]
    assert (Child.objects.count(), Guardianship.objects.count()) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_database_the_same_for_any_number(
    client: Client, mother: User, django_assert_num_queries, count: int
) -> None:
    for n in range(count):
        child = Child.objects.create(
            iin=f"20031559990{n}", name=f"Бала {n}", birth_date=date(2020, 3, 15), sex="M"
        )
        Guardianship.objects.create(user=mother, child=child)
        grant_consent(mother, child)
    client.get(LIST)

    with django_assert_num_queries(QUERIES):
        client.get(LIST)


# Session, user, consent, children, consents of children, the header's two.
QUERIES = 7


def test_director_without_own_consent_gets_no_children_page(
    client: Client, egov: Egov, director: User
) -> None:
    client.force_login(director)

    assert client.get(LIST)["Location"] == "/consent/?next=/children/"
