"""What takes no more files is heard of, by whoever notices first, and costs nobody a try (D87)."""

import errno
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.files.storage import storages
from django.utils import timezone

from accounts import outside, taking
from accounts.models import Trouble, User
from accounts.object_store import ObjectStore
from accounts.storage import DISK, STORE, LockedStorage, StoreAway
from accounts.tasks import knock_at_store
from accounts.tests import store_cast
from accounts.tests.store_cast import bucket, moto  # noqa: F401  fixtures
from applications.models import FamilyExport
from egov.errors import Misconfigured
from notifications import queue
from notifications.tasks import heartbeat

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D87")]
NOW = timezone.now()
REFUSALS = ((403, "AccessDenied"), (403, "QuotaExceeded"), (507, "XMinioStorageFull"), (404, "NoSuchBucket"))


def told(system: str = STORE) -> tuple[bool, str] | None:
    row = outside.trouble(system)
    return (row.ours, row.reason) if row else None


def raising(number: int) -> Callable[..., Any]:
    def fail(*_given: Any, **_named: Any) -> None:
        raise OSError(number, "x")

    return fail


@pytest.mark.parametrize(("fault", "ours"), [("refused", False), ("full", True)])
def test_store_that_takes_nothing_is_told_before_anybody_needs_it(
    fault: str, ours: bool, settings: Any
) -> None:
    with store_cast.failing(settings, fault) as words:
        knock_at_store()

    assert told() == (ours, words)


