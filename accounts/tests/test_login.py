"""Sign-in through eGov and back, and every way it can go wrong."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import login
from accounts.models import Trouble, User
from accounts.tests.conftest import AIGUL, Egov, Known, come_back, sign_in, start
from egov import http
from schools.models import Role, StaffMember

LOGIN, CALLBACK = "/login/", "/auth/egov/"


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def problem(answer, name: str, client: Client):
    """The answer leads to that problem's page; the page."""
    assert answer["Location"].partition("?")[0] == reverse("accounts:login_problem", args=[name])
    return client.get(answer["Location"])


@pytest.mark.rule("R29")
def test_kiru_leads_to_egov(client: Client, db: None, egov: Egov, settings) -> None:
    answer = client.get(LOGIN)

    to = urlsplit(answer["Location"])
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{settings.EGOV_IDP_URL}/oauth/authorize"
    sent = parse_qs(to.query)
    assert sent["redirect_uri"] == [f"{settings.PUBLIC_URL}{CALLBACK}"]
    assert sent["lang"] == ["kk"]
    assert len(sent["state"][0]) >= 43


@pytest.mark.rule("R30", "R35", "R36")
def test_first_sign_in_makes_the_user_without_a_password(client: Client, db: None, egov: Egov) -> None:
    sign_in(client, egov)

    user = User.objects.get()
    facts = (user.iin, user.surname, user.name, user.patronymic, user.phone, str(user.birth_date))
    assert facts == (AIGUL.iin, "Сәрсенова", "Айгүл", "Маратқызы", "+77011234501", "1990-07-08")
    assert not user.has_usable_password()
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.rule("R49")
def test_next_sign_in_takes_what_egov_tells_today(client: Client, egov: Egov, parent: User) -> None:
    egov.people[AIGUL.iin].surname = "Ахметова"
    egov.people[AIGUL.iin].phone = "77019999999"

    sign_in(client, egov)

    parent.refresh_from_db()
    assert (parent.surname, parent.phone, User.objects.count()) == ("Ахметова", "+77019999999", 1)


def test_sign_in_survives_a_silent_phone_service(client: Client, egov: Egov, parent: User) -> None:
    egov.down.add("phone")

    sign_in(client, egov)

    parent.refresh_from_db()
    assert signed_in(client)
    assert parent.phone == "+77011234501"


def test_sign_in_changes_the_session_key(client: Client, egov: Egov, parent: User) -> None:
    state = start(client)
    before = client.session.session_key or ""

    come_back(client, egov, state)

    assert client.session.session_key != before
    assert not client.session.exists(before)


@pytest.mark.rule("R31")
def test_sign_in_returns_to_the_page_that_was_asked_for(client: Client, egov: Egov, parent: User) -> None:
    refused = client.get(reverse("accounts:children"))
    answer = sign_in(client, egov, **{"next": parse_qs(urlsplit(refused["Location"]).query)["next"][0]})

    assert refused["Location"] == "/login/?next=/children/"
    assert answer["Location"] == "/children/"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/no-such-page/",
        "/login/",
        "/auth/egov/?code=1",
        "/logout/",
        "/language/",
        "/children/\n",
        "/" + "a" * 600,
    ],
)
def test_sign_in_never_leads_off_the_portal(client: Client, egov: Egov, parent: User, path: str) -> None:
    answer = sign_in(client, egov, next=path)

    assert answer["Location"] == reverse("public:service")


def test_signed_in_parent_lands_on_the_applications(
    client: Client, egov: Egov, parent: User, make_application
) -> None:
    make_application()

    assert sign_in(client, egov)["Location"] == reverse("cabinet:applications")


def test_department_officer_goes_to_the_schools_unasked_for_a_consent(
    client: Client, egov: Egov, stranger: User, localities: dict
) -> None:
    stranger.consents.all().delete()
    StaffMember.objects.create(user=stranger, region=localities["710000000"], role=Role.DEPARTMENT)
    egov.people[stranger.iin] = Known(stranger.iin, "Сейітов", "Марат")

    assert sign_in(client, egov, iin=stranger.iin)["Location"] == reverse("review:department")


def test_next_person_in_the_same_browser_gets_nothing_of_the_former(
    client: Client, egov: Egov, parent: User, stranger: User
) -> None:
    egov.people[stranger.iin] = Known(stranger.iin, "Ахметов", "Данияр")
    late = start(client)
    sign_in(client, egov)
    session = client.session
    session["asked_children"] = {"1": "Арман"}
    session.save()

    come_back(client, egov, late, iin=stranger.iin, code="other")

    assert client.session["_auth_user_id"] == str(stranger.pk)
    assert "asked_children" not in client.session


