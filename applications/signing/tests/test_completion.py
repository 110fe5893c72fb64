"""What becomes of a signing request: done, refused for good or open still, and what its row says of it."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts import outside
from accounts.models import Trouble, User
from accounts.security import Event
from applications import holding, lifecycle
from applications.eligibility import Blocked, Code
from applications.models import Application, Method, Purpose, SigningBatch, SigningRequest, SigningState
from applications.signing import batches, completion, originals, reasons
from applications.signing.batches import Wanted
from applications.signing.reasons import Outcome
from applications.status import Status
from applications.tests.cast import complete, drawn
from egov.eds import Refusal, SignatureRefused, Unrevoked
from egov.errors import Misconfigured, Unavailable
from egov.tests.eds_cast import PARENT, Pki
from schools import seats

OPEN, DONE = SigningState.OPEN, SigningState.DONE
FAILED, CANCELLED = SigningState.FAILED, SigningState.CANCELLED
MINUTE = timedelta(minutes=1)
CMS = base64.b64encode(b"a signature").decode()


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def batch(draft: Application, parent: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> SigningBatch:
    """To sign an application and a withdrawal: no page asks for both at once, a batch may."""
    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, lambda _one: b"%PDF-"))
    wanted = [Wanted.of(draft, purpose) for purpose in (Purpose.APPLICATION, Purpose.WITHDRAWAL)]
    return drawn(batches.open_batch(wanted, by=parent, now=now), now=now)


@pytest.fixture
def one(batch: SigningBatch) -> SigningRequest:
    return completion.requests_of(batch)[0]


def row(signing_request: SigningRequest) -> tuple[str, str, datetime | None]:
    kept = SigningRequest.objects.get(pk=signing_request.pk)
    return kept.state, kept.error, kept.finished_at


def ends(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> list[SigningRequest]:
    """Whatever is sent, it ends like this; the requests that were acted on."""
    acted: list[SigningRequest] = []

    def act(signing_request: SigningRequest, **_more: Any) -> None:
        acted.append(signing_request)
        if error:
            raise error

    monkeypatch.setattr(completion, "complete_signing", act)
    return acted


def send(signing_request: SigningRequest, now: datetime, cms: str = CMS) -> str:
    return completion.complete(signing_request, cms=cms, method=Method.EDS, now=now)


@pytest.mark.parametrize(
    ("error", "reason", "state"),
    [
        (SignatureRefused(Refusal.EXPIRED), Refusal.EXPIRED, FAILED),
        (Blocked(Code.CONSENT), Code.CONSENT, FAILED),
        (seats.OutsideFull(7), Code.OUTSIDE_FULL, FAILED),
        (seats.SchoolFull(7), Code.SCHOOL_FULL, FAILED),
        (lifecycle.NotAllowed(), Outcome.NOT_ALLOWED, FAILED),
        (holding.Busy(), Outcome.BUSY, OPEN),
        (Unavailable("ncanode", "HTTP 500"), Outcome.UNAVAILABLE, OPEN),
        (Misconfigured("ncanode", "HTTP 403"), Outcome.UNAVAILABLE, OPEN),
    ],
)
def test_every_end_has_its_reason_and_leaves_open_what_may_come_again(
    one: SigningRequest,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    reason: str,
    state: str,
) -> None:
    ends(monkeypatch, error)

    assert send(one, now) == reason
    assert row(one) == (state, reason, None if state == OPEN else now)
    troubles = list(Trouble.objects.values_list("system", flat=True))
    assert troubles == (["ncanode"] if isinstance(error, Unavailable) else [])


@pytest.mark.parametrize(("place", "purpose"), [(0, "APPLICATION"), (1, "WITHDRAWAL")])
def test_refusal_is_an_event_for_whoever_watches_over_the_portal(
    batch: SigningBatch, now: datetime, monkeypatch: pytest.MonkeyPatch, place: int, purpose: str
) -> None:
    ends(monkeypatch, SignatureRefused(Refusal.REVOKED))
    heard: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr("accounts.security.happened", lambda event, **facts: heard.append((event, facts)))

    send(completion.requests_of(batch)[place], now)

    facts = {"purpose": purpose, "method": "EDS", "reason": "REVOKED"}
    assert heard == [(Event.SIGNATURE_REFUSED, facts)]
    assert all(type(fact) is str for fact in heard[0][1].values())  # as the log writes it


def test_what_is_no_signature_at_all_is_told_apart(
    one: SigningRequest, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted = ends(monkeypatch, None)

    assert send(one, now, cms="") == Outcome.MISSING
    SigningRequest.objects.update(state=OPEN)
    assert send(one, now, cms="?") == Refusal.MALFORMED
    assert acted == []


def test_good_signature_is_acted_on_and_shows_that_its_judge_works(
    one: SigningRequest, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was asked by us here, so it was NCANode."""
    acted = ends(monkeypatch, None)
    outside.failed(Unavailable("ncanode", "HTTP 500"), now=now)

    assert send(one, now) == ""
    assert acted == [one]
    assert not Trouble.objects.exists()


