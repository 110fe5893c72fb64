"""What was changed past the portal shows: in the chain, in the heads that were carried away, in the rows.

Each change is made in the database itself, as the owner with the triggers asleep, and with them awake."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import chain, watching
from accounts.models import JournalEntry, JournalLink, User
from applications.models import Application
from applications.papers import heads
from applications.papers.tests.audit_cast import accepted, filed, on_paper  # noqa: F401  fixtures
from schools.models import School
from tests.environment import undone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_place(settings: Any, tmp_path: Path, portal_keys: Path) -> Path:
    settings.JOURNAL_EXPORT_DIR = tmp_path / "heads"
    return tmp_path / "heads"


def sql(statement: str, values: dict[str, int] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def asleep() -> Iterator[None]:
    """As the owner can: no trigger fires."""
    sql("SET LOCAL ROLE NONE")
    sql("SET LOCAL session_replication_role = replica")
    yield
    sql("SET LOCAL session_replication_role = origin")
    sql("SET LOCAL ROLE oqu_portal")


def verify(*, after: int = 0) -> list[str]:
    out = StringIO()
    try:
        call_command("verify_journal", f"--after={after}", stdout=out)
    except SystemExit:
        assert not out.getvalue().endswith("the journal holds\n")
    return out.getvalue().splitlines()


def newest() -> int:
    return JournalEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]


WHOLE = [
    "DELETE FROM applications_paper WHERE application_id = %(a)s",
    "DELETE FROM applications_signature WHERE application_id = %(a)s",
    "DELETE FROM applications_signingrequest WHERE application_id = %(a)s",
    "DELETE FROM applications_decision WHERE application_id = %(a)s",
    "DELETE FROM applications_statuschange WHERE application_id = %(a)s",
    "DELETE FROM applications_document WHERE application_id = %(a)s",
    "DELETE FROM applications_application WHERE id = %(a)s",
]
ONE = "WHERE id = %(a)s"
ITS = "WHERE application_id = %(a)s"
CHANGES = {
    "status": f"UPDATE applications_application SET status = 'WITHDRAWN' {ONE}",
    "due time": f"UPDATE applications_application SET due_at = due_at + interval '1 day' {ONE}",
    "arrival": f"UPDATE applications_application SET received_at = received_at - interval '1 hour' {ONE}",
    "filing time": f"UPDATE applications_application SET submitted_at = submitted_at - interval '1s' {ONE}",
    "decided at": f"UPDATE applications_application SET decided_at = decided_at - interval '1 day' {ONE}",
    "reminder": f"UPDATE applications_application SET reminded_at = now() {ONE}",
    "overdue mark": f"UPDATE applications_application SET overdue_told_at = now() {ONE}",
    "ticks": f"UPDATE applications_application SET data_correct_at = data_correct_at - interval '1s' {ONE}",
    "ticks' text": f"UPDATE applications_application SET ticks_version = 'other' {ONE}",
    "applicant": f"UPDATE applications_application SET applicant_id = %(other)s {ONE}",
    "channel": f"UPDATE applications_application SET channel = 'IN_PERSON', filed_by_id = %(other)s {ONE}",
    "who registered": f"UPDATE applications_application SET filed_by_id = %(other)s {ONE}",
    "phone told": f"UPDATE applications_application SET extra_phone = '+77010000001' {ONE}",
    "special needs": f"UPDATE applications_application SET special_needs = NOT special_needs {ONE}",
    "filed facts": f"UPDATE applications_application SET snapshot = '{{}}' {ONE}",
    "route": f"UPDATE applications_application SET route = 'OUTSIDE' {ONE}",
    "number": f"UPDATE applications_application SET number = '2026-999999' {ONE}",
    "author of history": f"UPDATE applications_statuschange SET by_id = %(other)s {ITS}",
    "time of history": f"UPDATE applications_statuschange SET at = at - interval '1 hour' {ITS}",
    "history removed": f"DELETE FROM applications_statuschange {ITS}",
    "history invented": "INSERT INTO applications_statuschange (application_id, old, new, at, by_id) "
    "VALUES (%(a)s, 'DRAFT', 'IN_REVIEW', now(), %(other)s)",
    "who prepared": f"UPDATE applications_decision SET prepared_by_id = %(other)s {ITS}",
    "who decided": f"UPDATE applications_decision SET signed_by_id = %(other)s {ITS}",
    "reason": f"UPDATE applications_decision SET reason = 'other' {ITS}",
    "decision removed": f"DELETE FROM applications_decision {ITS}",
    "decision invented": "INSERT INTO applications_decision (application_id, result, reason_code, reason, "
    "transport_reason, return_reason, mistake, prepared_by_id, prepared_at, returned_at) "
    "VALUES (%(a)s, 'REFUSE', 'OTHER', 'x', '', 'y', '', %(other)s, now(), now())",
    "document's source": f"UPDATE applications_document SET source = 'MANUAL', origin = 'x' {ITS}",
    "document's term": f"UPDATE applications_document SET valid_until = '2030-01-01' {ITS}",
    "document's file": f"UPDATE applications_document SET sha256 = repeat('0', 64) {ITS}",
    "document's erasing": f"UPDATE applications_document SET file = '', label = '', erased_at = now() {ITS}",
    "original removed": f"DELETE FROM applications_signingrequest {ITS}",
    "original's state": f"UPDATE applications_signingrequest SET state = 'FAILED', error = 'REVOKED' {ITS}",
    "document removed": f"DELETE FROM applications_document {ITS}",
    "time of a signature": f"UPDATE applications_signature SET signed_at = signed_at - interval '1s' {ITS}",
    "bytes of a signature": f"UPDATE applications_signature SET cms = '\\x00' {ITS}",
    "paper removed": f"DELETE FROM applications_paper {ITS}",
    "paper's address": f"UPDATE applications_paper SET token = 'x' || id {ITS}",
    "whose signature": f"UPDATE applications_signature SET signer_id = %(other)s {ITS}",
    "paper's hash": f"UPDATE applications_paper SET created_at = now() {ITS}",
    "message delivered": "UPDATE notifications_message SET state = 'DELIVERED', delivered_at = now()",
    "message's number": "UPDATE notifications_message SET phone = '+77010000001'",
    "message hidden": "UPDATE notifications_message SET hidden_at = now()",
    "who told them": "UPDATE notifications_message SET reached_at = now(), reached_by_id = %(other)s",
    "message's text": "UPDATE notifications_message SET text = 'x'",
    "messages removed": "DELETE FROM notifications_message",
    "consent removed": "DELETE FROM accounts_consent",
    "consent invented": "INSERT INTO accounts_consent (user_id, child_iin, reference, status, token, "
    "public_key, text_version, requested_at, answered_at, expires_at) "
    "VALUES (%(other)s, '', 'made-up', 'GRANTED', '', '', '1', now(), now(), now())",
    "consent's token": "UPDATE accounts_consent SET token = '', public_key = ''",
    "consent's answer": "UPDATE accounts_consent SET answered_at = answered_at - interval '1 day'",
    "child told of": "UPDATE accounts_consent SET child_iin = '191102599908', child_id = NULL",
    "consent's term": "UPDATE accounts_consent SET expires_at = expires_at + interval '1 year'",
    "phone": "UPDATE accounts_user SET phone = '+77010000001' WHERE id = %(other)s",
    "person's number": "UPDATE accounts_user SET iin = '900101300001' WHERE id = %(other)s",
    "child's name": "UPDATE accounts_child SET name = 'Other'",
    "child's birth": "UPDATE accounts_child SET birth_date = '2019-01-01'",
    "guardian invented": "INSERT INTO accounts_guardianship "
    "(user_id, child_id, relation, document, added_at) SELECT %(other)s, id, 'PARENT', '', now() "
    "FROM accounts_child",
    "another director": "UPDATE schools_staffmember SET user_id = %(other)s WHERE role = 'DIRECTOR'",
    "director invented": "INSERT INTO schools_staffmember (user_id, school_id, role, acting, appointed_at) "
    "VALUES (%(other)s, %(school)s, 'DIRECTOR', false, now())",
    "moved to another school": "UPDATE schools_staffmember SET role = 'EXECUTOR' WHERE role = 'DIRECTOR'",
    "school's number": "UPDATE schools_school SET bin = '990540099998' WHERE id = %(school)s",
    "places outside": "UPDATE schools_intake SET outside_limit = outside_limit + 1",
    "tie removed": "DELETE FROM accounts_guardianship",
    "tie denied": "UPDATE accounts_guardianship SET denied_at = now()",
    "post removed": "DELETE FROM schools_staffmember",
    "seats": "UPDATE schools_intake SET seats = seats + 1",
    "seats held": "UPDATE schools_intake SET held_local = held_local + 1",
    "period": "UPDATE schools_period SET closes = closes + 1",
    "holiday": "INSERT INTO schools_holiday (date, kind, name_kk, name_ru) "
    "VALUES ('2026-06-11', 'off', '', '')",
}


def _tables(statement: str) -> str:
    """«applications.decision» of «UPDATE applications_decision …»."""
    words = statement.split()
    return words[1 if words[0] == "UPDATE" else 2].replace("_", ".", 1)


def _awake(statement: str, values: dict[str, int]) -> list[str]:
    """With the triggers at work it is told as nobody's, or the database refuses it outright."""
    before = newest()
    try:
        with transaction.atomic():
            sql(statement, values)
    except DatabaseError:
        return ["UNSAID"]
    return [line for line in verify(after=before) if "UNSAID" in line]


