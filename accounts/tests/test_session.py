"""How a session ends, and that its end costs the person nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import kept, tasks
from accounts.models import Guardianship, User
from accounts.tests.conftest import Egov, Known, come_back, sign_in

T0 = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
PAGE = "/profile/"


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_session_ends_after_thirty_idle_minutes(client: Client, egov: Egov, parent: User) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        clock.shift(timedelta(minutes=29, seconds=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=29, seconds=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=30, seconds=1))
        assert not is_in(client)


def test_session_ends_after_twelve_hours_whatever_happens(client: Client, egov: Egov, parent: User) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        key = client.session.session_key
        for _ in range(12 * 60 // 20 - 1):
            clock.shift(timedelta(minutes=20))
            assert is_in(client)
        clock.shift(timedelta(minutes=20))

        answer = client.get(PAGE)

        assert answer["Location"] == "/login/?next=/profile/"
        assert not Session.objects.filter(session_key=key).exists()
        told = client.get(answer["Location"]).content.decode()
        assert "Сеанс аяқталды" in told
        assert "12 сағат" in told
        started = client.post("/login/", {"next": PAGE})
        state = started["Location"].partition("state=")[2].partition("&")[0]
        assert come_back(client, egov, state)["Location"] == PAGE
        assert is_in(client)


def test_page_knows_how_long_the_session_lasts(client: Client, egov: Egov, parent: User) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        assert 'data-oqu-session="1800"' in client.get(PAGE).content.decode()
        for _ in range(35):
            clock.shift(timedelta(minutes=20))
            client.get(PAGE)
        clock.shift(timedelta(minutes=10))
        assert 'data-oqu-session="600"' in client.get(PAGE).content.decode()


def test_click_after_click_writes_the_session_once_a_minute(client: Client, egov: Egov, parent: User) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        for seconds, written in ((10, False), (49, False), (1, True), (59, False), (1, True)):
            clock.shift(timedelta(seconds=seconds))
            with CaptureQueriesContext(connection) as asked:
                page = client.get(PAGE)
            assert any("UPDATE" in one["sql"] and "session" in one["sql"] for one in asked) == written
            assert ("oqu" in page.cookies) == written
        clock.shift(timedelta(seconds=30))
        assert 'data-oqu-session="1770"' in client.get(PAGE).content.decode()


def test_cookie_of_a_session_that_is_gone_makes_no_new_one(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)
    Session.objects.all().delete()

    client.get("/")

    assert not Session.objects.exists()


def test_session_is_extended_by_a_script(client: Client, egov: Egov, parent: User) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        clock.shift(timedelta(minutes=26))
        answer = client.post("/session/", headers={"Accept": "application/json"})
        clock.shift(timedelta(minutes=26))

        assert answer.json() == {"seconds": 1800}
        assert is_in(client)


def test_session_is_extended_without_a_script(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)

    answer = client.post("/session/", headers={"Referer": "http://testserver/children/?next=/profile/"})

    assert answer["Location"] == "/children/?next=/profile/"


def test_ended_session_is_not_extended(client: Client, db: None) -> None:
    answer = client.post("/session/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (401, {"seconds": 0})


def test_logout_empties_the_browser_and_the_session(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)
    key = client.session.session_key

    answer = client.post("/logout/")

    assert answer["Location"] == "/logout/"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    assert answer.cookies["oqu"].value == ""
    assert "Сіз порталдан шықтыңыз" in client.get("/logout/").content.decode()
    assert not is_in(client)


def test_get_does_not_log_out(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)

    assert "Порталдан шығу" in client.get("/logout/").content.decode()
    assert is_in(client)


@pytest.mark.parametrize("path", ["/logout/", "/session/", "/language/", "/consent/", "/login/"])
def test_post_without_the_token_is_refused(egov: Egov, parent: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(parent)

    assert client.post(path, {"language": "ru"}).status_code == 403
    assert is_in(client)


def test_personal_pages_are_not_stored_by_the_browser(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)

    for path in (PAGE, "/children/", "/children/add/"):
        assert "no-store" in client.get(path)["Cache-Control"]


@pytest.fixture
def step(make_application) -> str:
    draft = make_application()
    Guardianship.objects.update(answered_at=timezone.now())  # nobody is asked about the child again
    return reverse("filing:step", args=[draft.public_id, "child"])


@pytest.fixture
def lapsed(client: Client, egov: Egov, parent: User) -> Client:
    """What thirty idle minutes do to a browser: the session's cookie is gone, the rest stays."""
    sign_in(client, egov)
    del client.cookies["oqu"]
    return client


