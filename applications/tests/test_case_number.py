"""The number that is told 1414 (D75): on every page that refuses, and in the log's line of that request."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from accounts import speaker
from accounts.models import User
from applications.models import Application, Purpose, RefusalReason, Result
from applications.obstacles import PAGES
from applications.public.hurdles import HURDLES
from applications.signing import batches
from applications.signing.tests.bulk_cast import Desk
from applications.status import Status
from applications.tests.cast import complete
from egov.tests.eds_cast import Pki
from oqu.middleware import Cases
from schools.models import MicrodistrictAddress
from tests.at_work import at_work
from tests.test_logs import Ear

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D75")]
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
TOLD = re.compile(r'<b class="nowrap">(\d{4})\xa0(\d{4})</b>')
PACKED = re.compile(r'<script type="text/html">.*?</script>', re.DOTALL)
FAILING = {"/defect/": 500, "/database/": 503, "/large/": 413, "/odd/": 400, "/no/such/page/": 404}


@pytest.fixture
def log() -> Iterator[Ear]:
    hearing = Ear()
    logging.getLogger().addHandler(hearing)
    yield hearing
    logging.getLogger().removeHandler(hearing)


def told(page: str) -> set[str]:
    return {"".join(groups) for groups in TOLD.findall(page)}


def heard(log: Ear, case: str) -> list[dict[str, Any]]:
    """The lines that whoever is told the case finds by it."""
    return [line for line in log.lines if line.get("case") == case]


@override_settings(ROOT_URLCONF="tests.test_ui_errors")
@pytest.mark.filterwarnings("ignore")
def test_error_page_tells_the_case_of_its_line(log: Ear, subtests: Any) -> None:
    for address, status in FAILING.items():
        with subtests.test(address):
            answer = Client(raise_request_exception=False).get(address)
            page = answer.content.decode()
            (case,) = told(page)
            lines = heard(log, case)
            assert (answer.status_code, answer.headers["X-Case"]) == (status, case)
            assert len(TOLD.findall(page)) == 2  # in both languages
            assert lines and {line["request"] for line in lines} == {answer.headers["X-Request-ID"]}
            assert page.count('href="/help/"') == 2


def test_script_is_told_the_case_of_a_refusal_alone() -> None:
    """Also of what a middleware refuses: a form whose token is of an earlier sign-in."""
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.post(reverse("accounts:extend"), headers={"accept": "application/json"})

    assert (page.status_code, {page.headers["X-Case"]}) == (403, told(page.content.decode()))
    assert "X-Case" not in visitor.get(reverse("public:help")).headers


def test_refusal_of_the_wizard_tells_its_case(
    make_application: Callable[..., Application], parent: User, client: Client, now: datetime,
    log: Ear,
    subtests: Any,
) -> None:  # fmt: skip
    client.force_login(parent)
    with time_machine.travel(now, tick=False):
        draft = complete(make_application(), now=now)
        batch = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now).batch
    late = now + timedelta(minutes=10)
    with time_machine.travel(late, tick=False), subtests.test("a signature that is too late"):
        answer = client.get(reverse("signing:page", args=[batch.token]) + "?way=qr")
        (case,) = told(answer.content.decode())
        assert answer.status_code == 200
        assert [line["message"] for line in heard(log, case)] == ["signing:page has told its case"]
    with time_machine.travel(now, tick=False), subtests.test("filed meanwhile"):
        filed = {"submitted_at": now, "received_at": now, "due_at": now}
        Application.objects.filter(pk=draft.pk).update(status=Status.IN_REVIEW, **filed)
        answer = client.post(reverse("filing:step", args=[draft.public_id, "child"]))
        (case,) = told(answer.content.decode())
        assert answer.status_code == 409
        assert [line["logger"] for line in heard(log, case)] == ["django.request"]


def test_every_obstacle_and_error_page_is_of_the_frame_that_tells_it() -> None:
    for name in PAGES.values():
        source = (TEMPLATES / name).read_text()
        assert source.startswith('{% extends "obstacles/_page.html" %}')
        assert "block main" not in source
    frame = (TEMPLATES / "_components" / "error_page.html").read_text()
    assert frame.count("{{ case }}") == 2
    assert (TEMPLATES / "base.html").read_text().count(Cases.PLACE.decode()) == 1


def test_words_that_refuse_end_with_the_case(
    at_home: Client, make_application: Callable[..., Application], director: User, now: datetime, log: Ear,
    subtests: Any,
) -> None:  # fmt: skip
    refused = make_application(Status.REFUSED)
    with subtests.test("a message of the page before"):
        answer = at_home.get(reverse("cabinet:appeal", args=[refused.public_id]), follow=True)
        assert len(told(answer.content.decode())) == 1
    _refuse(refused, director, at=now - timedelta(days=200))
    pages = {  # each with its status, and what opens it
        "no school for the address": (200, "filing:step", ("way",), "filing"),
        "not withdrawn": (409, "cabinet:withdraw", (), "closed"),
        "too late for an appeal": (200, "cabinet:appeal", (), "closed"),
    }
    MicrodistrictAddress.objects.all().delete()
    draft = make_application()
    for name, (status, address, more, whose) in pages.items():
        with subtests.test(name):
            application = draft if whose == "filing" else refused
            answer = at_home.get(reverse(address, args=[application.public_id, *more]))
            (case,) = told(answer.content.decode())
            assert (answer.status_code, len(heard(log, case))) == (status, 1)
    with subtests.test("nothing is refused"):
        answer = at_home.get(reverse("cabinet:application", args=[refused.public_id]))
        assert told(answer.content.decode()) == set()


def test_case_that_only_a_script_may_show_is_not_yet_told(
    make_application: Callable[..., Application], executor: User, director: User, now: datetime, pki: Pki,
    undrawn: None, log: Ear,
    subtests: Any,
) -> None:  # fmt: skip
    """The page of who waits for the drawing holds words of its silence, packed until they are true."""
    with time_machine.travel(now, tick=False):
        at_work(now=now)
        desk = Desk(make_application, executor, director, now)
        desk.client.force_login(director)
        address = reverse("signing:page", args=[desk.order(desk.proposed(), desk.proposed()).token])
        for warned in (False, True):
            with subtests.test("a warning waits" if warned else "nothing is refused"):
                if warned:
                    desk.client.get(reverse("review:bulk"))  # nothing was ticked
                log.lines.clear()
                page = desk.client.get(address).content.decode()
                assert "data-oqu-silence hidden" in page
                assert len(told(PACKED.sub("", page))) == warned
                assert [line["message"] for line in log.lines if "told its case" in line["message"]] == (
                    ["signing:page has told its case"] if warned else []
                )


def _refuse(application: Application, director: User, *, at: datetime) -> None:
    application.decisions.create(
        result=Result.REFUSE, reason_code=RefusalReason.OTHER, reason="x", prepared_by=director,
        prepared_at=at, signed_by=director, signed_at=at,
    )  # fmt: skip


NOTICE = re.compile(r"notice--(?:error|warning|\{)")
# Templates whose warnings refuse nothing, by what they are about.
TELL = {
    "what will be lost or changed": {
        "ops/person.html", "review/lift_protection.html", "review/_seats_effect.html", "keepers/_effect.html",
        "schools/staff/_ends.html",
    },
    "what somebody else has done or asks for": {
        "ops/queue.html", "ops/system.html", "ops/page.html", "obstacles/_changes.html",
        "schools/catalogue/school.html", "cabinet/supplement.html", "cabinet/_supplements.html",
        "cabinet/_corrections.html", "cabinet/application.html", "review/appeal.html",
        "filing/_address_request.html", "cabinet/shared.html",
    },
    "what to look at, or what is missing": {
        "review/_facts.html", "review/_documents.html", "review/_withdrawal.html", "review/application.html",
        "review/_unreached.html", "review/bulk.html", "keepers/school.html", "filing/_upload.html",
        "filing/review.html", "filing/_applicant.html", "schools/staff/people.html", "accounts/_reach.html",
    },
    "an answer to a visitor, who has asked for nothing else": {
        "public/before/_no_school.html", "public/before/_age.html", "schools/_full.html",
        "schools/_window.html", "papers/check/_verdict.html", "papers/check/_finding.html",
        "accounts/waiting.html",
    },
    "what a program on the person's own machine has done": {"signing/eds.html"},
    "the answer's status says it": {
        "ops/_overtaken.html", "cabinet/withdraw.html", "review/correct.html", "review/_decision.html",
        "review/protections.html", "keepers/draft.html", "keepers/_stale.html", "notifications/settings.html",
        "filing/_stale.html", "schools/catalogue/data.html", "accounts/profile.html", "accounts/ways.html",
    },
}  # fmt: skip


def test_each_warning_says_whether_it_refuses() -> None:
    pages = {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in TEMPLATES.rglob("*.html")}
    silent = {
        name
        for name, page in pages.items()
        if NOTICE.search(page) and not re.search(r"\{% (?:refuses|case_number) %\}", page)
    }

    assert silent == set().union(*TELL.values())


def test_case_is_the_requests_and_tells_nothing_else() -> None:
    speaker.number("0f1e2d3c4b5a69780f1e2d3c4b5a6978")
    first, again = speaker.case_number(), speaker.case_number()
    speaker.number("abcdef01abcdef01abcdef01abcdefab")
    few = speaker.case_number()
    speaker.number(None)

    assert first == again == "01234569"
    assert few == "00000000"
    assert speaker.case_number() == speaker.case_in_groups() == ""


def test_help_has_the_ten_commonest_hurdles_in_both_languages(client: Client, subtests: Any) -> None:
    assert len({hurdle.name for hurdle in HURDLES}) == len(HURDLES) == 10
    for language, words in {"kk": "Қол қойыңыз", "ru": "Подпишите"}.items():
        with subtests.test(language):
            answer = client.get("/help/", headers={"accept-language": language})
            page = answer.content.decode()
            assert all(f'<details class="disclosure" id="{hurdle.name}">' in page for hurdle in HURDLES)
            assert page.count('role="img"') == sum(bool(hurdle.picture) for hurdle in HURDLES)
            assert f">{words}</text>" in page
            assert "public" in answer.headers["Cache-Control"]


def test_links_to_help_lead_to_a_hurdle() -> None:
    names = {hurdle.name for hurdle in HURDLES}
    linked = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"\{% url 'public:help' %\}#([\w-]+)", path.read_text())
    }

    assert linked and linked <= names
