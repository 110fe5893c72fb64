"""Files on the disk and in an S3-compatible store: alike in what they do, and no silence of a store loses or
halves anything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import management
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

import manage
from accounts.models import User
from accounts.object_store import ObjectStore
from accounts.storage import LockedStorage, PrivateStore, StoreAway
from accounts.tests import store_cast
from accounts.tests.store_cast import bucket, moto  # noqa: F401  fixtures
from applications import drafts, facts, stored
from applications.documents import keeping
from applications.filing.tests.wizard_cast import file, jpeg, pdf
from applications.keeping import at_rest, erasing, loose
from applications.models import Application, Document, DocumentKind, Paper, PaperKind, Purpose
from applications.papers import making
from applications.papers.tests.paper_cast import sign
from applications.status import Status
from tests.environment import DATA_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys", "clock")]
MakeApplication = Callable[..., Application]
NEWER_KEY = f"zz:{'b' * 43}="
SOON, ALL_GONE = timedelta(minutes=1), timedelta(days=6 * 365)


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest) -> PrivateStore:
    if request.param == "s3":
        request.getfixturevalue("bucket")
    found = storages["default"]
    assert isinstance(found, PrivateStore)
    return found


@pytest.fixture
def paper(make_application: MakeApplication, parent: User, now: datetime) -> Paper:
    """Of an application of another year, to be made by the worker."""
    application = make_application(Status.WITHDRAWN, year=2025)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now, payload=b"%PDF-1.7")
    with transaction.atomic():
        return Paper.objects.order(application, PaperKind.RECEIPT, signature, now=now)


def put(draft: Application, now: datetime) -> Document:
    return keeping.store(draft, kind=DocumentKind.F065, upload=file("a.pdf", pdf()), now=now)


def address(document: Document) -> str:
    return reverse("filing:document", args=[document.application.public_id, document.public_id])


def upload(client: Client, draft: Application) -> Any:
    path = reverse("filing:upload", args=[draft.public_id, "photo"])
    return client.post(path, {"photo": file("p.jpg", jpeg())}, headers={"accept": "application/json"})


def names(store: PrivateStore) -> list[str]:
    folders = store.listdir("")[0] if isinstance(store, ObjectStore) or store.exists("") else []
    return [f"{folder}/{name}" for folder in folders for name in store.listdir(folder)[1]]


def test_a_file_lives_alike_in_both_stores(
    store: PrivateStore,
    at_home: Client,
    make_application: MakeApplication,
    paper: Paper,
    now: datetime,
    settings: Any,
    subtests: pytest.Subtests,
    django_capture_on_commit_callbacks: Any,
) -> None:
    draft = make_application()
    document = put(draft, now)

    with subtests.test("what was uploaded is handed out by the portal itself"):
        answer = at_home.get(address(document))
        assert b"".join(answer).startswith(b"%PDF-")
        assert document.file.name in names(store)

    with subtests.test("what is replaced twice is gone"):  # once, it can be brought back
        with django_capture_on_commit_callbacks(execute=True):
            put(draft, now)
            kept = put(draft, now)
        assert document.file.name not in names(store)

    with subtests.test("the worker's paper is sealed, kept and read whole"):
        assert making.render_next(now=now) is True
        paper.refresh_from_db()
        assert stored.read(paper.file, paper.sha256).startswith(b"%PDF-")

    with subtests.test("all is locked under a newer key"):
        settings.DATA_KEYS = [DATA_KEY, NEWER_KEY]
        at_rest.lock_anew()
        assert {store.key_of(name) for name in names(store)} == {"zz"}
        assert at_rest.faults() == []
        assert stored.fault_of(kept.file, kept.sha256) == ""

    with subtests.test("what no row names is found and removed"):
        left = default_storage.save("ab/" + "c" * 32, ContentFile(b"left behind"))
        assert loose.erase("ab", now=now + ALL_GONE) == 1
        assert left not in names(store)

    with subtests.test("what has come to the end of its term is gone"):
        with django_capture_on_commit_callbacks(execute=True):
            drafts.delete(draft)
            erasing.run(now=now + ALL_GONE)
        assert names(store) == []


def test_file_that_cannot_be_removed_holds_back_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [default_storage.save("payloads/one", ContentFile(b"x")) for _ in range(2)]
    delete = LockedStorage.delete

    def refuse_the_first(store: LockedStorage, name: str) -> None:
        if name == kept[0]:
            raise StoreAway("HTTP 403 AccessDenied", passing=False)
        delete(store, name)

    monkeypatch.setattr(LockedStorage, "delete", refuse_the_first)
    drafts.forget(kept)
    assert [default_storage.exists(name) for name in kept] == [True, False]


@pytest.mark.parametrize("fault", ["gone in the middle", "half an answer", "no bucket", "down"])
def test_while_the_store_is_away_nothing_is_lost_and_nothing_half(
    fault: str,
    bucket: ObjectStore,  # noqa: F811  a fixture
    at_home: Client,
    make_application: MakeApplication,
    paper: Paper,
    now: datetime,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_application()
    document = put(draft, now)
    at_home.raise_request_exception = False
    monkeypatch.setattr("sys.argv", ["manage.py", "verify_signatures"])
    # As it is, but for the connection, which it would close and the test still needs.
    monkeypatch.setattr(management, "execute_from_command_line", lambda argv: call_command(argv[1]))
    good, before = settings.STORAGES, store_cast.versions(bucket)

    with store_cast.failing(settings, fault):
        page = at_home.get(address(document))
        refused = upload(at_home, draft).json()
        drafts.forget([str(document.file.name)])
        made = making.render_next(now=now)
        with pytest.raises(SystemExit, match="The store of files does not answer"):
            manage.main()

    assert (page.status_code, page["Retry-After"].isdigit()) == (503, True)
    assert "Файлдар қоймасы қазір жауап бермейді" in page.content.decode()
    assert not refused["stored"]
    assert "Файлда ақау жоқ, бірақ оны қазір сақтау мүмкін болмады" in refused["html"]
    paper.refresh_from_db()
    assert (made, paper.attempts, paper.dead, paper.rendered_at) == (None, 0, False, None)
    assert list(draft.documents.all()) == [document]

    settings.STORAGES = good
    assert store_cast.versions(bucket) == before
    assert b"".join(at_home.get(address(document))).startswith(b"%PDF-")
    assert upload(at_home, draft).json()["stored"]
    assert making.render_next(now=now + SOON) is True
