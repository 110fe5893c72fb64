"""A whole life of applications on real parts, and what of it can be read by those who look after the portal:
in the log, in addresses, in the queue of tasks, in SMS, in the names of files. No number of a person, no
phone, no name, no reason of a refusal (R103, R124).
"""

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection

from accounts import tasks as of_accounts
from applications import tasks
from applications.filing.tests.wizard_cast import jpeg, pdf
from applications.models import Application, Channel, Paper, PaperKind
from applications.status import Status
from notifications import tasks as of_messages
from notifications.models import Message
from tests.privacy.listening import Heard, listening
from tests.privacy.walk import Person, file_online
from tests.sandbox import Sandbox, end, keys_of, start

PARENT, STRANGER, ON_PAPER, UNLUCKY = "Сәрсенова", "Нұрланова", "Оспанова", "Төлегенова"
EXECUTOR, DIRECTOR = "Бекова", "Қасымова"
REASON = "Тіркеу мекенжайы расталмады, анықтаманы қайта әкеліңіз"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def static_root() -> None:
    """WhiteNoise, which the live server starts with, warns when the folder is missing."""
    Path(project.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def sandbox(static_root: None, live_server: Any, tmp_path: Path, settings: Any) -> Iterator[Sandbox]:
    """The state systems beside a portal that answers over HTTP, with the demo's data and keys."""
    process, sandbox = start(tmp_path / "state", portal_url=live_server.url)
    settings.PUBLIC_URL = live_server.url
    settings.EGOV_MOBILE_LINK = f"{sandbox.url}/phone/"
    for name, path in {
        "EGOV_IDP_URL": "/idp", "SMARTBRIDGE_URL": "/shep/bip-sync-wss-gost", "MOBIZON_URL": "/mobizon",
        "OCSP_URL": "/ocsp",
    }.items():  # fmt: skip
        setattr(settings, name, sandbox.url + path)
    for name, value in keys_of(tmp_path / "state").items():
        setattr(settings, name, value)
    settings.EDS_CA_DIR, settings.KEYS_DIR = tmp_path / "state" / "ca", tmp_path / "keys"
    call_command("keys", "ensure", verbosity=0)
    call_command("demo", verbosity=0)
    yield sandbox
    end(process)


@pytest.fixture
def heard(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    with listening(monkeypatch) as heard:
        yield heard


@pytest.fixture
def person(live_server: Any, sandbox: Sandbox, heard: Heard) -> Callable[[str], Person]:
    """By surname, the first of it."""
    people = sandbox.control("GET", "state")["people"]

    def of(surname: str) -> Person:
        iin = next(one["iin"] for one in people if one["surname"] == surname and one["phone"])
        return Person(iin, url=live_server.url, sandbox=sandbox, heard=heard)

    return of


def work() -> None:
    """The worker's ticks, as the worker runs them."""
    for tick in (
        tasks.fetch_medical, tasks.render_papers, tasks.remind_overdue, of_messages.relay,
        of_messages.heartbeat.s("messages"), of_accounts.clear_sessions,
    ):  # fmt: skip
        tick.apply()


def papers_of(name: str) -> dict[str, Any]:
    """Files called as people call them."""
    return {
        "photo": (f"{name} фото.jpg", jpeg()),
        "f065": (f"{name} 065.pdf", pdf()),
        "f052_2": (f"{name} 052.pdf", pdf()),
    }


@pytest.mark.rule("R103", "R124")
def test_no_person_can_be_read_from_what_the_portal_leaves_behind(
    sandbox: Sandbox, heard: Heard, person: Callable[[str], Person]
) -> None:
    parent = person(PARENT)
    enter(parent)
    file_online(parent, "Арман", papers=papers_of("Ахметов Арман 150320"), work=work)
    sign_with_trouble(parent, person(STRANGER).iin)
    executor, director = person(EXECUTOR), person(DIRECTOR)
    refuse(executor, director)
    read_and_apply_again(parent)
    withdraw(parent)
    file_on_paper(executor, person(ON_PAPER), sandbox)
    meet_errors(parent, executor, person(UNLUCKY), sandbox)
    work()
    heard.gather()

    statuses = set(Application.objects.filter(channel=Channel.ONLINE).values_list("status", flat=True))
    assert statuses == {Status.REFUSED, Status.WITHDRAWN}  # everybody got through
    assert Application.objects.latest("pk").status == Status.IN_REVIEW  # and who came with paper
    assert Paper.objects.filter(kind=PaperKind.NOTICE, rendered_at__isnull=False).exists()
    assert {kind for kind, texts in heard.texts.items() if not texts} == {"task"}  # a page publishes nothing
    assert heard.leaks(secrets(sandbox)) == []


def secrets(sandbox: Sandbox) -> set[str]:
    """What may be read nowhere: numbers, phones and names of the whole cast, and the reason."""
    words = {REASON[:20], "7017654321", "Құпия"}
    for one in sandbox.control("GET", "state")["people"]:
        words |= {one["iin"], one["phone"].lstrip("+"), one["surname"], one["name"], one["patronymic"]}
    return {re.escape(word) for word in words if len(word) > 3}


# --- what people do -----------------------------------------------------------------------------------
def enter(parent: Person) -> None:
    """Sign in, consent, a child."""
    parent.sign_in()
    parent.post("/consent/")
    parent.answer_511()
    parent.go("/consent/")
    parent.go("/children/add/")
    parent.post("/children/add/", child=parent.value("child"))
    waiting = parent.at
    parent.answer_511()
    parent.go(waiting)
    parent.post(f"{waiting.partition('?')[0]}confirm/")
    parent.go("/profile/")


def online(**more: Any) -> Application:
    """The parent's; the demo's own queue was filed in person."""
    return Application.objects.get(channel=Channel.ONLINE, **more)


def sign_with_trouble(parent: Person, stranger: str) -> None:
    """First with another person's key, then with one's own."""
    draft = online()
    parent.post(f"/sign/{draft.public_id}/APPLICATION/")
    parent.sign(signer=stranger)
    parent.post(f"/sign/{draft.public_id}/APPLICATION/", fresh="1")
    parent.sign()
    work()


def refuse(executor: Person, director: Person) -> None:
    filed = online()
    own = f"/school/applications/{filed.public_id}/"
    refusal = {"result": "REFUSE", "reason_code": "OTHER", "reason": REASON}
    executor.sign_in()
    executor.go(f"/school/?number={filed.number}")
    executor.go(own)
    executor.post(own + "decision/", result="REFUSE", reason="Құпия")  # too short
    executor.post(own + "decision/", **refusal)
    director.sign_in()
    director.go(own)
    director.post(own + "return/", reason="Құпия: қайта қараңыз")
    executor.post(own + "decision/", **refusal)
    director.post(own + "sign/")
    director.sign(key="org")
    work()


def read_and_apply_again(parent: Person) -> None:
    refused = online()
    parent.go("/messages/")
    assert REASON in parent.text
    for page in ("", "paper/receipt/", "paper/notice/"):
        assert parent.go(f"/applications/{refused.public_id}/{page}").status_code == 200
    for paper in refused.papers.all():
        parent.go(f"/check/{paper.token}/")
    parent.post(f"/applications/{refused.public_id}/reapply/")
    while "/documents/" not in parent.at:
        step = parent.at
        parent.post(step, route="LOCAL", school="", language="kk")
        assert parent.at != step
    parent.go(parent.at)
    parent.post(parent.at, files=papers_of("Құпия"), data_correct="on", external_data="on")
    again = online(status=Status.DRAFT)
    parent.post(f"/sign/{again.public_id}/APPLICATION/")
    parent.sign()


def withdraw(parent: Person) -> None:
    filed = online(status=Status.IN_REVIEW)
    parent.go(f"/applications/{filed.public_id}/withdraw/")
    parent.post(f"/sign/{filed.public_id}/WITHDRAWAL/")
    parent.sign()
    work()


def household(one: Person, sandbox: Sandbox) -> dict[str, str]:
    """Both numbers, as the paper has them."""
    born = next(tie["iin"] for tie in sandbox.person(one.iin)["children"])
    return {"applicant_iin": one.iin, "child_iin": born, "why": "CAME", "consent": "on"}


def file_on_paper(executor: Person, family: Person, sandbox: Sandbox) -> None:
    executor.go("/school/in-person/")
    intake = executor.value("intake")
    executor.post("/school/in-person/", **household(family, sandbox), intake=intake)
    executor.post(
        executor.at, intake=intake, extra_phone="8 701 765 43 21", applicant_phone="8 701 765 43 21"
    )
    if "/transport/" in executor.at:
        executor.post(executor.at)
    scan = {"scan": ("Құпия өтінім.pdf", pdf())} | papers_of("Құпия")
    executor.post(executor.at, files=scan, data_correct="on")
    executor.post(executor.at, shown=executor.value("shown"))
    work()


def meet_errors(parent: Person, executor: Person, family: Person, sandbox: Sandbox) -> None:
    """What is not there, what is refused, what is broken, and what state systems do on a bad day."""
    filed = Application.objects.filter(status=Status.IN_REVIEW).latest("pk")
    assert parent.go(f"/school/applications/{filed.public_id}/").status_code == 404
    assert parent.go(f"/applications/{uuid.uuid4()}/").status_code == 404
    forged = {"applicant_iin": family.iin, "reason": REASON}
    assert parent.go("/school/in-person/", "POST", data=forged).status_code == 403  # no CSRF token
    for service in ("medical", "sms", "person", "children"):
        sandbox.fault(service, "fail")
    executor.go("/school/in-person/")
    intake = {"intake": executor.value("intake")}
    assert executor.post("/school/in-person/", **household(family, sandbox), **intake).status_code == 503
    parent.go("/children/add/")
    Message.objects.filter(channel="SMS").update(state="PENDING", attempts=7)
    work()
    sandbox.repair()
    with broken_table("accounts_user"):
        answer = executor.post("/school/in-person/", **household(family, sandbox), **intake)
        assert answer.status_code == 500
    parent.go("/login/denied/")
    parent.go(f"/auth/egov/?code={family.iin[:2]}x&state=unknown")
    parent.post("/logout/")


class broken_table:
    """PostgreSQL refuses every new row, and tells the whole row in its error."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")  # the owner's work
            cursor.execute(f"ALTER TABLE {self.table} ADD CONSTRAINT nobody CHECK (false) NOT VALID")
            cursor.execute("SET ROLE oqu_portal")

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"ALTER TABLE {self.table} DROP CONSTRAINT nobody")
            cursor.execute("SET ROLE oqu_portal")