def test_post_after_the_end_returns_to_the_page_with_the_values(
    lapsed: Client, client: Client, egov: Egov, step: str
) -> None:
    typed = {"extra_phone": "+77011112233", "csrfmiddlewaretoken": "t", "cms": "MIIB", "several": ["1", "2"]}
    answer = client.post(step, typed)

    assert answer["Location"] == f"/login/?next={step}"
    assert "Соңғы толтырғаныңыз сақталды" in client.get(answer["Location"]).content.decode()
    started = client.post("/login/", {"next": step})
    state = started["Location"].partition("state=")[2].partition("&")[0]
    assert come_back(client, egov, state)["Location"] == step
    assert client.session[kept.KEY]["page"] == step
    assert client.session[kept.KEY]["values"] == {"extra_phone": ["+77011112233"], "several": ["1", "2"]}
    assert "+77011112233" in client.get(step).content.decode()
    assert kept.KEY not in client.session


def request_of(client: Client, user: User, path: str, method: str = "GET") -> HttpRequest:
    request = getattr(RequestFactory(), method.lower())(path)
    request.session, request.user = client.session, user
    return request


def test_values_are_given_back_once_and_to_their_page_only(lapsed: Client, parent: User) -> None:
    lapsed.post("/profile/", {"note": "жазба"})
    now = timezone.now()

    elsewhere = request_of(lapsed, parent, "/children/")
    assert kept.restored(elsewhere, now=now) is None
    assert kept.restored(request_of(lapsed, parent, "/profile/", "POST"), now=now) is None
    here = request_of(lapsed, parent, "/profile/")
    given = kept.restored(here, now=now)
    assert given is not None
    assert given.dict() == {"note": "жазба"}
    assert kept.restored(here, now=now) is None


def test_values_are_not_given_to_another_person(lapsed: Client, stranger: User) -> None:
    """A shared computer: the address of such a page is the same for everybody."""
    lapsed.post("/profile/", {"note": "жазба"})
    assert kept.KEY in lapsed.session

    here = request_of(lapsed, stranger, "/profile/")

    assert kept.restored(here, now=timezone.now()) is None
    assert kept.KEY not in here.session


def test_sign_in_of_another_person_drops_the_values(lapsed: Client, egov: Egov, stranger: User) -> None:
    lapsed.post("/profile/", {"note": "жазба"})

    egov.people[stranger.iin] = Known(stranger.iin, stranger.surname, stranger.name)
    started = lapsed.post("/login/", {"next": PAGE})
    state = started["Location"].partition("state=")[2].partition("&")[0]
    come_back(lapsed, egov, state, iin=stranger.iin)

    assert is_in(lapsed)
    assert kept.KEY not in lapsed.session


def test_values_of_nobody_are_not_kept(client: Client, db: None) -> None:
    client.post("/profile/", {"note": "жазба"})
    client.cookies["whose"] = "1:forged:forged"
    client.post("/profile/", {"note": "жазба"})

    assert kept.KEY not in client.session


def test_values_after_signing_out_are_not_kept(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)
    client.post("/logout/")

    client.post("/profile/", {"note": "жазба"})

    assert kept.KEY not in client.session