@pytest.mark.rule("R37")
def test_parent_without_consent_is_asked_for_it_first(client: Client, db: None, egov: Egov) -> None:
    answer = sign_in(client, egov, next=reverse("filing:start"))

    assert answer["Location"] == "/consent/?next=/applications/new/"


def test_director_lands_on_the_queue_without_a_consent(client: Client, egov: Egov, director: User) -> None:
    egov.people[director.iin] = Known(director.iin, "Қасымова", "Нұргүл", phone="77011234563")

    answer = sign_in(client, egov, iin=director.iin)

    assert answer["Location"] == reverse("review:queue")


def test_registered_address_is_refreshed_with_the_consent(client: Client, egov: Egov, parent: User) -> None:
    egov.street = "Қабанбай батыр даңғылы"

    sign_in(client, egov)

    parent.refresh_from_db()
    assert parent.registered_address["street"] == "Қабанбай батыр даңғылы"
    assert parent.refreshed_at is not None


@pytest.mark.parametrize("system", ["person", "address"])
def test_old_address_stays_when_the_register_is_silent(
    client: Client, egov: Egov, parent: User, system: str
) -> None:
    before = parent.registered_address
    egov.down.add(system)

    sign_in(client, egov)

    parent.refresh_from_db()
    assert signed_in(client)
    assert (parent.registered_address, parent.refreshed_at) == (before, None)


@pytest.mark.rule("D11")
def test_register_is_not_asked_without_the_consent(client: Client, db: None, egov: Egov) -> None:
    sign_in(client, egov)

    assert User.objects.get().registered_address == {}


def test_state_is_good_once(client: Client, egov: Egov, parent: User) -> None:
    state = start(client)
    come_back(client, egov, state)
    client.post("/logout/")

    page = problem(come_back(client, egov, state), "stale", client)

    assert page.status_code == 400
    assert "Кіруді басынан бастаңыз" in page.content.decode()
    assert not signed_in(client)


def test_repeated_answer_of_egov_leaves_the_session_alone(client: Client, egov: Egov, parent: User) -> None:
    state = start(client)
    come_back(client, egov, state)

    page = problem(come_back(client, egov, state), "stale", client)

    assert signed_in(client)
    assert "Сіз порталға кіріп тұрсыз" in page.content.decode()


@pytest.mark.parametrize("state", ["", "x", "ұқсас емес", "a" * 5000])
def test_unknown_state_signs_nobody_in(client: Client, db: None, egov: Egov, state: str) -> None:
    start(client)

    assert problem(come_back(client, egov, state), "stale", client).status_code == 400
    assert not signed_in(client)
    assert egov.codes == {"c0de": AIGUL.iin}  # the code was not even shown to eGov


def test_state_of_another_browser_signs_nobody_in(client: Client, db: None, egov: Egov) -> None:
    state = start(Client())

    assert problem(come_back(client, egov, state), "stale", client).status_code == 400
    assert not User.objects.exists()


def test_state_lives_ten_minutes(client: Client, egov: Egov, parent: User) -> None:
    begun = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
    with time_machine.travel(begun, tick=False):
        in_time, late = start(client), start(client)
    with time_machine.travel(begun + timedelta(minutes=10), tick=False):
        assert come_back(client, egov, in_time)["Location"] == reverse("public:service")
        client.post("/logout/")
    with time_machine.travel(begun, tick=False):
        late = start(client)
    with time_machine.travel(begun + timedelta(minutes=10, seconds=1), tick=False):
        problem(come_back(client, egov, late), "stale", client)
        assert not signed_in(client)


def test_two_tabs_may_sign_in_at_once(client: Client, egov: Egov, parent: User) -> None:
    first, second = start(client, next="/children/"), start(client, next="/profile/")

    assert come_back(client, egov, first)["Location"] == "/children/"
    assert come_back(client, egov, second)["Location"] == "/profile/"


@pytest.mark.rule("R36")
def test_person_who_does_not_allow_it_is_told_how_to_go_on(client: Client, db: None, egov: Egov) -> None:
    state = start(client, next="/children/")

    answer = client.get(CALLBACK, {"state": state, "error": "access_denied"})
    page = problem(answer, "denied", client)

    assert page.status_code == 403
    assert "«Рұқсат беру»" in page.content.decode()
    assert '<input type="hidden" name="next" value="/children/">' in page.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("code", ["", "used", "x" * 4000])
def test_code_that_egov_refuses_signs_nobody_in(client: Client, db: None, egov: Egov, code: str) -> None:
    answer = client.get(CALLBACK, {"state": start(client), "code": code})

    assert problem(answer, "stale", client).status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("fault", [{"error": "temporarily_unavailable"}, {"code": "c0de"}])
