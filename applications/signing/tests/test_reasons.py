"""One refusal has one reason: on the page, on the phone and in the result, whoever signs and with what."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Consent, ConsentStatus, User
from applications import lifecycle
from applications.eligibility import Code
from applications.hands import Bar
from applications.models import Application, Route, SigningBatch, SigningState
from applications.signing import batches, completion, reasons
from applications.signing.reasons import PASSING, Outcome, Reason
from applications.signing.tests.bulk_cast import REFUSAL, Desk, outcomes, package, put, signed
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from egov.eds import Refusal
from egov.tests.eds_cast import PARENT, Pki
from sandbox import kalkan
from schools.models import Intake, Period
from tests.environment import undone

pytestmark = pytest.mark.usefixtures("undrawn")

EDS, QR = "eds", "qr"
ENDS = (Outcome.SIGNED,)  # of a document that is signed: no reason of a refusal


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    desk = Desk(make_application, executor, director, now)
    desk.client.force_login(director)
    return desk


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def url(name: str, batch: SigningBatch) -> str:
    return reverse(f"signing:{name}", args=[batch.token])


def begin(client: Client, draft: Application) -> SigningBatch:
    assert client.post(reverse("filing:sign", args=[draft.public_id])).status_code == 302
    return SigningBatch.objects.latest("pk")


def parents(pki: Pki, batch: SigningBatch) -> list[bytes]:
    return [pki.sign(PARENT, data=batches.payload_of(one)) for one in batch.signing_requests.all()]


def heard(answer: Any) -> str:
    body = json.loads(answer.content)
    assert body["code"] == str(answer.status_code)
    return str(body["message"])


def said(reason: Reason) -> str:
    """As the phone says it."""
    return f"{str(ADVICE[reason].reason).rstrip('.')}. {ADVICE[reason].remedy}"


def send(client: Client, batch: SigningBatch, way: str, body: Any, cms: list[bytes]) -> Any:
    if way == QR:
        return put(batch, body)
    texts = [kalkan.armour(one) for one in cms]
    return client.post(url("complete", batch), {"cms": texts}, follow=True)


# --- the codes ---------------------------------------------------------------------------------------
def test_no_two_kinds_of_reasons_share_a_code() -> None:
    """Once the end of a region's dates and the end of a signing request were both CLOSED."""
    assert len({str(reason) for reason in reasons.ALL}) == len(reasons.ALL)
    assert all(reasons.read(str(reason)) is reason for reason in reasons.ALL)
    assert reasons.read("") is None


@pytest.mark.parametrize("reason", reasons.ALL)
def test_every_reason_has_its_sentence_and_a_way_on(reason: Reason) -> None:
    told = {}
    for language in ("kk", "ru"):
        with translation.override(language):
            told[language] = (str(ADVICE[reason].reason), str(ADVICE[reason].remedy))

    assert all(told["kk"]) and all(told["ru"])
    assert not set(told["kk"]) & set(told["ru"])
    assert set(ADVICE) == set(reasons.ALL)


