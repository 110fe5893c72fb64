"""The journal: each change of a watched row is in it, with who made it; it is only ever added to."""

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import chain, journal, speaker
from accounts.models import Child, EntryKind, JournalEntry, JournalLink, User

pytestmark = pytest.mark.django_db


def entries(row: User | Child) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(model=row._meta.label_lower, row=str(row.pk)).order_by("pk"))


def test_a_change_is_written_with_its_row(parent: User) -> None:
    written = entries(parent)

    assert written[0].kind == EntryKind.INSERT
    assert written[0].facts["is_active"] is True
    assert parent.iin not in str(written[0].facts)
    User.objects.filter(pk=parent.pk).update(is_active=False)
    assert [one.kind for one in entries(parent)[len(written) :]] == [EntryKind.UPDATE]
    assert entries(parent)[-1].facts["is_active"] is False


def test_what_is_no_fact_makes_no_entry(parent: User) -> None:
    before = len(entries(parent))

    User.objects.filter(pk=parent.pk).update(lang="ru")
    User.objects.filter(pk=parent.pk).update(is_active=True)

    assert len(entries(parent)) == before


def test_who_speaks_is_in_the_entry(parent: User, director: User) -> None:
    with speaker.speaking("page x'*/ %s", user=director, address="10.20.30.40"):
        User.objects.filter(pk=parent.pk).update(is_active=False)
    User.objects.filter(pk=parent.pk).update(is_active=True)

    said, unsaid = (one.said for one in entries(parent)[-2:])
    school = director.posts.get().school_id
    assert said == {
        "by": "page x/ s",
        "from": "10.20.30.0",
        "user": director.pk,
        "posts": f"DIRECTOR:{school}",
    }
    assert unsaid is None


def test_every_question_says_whose_it_is_and_a_change_says_it_whole(parent: User) -> None:
    speaker.number("0f" * 16)
    with CaptureQueriesContext(connection) as asked, speaker.speaking("page x'*/ %s", user=parent):
        assert User.objects.filter(pk=parent.pk).exists()
        User.objects.filter(pk=parent.pk).update(is_active=False)
    speaker.number(None)
    with CaptureQueriesContext(connection) as unsaid:
        assert User.objects.filter(pk=parent.pk).exists()

    question, *_posts, change = [one["sql"] for one in asked.captured_queries]
    assert question.endswith(f" /*'page x/ s {'0f' * 16}'*/")
    assert change.endswith("}*/") and change.count("/*") == 1
    assert (entries(parent)[-1].said or {})["request"] == "0f" * 16
    assert "/*" not in unsaid.captured_queries[0]["sql"]


def test_a_connection_that_opens_inside_of_a_request_tells_in_the_next_ones_too() -> None:
    fresh = connection.copy()
    try:
        with fresh.execute_wrapper(lambda execute, *statement: execute(*statement)):
            fresh.connect()
        assert fresh.execute_wrappers == [journal.tell]
        fresh.close()
        fresh.connect()
        assert fresh.execute_wrappers == [journal.tell]
    finally:
        fresh.close()


def entry(pk: int) -> JournalEntry:
    return JournalEntry.objects.create(pk=pk, kind=EntryKind.READ, model="accounts.user", row="1")


def test_an_entry_that_was_committed_late_gets_its_place_behind_the_others() -> None:
    newest = 10**9
    entry(newest)
    chain.link()
    late, later = entry(newest - 1), entry(newest - chain.REACH - 1)

    assert chain.link() == 1
    assert list(chain.loose()) == [later]
    assert chain.link(everything=True) == 1
    assert list(JournalLink.objects.order_by("position").values_list("entry", flat=True))[-3:] == [
        newest,
        late.pk,
        later.pk,
    ]
    assert chain.check() == JournalLink.objects.count()


def test_one_worker_links_at_a_time(parent: User) -> None:
    settings = connection.get_connection_params()
    there = {name: settings[name] for name in ("dbname", "host", "user") if settings.get(name)}
    with psycopg.connect(**there, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [chain.LOCK])
        assert chain.link() == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [chain.LOCK])
        assert chain.link() > 0
