"""A form that stands open in one window while its person signs in anew in another (D81)."""

import dis
import inspect
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import kept
from accounts.models import Guardianship, User
from accounts.tests.conftest import AIGUL, Egov, Known, sign_in
from accounts.typed import TypedMixin
from applications.models import Application, Ground
from applications.status import Status
from oqu.other_window import GIVE_BACK
from schools.models import Role, School, StaffMember

TYPED = "+77011112233"
HOUR = timedelta(hours=1)
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


ROOMS = frozenset({"accounts", "applications", "notifications", "schools", "oqu"})
# Addresses with a form on which nothing typed can be given back, and why.
NOTHING_TO_GIVE_BACK = {
    "public:before": "whoever reads it has not signed in",
    "papers:form": "likewise",
    "papers:paper": "likewise",
    "filing:upload": "files alone; its page is a step",
    "in_person:upload": "likewise",
    "ops:sessions": "an IIN; whom it has found is looked for anew",
    "ops:orders": "it words what was ordered, and asks nothing",
}


def test_every_page_with_a_form_gives_back_what_was_typed_in_it() -> None:
    """By the forms that each address's own code comes to."""
    with_form = {name for name, view in views(get_resolver()) if forms_of(view)}
    of_a_page = {door for group in kept.ONE_PAGE for door in group if group & GIVE_BACK}
    assert {"cabinet:appeal", "filing:step", "in_person:page", "keepers:draft", "ops:room"} <= with_form

    assert with_form - GIVE_BACK - of_a_page == NOTHING_TO_GIVE_BACK.keys()


def test_every_page_in_the_table_gives_back() -> None:
    """By their modules: a view that asks for what was kept, and each page of a visit of the wizard."""
    root = Path(settings.BASE_DIR)
    asking = {
        str(path.relative_to(root)).removesuffix(".py").replace("/", ".")
        for room in ROOMS
        for path in (root / room).rglob("*.py")
        if "kept.restored(" in path.read_text() and "tests" not in path.parts
    }
    at = "applications.filing.views."

    listed = {view.__module__ for name, view in views(get_resolver()) if name in GIVE_BACK}

    assert listed == (asking - {f"{at}visit"}) | {f"{at}in_person"}
    assert {name for name, _view in views(get_resolver())} >= GIVE_BACK


def views(resolver: URLResolver, space: str = "") -> list[tuple[str, Callable[..., Any]]]:
    found: list[tuple[str, Callable[..., Any]]] = []
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            found.append((f"{space}{one.name}", one.callback))
        else:
            found += views(one, f"{one.namespace}:" if one.namespace else space)
    return found


def forms_of(view: Callable[..., Any]) -> set[type]:
    """The forms that its function names, or a function of the portal's that it names, and so on."""
    found: set[type] = set()
    waiting, looked_at = [view], set()
    while waiting:
        one = inspect.unwrap(waiting.pop())
        if not isinstance(one, FunctionType) or one in looked_at or not is_ours(one):
            continue
        looked_at.add(one)
        for thing in [*named(one.__code__, one.__globals__), *closed_over(one)]:
            if isinstance(thing, type) and issubclass(thing, TypedMixin):
                found.add(thing)
            elif isinstance(thing, FunctionType):
                waiting.append(thing)
            elif isinstance(thing, dict):  # the pages of the wizard
                listed = [value if isinstance(value, tuple) else (value,) for value in thing.values()]
                waiting += [value for row in listed for value in row if isinstance(value, FunctionType)]
    return found


def named(code: CodeType, space: dict[str, Any]) -> Iterator[Any]:
    """What the code loads by its name, or from a module by both names."""
    last: Any = None
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            last = space.get(step.argval)
            yield last
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(last, ModuleType):
            last = vars(last).get(step.argval)
            yield last
        else:
            last = None
        if isinstance(step.argval, CodeType):
            yield from named(step.argval, space)


def closed_over(one: FunctionType) -> Iterator[Any]:
    return (cell.cell_contents for cell in one.__closure__ or ())


def is_ours(one: FunctionType) -> bool:
    return one.__module__.partition(".")[0] in ROOMS


# Of each page the values that were kept, and what it has to show of them.
TYPED_ON: dict[str, tuple[str, dict[str, str], str]] = {
    "cabinet:contest": ("parent", {"words": "Мектепке бармадым."}, "Мектепке бармадым.</textarea>"),
    "cabinet:supplement": ("parent", {"valid_until": "31.05.2028"}, 'value="31.05.2028"'),
    "cabinet:appeal": ("parent", {"wish": "ADMIT", "words": "Келіспеймін."}, "Келіспеймін.</textarea>"),
    "review:new_ground": ("ops", {"code": "NO_CONSENT"}, 'value="NO_CONSENT"'),
    "review:ground": ("ops", {"name_kk": "Жаңа атауы"}, 'value="Жаңа атауы"'),
    "schools:staff_of_school": ("ops", {"role": "ACTING", "ends_on": "2026-07-01"}, 'value="2026-07-01"'),
}


@pytest.mark.rule("D81")
@pytest.mark.parametrize("name", TYPED_ON)
def test_page_shows_what_was_typed_on_it_before_the_sign_in(
    client: Client, parent: User, director: User, school: School, make_application: Any, name: str
) -> None:
    who, values, shown = TYPED_ON[name]
    now = timezone.now()
    reader = parent if who == "parent" else director
    if who == "ops":
        StaffMember.objects.create(user=director, role=Role.OPS)
        of = {"review:ground": [Ground.objects.in_force()[0].pk], "review:new_ground": []}.get(
            name, [school.pk]
        )
    else:
        paper = {"channel": "IN_PERSON", "filed_by": director} if name == "cabinet:contest" else {}
        status = Status.REFUSED if name == "cabinet:appeal" else Status.IN_REVIEW
        made = make_application(status, **paper)
        signed = {"prepared_by": director, "prepared_at": now, "signed_by": director, "signed_at": now}
        made.decisions.create(result="REFUSE", reason_code="OTHER", reason="x", **signed)
        made.supplements.create(
            kind="PMPC", why="x", asked_by=director, asked_at=now, left=HOUR, until=now + HOUR
        )
        of = [made.public_id]
    client.force_login(reader)
    session, page = client.session, reverse(name, args=of)
    session[kept.KEY] = {
        "user": reader.pk, "page": page, "values": {key: [value] for key, value in values.items()},
        "at": now.timestamp(),
    }  # fmt: skip
    session.save()

    answer = client.get(page)

    assert answer.status_code == 200 and shown in answer.content.decode()
    assert kept.KEY not in client.session
