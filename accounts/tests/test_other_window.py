"""A form that stands open in one window while its person signs in anew in another (D81)."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import kept
from accounts.models import Guardianship, User
from accounts.tests.conftest import AIGUL, Egov, Known, sign_in
from applications.models import Application
from oqu.other_window import GIVE_BACK

TYPED = "+77011112233"
OURS = {"Origin": "http://testserver"}


def token_of(client: Client, page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page).content.decode())
    assert found
    return found[1]


@pytest.fixture
def browser(egov: Egov, parent: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, egov)
    return client


@pytest.fixture
def step(make_application: Any) -> str:
    draft = make_application()
    Guardianship.objects.update(answered_at=timezone.now())
    return reverse("filing:step", args=[draft.public_id, "child"])


def press(client: Client, page: str, token: str, **headers: str) -> Any:
    sent = {"csrfmiddlewaretoken": token, "extra_phone": TYPED, "child_iin": "1"}
    return client.post(page, sent, headers=headers)


def come_again(client: Client, egov: Egov, iin: str = AIGUL.iin) -> None:
    """What thirty idle minutes do to a browser, and a sign-in in another window of it."""
    del client.cookies["oqu"]
    sign_in(client, egov, iin=iin)


@pytest.mark.rule("D81")
def test_what_was_typed_stands_there_again_and_nothing_is_done(
    browser: Client, egov: Egov, step: str
) -> None:
    token = token_of(browser, step)
    come_again(browser, egov)

    answer = press(browser, step, token, **OURS)

    assert (answer.status_code, answer["Location"]) == (302, step)
    assert Application.objects.get().extra_phone == ""
    assert browser.session[kept.KEY]["values"] == {"extra_phone": [TYPED]}
    page = browser.get(step).content.decode()
    assert f'value="{TYPED}"' in page and "батырманы қайта басыңыз" in page
    assert f'value="{TYPED}"' not in browser.get(step).content.decode()


FOREIGN: dict[str, dict[str, str]] = {
    "no origin": {},
    "another's origin": {"Origin": "https://evil.example"},
    "an origin that is hidden": {"Origin": "null"},
    "a longer origin": {"Origin": "http://testserver.evil.example"},
    "another scheme": {"Origin": "https://testserver"},
    "another site, as the browser says": OURS | {"Sec-Fetch-Site": "cross-site"},
    "a neighbour of the site": OURS | {"Sec-Fetch-Site": "same-site"},
    "a script": OURS | {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    "a script of ours": OURS | {"Accept": "application/json"},
}


@pytest.mark.rule("D81")
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_no_other_site_puts_anything_into_a_form(
    browser: Client, egov: Egov, step: str, headers: dict[str, str]
) -> None:
    token = token_of(browser, step)
    come_again(browser, egov)

    assert press(browser, step, token, **headers).status_code == 403

    assert kept.KEY not in browser.session


@pytest.mark.rule("D81")
@pytest.mark.parametrize("token", ["", "x", "x" * 64, "x" * 32, "ю" * 64, "-" * 64])
def test_key_that_no_form_of_ours_has_borne_opens_nothing(
    browser: Client, egov: Egov, step: str, token: str
) -> None:
    token_of(browser, step)
    come_again(browser, egov)

    assert press(browser, step, token, **OURS).status_code == 403

    assert kept.KEY not in browser.session


@pytest.mark.rule("D81")
@pytest.mark.parametrize("signed_out", [False, True])
def test_form_of_another_person_gives_its_values_to_nobody(
    browser: Client, egov: Egov, step: str, stranger: User, signed_out: bool
) -> None:
    """A shared computer: who signs in next, and the first person after them."""
    egov.people[stranger.iin] = Known(stranger.iin, stranger.surname, stranger.name)
    token = token_of(browser, "/profile/ways/")
    if signed_out:
        browser.post("/logout/", {"csrfmiddlewaretoken": token})
        sign_in(browser, egov, iin=stranger.iin)
    else:
        come_again(browser, egov, iin=stranger.iin)

    assert press(browser, "/profile/ways/", token, **OURS).status_code == 403

    assert kept.KEY not in browser.session


FORMS_OF_EVERY_PAGE = {
    "language": ("/language/", {"language": "ru"}),
    "phone": ("/profile/phone/", {"seen": "0" * 16, "next": "/"}),
    "extend": ("/session/", {}),
}


@pytest.mark.rule("D81")
@pytest.mark.parametrize("form", FORMS_OF_EVERY_PAGE.values(), ids=FORMS_OF_EVERY_PAGE)
@pytest.mark.parametrize("place", ["wizard", "/profile/ways/", "/profile/"])
def test_form_that_stands_on_every_page_answers_none_of_them(
    browser: Client, egov: Egov, step: str, place: str, form: tuple[str, dict[str, str]]
) -> None:
    """Else the answers that the page has shown would be away when it is shown again."""
    Application.objects.update(special_needs=True)
    page, (door, sent) = step if place == "wizard" else place, form
    token = token_of(browser, page)
    come_again(browser, egov)

    headers = OURS | {"Referer": f"http://testserver{page}"}
    answer = browser.post(door, sent | {"csrfmiddlewaretoken": token}, headers=headers)

    assert (answer.status_code, answer["Location"]) == (302, page)
    assert kept.KEY not in browser.session
    shown = browser.get(page).content.decode()
    assert "бұл әрекет орындалған жоқ. Батырманы қайта басыңыз." in shown
    assert place != "wizard" or re.search(r'name="special_needs"[^>]* checked', shown)


@pytest.mark.rule("D81")
@pytest.mark.parametrize("door", ["/logout/", "/profile/refresh/", "/children/refresh/", "/profile/ways/"])
def test_form_of_another_page_gives_nothing(browser: Client, egov: Egov, step: str, door: str) -> None:
    token = token_of(browser, step)
    come_again(browser, egov)

    assert press(browser, door, token, **OURS, Referer=f"http://testserver{step}").status_code == 403

    assert kept.KEY not in browser.session


ONE = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
AT = f"/school/applications/{ONE}/"
OF_PAGE: dict[tuple[str, str], bool] = {
    (f"{AT}decision/", AT): True,
    (f"{AT}notes/", f"{AT}decision/"): True,
    (f"{AT}ask/", AT): True,
    (f"{AT}sign/", AT): False,
    (f"{AT}notes/delete/", AT): False,
    (f"{AT}notes/", f"/school/applications/{OTHER}/"): False,
    ("/school/search/", "/school/"): True,
    ("/school/sign/", "/school/"): True,
    ("/school/sign/", AT): False,
    (f"/appeals/{ONE}/answer/", f"/appeals/{ONE}/"): True,
    ("/language/", AT): False,
    ("/profile/phone/", "/profile/ways/"): False,
    ("/nowhere/", "/profile/"): False,
}


@pytest.mark.rule("D81")
@pytest.mark.parametrize(("sent_to", "page"), OF_PAGE)
def test_page_keeps_what_was_typed_in_its_own_forms(
    client: Client, db: None, sent_to: str, page: str
) -> None:
    """Whatever the reason: a session that ended, presses too many, a key of another window."""
    request = RequestFactory().post(sent_to, {"reason": "x"})
    request.session = client.session

    assert kept.keep(request, page=page, user=1, now=timezone.now()) is OF_PAGE[sent_to, page]


def test_page_that_gives_nothing_back_promises_nothing(browser: Client, egov: Egov) -> None:
    token = token_of(browser, "/profile/")
    come_again(browser, egov)

    assert press(browser, "/logout/", token, **OURS).status_code == 403


def test_every_page_that_gives_back_is_in_the_table() -> None:
    """By their modules: a view that asks for what was kept, and each page of a visit of the wizard."""
    root = Path(settings.BASE_DIR)
    rooms = ("accounts", "applications", "notifications", "schools", "oqu")
    asking = {
        str(path.relative_to(root)).removesuffix(".py").replace("/", ".")
        for room in rooms
        for path in (root / room).rglob("*.py")
        if "kept.restored(" in path.read_text() and "tests" not in path.parts
    }
    at = "applications.filing.views."

    listed = {module for name, module in modules(get_resolver()) if name in GIVE_BACK}

    assert listed == (asking - {f"{at}visit"}) | {f"{at}in_person"}
    assert {name for name, _module in modules(get_resolver())} >= GIVE_BACK


def modules(resolver: URLResolver, space: str = "") -> list[tuple[str, str]]:
    found = []
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            found.append((f"{space}{one.name}", one.callback.__module__))
        else:
            found += modules(one, f"{one.namespace}:" if one.namespace else space)
    return found
