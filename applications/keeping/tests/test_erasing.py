"""Erasing: whole or not at all, once, told apart from what was removed by hand."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import chain, data_keys, journal
from accounts.models import Consent, EntryKind, JournalEntry, User
from applications import tasks
from applications.filing import reapplication
from applications.filing.reapplication import Opened
from applications.keeping import erasing, loose, table
from applications.keeping.tests import terms_cast
from applications.models import (
    Application,
    Decision,
    Document,
    Paper,
    Result,
    Signature,
    SigningRequest,
    Supplement,
    private_path,
)
from applications.papers import making
from applications.papers.tests.audit_cast import (  # noqa: F401  fixtures
    accepted,
    add_document,
    codes,
    correct,
    decide,
    filed,
    withdrawn,
)
from applications.seat_counts import disagreements
from applications.status import Status
from applications.tests.test_verify_journal import asleep, newest, sql, verify
from schools import periods
from schools.models import Intake

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D40")]
MakeApplication = Callable[..., Application]
FILES_GONE, ALL_GONE = timedelta(days=200), timedelta(days=6 * 365)


@pytest.fixture(autouse=True)
def place_of_heads(settings: Any, tmp_path: Any, portal_keys: Any) -> None:
    settings.JOURNAL_EXPORT_DIR = tmp_path / "heads"


@contextmanager
def committed(capture: Any) -> Iterator[None]:
    """What waits for the end of the transaction is done, as if it had come."""
    with capture(execute=True):
        yield


def command(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("erase_old", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_files_of_a_withdrawn_child_go_and_everything_signed_is_still_proven(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    for paper in withdrawn.papers.all():
        making.render(paper, now=now)
    names = list(withdrawn.documents.values_list("file", flat=True))
    before, proven = newest(), codes(withdrawn)

    with committed(django_capture_on_commit_callbacks):
        report = erasing.run(now=now + FILES_GONE)

    assert {done.policy: done.files for done in report.done if done.files} == {"files_of_closed": len(names)}
    assert not any(map(default_storage.exists, names))
    assert set(withdrawn.documents.values_list("file", "label")) == {("", "")}
    assert codes(withdrawn) == proven == dict.fromkeys(proven, "")
    chain.link()
    assert verify(after=before)[-1] == "the journal holds"


def test_a_file_removed_by_hand_is_not_taken_for_an_erased_one(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    with asleep():
        sql("UPDATE applications_document SET file = '', label = '', erased_at = now()")

    assert codes(withdrawn)["ROWS"] == "DOCUMENTS_DIFFER"


def test_a_document_removed_after_the_act_is_told(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    erasing.run(now=now + FILES_GONE)
    with asleep():
        sql("DELETE FROM applications_document WHERE kind = 'PHOTO'")

    assert codes(withdrawn)["ROWS"] == "DOCUMENTS_DIFFER"
    assert any("ROW_GONE" in line for line in verify(after=newest()))


def test_a_whole_application_goes_with_all_its_files_and_the_journal_holds(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    for paper in withdrawn.papers.all():
        making.render(paper, now=now)
    files = [
        *Document.objects.values_list("file", flat=True),
        *Paper.objects.values_list("file", flat=True),
        *Signature.objects.values_list("payload", flat=True),
        *SigningRequest.objects.values_list("payload", flat=True),
    ]
    before = newest()

    with committed(django_capture_on_commit_callbacks):
        erasing.run(now=now + ALL_GONE)

    assert not Application.objects.filter(pk=withdrawn.pk).exists()
    assert not any(map(default_storage.exists, files))
    assert journal.was_erased(withdrawn)
    chain.link()
    assert verify(after=before)[-1] == "the journal holds"


@pytest.mark.rule("D54", "D55")
def test_what_was_added_and_what_was_corrected_goes_with_its_application(
    filed: Application,  # noqa: F811  a fixture
    executor: User,
    director: User,
    pki: Any,
    now: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """First the files, of which everything signed is still proven; in the end the rows too."""
    add_document(filed, executor, pki, now=now)
    decide(filed, director, pki, now=now + timedelta(minutes=5), result=Result.ACCEPT)
    filed.refresh_from_db()
    refused = correct(filed, director, pki, now=now + timedelta(minutes=9))
    for paper in refused.papers.all():
        making.render(paper, now=now)
    names = list(refused.documents.values_list("file", flat=True))
    before, proven = newest(), codes(refused)
    assert len(names) == 4 and set(proven) == {"APPLICATION", "SUPPLEMENT", "DECISION"}

    with committed(django_capture_on_commit_callbacks):
        erasing.run(now=now + FILES_GONE)
    assert not any(map(default_storage.exists, names))
    assert codes(refused) == proven == dict.fromkeys(proven, "")
    with committed(django_capture_on_commit_callbacks):
        report = erasing.run(now=now + ALL_GONE)

    assert report.failed == [] and disagreements() == []
    assert not any(model.objects.exists() for model in (Application, Decision, Supplement, Signature, Paper))
    chain.link()
    assert verify(after=before)[-1] == "the journal holds"


def test_an_accepted_application_gives_its_seat_back_as_it_goes(
    accepted: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    erasing.run(now=now + timedelta(days=16 * 365))

    assert not Application.objects.exists()
    assert Intake.objects.filter(held_local=0).exists()
    assert disagreements() == []


def test_one_that_was_filed_is_not_erased_as_a_draft_whatever_its_row_says(
    filed: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    Application.objects.filter(pk=filed.pk).update(status=Status.DRAFT, submitted_at=None, updated_at=now)

    erasing.run(now=now + timedelta(days=1000))

    assert Application.objects.filter(pk=filed.pk).exists()


def test_a_decision_that_is_awaited_keeps_everything(
    filed: Application,  # noqa: F811  a fixture
    now: datetime,
) -> None:
    erasing.run(now=now + timedelta(days=20 * 365))

    assert filed.documents.filter(erased_at=None).count() == 3


def test_files_go_only_when_the_transaction_has_come_to_its_end(
    make_application: MakeApplication, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    draft = terms_cast.draft(now - timedelta(days=91), make_application)
    name = str(draft.documents.get().file.name)

    with django_capture_on_commit_callbacks() as waiting:
        erasing.run(now=now)
    assert default_storage.exists(name)  # broken off here, the file is named by no row any more
    assert waiting

    assert loose.erase(name[:2], now=now + timedelta(days=1)) == 0  # it may wait for its row
    assert loose.erase(name[:2], now=datetime.now().astimezone() + timedelta(days=3)) == 1
    assert not default_storage.exists(name)
    act = JournalEntry.objects.filter(kind=EntryKind.ERASED).latest("pk")
    assert act.facts == {"policy": "loose_files", "rows": [], "files": 1}


def test_a_run_that_is_broken_off_goes_on_where_it_was(
    make_application: MakeApplication, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "AT_ONCE", 2)
    for minute in range(5):
        terms_cast.message(now - timedelta(days=2000, minutes=minute))

    assert erasing.run(now=now, seconds=-1).unfinished
    report = erasing.run(now=now)

    assert {done.policy: done.rows for done in report.done}["messages"] == 5
    acts = JournalEntry.objects.filter(kind=EntryKind.ERASED, model="notifications.message")
    assert [len(act.facts["rows"]) for act in acts.order_by("pk")] == [2, 2, 1]


def drafts(number: int, make_application: MakeApplication, now: datetime) -> None:
    for year in range(number):
        make_application(year=2020 + year)
    Application.objects.update(updated_at=now - timedelta(days=91))


def test_what_has_much_to_do_leaves_time_to_the_others(
    make_application: MakeApplication, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts(3, make_application, now)
    terms_cast.report(now - timedelta(days=31))
    monkeypatch.setattr(erasing, "monotonic", partial(next, count()))  # each look at the clock is a second

    report = erasing.run(now=now, seconds=5)

    rows = {done.policy: done.rows for done in report.done}
    assert (rows["drafts"], rows["reports"], report.unfinished) == (1, 1, True)


def test_time_that_one_does_not_need_is_the_others(
    make_application: MakeApplication, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts(3, make_application, now)
    monkeypatch.setattr(erasing, "monotonic", partial(next, count()))

    report = erasing.run(now=now, seconds=100)

    assert (report.done[0].rows, report.unfinished) == (3, False)


def test_what_is_due_is_looked_for_once_for_many_acts(
    make_application: MakeApplication, now: datetime
) -> None:
    drafts(5, make_application, now)

    with CaptureQueriesContext(connection) as asked:
        erasing.run(now=now)

    looked = [one["sql"] for one in asked if f"LIMIT {erasing.AT_ONCE}" in one["sql"]]
    assert sum("'DRAFT'" in one for one in looked) == 2  # the second finds none
    acts = JournalEntry.objects.filter(kind=EntryKind.ERASED, model="applications.application")
    assert [len(act.facts["rows"]) for act in acts] == [1] * 5


def test_a_column_under_a_key_that_is_not_here_keeps_nothing_from_its_end(
    make_application: MakeApplication, now: datetime, settings: Any
) -> None:
    for name in ("signing", "tokens", "consents", "consents_never_given"):
        policy = next(one for one in table.POLICIES if one.name == name)
        terms_cast.MAKERS[name](now - timedelta(days=policy.days + 1), make_application)
    Consent.objects.update(token="secret")
    settings.DATA_KEYS = [data_keys.line("zz", secrets.token_bytes(32))]

    report = erasing.run(now=now)

    assert report.failed == []
    rows = {done.policy: done.rows for done in report.done}
    assert all(rows[name] for name in ("signing", "tokens", "consents", "consents_never_given"))


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_has_nothing_to_do(parent: User, now: datetime) -> None:
    terms_cast.message(now - timedelta(days=2000))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [erasing.LOCK])
        assert erasing.run(now=now).busy
        assert not JournalEntry.objects.filter(kind=EntryKind.ERASED).exists()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [erasing.LOCK])
        assert not erasing.run(now=now).busy
    finally:
        other.close()


def test_a_row_of_the_table_that_fails_keeps_no_other_from_its_end(
    now: datetime, make_application: MakeApplication
) -> None:
    terms_cast.moved(Status.ACCEPTED)(now - timedelta(days=16 * 365), make_application)
    Intake.objects.update(held_local=F("held_local") - 1)  # what it holds is counted nowhere
    terms_cast.report(now - timedelta(days=31))

    report = erasing.run(now=now)

    assert report.failed == ["accepted"]
    assert Application.objects.exists()
    assert {done.policy: done.rows for done in report.done}["reports"] == 1


def test_a_dry_run_counts_and_erases_nothing(
    make_application: MakeApplication, now: datetime, settings: Any
) -> None:
    settings.ERASE_DRAFTS_DAYS = 0
    draft = terms_cast.draft(now, make_application)

    code, told = command("--dry-run")

    assert code == 0
    assert "drafts: 1 rows\n" in told
    assert Application.objects.filter(pk=draft.pk).exists()
    assert not JournalEntry.objects.filter(kind=EntryKind.ERASED).exists()
    assert command()[1].startswith("drafts: 1 rows, 1 files\n")
    assert not Application.objects.filter(pk=draft.pk).exists()


def test_the_store_of_another_database_is_left_alone(now: datetime, parent: User) -> None:
    for number in range(loose.TOO_MANY + 1):
        default_storage.save(f"ab/{number:032x}", ContentFile(b"x"))

    with pytest.raises(loose.WrongStore):
        loose.find("ab", now=datetime.now().astimezone() + timedelta(days=3))


def test_the_workers_tick_erases(make_application: MakeApplication, settings: Any) -> None:
    settings.ERASE_DRAFTS_DAYS = 0
    make_application()

    tasks.erase_old()

    assert not Application.objects.exists()


@pytest.mark.parametrize(("busy", "looked"), [(False, 1), (True, 0)])
def test_loose_files_wait_for_no_backlog(busy: bool, looked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    report = erasing.Report(unfinished=True, busy=busy)
    folders: list[str] = []
    monkeypatch.setattr(erasing, "run", lambda **_how: report)
    monkeypatch.setattr(loose, "erase", lambda folder, **_how: folders.append(folder))

    tasks.erase_old()

    assert len(folders) == looked


def test_an_original_that_was_signed_stays_with_its_signature(
    filed: Application,  # noqa: F811  a fixture
    now: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with committed(django_capture_on_commit_callbacks):
        erasing.run(now=now + timedelta(days=8))

    assert not SigningRequest.objects.exists()
    assert codes(filed) == {"APPLICATION": ""}


def test_the_page_says_that_a_document_was_erased(
    withdrawn: Application,  # noqa: F811  a fixture
    parent: User,
    now: datetime,
    client: Client,
) -> None:
    erasing.run(now=now + FILES_GONE)
    client.force_login(parent)
    document = withdrawn.documents.first()
    assert document is not None

    page = client.get(reverse("cabinet:application", args=[withdrawn.public_id])).content.decode()
    answer = client.get(reverse("filing:document", args=[withdrawn.public_id, document.public_id]))

    assert page.count("Сақтау мерзімі өтті, файл жойылды:") == 3
    assert answer.status_code == 404


def test_what_was_erased_is_not_copied_into_a_new_application(
    withdrawn: Application,  # noqa: F811  a fixture
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    erasing.run(now=now + FILES_GONE)

    Application.objects.update(year=periods.current_year(now + FILES_GONE))
    withdrawn.refresh_from_db()
    draft, opened = reapplication.reapply(withdrawn, now=now + FILES_GONE)

    assert opened == Opened.COPIED
    assert not draft.documents.exists()
    assert "lost" not in caplog.text


def test_no_act_tells_a_name_or_a_number(make_application: MakeApplication, now: datetime) -> None:
    for policy in table.POLICIES[:3]:
        terms_cast.MAKERS[policy.name](now - timedelta(days=policy.days + 1), make_application)

    erasing.run(now=now)

    for act in JournalEntry.objects.filter(kind=EntryKind.ERASED):
        assert set(act.facts) == {"policy", "rows", "files"}
        assert all(isinstance(row, int) for row in act.facts["rows"])


def test_names_of_files_are_spread_over_the_folders_that_are_looked_into() -> None:
    assert private_path(Document(), "").partition("/")[0] in loose.FOLDERS
