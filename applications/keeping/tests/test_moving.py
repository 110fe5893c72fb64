"""Moving files between the disk and an S3-compatible store: nothing goes before the other store has it, and
what was erased does not stay."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from accounts.models import EntryKind, JournalEntry
from accounts.object_store import ObjectStore
from accounts.storage import LockedStorage, StoreAway
from accounts.tests import store_cast
from accounts.tests.store_cast import bucket, moto  # noqa: F401  fixtures
from applications.keeping import loose, moving
from applications.keeping.tests import terms_cast
from applications.models import Application, Document
from tests.environment import DATA_KEY

pytestmark = pytest.mark.django_db
NEWER_KEY = f"zz:{'b' * 43}="


def move(*arguments: str) -> tuple[dict[str, int], int]:
    out, code = StringIO(), 0
    try:
        call_command("move_files", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(str(ended.code))
    lines = (line.rpartition(": ") for line in out.getvalue().splitlines())
    return {what: int(count) for what, _, count in lines}, code


@pytest.fixture
def use(bucket: ObjectStore, settings: Any, tmp_path: Path) -> Callable[[str], None]:  # noqa: F811  a fixture
    """Both stores are set up; which one is in use."""
    disk = {"location": tmp_path / "files", "base_url": None}
    settings.PRIVATE_STORES = {
        "disk": {"BACKEND": "accounts.storage.LockedStorage", "OPTIONS": disk},
        "s3": settings.STORAGES["default"],
    }
    settings.S3_ENDPOINT = bucket.endpoint_url

    def choose(store: str) -> None:
        settings.FILES_STORE = store
        settings.STORAGES = settings.STORAGES | {"default": settings.PRIVATE_STORES[store]}

    choose("disk")
    return choose


@pytest.fixture
def documents(
    use: Callable[[str], None], make_application: Callable[..., Application], now: datetime
) -> list[Document]:
    application = make_application()
    first = terms_cast.document(application, now)
    second = Document.objects.get(pk=first.pk)
    second.pk, second.public_id, second.position = None, uuid4(), 2
    second.file.save("file", ContentFile(b"another"), save=False)
    second.save()
    return [first, second]


def on_disk(tmp_path: Path) -> list[str]:
    root = tmp_path / "files"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_files_go_there_and_back_and_none_before_it_is_proven_there(
    documents: list[Document],
    use: Callable[[str], None],
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    names = sorted(str(one.file.name) for one in documents)
    monkeypatch.setattr(loose, "FOLDERS", sorted({name[:2] for name in names}))  # the others are empty

    with subtests.test("what is to be done"):
        assert move("s3", "--dry-run") == ({moving.WAITS: 2}, 0)
        assert store_cast.versions(bucket) == []

    with subtests.test("broken off, it goes on where it was"), monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "put", lambda *_: (_ for _ in ()).throw(StoreAway("too late")))
        with pytest.raises(StoreAway):
            move("s3")
        patch.undo()
        bucket.put(names[0], (tmp_path / "files" / names[0]).read_bytes())
        assert move("s3") == ({moving.MOVED: 1, moving.THERE: 1}, 0)
        assert (store_cast.versions(bucket), on_disk(tmp_path)) == (names, names)

    with subtests.test("locked anew meanwhile it is the same file"):
        settings.DATA_KEYS = [DATA_KEY, NEWER_KEY]
        bucket.lock_anew(names[0])
        assert move("s3") == ({moving.THERE: 2}, 0)

    with (
        subtests.test("nothing is removed from a store in use"),
        pytest.raises(CommandError, match="does not use s3 yet"),
    ):
        move("s3", "--remove")

    use("s3")
    with subtests.test("what differs stays where it is"):
        whole = bucket.stored(names[1])
        bucket.delete(names[1])
        assert move("s3", "--remove") == ({moving.REMOVED: 1, moving.MISSING: 1}, 1)
        bucket.put(names[1], b"another one")
        assert move("s3") == ({moving.DIFFERS: 1}, 1)
        assert move("s3", "--remove") == ({moving.DIFFERS: 1}, 1)
        bucket.delete(names[1])
        bucket.put(names[1], whole)

    with subtests.test("what is there goes, and is read as before"):
        assert move("s3", "--remove") == ({moving.REMOVED: 1}, 0)
        assert on_disk(tmp_path) == []
        with storages["default"].open(names[1]) as opened:
            assert opened.read() in (b"photo", b"another")

    with subtests.test("and back again"):
        assert move("disk") == ({moving.MOVED: 2}, 0)
        use("disk")
        assert move("disk", "--remove") == ({moving.REMOVED: 2}, 0)
        assert (store_cast.versions(bucket), on_disk(tmp_path)) == ([], names)

    with subtests.test("what no store has is told"):
        (tmp_path / "files" / names[0]).unlink()
        assert move("s3") == ({moving.MOVED: 1, moving.LOST: 1}, 1)

    settings.S3_ENDPOINT = ""
    with subtests.test("without another store"), pytest.raises(CommandError, match="S3_ENDPOINT is empty"):
        move("s3")


@pytest.mark.rule("D40")
def test_what_was_erased_since_the_move_does_not_stay_where_it_was(
    documents: list[Document],
    use: Callable[[str], None],
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    kept, erased = (str(one.file.name) for one in documents)
    monkeypatch.setattr(loose, "FOLDERS", sorted({kept[:2], erased[:2]}))
    move("s3")
    use("s3")
    documents[1].delete()
    bucket.delete(erased)

    with subtests.test("a young one may wait for its row"):
        assert move("s3", "--remove") == ({moving.REMOVED: 1, moving.LEFT: 1}, 1)
    settings.ERASE_LOOSE_FILES_DAYS = 0
    with subtests.test("it is not brought back"):
        assert move("s3", "--dry-run") == move("s3") == ({}, 0)
        assert store_cast.versions(bucket) == [kept]
    with subtests.test("most of a folder is another database's"), monkeypatch.context() as patch:
        patch.setattr(loose, "TOO_MANY", 0)
        assert move("s3", "--remove") == ({moving.LEFT: 1}, 1)
    with subtests.test("it goes, and the journal has it"):
        assert move("s3", "--remove") == ({moving.ERASED: 1}, 0)
        assert on_disk(tmp_path) == []
        act = JournalEntry.objects.filter(kind=EntryKind.ERASED).latest("pk")
        assert act.facts == {"policy": "loose_files", "rows": [], "files": 1}

    def half(file: "ContentFile[bytes]") -> Iterator[bytes]:
        yield file.read(3)
        raise OSError("the disk is full")

    with subtests.test("what was half written is not there"), monkeypatch.context() as patch:
        patch.setattr(ContentFile, "chunks", half)
        with pytest.raises(OSError, match="full"):
            move("disk")
        patch.undo()
        assert move("disk") == ({moving.MOVED: 1}, 0)
    use("disk")
    with subtests.test("nothing is written over on a disk either"):
        disk = storages["default"]
        assert isinstance(disk, LockedStorage)
        stored = disk.stored(kept)
        assert disk.put(kept, stored) == kept
        with pytest.raises(FileExistsError):
            disk.put(kept, b"another")
        assert disk.stored(kept) == stored
    with subtests.test("nor do old versions of it stay"):
        bucket._client.delete_object(Bucket=bucket.bucket_name, Key=kept)
        assert move("disk", "--remove") == ({moving.REMOVED: 1}, 0)
        assert store_cast.versions(bucket) == []
