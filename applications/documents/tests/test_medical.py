"""The papers that fetch themselves (R86, R87, D11): once, patiently, never over a person's own."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Consent, Trouble
from accounts.storage import LockedStorage, StoreAway
from applications.documents import keeping, medical
from applications.documents.cell import warden
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import Registers, file, pdf
from applications.models import Application, Document, DocumentKind, DocumentSource, FetchState, MedicalFetch
from applications.status import Status
from egov.errors import Misconfigured
from notifications import leases, queue

pytestmark = pytest.mark.django_db(transaction=True)  # the queue claims outside any transaction


@pytest.fixture
def draft(make_application) -> Application:
    return make_application()


def states(draft: Application) -> dict[str, str]:
    return dict(draft.fetches.values_list("kind", "state"))


def fetch_all(now: datetime) -> None:
    while medical.fetch_next(now=now) is not None:
        pass


@pytest.mark.rule("R86", "R87")
def test_both_papers_are_fetched_with_their_source(
    draft: Application, registers: Registers, now: datetime
) -> None:
    registers.papers = {"065/у": pdf(), "052-2/у": pdf(pages=2)}

    medical.request(draft, now=now)
    fetch_all(now)

    assert states(draft) == {"F065": FetchState.FOUND, "F052_2": FetchState.FOUND}
    found = draft.documents.get(kind=DocumentKind.F065)
    assert (found.source, found.origin, found.added_at) == (DocumentSource.AUTO, "№5 қалалық емхана", now)
    assert found.issued_on == date(2026, 5, 4)


def test_request_is_made_once(draft: Application, registers: Registers, now: datetime) -> None:
    medical.request(draft, now=now)
    medical.request(draft, now=now + timedelta(minutes=1))

    assert draft.fetches.count() == 2


def test_paper_that_is_there_is_not_asked_for(
    draft: Application, registers: Registers, now: datetime
) -> None:
    keeping.store(draft, kind=DocumentKind.F065, upload=file("a.pdf", pdf()), now=now)

    medical.request(draft, now=now)

    assert set(states(draft)) == {"F052_2"}


@pytest.mark.rule("D11")
def test_without_the_consent_nothing_is_asked(
    draft: Application, registers: Registers, now: datetime
) -> None:
    Consent.objects.filter(child=draft.child).delete()

    medical.request(draft, now=now)

    assert states(draft) == {}


@pytest.mark.rule("D11")
def test_consent_taken_back_meanwhile_stops_the_fetch(
    draft: Application, registers: Registers, now: datetime
) -> None:
    medical.request(draft, now=now)
    Consent.objects.filter(child=draft.child).delete()

    fetch_all(now)

    assert registers.asked == []
    assert set(states(draft).values()) == {FetchState.MISSING}


@pytest.mark.rule("R86", "R87")
def test_missing_paper_is_left_to_the_person(draft: Application, registers: Registers, now: datetime) -> None:
    registers.papers = {"065/у": pdf()}

    medical.request(draft, now=now)
    fetch_all(now)

    assert states(draft) == {"F065": FetchState.FOUND, "F052_2": FetchState.MISSING}


def test_refusing_system_is_not_asked_again(draft: Application, registers: Registers, now: datetime) -> None:
    registers.refusing.add("medical")

    medical.request(draft, now=now)
    fetch_all(now)
    fetch_all(now + timedelta(days=1))

    assert registers.asked.count("medical") == 2
    assert set(states(draft).values()) == {FetchState.MISSING}


def test_dead_system_is_asked_again_later_and_later(
    draft: Application, registers: Registers, now: datetime
) -> None:
    registers.down.add("medical")
    medical.request(draft, now=now)
    MedicalFetch.objects.filter(kind=DocumentKind.F052_2).delete()

    fetch_all(now)
    fetch = draft.fetches.get()
    assert (fetch.state, fetch.attempts) == (FetchState.FAILED, 1)
    assert now < fetch.next_try_at <= now + timedelta(seconds=12)

    registers.down.clear()
    registers.papers = {"065/у": pdf()}
    fetch_all(fetch.next_try_at)

    assert states(draft) == {"F065": FetchState.FOUND}
    assert draft.documents.get().kind == DocumentKind.F065


def test_system_that_refuses_the_portal_stops_the_queue_and_costs_nobody_a_try(
    draft: Application, registers: Registers, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For days, far beyond the eight tries; then it goes on by itself."""
    medical.request(draft, now=now)

    def refuse(*_args: object, **_more: object) -> None:
        raise Misconfigured("medical", "fault SCE003")

    moment = now
    with monkeypatch.context() as patch:
        patch.setattr("egov.medical.fetch", refuse)
        for _ in range(3 * queue.MAX_TRIES):
            assert medical.fetch_next(now=moment) is False
            assert medical.fetch_next(now=moment) is None
            moment = Trouble.objects.get(system="medical", ours=True).until
    assert set(draft.fetches.values_list("attempts", flat=True)) == {0}

    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    fetch_all(moment + timedelta(hours=1))
    assert set(states(draft).values()) == {FetchState.FOUND}
    assert not Trouble.objects.exists()


def test_fetch_ends_after_the_last_try(draft: Application, registers: Registers, now: datetime) -> None:
    registers.down.add("medical")
    medical.request(draft, now=now)
    MedicalFetch.objects.filter(kind=DocumentKind.F052_2).delete()

    for day in range(20):
        fetch_all(now + timedelta(days=day))

    assert len(registers.asked) == queue.MAX_TRIES
    assert states(draft) == {"F065": FetchState.FAILED}