def test_store_that_is_well_keeps_nothing_of_it_and_is_told_no_more(
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    disk = LockedStorage(location=tmp_path / "on disk")
    for store in (bucket, disk):
        with subtests.test(type(store).__name__), pytest.MonkeyPatch.context() as patch:
            patch.setattr(taking, "storages", {"default": store})
            outside.failed(Misconfigured(STORE, "HTTP 403 QuotaExceeded"), now=NOW)
            assert taking.knock(now=NOW) and told() is None
    assert store_cast.versions(bucket) == []
    assert not [path for path in (tmp_path / "on disk").rglob("*") if path.is_file()]


def test_a_large_file_tells_after_a_refusal_and_now_and_then_whether_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is left of a quota takes a small one."""
    nearly, tenth = NOW.replace(minute=29), NOW.replace(minute=30)
    laid: list[int] = []
    put = LockedStorage.put

    def limited(store: LockedStorage, name: str, stored: bytes) -> str:
        laid.append(len(stored))
        if len(stored) > taking.SMALL:
            raise StoreAway("HTTP 403 QuotaExceeded", passing=False, ours=True)
        return put(store, name, stored)

    monkeypatch.setattr(LockedStorage, "put", limited)
    assert taking.knock(now=nearly)
    assert taking.is_of_all(StoreAway("HTTP 403 QuotaExceeded", passing=False), now=nearly)
    assert not taking.knock(now=nearly)
    Trouble.objects.all().delete()
    assert not taking.knock(now=tenth)
    assert laid == [taking.SMALL, taking.LARGE, taking.LARGE, taking.LARGE]


def test_what_cannot_be_taken_away_or_read_is_told_and_laid_once(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    laid: list[str] = []
    put = LockedStorage.put

    def counted(store: LockedStorage, name: str, stored: bytes) -> str:
        laid.append(name)
        return put(store, name, stored)

    monkeypatch.setattr(LockedStorage, "put", counted)
    for method, fault, reason in (
        ("stored", StoreAway("HTTP 403 AccessDenied", passing=False, ours=True), "HTTP 403 AccessDenied"),
        ("stored", FileNotFoundError("x"), taking.LOST),
        ("delete", OSError(errno.EACCES, "x"), "the disk says EACCES"),
    ):
        with subtests.test(method), monkeypatch.context() as patch:

            def fail(*_given: Any, fault: Exception = fault) -> None:
                raise fault

            patch.setattr(LockedStorage, method, fail)
            before = len(laid)
            assert not taking.knock(now=NOW) and told()
            assert outside.trouble(STORE).reason == reason  # type: ignore[union-attr]  # it is there
            assert not taking.knock(now=NOW)
            assert len(laid) - before == (1 if method == "delete" else 2)
    assert taking.knock(now=NOW) and taking._left == []


def test_what_was_half_taken_is_taken_away_and_what_was_wrong_first_is_told(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    put, refusal = LockedStorage.put, StoreAway("ReadTimeoutError")
    names: list[str] = []

    def half(store: LockedStorage, name: str, stored: bytes) -> str:
        names.append(put(store, name, stored))
        raise refusal

    def silent(*_given: Any) -> None:
        raise StoreAway("it was silent a moment ago", asked=False)

    monkeypatch.setattr(LockedStorage, "put", half)
    with subtests.test("taken away"):
        assert not taking.knock(now=NOW) and told() == (False, str(refusal))
        assert names and not storages["default"].exists(names[-1])
    Trouble.objects.all().delete()
    with subtests.test("and that cannot be done either"):
        with monkeypatch.context() as patch:
            patch.setattr(LockedStorage, "delete", silent)
            assert not taking.knock(now=NOW) and told() == (False, str(refusal))
        assert taking._left == [names[-1]]
        monkeypatch.setattr(LockedStorage, "put", put)
        assert taking.knock(now=NOW) and not storages["default"].exists(names[-1])


def test_disk_of_a_machine_that_is_gone_is_told_of_for_a_while(settings: Any) -> None:
    for system in (STORE, DISK):
        outside.failed(Misconfigured(system, "worker-2: the disk says ENOSPC"), now=NOW)

    for later, standing in (
        (timedelta(minutes=1), {STORE, DISK}),
        (outside.FADES, {STORE}),
        (outside.FORGOTTEN, set()),
    ):
        assert {row.system for row in outside.standing(now=NOW + later)} == standing


@pytest.mark.parametrize(("status", "code"), REFUSALS)
def test_row_of_a_queue_pays_nothing_for_a_store_that_refuses_all(
    status: int, code: str, parent: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, store = NOW, store_cast.use(settings, "http://127.0.0.1:1")
    row = FamilyExport.objects.create(user=parent, ordered_at=now, next_try_at=now)
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(*_given: Any, **_named: Any) -> None:
        raise ClientError(answer, "PutObject")

    monkeypatch.setattr(ObjectStore, "_write", refuse)
    for _try in range(queue.MAX_TRIES + 1):
        assert queue.do_next(FamilyExport.objects.all(), lambda _: bool(store.put("a", b"")), now=now) is None
        now += timedelta(hours=3)

    row.refresh_from_db()
    assert (row.attempts, row.dead, told()) == (0, False, (True, f"HTTP {status} {code}"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EDQUOT])
def test_folder_of_another_is_a_store_that_refuses(
    number: int, parent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LockedStorage, "_put", raising(number))
    row = FamilyExport.objects.create(user=parent, ordered_at=NOW, next_try_at=NOW)

    store = LockedStorage()
    queue.do_next(FamilyExport.objects.all(), lambda _: bool(store.put("a", b"")), now=NOW)

    row.refresh_from_db()
    assert (row.attempts, told()) == (0, (True, f"the disk says {errno.errorcode[number]}"))


def test_refusal_of_one_file_alone_blames_no_store() -> None:
    assert not taking.is_of_all(StoreAway("HTTP 403 AccessDenied", passing=False), now=NOW)
    assert not taking.is_of_all(StoreAway("HTTP 400 EntityTooLarge", passing=False), now=NOW)
    assert told() is None


def test_who_only_heard_of_a_silence_says_nothing_of_it() -> None:
    assert taking.is_of_all(StoreAway("it was silent a moment ago", asked=False), now=NOW)
    assert told() is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_disk_of_a_machine_of_workers_is_named_with_the_machine(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each sign of life, wherever it is given; only the machine itself takes it back."""
    monkeypatch.setattr("socket.gethostname", lambda: "worker-2")
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "TemporaryFile", raising(number))
        heartbeat("papers")
    assert told(DISK) == (True, f"worker-2: the disk says {errno.errorcode[number]}")

    with monkeypatch.context() as patch:
        patch.setattr("socket.gethostname", lambda: "worker-20")
        heartbeat("papers")
    assert Trouble.objects.filter(system=DISK).exists()
    heartbeat("papers")
    assert not Trouble.objects.exists()


def test_disk_that_a_row_has_met_is_the_machines(parent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "worker-2")
    row = FamilyExport.objects.create(user=parent, ordered_at=NOW, next_try_at=NOW)

    assert queue.do_next(FamilyExport.objects.all(), raising(errno.ENOSPC), now=NOW) is None

    row.refresh_from_db()
    assert (row.attempts, told(DISK)) == (0, (True, "worker-2: the disk says ENOSPC"))
    assert told() is None
