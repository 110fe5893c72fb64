"""The moves of an application and all that each of them leaves behind."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from accounts.models import Child, User
from applications import beginning, drafts, eligibility, lifecycle
from applications.models import (
    Application,
    Channel,
    Decision,
    PaperKind,
    Purpose,
    RefusalReason,
    Result,
    Route,
    SigningRequest,
    SigningState,
)
from applications.status import NEXT, Status
from applications.tests.cast import complete, evidence_of
from egov.eds import SignatureRefused
from notifications.models import Channel as Way
from notifications.models import Message
from schools import seats
from schools.models import Intake

Make = Callable[..., Application]


@pytest.fixture
def draft(make_application: Make, now: datetime) -> Application:
    return complete(make_application(), now=now)


def submit(application: Application, *, now: datetime) -> Application:
    evidence = evidence_of(application, Purpose.APPLICATION, by=application.applicant, now=now)
    return lifecycle.act(evidence, now=now)


def told(user: User) -> set[tuple[str, str]]:
    return set(Message.objects.filter(recipient=user).values_list("template", "channel"))


@pytest.mark.rule("R96", "R97", "R98", "R122")
def test_submit_sends_the_application_to_the_school(
    draft: Application, director: User, executor: User, now: datetime
) -> None:
    Application.objects.update(updated_at=now - timedelta(days=9))
    submit(draft, now=now)

    draft.refresh_from_db()
    assert (draft.status, draft.submitted_at) == (Status.IN_REVIEW, now)
    assert draft.updated_at > now - timedelta(days=9)
    assert draft.due_at == now + timedelta(days=1)
    assert list(draft.changes.values_list("old", "new", "by")) == [("DRAFT", "IN_REVIEW", draft.applicant_id)]
    assert told(director) == told(executor) == {("new_application", Way.CABINET)}
    assert told(draft.applicant) == {("in_review", Way.CABINET), ("in_review", Way.SMS)}
    assert draft.signatures.get().purpose == Purpose.APPLICATION
    assert draft.papers.get().kind == PaperKind.RECEIPT
    assert Intake.objects.get(pk=draft.chosen_intake.pk).held_local == 1


def test_application_is_locked_once_and_before_its_request(
    draft: Application, now: datetime, django_assert_max_num_queries: Callable
) -> None:
    """On the opening day this is the hottest path of the portal."""
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)

    with django_assert_max_num_queries(40) as captured:
        lifecycle.act(evidence, now=now)

    asked = [one["sql"] for one in captured.captured_queries if "SAVEPOINT" not in one["sql"]]
    locks = [one.partition("FROM")[2].split('"')[1] for one in asked if "FOR UPDATE" in one]
    rows = ["applications_application", "applications_signingrequest", "accounts_guardianship"]
    assert locks == rows
    assert "schools_intake" in asked[-1]  # the seat, where everybody waits


@pytest.mark.rule("D5")
def test_submit_freezes_what_the_school_will_judge(draft: Application, now: datetime) -> None:
    submit(draft, now=now)
    draft.applicant.registered_address = {"kato": "1", "street": "x", "house": "2"}
    draft.applicant.save(update_fields=["registered_address"])

    draft.refresh_from_db()
    assert "Сәтбаев" in str(draft.snapshot)


@pytest.mark.rule("R52", "R202", "D4")
def test_second_application_of_the_other_parent_is_blocked(
    draft: Application, stranger: User, make_application: Make, now: datetime
) -> None:
    submit(draft, now=now)
    second = complete(make_application(applicant=stranger), now=now)
    stranger.consents.create(
        child=second.child, child_iin=second.child.iin, reference="x", status="GRANTED", text_version="1",
        requested_at=now, answered_at=now, expires_at=now + timedelta(days=1),
    )  # fmt: skip

    with pytest.raises(eligibility.Blocked) as blocked:
        submit(second, now=now)

    second.refresh_from_db()
    assert (blocked.value.code, second.status) == (eligibility.Code.ACTIVE, Status.DRAFT)
    assert Intake.objects.get(pk=second.chosen_intake.pk).held_local == 1


def test_submit_refuses_a_draft_changed_after_it_was_shown(draft: Application, now: datetime) -> None:
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    Application.objects.filter(pk=draft.pk).update(extra_phone="+77010000000")

    with pytest.raises(SignatureRefused):
        lifecycle.act(evidence, now=now)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert not draft.signatures.exists() and not Message.objects.exists()


@pytest.mark.rule("R75", "D3")
def test_submit_outside_over_the_limit_leaves_everything_as_it_was(draft: Application, now: datetime) -> None:
    Application.objects.filter(pk=draft.pk).update(route=Route.OUTSIDE)
    draft.refresh_from_db()
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    Intake.objects.filter(pk=draft.chosen_intake.pk).update(held_outside=2)

    with pytest.raises((eligibility.Blocked, seats.OutsideFull)):
        lifecycle.act(evidence, now=now)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert not draft.changes.exists()


@pytest.mark.rule("D1", "R110", "R111")
def test_proposal_of_the_executor_waits_for_the_director(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)

    lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)

    application.refresh_from_db()
    assert application.status == Status.SIGNING
    assert told(director) == {("decision_prepared", Way.CABINET)}
    assert told(application.applicant) == {("signing", Way.CABINET), ("signing", Way.SMS)}


@pytest.mark.rule("R100", "R108", "D23")
def test_decision_of_the_director_accepts(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)

    decide(application, decision, by=director, now=now)

    application.refresh_from_db()
    decision.refresh_from_db()
    assert (application.status, application.decided_at) == (Status.ACCEPTED, now)
    assert (decision.signed_by, decision.signature.signer) == (director, director)
    assert application.papers.get().kind == PaperKind.NOTICE
    assert Intake.objects.get(pk=application.chosen_intake.pk).held_local == 1


def decide(application: Application, decision: Decision, *, by: User, now: datetime) -> Application:
    evidence = evidence_of(application, Purpose.DECISION, by=by, now=now, decision=decision)
    return lifecycle.act(evidence, now=now)


@pytest.mark.rule("R108")
def test_words_of_a_decision_are_read_under_the_lock(
    make_application: Make, director: User, now: datetime
) -> None:
    """They changed after the signature was verified: it is not a signature under these."""
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    evidence = evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision)
    Decision.objects.update(result=Result.REFUSE, reason_code="OTHER", reason="x")

    with pytest.raises(SignatureRefused, match="CHANGED"):
        lifecycle.act(evidence, now=now)

    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW and not application.signatures.exists()


@pytest.mark.rule("R109", "R124", "D16", "R113")
def test_refusal_tells_the_reason_and_frees_the_seat(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(
        application, by=director, now=now, result=Result.REFUSE,
        reason_code=RefusalReason.INCOMPLETE, reason="052-2/у анықтамасының екінші беті жоқ.",
    )  # fmt: skip

    decide(application, decision, by=director, now=now)

    application.refresh_from_db()
    notice = Message.objects.get(recipient=application.applicant, channel=Way.CABINET)
    text = Message.objects.get(recipient=application.applicant, channel=Way.SMS).text
    assert application.status == Status.REFUSED
    assert notice.context["reason"] == "052-2/у анықтамасының екінші беті жоқ."
    assert "052-2" not in text and "екінші беті" not in text
    assert Intake.objects.get(pk=application.chosen_intake.pk).held_local == 0


@pytest.mark.rule("R213", "D17")
def test_transport_is_answered_with_the_decision(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW, transport=True)
    decision = lifecycle.prepare(
        application,
        by=director,
        now=now,
        result=Result.ACCEPT,
        transport=False,
        transport_reason="Автобус толы.",
    )

    decide(application, decision, by=director, now=now)

    application.refresh_from_db()
    notice = Message.objects.get(recipient=application.applicant, channel=Way.CABINET)
    assert application.status == Status.ACCEPTED
    assert (notice.context["transport"], notice.context["transport_reason"]) == (False, "Автобус толы.")


def test_director_of_another_school_decides_nothing(
    make_application: Make, other_director: User, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)

    with pytest.raises(lifecycle.NotAllowed):
        decide(application, decision, by=other_director, now=now)

    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW


def test_executor_cannot_sign_a_decision(make_application: Make, executor: User, now: datetime) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)

    with pytest.raises(lifecycle.NotAllowed):
        decide(application, decision, by=executor, now=now)


VERBS: dict[str, Callable[..., object]] = {
    "propose": lambda one, **more: lifecycle.propose(one, result=Result.ACCEPT, **more),
    "prepare": lambda one, **more: lifecycle.prepare(one, result=Result.ACCEPT, **more),
    "return": lambda one, **more: lifecycle.return_to_executor(one, reason="Қараңыз", **more),
}


@pytest.mark.rule("R108", "D1")
@pytest.mark.parametrize(
    ("verb", "status", "posts"),
    [
        ("propose", Status.IN_REVIEW, {"executor", "director"}),
        ("prepare", Status.IN_REVIEW, {"director"}),
        ("return", Status.SIGNING, {"director"}),
    ],
)
@pytest.mark.parametrize("who", ["parent", "executor", "director", "other_director"])
def test_each_step_of_a_decision_is_of_its_post(
    make_application: Make,
    request: pytest.FixtureRequest,
    now: datetime,
    verb: str,
    status: Status,
    posts: set[str],
    who: str,
) -> None:
    application, by = make_application(status), request.getfixturevalue(who)

    if who in posts:
        VERBS[verb](application, by=by, now=now)
        return
    with pytest.raises(lifecycle.NotAllowed):
        VERBS[verb](application, by=by, now=now)
    application.refresh_from_db()
    assert (application.status, application.decisions.count()) == (status, 0)


@pytest.mark.rule("D1", "R104")
@pytest.mark.parametrize(
    ("verb", "statuses"),
    [
        ("propose", {Status.IN_REVIEW}),
        ("prepare", {Status.IN_REVIEW, Status.SIGNING}),
        ("return", {Status.SIGNING}),
    ],
)
def test_each_step_of_a_decision_has_its_statuses(
    make_application: Make, director: User, now: datetime, verb: str, statuses: set[Status]
) -> None:
    for status in Status:
        application = make_application(status)
        try:
            VERBS[verb](application, by=director, now=now)
        except lifecycle.NotAllowed:
            assert status not in statuses
            application.refresh_from_db()
            assert (application.status, application.decisions.count()) == (status, 0)
        else:
            assert status in statuses
        application.changes.all().delete()
        application.decisions.all().delete()
        application.delete()


def test_second_decider_finds_it_decided(make_application: Make, director: User, now: datetime) -> None:
    application = make_application(status=Status.IN_REVIEW)
    first = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    decide(application, first, by=director, now=now)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    with pytest.raises(lifecycle.NotAllowed):
        decide(application, first, by=director, now=now)


def test_older_proposal_cannot_be_signed_after_a_newer_one(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    older = lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)
    lifecycle.prepare(
        application, by=director, now=now, result=Result.REFUSE,
        reason_code=RefusalReason.OTHER, reason="Құжаттар басқа баланікі болып шықты.",
    )  # fmt: skip

    with pytest.raises(lifecycle.NotAllowed):
        decide(application, older, by=director, now=now)


def test_returned_decision_goes_back_to_review(
    make_application: Make, executor: User, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)

    lifecycle.return_to_executor(application, by=director, reason="Тасымалдау жауабы жоқ.", now=now)

    application.refresh_from_db()
    decision.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    assert (decision.returned_at, decision.return_reason) == (now, "Тасымалдау жауабы жоқ.")
    assert lifecycle.open_decision(application) is None
    assert ("decision_returned", Way.CABINET) in told(executor)


@pytest.mark.rule("R112", "R113", "R116")
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.SIGNING, Status.ACCEPTED])
def test_withdrawal_frees_the_seat(make_application: Make, status: Status, now: datetime) -> None:
    application = make_application(status=status)
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)

    lifecycle.act(evidence, now=now)

    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN
    assert Intake.objects.get(pk=application.chosen_intake.pk).held_local == 0
    assert told(application.applicant) == {("withdrawn", Way.CABINET), ("withdrawn", Way.SMS)}


@pytest.mark.rule("R117", "R118", "D12")
@pytest.mark.parametrize(
    ("status", "moment", "allowed"),
    [
        (Status.IN_REVIEW, "2026-08-31T23:59:59+05:00", True),
        (Status.SIGNING, "2026-08-31T23:59:59+05:00", True),
        (Status.ACCEPTED, "2026-08-31T23:59:59+05:00", True),
        (Status.ACCEPTED, "2026-09-01T00:00:00+05:00", False),
        (Status.REFUSED, "2026-06-10T11:00:00+05:00", False),
        (Status.WITHDRAWN, "2026-06-10T11:00:00+05:00", False),
        (Status.DRAFT, "2026-06-10T11:00:00+05:00", False),
    ],
)
def test_withdrawal_ends_with_august_and_with_a_final_status(
    make_application: Make, status: Status, moment: str, allowed: bool
) -> None:
    application = make_application(status=status)

    assert lifecycle.may_withdraw(application, now=datetime.fromisoformat(moment)) is allowed


def test_withdrawal_is_kept_with_its_signature(make_application: Make, now: datetime) -> None:
    application = make_application(status=Status.IN_REVIEW)
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)

    lifecycle.act(evidence, now=now)

    kept = application.signatures.get()
    assert (kept.purpose, kept.signer, kept.signed_at) == (Purpose.WITHDRAWAL, application.applicant, now)


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DECISION])
def test_history_never_runs_backwards(
    make_application: Make, executor: User, director: User, now: datetime, purpose: Purpose
) -> None:
    """While a signature was examined, for seconds, somebody else has moved the application."""
    application = make_application(status=Status.IN_REVIEW)
    later, decision = now + timedelta(seconds=5), None
    if purpose == Purpose.DECISION:
        lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)
        lifecycle.return_to_executor(application, by=director, reason="Қайта", now=later)
        decision = lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)
    else:
        lifecycle.propose(application, by=executor, now=later, result=Result.ACCEPT)
    signer = director if decision else application.applicant
    application.refresh_from_db()
    evidence = evidence_of(application, purpose, by=signer, now=now, decision=decision)

    lifecycle.act(evidence, now=now)

    moves = list(application.changes.order_by("at", "pk"))
    assert [one.old for one in moves[1:]] == [one.new for one in moves[:-1]]
    assert moves[-1].at == application.signatures.get(purpose=purpose).signed_at == later


def test_withdrawal_of_what_has_changed_is_refused(make_application: Make, now: datetime) -> None:
    application = make_application(status=Status.IN_REVIEW)
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)
    SigningRequest.objects.update(content_sha256="0" * 64)

    evidence.signing_request.refresh_from_db()
    with pytest.raises(SignatureRefused, match="CHANGED"):
        lifecycle.act(evidence, now=now)

    application.refresh_from_db()
    assert (application.status, application.signatures.count()) == (Status.IN_REVIEW, 0)


def test_withdrawal_after_august_is_refused_by_the_server(make_application: Make, now: datetime) -> None:
    application = make_application(status=Status.ACCEPTED)
    late = datetime.fromisoformat("2026-09-01T00:00:00+05:00")
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=late)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(evidence, now=late)


def test_decision_on_a_withdrawn_application_is_refused(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(status=Status.IN_REVIEW)
    decision = lifecycle.prepare(application, by=director, now=now, result=Result.ACCEPT)
    evidence = evidence_of(application, Purpose.WITHDRAWAL, by=application.applicant, now=now)
    lifecycle.act(evidence, now=now)

    with pytest.raises(lifecycle.NotAllowed):
        decide(application, decision, by=director, now=now)

    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN


@pytest.mark.rule("R104", "R118")
def test_final_statuses_have_no_way_out() -> None:
    assert NEXT[Status.REFUSED] == NEXT[Status.WITHDRAWN] == frozenset()
    assert NEXT[Status.ACCEPTED] == {Status.WITHDRAWN}


def test_draft_that_another_window_began_meanwhile_is_the_one(
    parent: User, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = beginning.open_draft(parent, child, year=2026)
    monkeypatch.setattr(beginning, "_DRAFT", SimpleNamespace(first=lambda *_asked: None))

    again = beginning.open_draft(parent, child, year=2026)

    assert (again, again.number) == (begun, f"2026-{begun.pk:06d}")
    assert Application.objects.count() == 1


def test_open_draft_is_one_per_child(parent: User, draft: Application, now: datetime) -> None:
    again = beginning.open_draft(parent, draft.child, year=draft.year)

    assert again == draft
    assert again.number


def test_draft_on_paper_is_not_the_parents_own(make_application: Make, executor: User, now: datetime) -> None:
    paper = make_application(channel=Channel.IN_PERSON, filed_by=executor)

    own = beginning.open_draft(paper.applicant, paper.child, year=paper.year)

    assert (own == paper, own.channel) == (False, Channel.ONLINE)


def test_signing_request_that_is_done_forgets_why_it_waited(draft: Application, now: datetime) -> None:
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    SigningRequest.objects.update(error="BUSY")

    lifecycle.act(evidence, now=now)

    done = SigningRequest.objects.get()
    assert (done.state, done.error, done.finished_at) == (SigningState.DONE, "", now)


def test_application_is_not_filed_twice(draft: Application, now: datetime) -> None:
    """The second signature meets the table of moves, and not the application itself as another one."""
    submit(draft, now=now)
    draft.refresh_from_db()

    with pytest.raises(lifecycle.NotAllowed):
        submit(draft, now=now)


def test_signing_request_is_used_once(draft: Application, now: datetime) -> None:
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    lifecycle.act(evidence, now=now)

    again = lifecycle.act(evidence, now=now)

    evidence.signing_request.refresh_from_db()
    assert evidence.signing_request.state == SigningState.DONE
    assert again.changes.count() == 1


def test_failed_submit_leaves_the_request_open(draft: Application, now: datetime) -> None:
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    draft.documents.all().delete()

    with pytest.raises((eligibility.Blocked, SignatureRefused)):
        lifecycle.act(evidence, now=now)

    evidence.signing_request.refresh_from_db()
    assert evidence.signing_request.state == SigningState.OPEN
    assert not connection.needs_rollback


def test_signature_on_a_deleted_draft_ends_in_a_refusal(draft: Application, now: datetime) -> None:
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=now)
    drafts.delete(draft)

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(evidence, now=now)


@pytest.mark.rule("R65", "R72")
def test_submit_without_a_way_is_an_obstacle(draft: Application, now: datetime) -> None:
    Application.objects.filter(pk=draft.pk).update(route="")
    draft.refresh_from_db()

    with pytest.raises(eligibility.Blocked):
        submit(draft, now=now)


@pytest.mark.rule("R104", "R113", "R118")
@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old in Status for new in Status if new not in NEXT[old]],
    ids=lambda status: str(status),
)
def test_a_move_that_the_table_does_not_know_is_made_by_nobody(
    make_application: Make, parent: User, now: datetime, old: Status, new: Status
) -> None:
    """Held where the status is written, whichever verb forgets to ask."""
    application = make_application(old)
    before = application.changes.count()

    with pytest.raises(lifecycle.NotAllowed):
        lifecycle._move(application, new, by=parent, now=now, decided_at=now)

    application.refresh_from_db()
    assert (application.status, application.changes.count()) == (old, before)