# --- whatever the reason, it is told alike -----------------------------------------------------------
def give(monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
    monkeypatch.setattr(completion, "_try", lambda *_given, **_named: reason)


@pytest.mark.parametrize("way", [EDS, QR])
def test_parent_hears_one_reason_everywhere(
    client: Client, parent: User, draft: Application, pki: Pki, monkeypatch: Any, way: str,
    subtests: pytest.Subtests,
) -> None:  # fmt: skip
    client.force_login(parent)
    batch = begin(client, draft)
    cms = parents(pki, batch)
    body = package(batch, cms)
    for reason in (one for one in reasons.ALL if one not in ENDS):
        give(monkeypatch, reason)
        with subtests.test(reason=str(reason)), undone():
            _parent_hears(client, batch, reason, way, body, cms)


def _parent_hears(
    client: Client, batch: SigningBatch, reason: Reason, way: str, body: Any, cms: list[bytes]
) -> None:
    answer = send(client, batch, way, body, cms)

    if way == QR:
        assert (answer.status_code, heard(answer)) == (503 if reason in PASSING else 403, said(reason))
        assert heard(put(batch, body)) == said(reason)
    page = text(client.get(url("page", batch)))
    assert str(ADVICE[reason].reason) in page and str(ADVICE[reason].remedy) in page
    if reason not in PASSING:  # else it is open, and the phone is given the document again
        bearer = {"authorization": f"Bearer {batch.auth_token}"}
        for name in ("mobile", "mobile_documents"):
            assert heard(Client().get(url(name, batch), headers=bearer)) == said(reason)


@pytest.mark.parametrize("way", [EDS, QR])
def test_director_hears_one_reason_everywhere(
    desk: Desk, pki: Pki, monkeypatch: pytest.MonkeyPatch, way: str, subtests: pytest.Subtests
) -> None:
    """Beside each of two documents; of a single one its page tells, as it tells the parent."""
    batch = desk.invite(desk.proposed(), desk.proposed())
    cms = signed(pki, batch)
    body = package(batch, cms)
    for reason in (*Refusal, *Bar, *(one for one in Outcome if one not in ENDS)):
        give(monkeypatch, reason)
        with subtests.test(reason=str(reason)), undone():
            answer = send(desk.client, batch, way, body, cms)

            if way == QR:
                assert heard(answer).endswith(said(reason))
            page = text(desk.client.get(url("result", batch)))
            assert page.count(str(ADVICE[reason].reason)) == 2
            assert page.count(str(ADVICE[reason].remedy)) >= 2


# --- the reasons that come from elsewhere while somebody signs ---------------------------------------
def period_over(draft: Application, _stranger: User) -> None:
    Period.objects.filter(opens__lte=date(2026, 6, 9)).update(closes=date(2026, 6, 9))


def other_parent_first(draft: Application, stranger: User) -> None:
    row = Application.objects.get(pk=draft.pk)
    row.pk, row.applicant, row.number, row.status = None, stranger, "2026-999999", Status.IN_REVIEW
    row.public_id = uuid4()
    row.submitted_at = row.received_at = row.due_at = draft.data_correct_at
    row.save(force_insert=True)


def consent_revoked(_draft: Application, _stranger: User) -> None:
    Consent.objects.exclude(child=None).update(status=ConsentStatus.DENIED)


def place_gone(_draft: Application, _stranger: User) -> None:
    Intake.objects.update(held_outside=F("outside_limit"))


def filed_in_another_window(draft: Application, _stranger: User) -> None:
    now = draft.data_correct_at
    assert now is not None
    lifecycle.act(evidence_of(draft, "APPLICATION", by=draft.applicant, now=now), now=now)


@pytest.mark.rule("D4", "R52", "R75")
@pytest.mark.parametrize("way", [EDS, QR])
@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (period_over, Code.CLOSED),
        (other_parent_first, Code.ACTIVE),
        (consent_revoked, Code.CONSENT),
        (place_gone, Code.OUTSIDE_FULL),
        (filed_in_another_window, Outcome.FILED),
    ],
)
def test_parent_hears_what_has_come_in_between(
    client: Client, parent: User, stranger: User, draft: Application, pki: Pki, happens: Any, reason: Reason,
    way: str,
) -> None:  # fmt: skip
    route = Route.OUTSIDE if happens is place_gone else Route.LOCAL
    client.force_login(parent)
    Application.objects.filter(pk=draft.pk).update(route=route)
    if route == Route.OUTSIDE:
        draft.chosen_intake.school.addresses.all().delete()
    batch = begin(client, draft)
    cms = parents(pki, batch)
    body = package(batch, cms)
    happens(draft, stranger)

    answer = send(client, batch, way, body, cms)

    assert outcomes(batch) == [(SigningState.FAILED, reason)]
    told = heard(answer) if way == QR else text(answer)
    assert (said(reason) if way == QR else str(ADVICE[reason].reason)) in told
    assert str(ADVICE[reason].reason) in text(client.get(url("page", batch)))


def withdrawn(desk: Desk, application: Application) -> None:
    evidence = evidence_of(application, "WITHDRAWAL", by=application.applicant, now=desk.now)
    lifecycle.act(evidence, now=desk.now)


def decided(desk: Desk, application: Application) -> None:
    decision = application.decisions.get()
    evidence = evidence_of(application, "DECISION", by=desk.director, now=desk.now, decision=decision)
    lifecycle.act(evidence, now=desk.now)


