"""Where a person is in the queue: what comes next, where Back leads, what is ticked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, User
from applications import lifecycle
from applications.models import Application, DeskMemory, Result
from applications.status import Status
from applications.tests.cast import evidence_of
from schools.models import Intake

Make = Callable[..., Application]


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def line(make_application: Make, intake: Intake, now: datetime) -> list[Application]:
    """Six that wait, by their terms; they came in the opposite order; every second one is from outside."""
    Intake.objects.filter(pk=intake.pk).update(seats=24, outside_limit=6)
    made = []
    for place in range(6):
        child = Child.objects.create(
            iin=f"2003155000{place:02d}", name=f"Бала{place}", birth_date=date(2020, 3, 15), sex="M"
        )
        made.append(
            make_application(
                Status.IN_REVIEW, child=child, due_at=now + timedelta(hours=place),
                submitted_at=now - timedelta(minutes=place), route="OUTSIDE" if place % 2 else "LOCAL",
            )
        )  # fmt: skip
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, application: Application, query: str) -> Any:
    return client.get(reverse("review:application", args=[application.public_id]) + query)


@pytest.mark.parametrize(
    ("query", "at", "order"),
    [
        ("?view=waiting", 0, [1, 2, 3, 4, 5]),
        ("?view=waiting", 3, [4, 5, 0, 1, 2]),  # those that were passed over come at the end
        ("?view=waiting&route=OUTSIDE", 1, [3, 5]),
        ("?view=waiting&order=first", 5, [4, 3, 2, 1, 0]),
        ("?view=all", 0, [1, 2, 3, 4, 5]),  # the last that came first
        ("?view=all&order=due&route=LOCAL", 2, [4, 0]),
    ],
)
def test_decisions_walk_through_the_filter_in_its_order(
    line: list[Application], executor: User, query: str, at: int, order: list[int]
) -> None:
    client, walked, here = browser(executor), [], line[at]
    for _step in order:
        address = reverse("review:decide", args=[here.public_id]) + query
        answer = client.post(address, {"result": "ACCEPT"}, follow=True)
        here = answer.context["application"]
        walked.append(line.index(here))

    assert walked == order


def test_director_walks_on_after_the_pages_of_a_signature(
    line: list[Application], director: User, now: datetime
) -> None:
    client, here = browser(director), line[1]
    opened(client, here, "?view=waiting&route=OUTSIDE")
    decision = lifecycle.prepare(here, by=director, now=now, result=Result.ACCEPT)
    lifecycle.act(evidence_of(here, "DECISION", by=director, now=now, decision=decision), now=now)

    answer = client.get(reverse("review:decided", args=[here.public_id]), follow=True)

    assert answer.context["application"] == line[3]
    assert answer.context["place"].route == "OUTSIDE"


def test_back_leads_to_the_row_and_its_page(
    line: list[Application], executor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.review.queue.PAGE", 2)

    answer = opened(browser(executor), line[4], "?view=waiting&order=due")

    back = reverse("review:queue") + f"?view=waiting&order=due&page=3#a-{line[4].number}"
    assert answer.context["back"] == back
    assert f'id="a-{line[4].number}"' in browser(executor).get(back).content.decode()


def test_list_stands_beside_the_application(line: list[Application], executor: User) -> None:
    answer = opened(browser(executor), line[2], "?view=waiting&route=LOCAL")

    assert [one for one, _address, _due in answer.context["beside"]] == [line[0], line[2], line[4]]


def test_buttons_address_keeps_the_place(line: list[Application], executor: User) -> None:
    for name in ("decide", "sign", "return", "called"):
        address = reverse(f"review:{name}", args=[line[0].public_id]) + "?view=today&order=last"

        led = browser(executor).get(address).headers["Location"]

        page = reverse("review:application", args=[line[0].public_id])
        assert led == f"{page}?view=today&order=last"


def test_search_that_an_address_has_made_up_is_not_remembered(
    line: list[Application], executor: User
) -> None:
    """Its letters would stand in pages to come, whose lengths tell whoever made it up what else they hold."""
    client, now = browser(executor), timezone.now()
    mine = str(DeskMemory.objects.create(user=executor, at=now, term="Бала").public_id)
    made_up = "00000000-0000-0000-0000-900708499904"

    for found, kept in ((mine, True), (made_up, False)):
        client.get(f"{reverse('review:queue')}?view=waiting&found={found}")
        assert (found in opened(client, line[0], "").content.decode()) == kept


def test_fifty_ticks_stand_on_the_server_and_survive_language_and_return(
    line: list[Application], director: User
) -> None:
    client = browser(director)
    ticked = [str(one.public_id) for one in line[:4]]
    sent = client.post(reverse("review:bulk") + "?view=waiting&order=due", {"one": ticked})
    address = sent.headers["Location"]
    assert len(address) < 200 and not any(one in address for one in ticked)

    switched = client.post(reverse("accounts:language"), {"language": "ru", "next": address})
    page = client.get(switched.headers["Location"])
    back = client.get(page.context["back"])

    assert switched.headers["Location"] == address
    assert [one for one, _decision in page.context["selection"].to_sign] == line[:4]
    assert back.context["ticked"] == set(ticked)
    assert back.content.decode().count(" checked") == 4
    assert back.context["filter"].order == "due"


def test_ticks_of_another_person_are_nobodys(
    line: list[Application], director: User, school: Any, stranger: User
) -> None:
    school.staff.create(user=stranger, role="DIRECTOR")
    ticked = {"one": [str(line[0].public_id)]}
    address = browser(director).post(reverse("review:bulk"), ticked).headers["Location"]

    answer = browser(stranger).get(address, follow=True)

    assert "Бірде-бір өтінім таңдалмаған" in answer.content.decode()


def test_ticks_of_a_session_that_ended_are_on_the_list_again(line: list[Application], director: User) -> None:
    client, queue = browser(director), reverse("review:queue")
    client.get(queue)
    client.session.flush()
    ticked = [str(one.public_id) for one in line[:2]]
    typed = {"held": "", "rows": " ".join(ticked), "one": ticked}
    client.post(reverse("review:bulk"), typed, headers={"referer": f"http://testserver{queue}"})
    client.force_login(director)

    assert client.get(queue).context["ticked"] == set(ticked)


@pytest.mark.rule("R108")
def test_ticks_that_are_not_sent_go_along_to_every_place_of_the_queue(
    subtests: pytest.Subtests, line: list[Application], director: User, executor: User
) -> None:
    """By the buttons that the page has, without a script."""
    desk, carry = browser(director), reverse("review:carry")
    local, outside = line[0], line[1]
    page = desk.get(reverse("review:queue") + "?view=waiting&order=due")
    action = page.context["ticks_at"]
    assert action == f"{carry}?view=waiting&order=due"
    assert page.content.decode().count('form="ticks"') == 1 + 2 + 6 + 4 + 1 + 1  # Enter, languages, parts, …
    assert 'form="ticks"' not in browser(executor).get(reverse("review:queue")).content.decode()
    buttons = {
        "part": ({"to": "view=all"}, "view=all"),
        "page": ({"to": "?view=waiting&page=2"}, "view=waiting&page=2"),
        "filter": (
            {"narrow": "", "view": "all", "route": "LOCAL", "order": "last"},
            "view=all&route=LOCAL&order=last",
        ),
        "an empty part": ({"to": "view=decided"}, "view=decided"),
        "language": ({"speak": "ru", "view": "all"}, "view=waiting&order=due"),
        "nonsense": ({"to": "https://example.com/"}, "view=waiting"),
    }
    for name, (pressed, query) in buttons.items():
        with subtests.test(name):
            ticks = {"one": [str(local.public_id), str(outside.public_id), "?"]}
            answer = desk.post(action, pressed | ticks, follow=True)
            ((address, _status),) = answer.redirect_chain
            assert address.startswith(f"{reverse('review:queue')}?{query}&chosen=")
            content = answer.content.decode()
            assert answer.context["ticked"] == {str(local.public_id), str(outside.public_id)}
            hidden = 2 if "decided" in query else int("LOCAL" in query)
            assert answer.context["ticked_elsewhere"] == hidden
            assert content.count(" checked>") == 2 - hidden
            assert content.count('type="hidden" name="one"') == 0
            assert (f"белгіленгені: {hidden}." in content) == bool(hidden)
            assert ('lang="ru"' in content.partition(">")[0] + content[:80]) == (name == "language")
            User.objects.filter(pk=director.pk).update(lang="kk")
            desk.cookies.pop("lang", None)
    with subtests.test("none ticked"):
        assert desk.post(action, {"to": "view=all"})["Location"] == f"{reverse('review:queue')}?view=all"
    with subtests.test("an executor ticks nothing"):
        assert browser(executor).post(action, {"to": "view=all"}).status_code == 404


def pressed(client: Client, page: Any, *ticked: Application, **button: str) -> Any:
    """A button of the form of ticks, as the page before has it."""
    own = {"held": str(page.context["held"]), "rows": " ".join(page.context["tickable"])}
    body = own | {"one": [str(one.public_id) for one in ticked]} | button
    return client.post(page.context["ticks_at"], body, follow=True)


@pytest.mark.rule("R108")
def test_ticks_of_other_pages_are_held_by_the_server_and_never_posted(
    line: list[Application], director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are, a page posts its own rows; an unticked one is given up there alone."""
    monkeypatch.setattr("applications.review.queue.PAGE", 2)
    desk = browser(director)
    first = desk.get(reverse("review:queue") + "?view=waiting")

    second = pressed(desk, first, *line[:2], to="view=waiting&page=2")
    again = pressed(desk, second, line[2], to="view=waiting")
    assert again.context["ticked"] == {str(one.public_id) for one in line[:3]}
    assert again.context["ticked_elsewhere"] == 1
    assert again.content.decode().count('name="one"') == 2

    given_up = pressed(desk, again, line[0], to="view=decided")
    assert given_up.context["ticked"] == {str(line[0].public_id), str(line[2].public_id)}

    stale = pressed(desk, first, *line[:2], to="view=waiting")  # Back, and its button once more
    assert stale.context["ticked"] == {str(one.public_id) for one in line[:3]}
    Application.objects.filter(pk=line[2].pk).update(status=Status.WITHDRAWN)
    assert pressed(desk, stale, *line[:2], to="view=all").context["ticked_elsewhere"] == 0
    assert DeskMemory.objects.count() == 1
    assert not pressed(desk, stale, to="view=waiting").context["ticked"]


