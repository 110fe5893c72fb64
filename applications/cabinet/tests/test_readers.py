"""«Кім қарады»: each look at a child's data is in the journal, and its parent sees it."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Child, EntryKind, Guardianship, JournalEntry, Protection, Shown, User
from applications.models import Application, Decision, StatusChange
from applications.status import Status
from conftest import grant_consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(make_application: Callable[..., Application]) -> Application:
    return make_application(Status.IN_REVIEW)


def reads(client: Client) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(kind=EntryKind.READ).order_by("pk"))


def page_of(client: Client, reader: User, child: Child) -> str:
    client.force_login(reader)
    response = client.get(reverse("cabinet:readers", args=[child.pk]))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_parent_sees_who_looked_from_where_and_never_by_name(
    client: Client, filed: Application, parent: User, executor: User
) -> None:
    client.force_login(executor)
    client.get(reverse("review:application", args=[filed.public_id]))

    shown = page_of(client, parent, filed.child)

    entry = reads(client)[0]
    assert entry.said and entry.said["by"] == "page review:application"
    assert "Өтінімді ашты" in shown
    assert "Орындаушы, «№63 жалпы білім беретін мектеп» КММ" in shown
    assert f"Жазба № {entry.pk}" in shown
    assert executor.surname not in shown


def test_ones_own_looks_are_written_and_not_shown(client: Client, filed: Application, parent: User) -> None:
    client.force_login(parent)
    client.get(reverse("cabinet:application", args=[filed.public_id]))

    assert [(entry.said or {}).get("user") for entry in reads(client)] == [parent.pk]
    assert "сізден басқа ешкім қараған жоқ" in page_of(client, parent, filed.child)


def test_the_other_parent_sees_that_a_parent_looked(
    client: Client, filed: Application, parent: User, stranger: User
) -> None:
    Guardianship.objects.create(user=stranger, child=filed.child)
    grant_consent(stranger, filed.child)
    client.force_login(parent)
    client.get(reverse("cabinet:application", args=[filed.public_id]))

    assert "Баланың ата-анасы немесе заңды өкілі" in page_of(client, stranger, filed.child)


def test_a_stranger_sees_nothing(client: Client, filed: Application, stranger: User) -> None:
    client.force_login(stranger)

    assert client.get(reverse("cabinet:readers", args=[filed.child.pk])).status_code == 404


@pytest.mark.rule("D34")
def test_who_lost_the_right_to_the_child_is_not_told_who_looks(
    client: Client, filed: Application, parent: User, now: datetime
) -> None:
    Guardianship.objects.filter(user=parent).update(denied_at=now)
    client.force_login(parent)

    assert client.get(reverse("cabinet:readers", args=[filed.child.pk])).status_code == 404


@pytest.mark.rule("D35")
def test_from_whom_a_court_hides_the_child_is_not_told_who_looks(
    client: Client, filed: Application, parent: User, executor: User, now: datetime
) -> None:
    client.force_login(executor)
    client.get(reverse("review:application", args=[filed.public_id]))
    Protection.objects.create(
        child_iin=filed.child.iin, barred_iin=parent.iin, since=now, set_by=executor, why="№ 1"
    )
    client.force_login(parent)

    assert client.get(reverse("cabinet:readers", args=[filed.child.pk])).status_code == 404
    assert "Кім қарады" not in client.get(reverse("accounts:children")).content.decode()


def test_a_look_that_was_refused_is_no_look(client: Client, filed: Application, other_director: User) -> None:
    client.force_login(other_director)

    assert client.get(reverse("review:application", args=[filed.public_id])).status_code == 404
    assert reads(client) == []


def test_the_list_of_a_school_is_a_look_at_many(client: Client, filed: Application, executor: User) -> None:
    client.force_login(executor)
    client.get(reverse("review:queue"))

    assert [(one.model, one.facts, one.child) for one in reads(client)] == [
        ("schools.school", {"what": Shown.LIST}, None)
    ]


def refuse_entries() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("ALTER TABLE accounts_journalentry ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        cursor.execute("SET LOCAL ROLE oqu_portal")


def test_what_cannot_be_written_down_does_not_happen(
    client: Client, filed: Application, executor: User
) -> None:
    client.force_login(executor)
    client.raise_request_exception = False
    refuse_entries()

    response = client.post(
        reverse("review:decide", args=[filed.public_id]), {"result": "ACCEPT", "transport": "no"}
    )

    assert response.status_code == 503
    assert "журналға жазу мүмкін болмады" in response.content.decode()
    assert not Decision.objects.exists()
    assert not StatusChange.objects.filter(new=Status.SIGNING).exists()


def test_what_cannot_be_written_down_is_not_shown(client: Client, filed: Application, executor: User) -> None:
    client.force_login(executor)
    client.raise_request_exception = False
    refuse_entries()

    response = client.get(reverse("review:application", args=[filed.public_id]))

    assert response.status_code == 503
    assert "журналға жазу мүмкін болмады" in response.content.decode()
    assert filed.child.surname not in response.content.decode()


def fill_the_disk() -> None:
    """As PostgreSQL says it, in the very statement that writes the entry."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON accounts_journalentry"
            " FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        cursor.execute("SET LOCAL ROLE oqu_portal")


def test_database_whose_disk_is_full_is_a_busy_portal(
    client: Client, make_application: Callable[..., Application], director: User
) -> None:
    """It fails first where the entry of an act is written, or of a look."""
    draft = make_application(Status.DRAFT)
    parent = Client(raise_request_exception=False)
    parent.force_login(draft.applicant)
    client.force_login(director)
    client.raise_request_exception = False
    fill_the_disk()

    deleted = parent.post(reverse("cabinet:delete_draft", args=[draft.public_id]))
    assert Application.objects.filter(pk=draft.pk).exists()
    for answer in (deleted, client.get(reverse("review:queue"))):
        assert answer.status_code == 503 and "Портал уақытша бос емес" in answer.content.decode()
        assert int(answer.headers["Retry-After"]) > 0


def test_who_signs_in_and_out_is_written_down(client: Client, parent: User) -> None:
    client.force_login(parent)
    client.post(reverse("accounts:logout"))

    told = JournalEntry.objects.filter(model="accounts.user", row=str(parent.pk))
    kinds = [entry.kind for entry in told.order_by("pk")][-2:]
    assert kinds == [EntryKind.SIGN_IN, EntryKind.SIGN_OUT]
