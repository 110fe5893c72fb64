"""What may be signed, by whom, over which bytes (R93-R95, R108)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Decision, Method, Purpose, Result, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete
from egov.eds import Refusal, SignatureRefused
from egov.tests.eds_cast import DIRECTOR, EXECUTOR, PARENT, STRANGER, Pki
from sandbox.kalkan import Key, sign
from sandbox.people import Human, Job
from schools.models import Role, School

OTHER_DIRECTOR = Human(
    DIRECTOR.iin, DIRECTOR.surname, DIRECTOR.name, DIRECTOR.patronymic, "F", DIRECTOR.birth_date,
    job=Job("990540099912", "«Қарақоға орта мектебі» КММ", "КГУ «Каракогинская СШ»", "director"),
)  # fmt: skip


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def signing_request(draft: Application, parent: User, now: datetime) -> SigningRequest:
    return batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)


@pytest.fixture
def decision(make_application: Callable[..., Application], director: User, now: datetime) -> Decision:
    filed = make_application(Status.IN_REVIEW)
    return lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)


@pytest.fixture
def decision_ticket(decision: Decision, director: User, now: datetime) -> SigningRequest:
    return batches.open_one(
        decision.application, purpose=Purpose.DECISION, by=director, now=now, decision=decision
    )


def test_prepare_draws_the_paper_once(draft: Application, parent: User, now: datetime) -> None:
    first = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
    again = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now + timedelta(minutes=3))
    late = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now + timedelta(minutes=4.5))
    fresh = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now, fresh=True)

    assert batches.payload_of(first).startswith(b"%PDF-")
    assert again == first
    assert len({first.batch.token, late.batch.token, fresh.batch.token}) == 3
    assert {first.payload.name, late.payload.name, fresh.payload.name} == {first.payload.name}
    assert (late.batch.expires_at - late.batch.created_at) == timedelta(minutes=5)


def test_prepare_draws_anew_when_the_facts_change(draft: Application, parent: User, now: datetime) -> None:
    first = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
    draft.special_needs = True
    draft.save()

    second = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)

    assert second.pk != first.pk
    assert second.payload.name != first.payload.name
    assert second.content_sha256 != first.content_sha256


@pytest.mark.rule("R94")
def test_examine_takes_the_parents_own_signature(
    signing_request: SigningRequest, pki: Pki, now: datetime
) -> None:
    cms = pki.sign(data=batches.payload_of(signing_request))

    evidence = batches.examine(signing_request, cms=cms, method=Method.QR, now=now)

    assert (evidence.signing_request, evidence.cms, evidence.method) == (signing_request, cms, Method.QR)
    assert evidence.signer.iin == PARENT.iin


def refusal(signing_request: SigningRequest, cms: bytes, *, now: datetime) -> Refusal:
    with pytest.raises(SignatureRefused) as caught:
        batches.examine(signing_request, cms=cms, method=Method.EDS, now=now)
    return caught.value.code


@pytest.mark.parametrize(
    ("human", "kind", "code"),
    [
        (STRANGER, "sign", Refusal.OTHER_PERSON),
        (PARENT, "auth", Refusal.NOT_SIGNING_KEY),
        (PARENT, "expired", Refusal.EXPIRED),
        (PARENT, "revoked", Refusal.REVOKED),
        (PARENT, "foreign", Refusal.UNKNOWN_CA),
    ],
)
def test_examine_refuses_a_wrong_key(
    signing_request: SigningRequest, pki: Pki, now: datetime, human: Human, kind: str, code: Refusal
) -> None:
    cms = pki.sign(human, kind, data=batches.payload_of(signing_request))

    assert refusal(signing_request, cms, now=now) == code


def test_examine_refuses_other_bytes(signing_request: SigningRequest, pki: Pki, now: datetime) -> None:
    assert refusal(signing_request, pki.sign(data=b"%PDF another"), now=now) == Refusal.OTHER_DATA


def test_parent_signs_as_an_individual(
    make_application: Callable[..., Application], director: User, pki: Pki, now: datetime
) -> None:
    """A director who files for a child of her own does not do it in the school's name."""
    draft = complete(make_application(applicant=director), now=now)
    signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=director, now=now)
    payload = batches.payload_of(signing_request)

    assert (
        refusal(signing_request, pki.sign(DIRECTOR, "org", data=payload), now=now) == Refusal.ORGANISATION_KEY
    )
    assert batches.examine(signing_request, cms=pki.sign(DIRECTOR, data=payload), method=Method.EDS, now=now)


def test_change_after_preparation_voids_the_signature(
    signing_request: SigningRequest, draft: Application, pki: Pki, now: datetime
) -> None:
    cms = pki.sign(data=batches.payload_of(signing_request))
    draft.special_needs = True
    draft.save()

    assert refusal(signing_request, cms, now=now) == Refusal.CHANGED


