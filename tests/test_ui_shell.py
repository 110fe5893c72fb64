"""What surrounds every page: language, navigation, help, demo banner."""

import re
from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from notifications.models import Channel, Message, MessageState

pytestmark = pytest.mark.django_db


def page(client: Client, address: str = "/", **more: str) -> str:
    response = client.get(address, headers=more)
    assert response.status_code == 200
    return response.content.decode()


def notice(
    user: User,
    key: str,
    now: datetime,
    *,
    template: str,
    link: str,
    channel: Channel = Channel.CABINET,
    read: bool = False,
) -> None:
    Message.objects.create(
        key=key, channel=channel, recipient=user, template=template, state=MessageState.DELIVERED, link=link,
        next_try_at=now, created_at=now, read_at=now if read else None,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("kk", "Негізгі мәзір"), ("ru", "Главное меню")])
def test_page_says_its_language(client: Client, language: str, words: str) -> None:
    html = page(client, accept_language=language)

    assert f'<html lang="{language}">' in html
    assert words in html


def test_language_switch_is_a_form_that_keeps_the_page(client: Client) -> None:
    html = page(client, "/schedule/")
    assert '<input type="hidden" name="next" value="/schedule/">' in html

    response = client.post("/language/", {"language": "ru", "next": "/schedule/"}, follow=True)

    assert response.redirect_chain == [("/schedule/", 302)]
    assert '<html lang="ru">' in response.content.decode()


def test_visitor_is_offered_to_sign_in(client: Client) -> None:
    html = page(client)

    assert "Кіру" in html
    assert "Жиі қойылатын сұрақтар" in html
    assert "Менің өтінімдерім" not in html
    assert "Мектеп кабинеті" not in html


@pytest.mark.rule("R128")
def test_parent_finds_the_cabinet(client: Client, parent: User) -> None:
    client.force_login(parent)

    html = page(client)

    for section in ("Менің өтінімдерім", "Менің балаларым", "Хабарламалар", parent.full_name, "Шығу"):
        assert section in html
    assert "Мектеп кабинеті" not in html


def test_staff_finds_the_school(client: Client, director: User) -> None:
    client.force_login(director)

    assert "Мектеп кабинеті" in page(client)


@pytest.mark.rule("D58")
def test_header_counts_what_asks_for_an_act_once_for_each_application(
    client: Client, parent: User, stranger: User, now: datetime
) -> None:
    notice(parent, "one", now, template="registered", link="/a/")
    notice(parent, "one again", now, template="refused", link="/a/")
    notice(parent, "two", now, template="accepted", link="/b/")
    notice(parent, "only told", now, template="signing", link="/c/")
    notice(parent, "read", now, template="refused", link="/d/", read=True)
    notice(parent, "sms", now, template="refused", link="/e/", channel=Channel.SMS)
    notice(stranger, "foreign", now, template="refused", link="/f/")
    client.force_login(parent)

    html = page(client)

    said = (
        '<span class="nav__count">2<span class="visually-hidden"> хабарлама бойынша әрекет ету керек</span>'
    )
    assert said in html
    assert "сізді күтіп тұрған іс бар" in html


def test_current_section_is_marked(client: Client, parent: User) -> None:
    client.force_login(parent)

    html = page(client, "/children/")

    assert re.search(r'href="/children/" aria-current="page"', html)
    assert not re.search(r'href="/applications/" aria-current', html)


def test_help_stands_on_every_page_in_the_same_place(client: Client, parent: User) -> None:
    """WCAG 3.2.6."""
    client.force_login(parent)
    footers = [page(client, address).split("<footer")[1] for address in ("/", "/service/", "/children/")]

    assert 'href="tel:1414"' in footers[0]
    assert len({footer.replace(' aria-current="page"', "").split("</footer>")[0] for footer in footers}) == 1


def test_demo_says_what_it_is(client: Client, settings: Settings) -> None:
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:8099"
    html = page(client)
    assert '<aside class="demo"' in html
    assert 'href="http://127.0.0.1:8099/"' in html

    settings.DEMO = False
    assert '<aside class="demo"' not in page(client)


def test_header_asks_the_database_once_for_each_fact(
    client: Client, parent: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(parent)

    with django_assert_max_num_queries(12):
        page(client)


def test_names_are_marked_as_kazakh(client: Client, parent: User) -> None:
    client.force_login(parent)

    assert f'<bdi lang="kk">{parent.full_name}</bdi>' in page(client, accept_language="ru")
