"""Consents through 1414: asked, answered, ended (R37-R40, R57, D11)."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts import consents
from accounts.models import Child, Consent, ConsentStatus, User
from accounts.tests.conftest import ARMAN, Egov
from egov.errors import Refused, Unavailable
from tests.sandbox import Sandbox

T0 = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create(iin="900708499904", surname="Сәрсенова", name="Айгүл", phone="+77011234501")


def check(user: User, *, subject: str = "", now: datetime) -> Consent:
    found = consents.check(user, subject=subject, now=now)
    assert found is not None
    return found


def statuses(user: User) -> list[str]:
    return list(Consent.objects.filter(user=user).order_by("pk").values_list("status", flat=True))


@pytest.mark.rule("R38", "R126")
def test_asking_has_1414_send_one_sms(person: User, egov: Egov, settings) -> None:
    consent = consents.ask(person, now=T0)

    assert [(sent["uin"], sent["subject_uin"], sent["omit-sms"]) for sent in egov.asked] == [
        (person.iin, person.iin, "false")
    ]
    kept = Consent.objects.get()
    assert kept == consent
    assert (kept.reference, kept.status, kept.child_iin) == ("ref-1", "PENDING", "")
    assert (kept.text_version, kept.requested_at) == (consents.TEXT_VERSION, T0)
    assert consents.valid(person, None, T0) is None


@pytest.mark.rule("R38")
def test_answer_511_grants(person: User, egov: Egov, settings) -> None:
    consents.ask(person, now=T0)
    egov.answer("GRANTED")

    found = check(person, now=T0 + MINUTE)

    assert found == consents.valid(person, None, T0 + MINUTE)
    assert (found.status, found.token, found.public_key) == ("GRANTED", "tkn", "pk")
    assert found.answered_at == T0 + MINUTE
    ends = T0 + MINUTE + timedelta(seconds=settings.CONSENT_LIFETIME_SECONDS)
    assert found.expires_at == ends
    assert consents.valid(person, None, ends - SECOND) == found
    assert consents.valid(person, None, ends) is None
    assert consents.state(found, now=ends) == ConsentStatus.EXPIRED


@pytest.mark.parametrize("answer", ["DENIED", "EXPIRED"])
def test_other_answers_do_not_grant(person: User, egov: Egov, answer: str) -> None:
    consents.ask(person, now=T0)
    egov.answer(answer)

    found = check(person, now=T0 + MINUTE)

    assert (found.status, found.token, found.expires_at) == (answer, "", None)
    assert consents.valid(person, None, T0 + MINUTE) is None


def test_silence_ends_the_request(person: User, egov: Egov, settings) -> None:
    consents.ask(person, now=T0)
    end = T0 + timedelta(seconds=settings.CONSENT_ANSWER_SECONDS)

    assert check(person, now=end - SECOND).status == "PENDING"
    assert check(person, now=end).status == "EXPIRED"


def test_late_answer_still_counts_when_it_is_seen(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    egov.answer("GRANTED")

    assert check(person, now=T0 + timedelta(days=1)).status == "GRANTED"


@pytest.mark.rule("R40", "R57")
def test_own_and_childs_consents_are_apart(person: User, egov: Egov) -> None:
    arman = Child(iin=ARMAN.iin)
    consents.ask(person, now=T0)
    egov.answer()
    check(person, now=T0)
    consents.ask(person, subject=ARMAN.iin, now=T0)

    assert consents.valid(person, None, T0)
    assert consents.valid(person, arman, T0) is None
    assert [sent["subject_uin"] for sent in egov.asked] == [person.iin, ARMAN.iin]
    egov.answer()
    check(person, subject=ARMAN.iin, now=T0)
    found = consents.valid(person, arman, T0)
    assert found
    assert found.child_iin == ARMAN.iin


def test_consent_of_one_parent_does_not_serve_the_other(person: User, egov: Egov, stranger: User) -> None:
    consents.ask(person, subject=ARMAN.iin, now=T0)
    egov.answer()
    check(person, subject=ARMAN.iin, now=T0)

    assert consents.valid(stranger, Child(iin=ARMAN.iin), T0) is None


def test_second_sms_waits_a_minute(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)

    with pytest.raises(consents.TooSoon) as refused:
        consents.ask(person, now=T0 + 59 * SECOND)
    consents.ask(person, now=T0 + 60 * SECOND)

    assert refused.value.since == T0 + 60 * SECOND
    assert len(egov.asked) == 2


def test_nobodys_phone_is_flooded(person: User, egov: Egov) -> None:
    for n in range(consents.ASKS_PER_HOUR):
        consents.ask(person, now=T0 + n * MINUTE)

    with pytest.raises(consents.TooSoon) as refused:
        consents.ask(person, now=T0 + 30 * MINUTE)

    assert refused.value.since == T0 + 60 * MINUTE
    consents.ask(person, now=T0 + 60 * MINUTE)


def test_answer_to_the_first_sms_counts_after_a_second(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    consents.ask(person, now=T0 + MINUTE)
    egov.answers["ref-1"] = "GRANTED"

    assert check(person, now=T0 + 2 * MINUTE).reference == "ref-1"


def test_consent_in_force_is_not_asked_for_again(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    egov.answer()
    granted = check(person, now=T0)

    assert consents.ask(person, now=T0 + 5 * MINUTE) == granted
    assert len(egov.asked) == 1


def test_denied_consent_may_be_asked_for_again(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    egov.answer("DENIED")
    check(person, now=T0)

    consents.ask(person, now=T0 + SECOND)  # who has answered need not wait

    assert statuses(person) == ["DENIED", "PENDING"]


def test_request_that_1414_did_not_confirm_counts(person: User, egov: Egov) -> None:
    """The SMS may be on its way all the same: slowness must not let the button flood a phone."""
    egov.down.add("consent")
    for n in range(consents.ASKS_PER_HOUR):
        with pytest.raises(Unavailable):
            consents.ask(person, now=T0 + n * MINUTE)
        with pytest.raises(consents.TooSoon):
            consents.ask(person, now=T0 + n * MINUTE + SECOND)
    egov.down.clear()

    with pytest.raises(consents.TooSoon) as refused:
        consents.ask(person, now=T0 + 30 * MINUTE)

    assert refused.value.since == T0 + 60 * MINUTE
    assert consents.is_unsure(consents.current(person, subject="", now=T0 + 5 * MINUTE))
    consents.ask(person, now=T0 + 60 * MINUTE)
    assert not consents.is_unsure(consents.current(person, subject="", now=T0 + 60 * MINUTE))


@pytest.mark.parametrize(("code", "error"), [("NO_PHONE", consents.NoPhone), ("REFUSED", Refused)])
def test_refusal_of_1414_leaves_nothing_behind(
    person: User, egov: Egov, code: str, error: type[Exception]
) -> None:
    egov.refusals["consent"] = code

    with pytest.raises(error):
        consents.ask(person, now=T0)

    assert statuses(person) == []


@pytest.mark.rule("D78")
def test_answer_that_is_not_believed_counts_like_silence(person: User, sandbox: Sandbox) -> None:
    """1414 has sent its SMS: the button must not send one more with each press."""
    sandbox.fault("smartbridge", "refuse", code="foreign")

    with pytest.raises(Unavailable):
        consents.ask(person, now=T0)
    with pytest.raises(consents.TooSoon):
        consents.ask(person, now=T0 + SECOND)

    assert statuses(person) == ["PENDING"]
    assert len(sandbox.inbox(person.iin)) == 1


def test_pending_stays_pending_while_1414_is_silent(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)

    egov.down.add("consent")
    with pytest.raises(Unavailable):
        check(person, now=T0 + timedelta(days=1))
    egov.down.clear()
    egov.refusals["consent"] = "REFUSED"
    with pytest.raises(Unavailable):
        check(person, now=T0 + timedelta(days=1))

    assert statuses(person) == ["PENDING"]


def test_consent_in_force_counts_while_1414_is_silent(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    consents.ask(person, now=T0 + MINUTE)
    egov.answer()
    check(person, now=T0 + MINUTE)
    egov.down.add("consent")

    assert check(person, now=T0 + 2 * MINUTE).status == "GRANTED"


def test_request_that_1414_does_not_know_is_over(person: User, egov: Egov) -> None:
    consents.ask(person, now=T0)
    egov.answers.clear()

    assert check(person, now=T0 + SECOND).status == "EXPIRED"


def test_request_cut_off_on_its_way_ends_by_itself(person: User, egov: Egov, settings) -> None:
    Consent.objects.create(
        user=person, reference=f"{consents.CLAIM}1", text_version="1", requested_at=T0, status="PENDING"
    )

    assert check(person, now=T0 + MINUTE).status == "PENDING"
    end = T0 + timedelta(seconds=settings.CONSENT_ANSWER_SECONDS)
    assert check(person, now=end).status == "EXPIRED"


def test_what_one_tab_learned_the_other_does_not_overwrite(
    person: User, egov: Egov, monkeypatch: pytest.MonkeyPatch
) -> None:
    consents.ask(person, now=T0)
    stale = Consent.objects.get()
    egov.answer("GRANTED")
    check(person, now=T0)
    egov.answer("EXPIRED")

    consents._learn(stale, now=T0 + SECOND)

    assert statuses(person) == ["GRANTED"]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_one_sms(egov: Egov) -> None:
    person = User.objects.create(iin="900708499904", surname="Сәрсенова", name="Айгүл")
    together, outcomes = Barrier(4), []

    def click() -> None:
        together.wait()
        try:
            outcomes.append(consents.ask(person, now=T0).status)
        except consents.TooSoon:
            outcomes.append("too soon")
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["PENDING", "too soon", "too soon", "too soon"]
    assert (len(egov.asked), statuses(person)) == (1, ["PENDING"])


def granted(person: User, egov: Egov, *, subject: str = "", at: datetime = T0) -> Consent:
    consents.ask(person, subject=subject, now=at)
    egov.answer("GRANTED")
    return check(person, subject=subject, now=at + MINUTE)


@pytest.mark.rule("R40", "D11")
def test_consent_taken_back_opens_nothing_from_that_moment(person: User, egov: Egov) -> None:
    own, of_child = granted(person, egov), granted(person, egov, subject=ARMAN.iin)

    assert consents.revoke(of_child, now=T0 + 2 * MINUTE) == 1
    assert consents.revoke(of_child, now=T0 + 3 * MINUTE) == 0  # a second click changes nothing

    of_child.refresh_from_db()
    assert (of_child.status, of_child.revoked_at) == ("REVOKED", T0 + 2 * MINUTE)
    assert (of_child.token, of_child.public_key) == ("", "")  # nothing is left to ask with
    assert of_child.answered_at == T0 + MINUTE  # when it was given stays on record
    assert consents.valid(person, Child(iin=ARMAN.iin), T0 + 2 * MINUTE) is None
    assert consents.valid(person, None, T0 + 2 * MINUTE) == own


def test_taking_back_ends_every_consent_about_the_same_person(person: User, egov: Egov, settings) -> None:
    first = granted(person, egov)
    second = Consent.objects.get(pk=first.pk)
    second.pk, second.reference = None, "ref-x"
    second.save()

    assert consents.revoke(first, now=T0 + HOUR) == 2
    assert consents.valid(person, None, T0 + HOUR) is None


def test_consent_taken_back_may_be_given_anew(person: User, egov: Egov) -> None:
    consents.revoke(granted(person, egov), now=T0 + HOUR)

    again = granted(person, egov, at=T0 + 2 * HOUR)

    assert consents.valid(person, None, T0 + 3 * HOUR) == again
    assert [one.status for one in consents.history(person)] == ["GRANTED", "REVOKED"]


@pytest.mark.parametrize(
    ("said", "status", "sure"),
    [
        ("GRANTED", "GRANTED", True),
        ("DENIED", "REVOKED", True),
        ("EXPIRED", "EXPIRED", True),
        ("PENDING", "GRANTED", True),
        ("forgotten", "GRANTED", True),
        ("silent", "GRANTED", False),
    ],
)
def test_what_1414_says_of_a_consent_in_force_is_heeded(
    person: User, egov: Egov, said: str, status: str, sure: bool
) -> None:
    consent = granted(person, egov)
    if said == "silent":
        egov.down.add("consent")
    elif said == "forgotten":
        egov.answers.clear()
    else:
        egov.answer(said)

    assert consents.confirm(person, now=T0 + HOUR) == sure

    consent.refresh_from_db()
    assert (consent.status, bool(consent.token)) == (status, status == "GRANTED")