def test_iins_and_consents_are_not_kept(lapsed: Client) -> None:
    typed = {"note": "жазба", "iin": "900708499904", "child_iin": "200315599908", "consent": "on"}
    lapsed.post("/profile/", typed)

    assert lapsed.session[kept.KEY]["values"] == {"note": ["жазба"]}


def test_values_are_not_kept_for_long(lapsed: Client, parent: User) -> None:
    lapsed.post("/profile/", {"note": "жазба"})

    late = timezone.now() + kept.LIFE + timedelta(seconds=1)

    assert kept.restored(request_of(lapsed, parent, "/profile/"), now=late) is None


@pytest.mark.parametrize(
    "data", [{}, {"note": "a" * 8001}, {f"field{n}": "1" for n in range(61)}], ids=["none", "long", "many"]
)
def test_nothing_or_too_much_is_not_kept(lapsed: Client, client: Client, data: dict) -> None:
    answer = client.post("/profile/", data)

    assert kept.KEY not in client.session
    told = client.get(answer["Location"]).content.decode()
    assert "Сеанс аяқталды" in told
    assert "Соңғы толтырғаныңыз сақталды" not in told


def test_files_are_not_kept(lapsed: Client, client: Client) -> None:
    client.post("/profile/", {"photo": SimpleUploadedFile("a.jpg", b"\xff\xd8"), "note": "жазба"})

    assert client.session[kept.KEY]["values"] == {"note": ["жазба"]}


def test_post_only_address_returns_to_the_page_with_the_form(client: Client, db: None) -> None:
    answer = client.post("/profile/refresh/", headers={"Referer": "http://testserver/profile/"})

    assert answer["Location"] == "/login/?next=/profile/"


def test_foreign_referer_is_no_page_to_return_to(client: Client, db: None) -> None:
    answer = client.post("/profile/", headers={"Referer": "https://evil.example/children/"})

    assert answer["Location"] == "/login/?next=/profile/"


def test_script_is_told_that_the_session_is_over(client: Client, db: None) -> None:
    answer = client.get("/children/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (401, {"signed_in": False})


def test_language_switch_keeps_the_page_and_becomes_the_users(
    client: Client, egov: Egov, parent: User
) -> None:
    sign_in(client, egov)

    answer = client.post("/language/", {"language": "ru", "next": "/children/?next=/profile/"})

    parent.refresh_from_db()
    assert answer["Location"] == "/children/?next=/profile/"
    assert (parent.lang, answer.cookies["lang"].value) == ("ru", "ru")
    assert "Мои дети" in client.get("/children/").content.decode()


def test_language_switch_needs_no_sign_in(client: Client, db: None) -> None:
    client.post("/language/", {"language": "ru", "next": "/logout/"})

    assert "Вы вышли с портала" in client.get("/logout/").content.decode()


@pytest.mark.parametrize(
    ("chosen", "page"), [("en", "/logout/"), ("", "//evil.example"), ("ru", "https://evil.example")]
)
def test_bad_language_or_page_changes_nothing_and_stays_here(
    client: Client, db: None, chosen: str, page: str
) -> None:
    answer = client.post("/language/", {"language": chosen, "next": page})

    assert answer["Location"] in ("/logout/", "/")
    assert ("lang" in answer.cookies) == (chosen == "ru")


def test_sessions_that_are_over_are_removed_daily(client: Client, egov: Egov, parent: User, settings) -> None:
    with time_machine.travel(T0, tick=False) as clock:
        sign_in(client, egov)
        over = client.session.session_key
        clock.shift(timedelta(minutes=31))
        client.cookies.clear()
        sign_in(client, egov)

        tasks.clear_sessions()

        assert list(Session.objects.values_list("session_key", flat=True)) == [client.session.session_key]
        assert over != client.session.session_key
    ticks = {tick["task"]: tick["schedule"] for tick in settings.CELERY_BEAT_SCHEDULE.values()}
    assert ticks[tasks.clear_sessions.name] == timedelta(days=1).total_seconds()