@pytest.mark.parametrize("table", sorted({_tables(statement) for statement in CHANGES.values()}))
def test_every_silent_change_is_told(table: str, everything: dict[str, int]) -> None:
    before = newest()
    assert verify(after=before)[1:] == ["the journal holds"]

    for what, statement in CHANGES.items():
        if _tables(statement) == table:
            with undone():
                assert _awake(statement, everything), what
            with undone(), asleep():
                sql(statement, everything)
                told = verify(after=before)[1:]
            assert told, what
            assert all(line.startswith(f"{table} ") and " ROW_" in line for line in told), what


def test_a_whole_application_removed_is_told(everything: dict[str, int]) -> None:
    before = newest()

    with undone(), asleep():
        for statement in WHOLE:
            sql(statement, everything)
        told = verify(after=before)

    assert f"applications.application {everything['a']} ROW_GONE" in told


def test_an_act_of_erasing_that_nobody_of_the_portal_has_made_is_told(everything: dict[str, int]) -> None:
    before = newest()

    sql(
        'INSERT INTO accounts_journalentry (kind, model, "row", facts) VALUES '
        "('ERASED', 'applications.application', %(a)s, '{\"policy\": \"accepted\"}')",
        everything,
    )

    assert any(line.endswith("ERASED") and "UNSAID" in line for line in verify(after=before))


