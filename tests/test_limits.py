"""Every place with a limit: who asks is counted, hears when to come back, and nobody else is stopped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import throttle
from accounts.models import User
from applications.models import Application, Purpose, SigningBatch
from applications.signing import batches
from applications.tests.cast import complete
from egov import http
from egov.errors import Unavailable
from schools.models import School

pytestmark = pytest.mark.django_db

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
UNKNOWN = "A" * 32


@dataclass
class World:
    draft: Application
    batch: SigningBatch
    school: School


@pytest.fixture
def world(
    make_application: Callable[..., Application], parent: User, school: School, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:  # fmt: skip
    def silent(_method: str, _url: str, *, system: str, **_more: Any) -> http.Answer:
        raise Unavailable(system, "too late")

    monkeypatch.setattr(http, "call", silent)
    with time_machine.travel(now, tick=False):
        draft = complete(make_application(), now=now)
        signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
        yield World(draft, signing_request.batch, school)


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.pdf", b"%PDF-1.4", content_type="application/pdf")


def step(world: World, page: str = "documents") -> str:
    return reverse("filing:step", args=[world.draft.public_id, page])


def upload(world: World) -> str:
    return reverse("filing:upload", args=[world.draft.public_id, "f065"])


Ask = Callable[[Client, World], Any]
# What is counted, the limit, who asks (of nobody signed in the address counts), and how.
PLACES: list[tuple[str, int, str, Ask]] = [
    ("sign-in", 120, "", lambda client, _world: client.get("/login/")),
    ("before", 120, "", lambda client, _world: client.post(reverse("public:before"), {"ask": "age"})),
    ("schools", 120, "", lambda client, _world: client.get("/schools/?q=x")),
    ("open-data", 20, "", lambda client, _world: client.get("/schools/data/schools.csv")),
    ("check-file", 20, "", lambda client, _world: client.post("/check/", {"file": pdf()})),
    ("consent", 120, "parent", lambda client, _world: client.get("/consent/")),
    ("consent-ask", 10, "parent", lambda client, _world: client.post("/consent/")),
    ("registers", 30, "parent", lambda client, _world: client.get("/children/add/")),
    ("registers", 30, "parent", lambda client, _world: client.post("/profile/refresh/")),
    ("registers", 30, "parent", lambda client, world: client.post(step(world, "child"), {})),
    ("registers", 30, "parent", lambda client, world: client.post(
        reverse("filing:sign", args=[world.draft.public_id]))),
    ("upload", 60, "parent", lambda client, world: client.post(upload(world), {"f065": pdf()})),
    ("upload", 60, "parent", lambda client, world: client.post(step(world), {"f065": pdf(), "save": "x"})),
    ("check", 30, "", lambda client, _world: client.get(f"/check/{UNKNOWN}/")),
    ("table", 10, "director", lambda client, _world: client.post(
        reverse("review:export_queue"), {"form": "csv"})),
    ("sign", 30, "parent", lambda client, _world: client.get(f"/sign/{UNKNOWN}/")),
    ("sign", 30, "parent", lambda client, _world: client.get(reverse("signing:status", args=[UNKNOWN]))),
    ("sign", 30, "", lambda client, _world: client.get(reverse("signing:mobile", args=[UNKNOWN]))),
    ("sign", 30, "", lambda client, world: client.put(
        reverse("signing:mobile_documents", args=[world.batch.token]), b"{}",
        headers={"authorization": "Bearer guessed"})),
]  # fmt: skip


def asking(user: User | None, address: str) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    request.user = user or AnonymousUser()
    return request


def client_of(user: User | None, address: str) -> Client:
    client = Client(REMOTE_ADDR=address)
    if user:
        client.force_login(user)
    return client


def ids(place: tuple[str, int, str, Ask]) -> str:
    return f"{place[0]}-{place[2] or 'address'}"


@pytest.mark.parametrize(("what", "limit", "who", "ask"), PLACES, ids=[ids(place) for place in PLACES])
def test_limit_of_a_place(
    world: World, parent: User, stranger: User, what: str, limit: int, who: str, ask: Ask
) -> None:
    user, other = (parent, stranger) if who else (None, None)
    me = asking(user, HOME)
    assert ask(client_of(user, HOME), world).status_code != 429
    assert throttle._counted(me, what=what) == 1
    for _ in range(limit):
        throttle.missed(me, what=what)

    stopped = ask(client_of(user, HOME + ":4711" if not user else ELSEWHERE), world)

    assert (stopped.status_code, stopped["Retry-After"]) == (429, "60")
    told = stopped.content.decode()
    assert "тым жиі" in told
    assert "Слишком много запросов" in told or stopped["Content-Type"] == "application/json"
    assert ask(client_of(other, HOME if other else ELSEWHERE), world).status_code != 429


@pytest.mark.parametrize("address", ["2001:db8:1:2::1", "[2001:db8:1:2::2]:443"])
def test_household_of_ipv6_is_one_visitor(world: World, address: str) -> None:
    for _ in range(31):
        throttle.missed(asking(None, "2001:db8:1:2:aaaa::9"), what="check")

    assert client_of(None, address).get(f"/check/{UNKNOWN}/").status_code == 429
    assert client_of(None, "2001:db8:1:3::1").get(f"/check/{UNKNOWN}/").status_code == 404


def test_page_that_looks_by_itself_is_never_stopped(world: World, parent: User) -> None:
    """The QR's page asks every few seconds, in as many windows as there are: who holds the address is no
    guesser."""
    client = client_of(parent, HOME)
    address = reverse("signing:status", args=[world.batch.token])

    assert {client.get(address).status_code for _ in range(80)} == {200}
    assert throttle._counted(asking(parent, HOME), what="sign") == 0


def test_what_was_typed_comes_back_after_the_wait(world: World, parent: User) -> None:
    client = client_of(parent, HOME)
    for _ in range(61):
        throttle.missed(asking(parent, HOME), what="upload")
    data = {"f065": pdf(), "data_correct": "on", "external_data": "on"}

    stopped = client.post(step(world), data)

    assert stopped.status_code == 429
    assert "Толтырғаныңыз сақталды" in stopped.content.decode()
    form = client.get(step(world)).context["form"]
    assert form.is_bound and form.data["data_correct"] == "on"