def returned(desk: Desk, application: Application) -> None:
    lifecycle.return_to_executor(application, by=desk.director, reason="Түзетіңіз", now=desk.now)


def replaced(desk: Desk, application: Application) -> None:
    lifecycle.prepare(application, by=desk.director, now=desk.now, **REFUSAL)


def post_lost(desk: Desk, _application: Application) -> None:
    desk.director.posts.all().delete()


def own_child(desk: Desk, application: Application) -> None:
    desk.director.guardianships.create(child=application.child)


def all_their_own(desk: Desk, application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(filed_by=desk.director)
    application.decisions.update(prepared_by=desk.director)


@pytest.mark.rule("R108", "R112", "D39")
@pytest.mark.parametrize("way", [EDS, QR])
@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (withdrawn, Outcome.WITHDRAWN),
        (decided, Outcome.DECIDED),
        (returned, Outcome.RETURNED),
        (replaced, Outcome.REPLACED),
        (post_lost, Refusal.NO_POST),
        (own_child, Bar.OWN_CHILD),
        (all_their_own, Bar.ALONE),
    ],
)
def test_director_hears_what_has_come_in_between(
    desk: Desk, pki: Pki, happens: Any, reason: Reason, way: str
) -> None:
    application = desk.proposed()
    batch = desk.invite(application)
    cms = signed(pki, batch)
    body = package(batch, cms)
    happens(desk, application)

    answer = send(desk.client, batch, way, body, cms)

    if reason == Refusal.NO_POST and way == EDS:  # the school's pages are not theirs any more
        assert (answer.status_code, outcomes(batch)) == (404, [(SigningState.OPEN, "")])
        return
    assert outcomes(batch) == [(SigningState.FAILED, reason)]
    told = heard(answer) if way == QR else text(answer)
    assert (said(reason) if way == QR else str(ADVICE[reason].reason)) in told
    if reason != Refusal.NO_POST:
        assert str(ADVICE[reason].reason) in text(desk.client.get(url("page", batch)))


@pytest.mark.parametrize("way", [EDS, QR])
def test_request_that_ran_out_says_so(
    client: Client, parent: User, draft: Application, pki: Pki, clock: Any, now: datetime, way: str
) -> None:
    client.force_login(parent)
    batch = begin(client, draft)
    cms = parents(pki, batch)
    body = package(batch, cms)
    clock.move_to(now + timedelta(minutes=7))

    answer = send(client, batch, way, body, cms)

    told = heard(answer) if way == QR else text(answer)
    assert (said(Refusal.TOO_LATE) if way == QR else str(ADVICE[Refusal.TOO_LATE].reason)) in told
    assert heard(Client().get(url("mobile", batch))) == said(Refusal.TOO_LATE)


def test_phone_that_comes_after_the_signature_hears_that_it_is_there(
    client: Client, parent: User, draft: Application, pki: Pki
) -> None:
    client.force_login(parent)
    batch = begin(client, draft)
    assert put(batch, package(batch, parents(pki, batch))).status_code == 200

    assert heard(Client().get(url("mobile", batch))) == said(Outcome.SIGNED)


@pytest.mark.parametrize("way", [EDS, QR])
def test_draft_deleted_in_the_meantime_is_nowhere_told_to_be_signed(
    client: Client, parent: User, draft: Application, pki: Pki, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    client.force_login(parent)
    batch = begin(client, draft)
    cms = parents(pki, batch)
    body = package(batch, cms)

    def deleted(*_given: Any, **_named: Any) -> Reason:
        Application.objects.filter(pk=draft.pk).delete()
        return Outcome.NOT_ALLOWED

    monkeypatch.setattr(completion, "_try", deleted)

    assert send(client, batch, way, body, cms).status_code == 404


def test_obstacle_that_is_another_one_today_does_not_hide_the_reason(
    client: Client, parent: User, draft: Application, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(parent)
    batch = begin(client, draft)
    cms = parents(pki, batch)
    give(monkeypatch, Code.SCHOOL_FULL)
    send(client, batch, EDS, None, cms)
    Consent.objects.exclude(child=None).update(status=ConsentStatus.DENIED)

    page = text(client.get(url("page", batch)))

    assert str(ADVICE[Code.SCHOOL_FULL].reason) in page
