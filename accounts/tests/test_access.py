"""Who enters a guarded page, and what becomes of the others and of what they typed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts import kept, session
from accounts.access import DEPARTMENT, SCHOOL, consented, signed_in, workplaces
from accounts.models import Child, User
from conftest import grant_consent
from schools.models import Locality, Role, School, StaffMember

PAGE = "/profile/"
LOGIN, CONSENT = f"/login/?next={PAGE}", f"/consent/?next={PAGE}"
ENTERED = "entered"


@pytest.fixture
def newcomer(db: None, child: Child) -> User:
    """Signed in, and without the consent; the one for a child does not stand in for it."""
    user = User.objects.create(iin="850517499904", surname="Ким", name="Елена")
    grant_consent(user, child)
    return user


@pytest.fixture
def ask(rf: RequestFactory, parent: User, newcomer: User) -> Callable[..., tuple[HttpRequest, Any]]:
    people: dict[str, User | AnonymousUser] = {
        "stranger": AnonymousUser(),
        "newcomer": newcomer,
        "parent": parent,
    }

    def asking(guard: Any, who: str, *, method: str = "GET", accept: str = "text/html") -> Any:
        data = {"phone": "+77011234501"} if method == "POST" else None
        request = rf.generic(method, PAGE) if data is None else rf.post(PAGE, data)
        request.META["HTTP_ACCEPT"] = accept
        request.user, request.session = people[who], SessionStore()
        guarded = guard(lambda request, *args, **kwargs: HttpResponse(f"{ENTERED} {args} {kwargs}"))
        return request, guarded(request, 1, key=2)

    return asking


@pytest.mark.rule("R29", "R37", "R40", "D11")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("guard", "who", "sent_to"),
    [
        (signed_in, "stranger", LOGIN),
        (signed_in, "newcomer", None),
        (signed_in, "parent", None),
        (consented, "stranger", LOGIN),
        (consented, "newcomer", CONSENT),
        (consented, "parent", None),
    ],
)
def test_page_opens_to_its_people_and_sends_the_others_on(
    ask: Callable[..., Any], guard: Any, who: str, sent_to: str | None, method: str
) -> None:
    _request, answer = ask(guard, who, method=method)

    assert answer.get("Location") == sent_to
    if sent_to is None:
        assert answer.content.decode() == f"{ENTERED} (1,) {{'key': 2}}"


@pytest.mark.parametrize(("who", "is_signed_in"), [("stranger", False), ("newcomer", True)])
def test_script_is_told_instead_of_sent(ask: Callable[..., Any], who: str, is_signed_in: bool) -> None:
    request, answer = ask(consented, who, method="POST", accept="application/json")

    assert (answer.status_code, json.loads(answer.content)) == (401, {"signed_in": is_signed_in})
    assert kept.KEY not in request.session


@pytest.mark.parametrize(
    ("who", "method", "is_kept", "ended"),
    [
        ("newcomer", "POST", True, False),
        ("newcomer", "GET", False, False),
        ("stranger", "POST", False, True),  # nobody knows whose words they are
        ("stranger", "GET", False, False),
    ],
)
def test_what_was_typed_waits_and_the_end_of_the_session_is_told(
    ask: Callable[..., Any], newcomer: User, who: str, method: str, is_kept: bool, ended: bool
) -> None:
    request, _answer = ask(consented, who, method=method)

    row = request.session.get(kept.KEY)
    assert session.has_ended(request) == ended
    assert (row is not None) == is_kept
    if row:
        typed = {"phone": ["+77011234501"]}
        assert (row["user"], row["page"], row["values"]) == (newcomer.pk, PAGE, typed)


@pytest.mark.parametrize(
    ("roles", "places"),
    [
        ([], set()),
        ([Role.EXECUTOR], {SCHOOL}),
        ([Role.DEPARTMENT], {DEPARTMENT}),
        ([Role.DIRECTOR, Role.DEPARTMENT], {SCHOOL, DEPARTMENT}),
    ],
)
def test_work_is_known_by_the_list_of_staff(
    newcomer: User, school: School, localities: dict[str, Locality], roles: list[Role], places: set[str]
) -> None:
    for role in roles:
        place = {"region": localities["710000000"]} if role == Role.DEPARTMENT else {"school": school}
        StaffMember.objects.create(user=newcomer, role=role, **place)

    assert workplaces(newcomer) == places