def test_silent_egov_loses_nothing(client: Client, egov: Egov, parent: User, fault: dict) -> None:
    egov.down.add("login")
    state = start(client, next="/children/")

    page = problem(client.get(CALLBACK, {"state": state} | fault), "unavailable", client)

    assert page.status_code == 503
    assert "Бірнеше минуттан кейін" in page.content.decode()
    egov.down.clear()
    assert sign_in(client, egov, next="/children/")["Location"] == "/children/"


@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope"])
def test_portal_that_egov_does_not_know_takes_the_blame(
    client: Client, egov: Egov, parent: User, monkeypatch: pytest.MonkeyPatch, error: str, lang: str
) -> None:
    """The person is not sent to begin anew, and ops read which setting it is; the next sign-in clears it."""
    client.cookies["lang"] = lang
    refusal = http.Answer("login", 401, json.dumps({"error": error}).encode())
    with monkeypatch.context() as patch:
        patch.setattr(egov, "_token", lambda _data: refusal)
        state = start(client)
        page = problem(client.get(CALLBACK, {"state": state, "code": "c0de"}), "ours", client)

    assert page.status_code == 503
    said = {"kk": "Қате сізде емес, порталдың өзінде", "ru": "Ошибка не у вас, а у самого портала"}[lang]
    assert said in page.content.decode()
    trouble = Trouble.objects.get()
    assert (trouble.system, trouble.ours, trouble.reason) == ("login", True, error)
    sign_in(client, egov)
    assert not Trouble.objects.exists()


@pytest.mark.parametrize("error", ["unauthorized_client", "invalid_scope", "invalid_request"])
def test_what_the_browser_brings_back_is_told_and_not_written_down(
    client: Client, egov: Egov, parent: User, error: str
) -> None:
    state = start(client)

    assert problem(client.get(CALLBACK, {"state": state, "error": error}), "ours", client).status_code == 503
    assert not Trouble.objects.exists()


def test_closed_account_stays_out(client: Client, egov: Egov, parent: User) -> None:
    parent.is_active = False
    parent.save(update_fields=["is_active"])

    page = problem(sign_in(client, egov), "closed", client)

    assert page.status_code == 403
    assert not signed_in(client)


def test_deactivated_user_is_out_at_once(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)
    assert client.get("/profile/").status_code == 200

    User.objects.update(is_active=False)

    assert client.get("/profile/")["Location"] == "/login/?next=/profile/"


def test_unknown_problem_has_no_page(client: Client, db: None) -> None:
    assert client.get("/login/whatever/").status_code == 404


def test_language_chosen_before_signing_in_becomes_the_users(
    client: Client, egov: Egov, parent: User
) -> None:
    client.cookies["lang"] = "ru"

    sign_in(client, egov)

    parent.refresh_from_db()
    assert parent.lang == "ru"


def test_users_language_follows_them_to_a_new_browser(client: Client, egov: Egov, parent: User) -> None:
    User.objects.update(lang="ru")

    answer = sign_in(client, egov)

    assert answer.cookies["lang"].value == "ru"


def test_new_user_keeps_the_language_of_the_pages(db: None, egov: Egov) -> None:
    client = Client(headers={"Accept-Language": "ru-RU,ru;q=0.9"})

    sign_in(client, egov)

    assert User.objects.get().lang == "ru"


def test_sign_in_starts_at_the_public_address(client: Client, db: None, egov: Egov, settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    answer = client.get(LOGIN, {"next": "/children/"})

    assert answer["Location"] == "http://127.0.0.1:8000/login/?next=/children/"


def test_signed_in_person_does_not_sign_in_twice(client: Client, egov: Egov, parent: User) -> None:
    sign_in(client, egov)

    assert client.get(LOGIN, {"next": "/children/"})["Location"] == "/children/"


def test_sign_in_writes_nobody_into_the_log(
    client: Client, db: None, egov: Egov, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sign_in(client, egov)
    come_back(client, egov, "wrong")
    come_back(client, egov, start(Client()))

    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert "sign-in-failed reason=stale" in lines
    told = " ".join(lines)
    assert not re.search(r"\d{12}", told)
    assert not [word for word in ("Сәрсенова", "Айгүл", "c0de", "wrong") if word in told]


def test_only_the_last_few_sign_ins_are_remembered(client: Client, db: None, egov: Egov) -> None:
    states = [start(client) for _ in range(login.MAX_UNDER_WAY + 1)]

    assert len(client.session[login.KEY]) == login.MAX_UNDER_WAY
    problem(come_back(client, egov, states[0]), "stale", client)
