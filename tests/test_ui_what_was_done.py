"""Whatever breaks in a request, and wherever: the page says that nothing has changed only where it is so."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.journal import CHANGE
from accounts.models import Guardianship, User
from applications.models import Application

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = ("Ештеңе өзгерген жоқ", "Ничего не изменилось")
PERHAPS = ("орындалып үлгерген болуы мүмкін", "могло быть выполнено")
ENDED = ("Сеанс аяқталды", "Сеанс завершён")
AWAY = ("Портал уақытша бос емес", "Портал временно занят")

LOAD, USER, LOOK = 'FROM "django_session"', 'FROM "accounts_user"', 'FROM "accounts_consent"'
SAVE, WORK = 'UPDATE "django_session"', 'UPDATE "accounts_user"'
LOCK, ANSWER = "FOR UPDATE", 'UPDATE "applications_application"'
BEFORE, AFTER = "before", "after"


@contextmanager
def aside() -> Iterator[psycopg.Connection[Any]]:
    """A connection that is not the request's."""
    settings = connection.get_connection_params() | {"autocommit": True}
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        settings.pop(ours, None)
    with psycopg.connect(**settings) as other:
        yield other


def cut() -> None:
    """End the request's own connection, as a restart of the server does."""
    pid = connection.connection.info.backend_pid
    with aside() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def sign_out() -> None:
    with aside() as other:
        other.execute("DELETE FROM django_session")


def at(place: str, when: str, what: Callable[[], None]) -> Callable[..., Any]:
    """Do it once, before or after the first statement that has `place` in it."""
    waiting = [place]

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        here = bool(waiting) and waiting[0] in sql
        if here:
            waiting.clear()
        if here and when == BEFORE:
            what()
        answer = execute(sql, params, many, context)
        if here and when == AFTER:
            what()
        return answer

    return wrapper


@pytest.fixture
def visitor(parent: User) -> Iterator[Client]:
    client = Client(raise_request_exception=False)
    client.force_login(parent)
    yield client
    connection.close()  # cut: the next test opens its own


@pytest.fixture
def draft(make_application: Callable[..., Application]) -> Application:
    made = make_application(extra_phone="")
    Guardianship.objects.update(answered_at=timezone.now())  # else the registers would be asked first
    return made


def says(page: str, texts: tuple[str, str]) -> bool:
    found = {text in page for text in texts}
    assert len(found) == 1, f"only one language says it: {texts}"
    return found.pop()


def judge(answer: Any, *, status: int, title: tuple[str, str], perhaps: bool) -> None:
    page = answer.content.decode()
    assert answer.status_code == status
    assert says(page, title)
    assert (says(page, PERHAPS), says(page, NOTHING)) == (perhaps, not perhaps)
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("method", "place", "when", "perhaps"),
    [
        ("get", LOAD, BEFORE, False),  # the session
        ("get", USER, BEFORE, False),  # the middleware that asks who it is
        ("get", LOOK, BEFORE, False),  # the view
        ("get", SAVE, BEFORE, False),  # the session again, after a view that only looked
        ("post", LOAD, BEFORE, False),
        ("post", USER, BEFORE, False),
        ("post", WORK, BEFORE, True),  # the change itself: it may have been heard
        ("post", WORK, AFTER, True),
        ("post", SAVE, BEFORE, True),  # the change is kept, the session is not
    ],
)
def test_database_that_goes_away(
    visitor: Client, parent: User, method: str, place: str, when: str, perhaps: bool
) -> None:
    with connection.execute_wrapper(at(place, when, cut)):
        answer = getattr(visitor, method)("/profile/", {"language": "ru"})

    judge(answer, status=503, title=AWAY, perhaps=perhaps)
    connection.close()
    kept = User.objects.get(pk=parent.pk).lang == "ru"
    assert kept == (method == "post" and (place, when) == (SAVE, BEFORE))


@pytest.mark.parametrize(
    ("place", "when", "perhaps"), [(LOCK, BEFORE, False), (ANSWER, BEFORE, True), (ANSWER, AFTER, True)]
)
def test_database_that_goes_away_inside_a_transaction(
    visitor: Client, draft: Application, place: str, when: str, perhaps: bool
) -> None:
    """The last: the COMMIT itself is lost, and whether it was heard nobody can tell."""
    path = reverse("filing:step", args=[draft.public_id, "child"])

    with connection.execute_wrapper(at(place, when, cut)):
        answer = visitor.post(path, {"extra_phone": "+77011112233"})

    judge(answer, status=503, title=AWAY, perhaps=perhaps)


@pytest.mark.parametrize(("method", "perhaps"), [("get", False), ("post", True)])
def test_session_that_ends_meanwhile(visitor: Client, parent: User, method: str, perhaps: bool) -> None:
    """Signed out in another tab while this one was sending."""
    with connection.execute_wrapper(at(SAVE, BEFORE, sign_out)):
        answer = getattr(visitor, method)("/profile/", {"language": "ru"})

    judge(answer, status=409, title=ENDED, perhaps=perhaps)
    assert not Session.objects.exists()
    assert (User.objects.get(pk=parent.pk).lang == "ru") == perhaps


def test_defect_after_the_work(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("a defect of ours")

    monkeypatch.setattr("accounts.views.profile.remember_language", broken)

    answer = visitor.post("/profile/", {"language": "ru"})

    judge(answer, status=500, title=("Біздің тарапта қате болды", "Ошибка на нашей стороне"), perhaps=True)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ('INSERT INTO "accounts_child" ("id") VALUES (1)', "accounts_child"),
        ('  update accounts_user SET lang = "ru"', "accounts_user"),
        ('DELETE FROM "applications_document" WHERE 1', "applications_document"),
        ('SELECT 1 FROM "accounts_user" FOR UPDATE', None),
        ("SAVEPOINT a", None),
    ],
)
def test_changes_are_told_from_questions(sql: str, table: str | None) -> None:
    found = re.match(CHANGE, sql)

    assert (found and found[1]) == table