def test_of_a_paper_application_the_applicant_is_told(
    on_paper: Application,  # noqa: F811  a fixture
    stranger: User,
) -> None:
    before = newest()

    with asleep():
        sql(
            f"UPDATE applications_application SET applicant_id = %(s)s {ONE}",
            {"s": stranger.pk, "a": on_paper.pk},
        )

    assert verify(after=before)[1:] == [f"applications.application {on_paper.pk} ROW_DIFFERS"]


@pytest.fixture
def everything(
    accepted: Application,  # noqa: F811  a fixture
    executor: User,
    school: School,
) -> dict[str, int]:
    """An accepted application, with a document, messages, seats, posts and consents around it."""
    chain.link()
    return {"a": accepted.pk, "other": executor.pk, "school": school.pk}


# What is done to the chain itself, and the position and code that name the first broken row.
FIRST = "(SELECT entry FROM accounts_journallink WHERE position = 3)"
BROKEN = {
    "entry changed": (
        [f"UPDATE accounts_journalentry SET said = '{{}}' WHERE id = {FIRST}"],
        3,
        "ENTRY_CHANGED",
    ),
    "moment changed": (
        [f"UPDATE accounts_journalentry SET at = at - interval '1us' WHERE id = {FIRST}"],
        3,
        "ENTRY_CHANGED",
    ),
    "entry removed": ([f"DELETE FROM accounts_journalentry WHERE id = {FIRST}"], 3, "ENTRY_GONE"),
    "entry and link removed": (
        [
            f"DELETE FROM accounts_journalentry WHERE id = {FIRST}",
            "DELETE FROM accounts_journallink WHERE position = 3",
        ],
        3,
        "POSITION_MISSING",
    ),
    "beginning removed": (["DELETE FROM accounts_journallink WHERE position < 3"], 1, "POSITION_MISSING"),
    "moved together": (
        [
            "DELETE FROM accounts_journallink WHERE position = 3",
            "UPDATE accounts_journallink SET position = 3 WHERE position = 4",
        ],
        3,
        "LINK_CHANGED",
    ),
    "put before": (
        [
            "INSERT INTO accounts_journallink SELECT 0, -1, entry_hash, previous, hash "
            "FROM accounts_journallink LIMIT 1"
        ],
        1,
        "POSITION_MISSING",
    ),
    "changed places": (
        [
            "UPDATE accounts_journallink SET position = -3 WHERE position = 3",
            "UPDATE accounts_journallink SET position = 3 WHERE position = 4",
            "UPDATE accounts_journallink SET position = 4 WHERE position = -3",
        ],
        3,
        "LINK_CHANGED",
    ),
    "link changed": (
        ["UPDATE accounts_journallink SET hash = repeat('0', 64) WHERE position = 3"],
        3,
        "LINK_CHANGED",
    ),
}


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_the_first_broken_row_is_named(how: str, parent: User, school: School) -> None:
    chain.link()
    assert chain.check() > 4
    statements, position, code = BROKEN[how]

    with asleep():
        for statement in statements:
            sql(statement)

    with pytest.raises(chain.Broken) as broken:
        chain.check()
    assert (broken.value.position, broken.value.code) == (position, code)