@pytest.mark.rule("R108")
def test_page_without_rows_says_what_is_ticked_and_its_links_take_it_along(
    subtests: pytest.Subtests, line: list[Application], director: User
) -> None:
    desk = browser(director)
    page = desk.get(reverse("review:queue"))
    searched = desk.post(reverse("review:search"), {"term": "Ешкім"})["Location"].partition("?")[2]
    places = {
        "view=today&language=ru": "Сүзгіні алып тастау",
        "view=decided": "Күтіп тұрғандарын көру",
        searched: "Іздеуді алып тастау",
    }
    for place, words in places.items():
        with subtests.test(place):
            empty = pressed(desk, page, *line[:2], to=place)
            content = " ".join(empty.content.decode().split())
            assert not empty.context["rows"] and "белгіленгені: 2." in content
            assert "Таңдалғандарға қол қою" in content
            assert f">{words}</button>" in content and f">{words}</a>" not in content


def test_keys_of_others_and_no_keys_hold_nothing(
    line: list[Application], director: User, school: Any, stranger: User
) -> None:
    school.staff.create(user=stranger, role="DIRECTOR")
    own = pressed(browser(director), browser(director).get(reverse("review:queue")), line[0], to="view=all")
    key = str(own.context["held"])
    for held in (key, "", "?", "\0"):
        body = {"held": held, "rows": "? \0", "one": str(line[1].public_id), "to": "view=all"}
        answer = browser(stranger).post(reverse("review:carry"), body, follow=True)
        assert answer.context["ticked"] == {str(line[1].public_id)}
        assert str(answer.context["held"]) != key

    assert DeskMemory.objects.get(public_id=key).ticked == [str(line[0].public_id)]