def test_stored_document_that_was_touched_is_not_signed(
    signing_request: SigningRequest, pki: Pki, now: datetime
) -> None:
    cms = pki.sign(data=batches.payload_of(signing_request))
    with signing_request.payload.storage.open(str(signing_request.payload.name), "ab") as file:
        file.write(b"more")

    assert refusal(signing_request, cms, now=now) == Refusal.CHANGED


def test_document_that_the_store_lost_is_drawn_anew(
    signing_request: SigningRequest, parent: User, pki: Pki, now: datetime
) -> None:
    """Else nobody could ever sign it: each batch would ask for the lost one."""
    signing_request.payload.storage.delete(str(signing_request.payload.name))

    again = batches.open_one(
        signing_request.application, purpose=Purpose.APPLICATION, by=parent, now=now, fresh=True
    )

    cms = pki.sign(data=batches.payload_of(again))
    assert batches.examine(again, cms=cms, method=Method.EDS, now=now)


def test_request_is_answered_in_time_or_not_at_all(
    signing_request: SigningRequest, pki: Pki, now: datetime
) -> None:
    cms = pki.sign(data=batches.payload_of(signing_request))
    grace = signing_request.batch.expires_at + timedelta(seconds=59)

    assert (
        refusal(signing_request, cms, now=signing_request.batch.expires_at + batches.GRACE)
        == Refusal.TOO_LATE
    )
    assert batches.examine(signing_request, cms=cms, method=Method.QR, now=now)
    assert not batches.is_open(signing_request.batch, now=signing_request.batch.expires_at)
    for state in (SigningState.DONE, SigningState.FAILED, SigningState.CANCELLED):
        signing_request.state = state
        assert refusal(signing_request, cms, now=grace) == Refusal.TOO_LATE


@pytest.mark.rule("R108")
def test_director_signs_with_the_schools_key(
    decision_ticket: SigningRequest, pki: Pki, school: School, now: datetime
) -> None:
    cms = pki.sign(DIRECTOR, "org", data=batches.payload_of(decision_ticket))

    evidence = batches.examine(decision_ticket, cms=cms, method=Method.EDS, now=now)

    assert (evidence.signer.iin, evidence.signer.bin) == (DIRECTOR.iin, school.bin)


@pytest.mark.rule("R108")
def test_decision_refuses_a_key_without_authority(
    decision_ticket: SigningRequest, executor: User, pki: Pki, now: datetime
) -> None:
    payload = batches.payload_of(decision_ticket)
    employee = pki.sign(EXECUTOR, "org", data=payload)

    assert refusal(decision_ticket, pki.sign(DIRECTOR, data=payload), now=now) == Refusal.OTHER_ORGANISATION
    assert refusal(decision_ticket, employee, now=now) == Refusal.OTHER_PERSON
    decision_ticket.batch.user = executor
    assert refusal(decision_ticket, employee, now=now) == Refusal.NO_AUTHORITY


@pytest.mark.rule("R108")
def test_decision_refuses_the_key_of_another_school(
    decision_ticket: SigningRequest, pki: Pki, now: datetime
) -> None:
    payload = batches.payload_of(decision_ticket)
    private = pki.key(DIRECTOR, "org").private
    key = Key(private, pki.authority.issue(OTHER_DIRECTOR, "org", private))
    assert refusal(decision_ticket, sign(payload, key, at=now), now=now) == Refusal.OTHER_ORGANISATION


@pytest.mark.rule("R108")
def test_director_with_the_key_of_an_employee_signs_nothing(
    decision_ticket: SigningRequest, pki: Pki, now: datetime
) -> None:
    assert DIRECTOR.job is not None
    employee = replace(DIRECTOR, job=replace(DIRECTOR.job, role="executor"))
    private = pki.key(DIRECTOR, "org").private
    key = Key(private, pki.authority.issue(employee, "org", private))

    cms = sign(batches.payload_of(decision_ticket), key, at=now)

    assert refusal(decision_ticket, cms, now=now) == Refusal.NO_AUTHORITY


def test_director_who_has_left_signs_nothing(
    decision_ticket: SigningRequest, school: School, director: User, executor: User, pki: Pki, now: datetime
) -> None:
    cms = pki.sign(DIRECTOR, "org", data=batches.payload_of(decision_ticket))
    school.staff.filter(user=director, role=Role.DIRECTOR).delete()
    school.staff.create(user=executor, role=Role.DIRECTOR)
    school.staff.create(user=director, role=Role.EXECUTOR)

    assert refusal(decision_ticket, cms, now=now) == Refusal.NO_POST


def test_reasons_that_people_can_mend_have_sentences_of_their_own() -> None:
    codes = (
        "WEAK_ALGORITHM",
        "ATTACHED",
        "MANY_SIGNERS",
        "NO_SIGNER",
        "OCSP_STALE",
        "UNKNOWN_CA",
        "MALFORMED",
    )

    assert len({str(ADVICE[code].reason) for code in codes}) == len(codes)