@pytest.mark.rule("R86", "R87")
@pytest.mark.parametrize("ended", ["missing", "failed", "removed"])
def test_ended_request_is_made_again_after_hours(
    draft: Application, registers: Registers, now: datetime, ended: str
) -> None:
    """The clinic may have written the paper meanwhile, or the person may have thrown it away."""
    if ended == "failed":
        registers.down.add("medical")
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()} if ended == "removed" else {}
    medical.request(draft, now=now)
    for day in range(queue.MAX_TRIES + 1):
        fetch_all(now + timedelta(days=day))
    for document in draft.documents.all():
        keeping.remove(document, now=now)
    before = states(draft)
    answered = max(filter(None, draft.fetches.values_list("answered_at", flat=True)))
    registers.down.clear()
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}

    medical.request(draft, now=answered + timedelta(hours=6))
    assert states(draft) == before
    later = answered + timedelta(hours=6, seconds=1)
    medical.request(draft, now=later)

    assert set(draft.fetches.values_list("state", "attempts")) == {(FetchState.WAITING, 0)}
    assert medical.worth_waiting(draft, now=later)
    fetch_all(later)
    assert draft.documents.count() == 2


@pytest.mark.rule("R86", "R87")
def test_ended_request_is_not_made_again_over_an_own_file(
    draft: Application, registers: Registers, now: datetime
) -> None:
    medical.request(draft, now=now)
    fetch_all(now)
    keeping.store(draft, kind=DocumentKind.F065, upload=file("a.pdf", pdf()), now=now)

    medical.request(draft, now=now + timedelta(days=1))

    assert states(draft) == {"F065": FetchState.MISSING, "F052_2": FetchState.WAITING}


def test_lost_worker_leaves_the_paper_to_another(
    draft: Application, registers: Registers, now: datetime
) -> None:
    medical.request(draft, now=now)
    queue.claim(MedicalFetch.objects.all(), now=now, limit=20)

    assert medical.fetch_next(now=now) is None

    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    fetch_all(now + queue.LEASE)

    assert set(states(draft).values()) == {FetchState.FOUND}


@pytest.mark.rule("R86", "R87")
def test_own_upload_wins_over_a_late_answer(draft: Application, registers: Registers, now: datetime) -> None:
    registers.papers = {"065/у": pdf(pages=3)}
    medical.request(draft, now=now)
    own = keeping.store(draft, kind=DocumentKind.F065, upload=file("a.pdf", pdf()), now=now)

    fetch_all(now)

    assert list(draft.documents.filter(kind=DocumentKind.F065)) == [own]


def test_signed_application_is_left_alone(draft: Application, registers: Registers, now: datetime) -> None:
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    medical.request(draft, now=now)
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW,
        submitted_at=now,
        received_at=now,
        due_at=now,
        data_correct_at=now,
        external_data_at=now,
    )

    fetch_all(now)

    assert registers.asked == []
    assert not Document.objects.exists()


def test_hostile_paper_of_the_system_is_not_stored(
    draft: Application, registers: Registers, now: datetime, caplog: Any
) -> None:
    registers.papers = {"065/у": b"%PDF-1.7 but nothing of the kind"}
    medical.request(draft, now=now)

    fetch_all(now)

    assert states(draft)["F065"] == FetchState.SPOILED
    assert not Document.objects.exists()
    assert "UNREADABLE" in caplog.text
    assert draft.child.iin not in caplog.text


@pytest.mark.parametrize(
    ("where", "fault"), [(warden, Rejected(Fault.BUSY)), (LockedStorage, StoreAway("too late"))]
)
def test_paper_waits_for_a_place_in_the_cell_and_for_the_store(
    where: Any,
    fault: Exception,
    draft: Application,
    registers: Registers,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_given: Any, **_how: Any) -> None:
        raise fault

    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    medical.request(draft, now=now)
    with monkeypatch.context() as patch:
        patch.setattr(where, "examine" if where is warden else "put", busy)
        fetch_all(now)
    assert set(states(draft).values()) == {FetchState.FAILED}
    assert set(draft.fetches.values_list("attempts", flat=True)) == {1}, "the next wait is longer"

    fetch_all(now + timedelta(minutes=1))

    assert set(states(draft).values()) == {FetchState.FOUND}


def test_page_waits_only_at_first(draft: Application, registers: Registers, now: datetime) -> None:
    medical.request(draft, now=now)

    assert medical.worth_waiting(draft, now=now + timedelta(seconds=9))
    assert not medical.worth_waiting(draft, now=now + timedelta(seconds=10))


def test_run_stops_when_nothing_is_due(draft: Application, registers: Registers) -> None:
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    medical.request(draft, now=timezone.now())

    assert medical.run() == 2
    assert medical.run() == 0


def test_one_run_at_a_time_so_that_a_worker_stays_free(draft: Application, registers: Registers) -> None:
    registers.papers = {"065/у": pdf(), "052-2/у": pdf()}
    medical.request(draft, now=timezone.now())
    assert leases.take(medical.RUN, "another", lasts=timedelta(minutes=1))
    assert medical.run() == 0
    assert set(states(draft).values()) == {FetchState.WAITING}

    leases.end(medical.RUN, "another")
    assert medical.run() == 2


def test_run_that_fails_lets_the_next_one_in(registers: Registers, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, now: datetime) -> bool:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(medical, "fetch_next", broken)
        with pytest.raises(MemoryError):
            medical.run()

    assert leases.take(medical.RUN, "another", lasts=timedelta(minutes=1))