@pytest.mark.parametrize("table", watching.JOURNAL)
@pytest.mark.parametrize("how", ["UPDATE {} SET previous = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_any_change_of_the_journal(how: str, table: str, parent: User) -> None:
    chain.link()
    statement = how.format(table).replace("previous", "hash" if table.endswith("link") else "kind")

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        sql(statement)
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        sql("SET LOCAL ROLE NONE")
        sql(statement)


def test_a_chain_written_anew_differs_from_the_head_that_was_carried_away(
    parent: User, school: School, now: datetime
) -> None:
    heads.export(now=now)
    with asleep():
        sql('UPDATE accounts_journalentry SET said = \'{"by": "page x"}\'')
        sql("TRUNCATE accounts_journallink")
    chain.link()

    assert chain.check() > 0
    assert {(one.name, one.code) for one in heads.faults()} == {
        ("hour-20260610T11.json", heads.DIFFERS),
        ("day-20260610.json", heads.DIFFERS),
    }


def test_a_restored_backup_says_how_many_rows_are_missing(
    parent: User, school: School, now: datetime
) -> None:
    chain.link()
    length = JournalLink.objects.count()
    with undone():
        User.objects.filter(pk=parent.pk).update(is_active=False)
        User.objects.filter(pk=parent.pk).update(is_active=True)
        heads.export(now=now)

    assert JournalLink.objects.count() == length
    assert "hour-20260610T11.json ROWS_MISSING 2 after the last one there is" in verify(after=newest())


@pytest.mark.parametrize("part", ["position", "hash", "at", "key", "signature"])
def test_a_head_that_we_have_not_sealed_proves_nothing(
    part: str, parent: User, now: datetime, second_place: Path
) -> None:
    heads.export(now=now)
    path = second_place / "hour-20260610T11.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {part: 7 if part == "position" else f"0{told[part]}"}))

    assert [one for one in heads.faults() if one.code == heads.FORGED] == [
        heads.Fault(path.name, heads.FORGED)
    ]


def test_a_head_is_written_once_an_hour_and_never_over_another(
    parent: User, now: datetime, second_place: Path
) -> None:
    heads.export(now=now)
    first = (second_place / "hour-20260610T11.json").read_text()
    User.objects.filter(pk=parent.pk).update(is_active=False)

    again = heads.export(now=now + timedelta(minutes=30))
    later = heads.export(now=now + timedelta(hours=1))

    assert again == []
    assert [path.name for path in later] == ["hour-20260610T12.json"]
    assert (second_place / "hour-20260610T11.json").read_text() == first
    assert heads.faults() == []


def test_heads_that_are_written_no_more_are_told(parent: User) -> None:
    now = timezone.now()
    first = JournalEntry.objects.order_by("pk")[0]
    chain.link()

    assert heads.late(now=now + timedelta(hours=1)) is None
    assert heads.late(now=now + timedelta(hours=3)) == first
    heads.export(now=now)
    assert heads.late(now=now + timedelta(hours=3)) is None


@pytest.mark.parametrize(
    "how",
    [
        "ALTER TABLE applications_decision DISABLE TRIGGER oqu_journal_update",
        "DROP TRIGGER oqu_journal_delete ON applications_decision",
    ],
)
def test_a_watch_that_sleeps_is_told(how: str, parent: User) -> None:
    sql("SET LOCAL ROLE NONE")
    sql(how)

    assert watching.asleep() == ["applications_decision"]


@pytest.mark.parametrize("table", ["accounts_user", "applications_signingrequest"])
def test_rows_are_told_anew_when_their_table_has_one_more_column(
    table: str,
    filed: Application,  # noqa: F811  a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is personal: it is in the digest of each row, and in no other argument of the triggers."""
    watch = next(one for one in watching._all() if one.table == table)
    config = apps.get_app_config(watch.label.partition(".")[0])
    sql("SET LOCAL ROLE NONE")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} ADD COLUMN another text NOT NULL DEFAULT ''")
    more = replace(watch, columns=(*watch.columns, "another"))
    monkeypatch.setattr(watching, "watches", lambda one: [more] if one is config else [])
    assert {code for _, _, code in watching.differing()} == {"ROW_DIFFERS"}
    assert watching.asleep() == [table]

    watching.install(config)

    assert watching.differing() == []
    assert watching.asleep() == []


def test_a_watch_knows_all_columns_of_its_table() -> None:
    for watch in watching._all():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
                "AND NOT attisdropped",
                [watch.table],
            )
            assert sorted(name for (name,) in cursor.fetchall()) == list(watch.columns)


def test_a_function_of_the_watch_that_was_replaced_is_told(parent: User) -> None:
    sql("SET LOCAL ROLE NONE")
    sql(
        "CREATE OR REPLACE FUNCTION oqu_journal_note() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'"
    )

    assert watching.asleep() == ["oqu_journal_note"]