@pytest.mark.parametrize(
    ("state", "error", "said"),
    [
        (DONE, "", ""),
        (FAILED, "EXPIRED", Refusal.EXPIRED),
        (CANCELLED, "CANCELLED", Outcome.CANCELLED),
        (FAILED, "", Outcome.NOT_ALLOWED),
        (FAILED, "of a former release", Outcome.NOT_ALLOWED),
    ],
)
def test_copy_of_an_answer_hears_what_the_first_has_heard(
    one: SigningRequest, now: datetime, monkeypatch: pytest.MonkeyPatch, state: str, error: str, said: str
) -> None:
    acted = ends(monkeypatch, None)
    one.state, one.error = SigningState(state), error

    assert send(one, now) == said
    assert acted == []
    assert row(one) == (OPEN, "", None)


def test_copy_that_was_overtaken_by_the_other_is_no_failure(
    one: SigningRequest, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quicker(signing_request: SigningRequest, **_more: Any) -> None:
        SigningRequest.objects.filter(pk=signing_request.pk).update(state=DONE, finished_at=now)
        raise lifecycle.NotAllowed

    monkeypatch.setattr(completion, "complete_signing", quicker)

    assert send(one, now + MINUTE) == ""
    assert row(one) == (DONE, "", now)


def test_another_document_that_is_done_hides_no_failure(
    batch: SigningBatch, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = completion.requests_of(batch)
    SigningRequest.objects.filter(pk=second.pk).update(state=DONE)
    ends(monkeypatch, lifecycle.NotAllowed())

    assert send(first, now) == Outcome.NOT_ALLOWED
    assert (row(first)[0], row(second)[0]) == (FAILED, DONE)


def test_move_that_is_not_allowed_is_told_by_what_came_in_between(
    one: SigningRequest, draft: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, lifecycle.NotAllowed())
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW, number="2026-000009", submitted_at=now, received_at=now, due_at=now
    )

    assert send(one, now) == Outcome.FILED


def test_what_came_in_between_is_that_documents_own(
    batch: SigningBatch, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft may be filed, and there is nothing to withdraw."""
    ends(monkeypatch, lifecycle.NotAllowed())

    said = [send(one, now) for one in completion.requests_of(batch)]

    assert said == [Outcome.NOT_ALLOWED, Outcome.WITHDRAWAL_OVER]


def test_request_that_is_gone_is_told_plainly(
    one: SigningRequest, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(monkeypatch, lifecycle.NotAllowed())
    SigningRequest.objects.all().delete()

    assert send(one, now) == Outcome.NOT_ALLOWED


def test_first_reason_stays_the_reason(one: SigningRequest, now: datetime, monkeypatch: Any) -> None:
    ends(monkeypatch, SignatureRefused(Refusal.EXPIRED))
    again = SigningRequest.objects.get(pk=one.pk)
    send(one, now)
    ends(monkeypatch, SignatureRefused(Refusal.REVOKED))

    send(again, now + MINUTE)

    assert row(one) == (FAILED, Refusal.EXPIRED, now)


def test_refusal_on_the_phone_ends_what_is_open_and_nothing_else(batch: SigningBatch, now: datetime) -> None:
    first, second = completion.requests_of(batch)
    SigningRequest.objects.filter(pk=first.pk).update(state=DONE)

    completion.cancel(batch, now=now)
    completion.cancel(batch, now=now + MINUTE)

    assert row(first) == (DONE, "", None)
    assert row(second) == (CANCELLED, Outcome.CANCELLED, now)


def test_signature_is_acted_on_once(
    one: SigningRequest, draft: Application, pki: Pki, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined: list[dict[str, Any]] = []

    def examine(signing_request: SigningRequest, **more: Any) -> SigningRequest:
        examined.append({"one": signing_request, **more})
        return signing_request

    monkeypatch.setattr(batches, "examine", examine)
    acted: list[Any] = []
    monkeypatch.setattr(lifecycle, "act", lambda evidence, *, now: acted.append((evidence, now)))
    asked: dict[str, Any] = {
        "cms": b"cms",
        "method": Method.QR,
        "now": now,
        "ask": lambda *_about: Unrevoked(),
    }

    completion.complete_signing(one, **asked)
    assert acted == [(one, now)]
    assert examined == [{"one": one, **asked}]
    one.state = DONE
    assert completion.complete_signing(one, **asked) == draft
    assert len(examined) == 1


# --- a whole answer ----------------------------------------------------------------------------------
@pytest.fixture
def two(batch: SigningBatch, monkeypatch: pytest.MonkeyPatch) -> list[SigningRequest]:
    """Of a batch in which nothing was overtaken."""
    monkeypatch.setattr("applications.signing.overtaken.reasons", lambda *_asked, **_more: {})
    return completion.requests_of(batch)


def hears(monkeypatch: pytest.MonkeyPatch, *said: str) -> list[dict[str, Any]]:
    """What each document ends with, one after another; what was asked about it."""
    left, asked = list(said), []

    def answer(signing_request: SigningRequest, **more: Any) -> str:
        asked.append({"pk": signing_request.pk, **more})
        return left.pop(0)

    monkeypatch.setattr(completion, "complete", answer)
    return asked


def send_all(batch: SigningBatch, now: datetime, answers: dict[int, str]) -> list[SigningRequest]:
    return completion.complete_all(batch, answers, method=Method.QR, now=now)


def test_each_document_is_judged_by_its_own_signature_and_one_question(
    batch: SigningBatch, two: list[SigningRequest], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hears(monkeypatch, Refusal.EXPIRED, "")

    found = send_all(batch, now, {two[1].pk: "second"})

    assert found == two
    assert [(each["pk"], each["cms"]) for each in asked] == [(two[0].pk, ""), (two[1].pk, "second")]
    assert {(each["method"], each["now"]) for each in asked} == {(Method.QR, now)}
    assert asked[0]["ask"] is asked[1]["ask"]


@pytest.mark.parametrize(("reason", "asked"), [(Outcome.UNAVAILABLE, 1), (Outcome.BUSY, 2)])
def test_silence_is_not_waited_for_twice(
    batch: SigningBatch, two: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, reason: str, asked: int
) -> None:
    """Of a busy school the next document may be another's."""
    heard = hears(monkeypatch, reason, "")

    send_all(batch, now, {})

    assert len(heard) == asked
    assert row(two[1]) == (OPEN, reason if asked == 1 else "", None)


@pytest.mark.parametrize(("second", "taken"), [(25.0, True), (25.5, False)])
def test_rest_is_left_when_time_runs_out(
    batch: SigningBatch, two: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, second: float, taken: bool
) -> None:
    heard = hears(monkeypatch, "", "")
    clock = iter([0.0, 0.0, second])
    monkeypatch.setattr(completion, "monotonic", lambda: next(clock))

    send_all(batch, now, {})

    assert len(heard) == (2 if taken else 1)
    assert row(two[1]) == (OPEN, "" if taken else Outcome.BUSY, None)


def test_document_that_was_overtaken_is_not_judged(
    batch: SigningBatch, two: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = hears(monkeypatch, "")
    seen: list[Any] = []

    def overtaken(open_ones: list[SigningRequest], *, now: datetime) -> dict[int, reasons.Reason]:
        seen.append((open_ones, now))
        return {two[0].pk: Outcome.FILED}

    monkeypatch.setattr("applications.signing.overtaken.reasons", overtaken)

    found = send_all(batch, now, {})

    assert seen == [(two, now)]
    assert [each["pk"] for each in heard] == [two[1].pk]
    assert row(two[0]) == (FAILED, Outcome.FILED, now)
    assert [one.state for one in found] == [FAILED, OPEN]  # as they are afterwards


def test_what_is_over_is_not_touched_again(
    batch: SigningBatch, two: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    SigningRequest.objects.filter(pk=two[0].pk).update(state=FAILED, error=Refusal.EXPIRED)
    heard = hears(monkeypatch, "")

    send_all(batch, now, {})

    assert [each["pk"] for each in heard] == [two[1].pk]
    assert row(two[0]) == (FAILED, Refusal.EXPIRED, None)


def test_documents_come_with_all_that_judging_them_needs(
    batch: SigningBatch, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        for one in completion.requests_of(batch):
            assert (one.user.iin, one.application.child.pk, one.decision) == (
                PARENT.iin,
                one.application.child_id,
                None,
            )
            assert one.application.intake is None or one.application.intake.school


# --- the obstacle behind a reason, today --------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "today", "stands"),
    [
        (Code.CONSENT, Code.CONSENT, True),
        (Code.CONSENT, Code.CLOSED, False),  # another one
        (Code.CONSENT, None, False),  # gone
        (Refusal.EXPIRED, Code.CONSENT, False),  # nothing of the application's
        ("", Code.CONSENT, False),
    ],
)
def test_obstacle_is_looked_for_again(
    one: SigningRequest, now: datetime, monkeypatch: Any, error: str, today: Code | None, stands: bool
) -> None:
    checked: list[Any] = []

    def check(application: Application, *, now: datetime) -> None:
        checked.append((application, now))
        if today:
            raise Blocked(today)

    monkeypatch.setattr("applications.enrolment.check_all", check)
    one.error = error

    found = completion.obstacle(one, now=now)

    assert (found is not None and found.code == today) == stands and (found is not None) == stands
    assert checked == ([(one.application, now)] if isinstance(error, Code) else [])


def test_obstacle_is_of_the_application_alone(batch: SigningBatch, now: datetime, monkeypatch: Any) -> None:
    _application, withdrawal = completion.requests_of(batch)
    withdrawal.error = Code.CONSENT

    def blocked(*_given: Any, **_named: Any) -> None:
        raise Blocked(Code.CONSENT)

    monkeypatch.setattr("applications.enrolment.check_all", blocked)

    assert completion.obstacle(withdrawal, now=now) is None


def test_child_whom_the_person_represents_no_more_is_the_obstacle(
    one: SigningRequest, stranger: User, now: datetime
) -> None:
    one.batch.user = stranger
    one.error = Refusal.EXPIRED

    found = completion.obstacle(one, now=now)

    assert found is not None and found.code == Code.NOT_THEIRS
