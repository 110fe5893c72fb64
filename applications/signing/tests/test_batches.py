"""Which batch is opened again, whose drawn document is used again, and until when a request is answered."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.models import (
    Application,
    Method,
    Purpose,
    Result,
    RevocationList,
    SigningRequest,
    SigningState,
)
from applications.signing import batches, originals
from applications.signing.batches import Wanted
from applications.status import Status
from applications.tests.cast import complete, drawn
from egov.eds import Refusal, SignatureRefused, Unrevoked
from egov.tests.eds_cast import Pki

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Make = Callable[..., Application]
Open = Callable[..., SigningRequest]


@pytest.fixture
def draft(make_application: Make, now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def opened(draft: Application, parent: User, now: datetime, drawings: list[SigningRequest]) -> Open:
    def opening(**changes: Any) -> SigningRequest:
        values: dict[str, Any] = {"purpose": Purpose.APPLICATION, "by": parent, "now": now}
        return batches.open_one(changes.pop("application", draft), **values | changes)

    return opening


@pytest.mark.parametrize(
    ("later", "same"), [(timedelta(), True), (4 * MINUTE - SECOND, True), (4 * MINUTE, False)]
)
def test_batch_serves_whoever_comes_with_more_than_a_minute_left(
    opened: Open, now: datetime, settings: Any, later: timedelta, same: bool
) -> None:
    settings.SIGNING_SECONDS = 300
    first = opened()

    again = opened(now=now + later)

    assert first.batch.expires_at == now + 5 * MINUTE
    assert (again == first) == same


def test_newest_of_the_open_batches_is_taken(opened: Open, drawings: list[SigningRequest]) -> None:
    opened()
    second = opened(fresh=True)

    assert opened() == second
    assert len(drawings) == 1


@pytest.mark.parametrize("state", [state for state in SigningState if state != SigningState.OPEN])
def test_batch_with_an_answer_is_not_opened_again(opened: Open, state: SigningState) -> None:
    first = opened()
    SigningRequest.objects.update(state=state)

    assert opened() != first


def test_batch_and_its_document_are_the_persons_own(
    opened: Open, stranger: User, drawings: list[SigningRequest]
) -> None:
    first, other = opened(), opened(by=stranger)

    assert (other.batch.user, other.batch == first.batch) == (stranger, False)
    assert other.payload.name != first.payload.name
    assert len(drawings) == 2


def test_batch_is_opened_again_for_exactly_the_same_documents(
    draft: Application, make_application: Make, child: Any, parent: User, now: datetime, drawings: Any
) -> None:
    child.pk, child.iin = None, "200315500001"
    child.save()
    other = complete(make_application(child=child), now=now)
    draft.refresh_from_db()
    one, two = (Wanted.of(application, Purpose.APPLICATION) for application in (draft, other))

    both = drawn(batches.open_batch([one, two], by=parent, now=now), now=now)

    assert both.signing_requests.count() == 2
    assert batches.open_batch([two, one], by=parent, now=now) == both
    alone = batches.open_batch([one], by=parent, now=now)
    assert alone != both
    assert batches.open_batch([one], by=parent, now=now) == alone
    assert batches.open_batch([one, two], by=parent, now=now) == both
    assert len(drawings) == 2


def test_another_purpose_and_another_decision_are_other_documents(
    opened: Open, make_application: Make, director: User, now: datetime, drawings: list[SigningRequest]
) -> None:
    filed = make_application(Status.IN_REVIEW, number="1", child=opened().application.child)
    decisions = [
        filed.decisions.create(prepared_by=director, prepared_at=now, result=Result.ACCEPT, returned_at=now)
        for _ in range(2)
    ]
    kinds: list[dict[str, Any]] = [
        {"purpose": Purpose.WITHDRAWAL},
        *({"purpose": Purpose.DECISION, "decision": decision} for decision in decisions),
    ]
    requests = [opened(application=filed, by=director, **kind) for kind in kinds]

    assert len({one.batch.pk for one in requests}) == len({one.payload.name for one in requests}) == 3
    assert [opened(application=filed, by=director, **kind) for kind in kinds] == requests
    assert [one.decision for one in requests] == [None, *decisions]
    assert len(drawings) == 4


def test_application_is_held_before_the_request_whose_original_is_used_again(opened: Open) -> None:
    """As by whoever signs it or erases it meanwhile: in another order each would wait for the other."""
    opened()
    with CaptureQueriesContext(connection) as asked:
        opened(fresh=True)

    held = [one["sql"] for one in asked if " FOR " in one["sql"]]
    assert [sql.partition(" FROM ")[2].split()[0].strip('"') for sql in held] == [
        model._meta.db_table for model in (Application, SigningRequest)
    ]


def test_original_that_is_erased_while_it_is_used_again_is_drawn_anew(
    opened: Open, drawings: list[SigningRequest], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()
    is_whole = originals._is_whole

    def meanwhile(drawn: SigningRequest) -> bool:
        whole = is_whole(drawn)
        drawn.batch.delete()
        drawn.payload.storage.delete(str(drawn.payload.name))
        return whole

    monkeypatch.setattr(originals, "_is_whole", meanwhile)
    again = opened(now=now + 4 * MINUTE, fresh=True)

    assert len(drawings) == 2
    assert batches.payload_of(again) == b"%PDF-2"
    assert SigningRequest.objects.get() == again


def test_document_is_kept_with_its_hash(opened: Open, drawings: list[SigningRequest]) -> None:
    signing_request = opened()

    assert batches.payload_of(signing_request) == b"%PDF-1"
    assert signing_request.payload_sha256 == hashlib.sha256(b"%PDF-1").hexdigest()


@pytest.mark.parametrize(
    ("states", "later", "is_open"),
    [
        (["OPEN"], 5 * MINUTE - SECOND, True),
        (["OPEN"], 5 * MINUTE, False),
        (["DONE"], timedelta(), False),
        (["DONE", "OPEN"], timedelta(), True),
        (["FAILED", "CANCELLED"], timedelta(), False),
    ],
)
def test_batch_is_open_while_a_document_waits(
    opened: Open, now: datetime, settings: Any, states: list[str], later: timedelta, is_open: bool
) -> None:
    settings.SIGNING_SECONDS = 300
    first = opened()
    for state in states[1:]:
        SigningRequest.objects.create(
            batch=first.batch, application=first.application, purpose=Purpose.WITHDRAWAL, state=state,
            payload=first.payload.name,
        )  # fmt: skip
    SigningRequest.objects.filter(pk=first.pk).update(state=states[0])

    assert batches.is_open(first.batch, now=now + later) == is_open


@pytest.mark.parametrize(("late", "taken"), [(MINUTE - SECOND, True), (MINUTE, False)])
def test_answer_may_be_a_minute_late(opened: Open, pki: Pki, late: timedelta, taken: bool) -> None:
    signing_request = opened()
    cms = pki.sign(data=batches.payload_of(signing_request))
    signing_request.batch.expires_at = signing_request.batch.created_at + SECOND  # it ends at once

    def examine() -> Any:
        moment = signing_request.batch.expires_at + late
        return batches.examine(signing_request, cms=cms, method=Method.QR, now=moment)

    if taken:
        evidence = examine()
        assert (evidence.crl, evidence.method, evidence.cms) == (None, Method.QR, cms)
        return
    with pytest.raises(SignatureRefused) as refused:
        examine()
    assert refused.value.code == Refusal.TOO_LATE


def test_who_is_asked_is_the_callers_choice_and_the_list_is_kept(
    opened: Open, pki: Pki, now: datetime
) -> None:
    signing_request = opened()
    cms = pki.sign(data=batches.payload_of(signing_request))

    def ask(*_about: object) -> Unrevoked:
        return Unrevoked(crl=b"list")

    evidence = batches.examine(signing_request, cms=cms, method=Method.QR, now=now, ask=ask)

    assert evidence.crl == RevocationList.objects.get()
    assert evidence.signer.proof == Unrevoked(crl=b"list")


def test_list_of_revoked_certificates_is_kept_once(db: None, now: datetime) -> None:
    first = batches._keep_list(b"list", now=now)
    again = batches._keep_list(b"list", now=now + MINUTE)
    other = batches._keep_list(b"another", now=now)

    assert (first == again, first == other) == (True, False)
    assert RevocationList.objects.count() == 2
    kept = RevocationList.objects.get(sha256=hashlib.sha256(b"list").hexdigest())
    with kept.file.open() as file:
        assert (file.read(), kept.kept_at) == (b"list", now)


def test_list_that_another_has_just_kept_leaves_no_second_file(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = batches._keep_list(b"list", now=now)
    storage = first.file.storage
    monkeypatch.setattr(
        type(RevocationList.objects), "filter", lambda *_args, **_more: RevocationList.objects.none()
    )

    again = batches._keep_list(b"list", now=now)

    assert again == first
    folder = str(first.file.name).rpartition("/")[0]
    assert [f"{folder}/{name}" for name in storage.listdir(folder)[1]] == [first.file.name]
