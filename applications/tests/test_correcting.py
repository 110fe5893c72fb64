"""A decision that was signed by mistake, corrected by another signed one (D54)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from applications import correcting, hands, lifecycle
from applications.filing import reapplication
from applications.models import Application, Decision, Purpose, Result, Route
from applications.seat_counts import disagreements
from applications.signing import overtaken
from applications.signing.reasons import Outcome
from applications.status import Status
from applications.stops import Stop, Stopped
from applications.tests.cast import evidence_of
from notifications import texts
from notifications.models import Channel, Message
from schools.models import Intake, Role, StaffMember

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D54")]

Make = Callable[..., Application]
MISTAKE = "Басқа баланың өтінімімен шатастырылған."
REFUSAL: dict[str, Any] = {
    "result": Result.REFUSE,
    "reason_code": "AGE",
    "reason": "Бала биыл алты жасқа толмайды екен.",
}
ADMISSION: dict[str, Any] = {"result": Result.ACCEPT}
SAID = {Result.ACCEPT: ADMISSION, Result.REFUSE: REFUSAL}
LED = {Result.ACCEPT: Status.ACCEPTED, Result.REFUSE: Status.REFUSED}


@pytest.fixture
def decided(make_application: Make, director: User, now: datetime) -> Callable[..., Application]:
    def decide(result: Result, **changes: object) -> Application:
        application = make_application(Status.IN_REVIEW, **changes)
        decision = lifecycle.prepare(application, by=director, now=now, **SAID[result])
        return sign(application, decision, director, now)

    return decide


def sign(application: Application, decision: Decision, by: User, now: datetime) -> Application:
    evidence = evidence_of(application, Purpose.DECISION, by=by, now=now, decision=decision)
    return lifecycle.act(evidence, now=now)


def correction(application: Application, by: User, now: datetime, result: Result) -> Decision:
    return lifecycle.prepare(
        application, by=by, now=now, mistake=MISTAKE, corrects=correcting.standing(application),
        **SAID[result],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [(Result.REFUSE, Result.ACCEPT), (Result.ACCEPT, Result.REFUSE)]
)
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_correction_stands_in_place_of_the_mistake_and_deletes_nothing(
    decided: Callable[..., Application], director: User, stranger: User, now: datetime,
    first: Result, second: Result, lang: str,
) -> None:  # fmt: skip
    application, later = decided(first), now + timedelta(hours=1)
    User.objects.filter(pk=application.applicant_id).update(lang=lang)
    StaffMember.objects.create(user=stranger, region_id="710000000", role=Role.DEPARTMENT)
    earlier = application.decisions.get()

    sign(application, correction(application, director, later, second), director, later)

    application.refresh_from_db()
    standing = correcting.standing(application)
    assert standing and (standing.result, standing.corrects, standing.mistake) == (second, earlier, MISTAKE)
    assert (application.status, application.decided_at) == (LED[second], later)
    assert list(application.changes.values_list("old", "new"))[-1] == (LED[first], LED[second])
    assert application.signatures.count() == 2 and disagreements() == []
    assert [(one.signature and one.signature.decision, one.superseded_at) for one in papers(application)] == [
        (earlier, later), (standing, None),
    ]  # fmt: skip
    template = "corrected_accepted" if second == Result.ACCEPT else "corrected_refused"
    notice = Message.objects.get(template=template, channel=Channel.CABINET)
    sms = Message.objects.get(template=template, channel=Channel.SMS)
    facts = dict(texts.wording(template, notice.context).facts)
    assert MISTAKE in facts.values() and sms.phone == application.applicant.phone
    assert str(application.number) in sms.text and len(sms.text) < texts.SMS_LENGTH
    assert application.child.name not in sms.text and MISTAKE not in sms.text
    assert Message.objects.filter(recipient=stranger, template="corrected_department").exists()


def papers(application: Application) -> list:
    return list(application.papers.select_related("signature__decision").order_by("pk"))


def test_corrected_refusal_offers_no_new_application_and_the_second_one_is_asked_of(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.REFUSE)
    assert reapplication.allowed(application, now=now)

    application = sign(application, correction(application, director, now, Result.ACCEPT), director, now)
    assert not reapplication.allowed(application, now=now)

    again = sign(application, correction(application, director, now, Result.REFUSE), director, now)
    assert again.status == Status.REFUSED and again.decisions.signed().count() == 3
    assert [one.corrects_id for one in again.decisions.signed()][:2] == [
        one.pk for one in again.decisions.signed()
    ][1:]
    assert disagreements() == []


def test_words_alone_may_be_corrected_and_move_no_seat(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.REFUSE)
    other = {**REFUSAL, "reason": "Құжаттар басқа баланікі болып шықты."}
    signed = correcting.standing(application)
    wrote = lifecycle.prepare(application, by=director, now=now, mistake=MISTAKE, corrects=signed, **other)

    application = sign(application, wrote, director, now)

    assert application.status == Status.REFUSED and disagreements() == []
    assert correcting.standing(application) == wrote


@pytest.mark.parametrize(
    ("first", "second", "wait", "stop"),
    [
        (Result.ACCEPT, Result.REFUSE, "in the term", None),
        (Result.ACCEPT, Result.REFUSE, "after the term", Stop.CORRECTION_LATE),
        (Result.REFUSE, Result.REFUSE, "after the term", Stop.CORRECTION_LATE),
        (Result.REFUSE, Result.ACCEPT, "after the term", None),
        (Result.REFUSE, Result.ACCEPT, "after the season", Stop.SEASON_OVER),
        (Result.ACCEPT, Result.REFUSE, "after the season", Stop.SEASON_OVER),
    ],
)
def test_term_is_short_against_the_child_and_the_season_in_its_favour(
    decided: Callable[..., Application], first: Result, second: Result, wait: str, stop: Stop | None
) -> None:
    application = decided(first)
    signed = correcting.standing(application)
    assert signed
    ends = correcting.ends(signed)
    moment = {
        "in the term": ends,
        "after the term": ends + timedelta(seconds=1),
        "after the season": ends.replace(month=9, day=1, hour=0, minute=0),
    }[wait]

    assert correcting.stop(signed, application, now=moment, result=second) == stop


def test_term_ends_with_the_third_working_day_after_the_signature(
    decided: Callable[..., Application], now: datetime
) -> None:
    signed = correcting.standing(decided(Result.ACCEPT))
    assert signed
    friday = now + timedelta(days=(4 - now.weekday()) % 7)
    signed.signed_at = friday.replace(hour=23, minute=59, second=59)

    ends = correcting.ends(signed)

    assert (ends.weekday(), ends.hour, ends.minute) == (2, 18, 30)


@pytest.mark.parametrize("day", range(24, 32))
def test_no_day_is_promised_on_which_the_season_is_over(
    decided: Callable[..., Application], now: datetime, day: int
) -> None:
    application = decided(Result.ACCEPT)
    signed = correcting.standing(application)
    assert signed
    signed.signed_at = now.replace(month=8, day=day)

    ends = correcting.ends(signed)

    assert correcting.stop(signed, application, now=ends, result=Result.REFUSE) is None
    after = ends + timedelta(seconds=1)
    assert correcting.stop(signed, application, now=after, result=Result.REFUSE) is not None


def test_last_outside_seat_that_is_gone_is_said_and_what_was_written_waits(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.REFUSE, route=Route.OUTSIDE)
    wrote = correction(application, director, now, Result.ACCEPT)
    Intake.objects.update(seats=4, outside_limit=1, held_outside=1)

    with pytest.raises(Stopped) as stopped:
        sign(application, wrote, director, now)

    application.refresh_from_db()
    assert stopped.value.stop == Stop.SEAT_GONE
    assert application.status == Status.REFUSED and application.signatures.count() == 1
    assert lifecycle.open_decision(application) == wrote
    assert application.papers.get().superseded_at is None
    Intake.objects.update(held_outside=0)
    assert sign(application, wrote, director, now).status == Status.ACCEPTED


def test_child_that_was_filed_for_again_is_not_taken_twice(
    decided: Callable[..., Application], make_application: Make, director: User, now: datetime
) -> None:
    application = decided(Result.REFUSE)
    wrote = correction(application, director, now, Result.ACCEPT)
    make_application(Status.IN_REVIEW)

    for act in (
        lambda: sign(application, wrote, director, now),
        lambda: correction(application, director, now, Result.ACCEPT),
    ):
        with pytest.raises(Stopped) as stopped:
            act()
        assert stopped.value.stop == Stop.FILED_AGAIN


def test_withdrawn_meanwhile_or_corrected_by_another_is_told_to_who_waits_for_the_signature(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.ACCEPT)
    wrote = correction(application, director, now, Result.REFUSE)
    waits = evidence_of(application, Purpose.DECISION, by=director, now=now, decision=wrote)
    assert overtaken.reason(waits.signing_request, now=now) is None

    Application.objects.update(status=Status.WITHDRAWN)
    waits.signing_request.application.refresh_from_db()
    assert overtaken.reason(waits.signing_request, now=now) == Outcome.WITHDRAWN
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.act(waits, now=now)

    Application.objects.update(status=Status.ACCEPTED)
    sign(application, wrote, director, now)
    waits.signing_request.application.refresh_from_db()
    assert overtaken.reason(waits.signing_request, now=now) == Outcome.DECIDED


def test_two_corrections_of_one_decision_are_refused_by_the_database(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.ACCEPT)
    one, other = (
        Decision.objects.create(
            application=application, prepared_by=director, prepared_at=now, mistake=MISTAKE,
            corrects=application.decisions.get(corrects=None), **ADMISSION,
        ) for _ in range(2)
    )  # fmt: skip
    Decision.objects.filter(pk=one.pk).update(signed_by=director, signed_at=now)

    with pytest.raises(IntegrityError, match="one_signed_correction"), transaction.atomic():
        Decision.objects.filter(pk=other.pk).update(signed_by=director, signed_at=now)


@pytest.mark.rule("D39")
def test_nobody_corrects_for_their_own_child_without_a_post_or_as_executor(
    decided: Callable[..., Application], director: User, executor: User, now: datetime
) -> None:
    application = decided(Result.REFUSE)

    with pytest.raises(lifecycle.NotAllowed):
        correction(application, executor, now, Result.ACCEPT)
    Application.objects.update(applicant=director)
    with pytest.raises(hands.Barred):
        correction(application, director, now, Result.ACCEPT)


def test_double_click_writes_one_correction(
    decided: Callable[..., Application], director: User, now: datetime
) -> None:
    application = decided(Result.REFUSE)

    wrote = [correction(application, director, now, Result.ACCEPT) for _ in range(2)]

    assert wrote[0] == wrote[1] == lifecycle.open_decision(application)
