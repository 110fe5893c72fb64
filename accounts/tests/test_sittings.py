"""Whose sessions there are; ops end all of a person's (D77), and what is over is cleared in portions."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import signed_in
from accounts.models import Device, JournalEntry, Order, SignIn, User
from accounts.tests.conftest import AIGUL, Egov, Known, come_back, sign_in, start
from tests.ops import make_ops

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D77")]
WHY = "телефонын жоғалтты"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


def test_all_sessions_of_a_person_are_ended(parent: User, egov: Egov, subtests: pytest.Subtests) -> None:
    """Found by IIN in what is posted, never in an address; those that nobody has written down end, too."""
    user, client = make_ops("840214399807")
    browsers = [Client(headers={"user-agent": PHONE}), Client(), Client()]
    for browser in browsers[:2]:
        sign_in(browser, egov)
    browsers[2].force_login(parent)  # as one from before the portal wrote them down
    found = client.post("/ops/sessions/", {"act": "find", "iin": AIGUL.iin})
    page = found.content.decode()
    with subtests.test("what is shown"):
        assert found.status_code == 200 and found["Cache-Control"].count("no-store")
        assert page.count("<time") == 4 and "телефон" in page and "белгісіз құрылғы" in page
        assert not any(told in page for told in (AIGUL.iin, parent.surname, parent.phone))
        assert (
            JournalEntry.objects.filter(model="accounts.user", row=str(parent.pk), kind="READ").count() == 1
        )
    named = page.partition('name="person" value="')[2].partition('"')[0]
    with subtests.test("nobody is ended by a number, by another's page or without a reason"):
        _other, colleague = make_ops("850905499202")
        for who, person in ((client, str(parent.pk)), (client, ""), (colleague, named)):
            answer = who.post("/ops/sessions/", {"act": "end", "person": person, "why": WHY})
            assert answer["Location"] == "/ops/sessions/"
        assert client.post("/ops/sessions/", {"act": "end", "person": named, "why": "жай"}).status_code == 400
        assert client.post("/ops/sessions/", {"act": "find", "iin": "850905499203"}).status_code == 400
        assert all(browser.get("/profile/").status_code == 200 for browser in browsers)
    end = {"act": "end", "person": named, "why": WHY}
    assert client.post("/ops/sessions/", end)["Location"] == "/ops/sessions/"
    with subtests.test("nothing opens any more, but to who signs in anew"):
        assert [browser.get("/profile/").status_code for browser in browsers] == [302, 302, 302]
        assert not SignIn.objects.filter(user=parent).exists()
        sign_in(browsers[0], egov)
        assert browsers[0].get("/profile/").status_code == 200
        assert client.get("/ops/").status_code == 200, "the one who ordered it stays in"
    with subtests.test("it is written down who, when, why and whose"):
        order = Order.objects.get()
        assert (order.by, order.person, order.number, order.why) == (user, parent, 2, WHY)
        entry = JournalEntry.objects.get(model="accounts.order")
        assert entry.facts["person_id"] == parent.pk and entry.said and entry.said["user"] == user.pk
        assert f"№ {parent.pk} адам" in client.get("/ops/orders/").content.decode()


def test_one_browser_holds_one_sign_in(client: Client, egov: Egov, parent: User) -> None:
    """Signed in once more, and after another person: no error, and whose it is is right."""
    egov.people["880120399905"] = Known("880120399905", "Ахметов", "Данияр")
    begun = [start(client) for _ in range(3)]
    for state, iin in zip(begun, (AIGUL.iin, AIGUL.iin, "880120399905"), strict=True):
        assert come_back(client, egov, state, iin=iin).status_code == 302

    other = User.objects.get(iin="880120399905")
    assert [len(signed_in.sittings(one, now=timezone.now())) for one in (parent, other)] == [0, 1]
    for browser, device in (
        (PHONE, Device.PHONE), ("Mozilla/5.0 (iPad; CPU OS 17_5)", Device.TABLET),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Device.COMPUTER), ("curl/8" * 500, Device.OTHER),
    ):  # fmt: skip
        assert signed_in.device_of(browser) is device, browser[:20]


def test_what_is_over_is_cleared_in_portions(parent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(signed_in, "PORTION", 2)
    for number, ends in enumerate((-3, -2, -1, 5)):
        at = now + timedelta(hours=ends)
        Session.objects.create(session_key=f"key{number}", session_data="x", expire_date=at)
        SignIn.objects.create(
            session=f"key{number}", user=parent, at=at - timedelta(hours=12), device="OTHER"
        )

    with CaptureQueriesContext(connection) as asked:
        call_command("clearsessions")

    assert [Session.objects.get().session_key, SignIn.objects.get().session] == ["key3", "key3"]
    assert sum(one["sql"].startswith("DELETE") for one in asked) == 4, "of three rows each, two at a time"
