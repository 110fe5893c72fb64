"""The S3-compatible store: nothing is written over, nothing removed is left, its silence is never a loss."""

from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts import object_store, vault
from accounts.object_store import ObjectStore
from accounts.storage import StoreAway, look
from accounts.tests import store_cast
from accounts.tests.store_cast import bucket, moto  # noqa: F401  fixtures
from egov.http import answered
from tests.environment import DATA_KEY

NAME = "ab/" + "c" * 32
OTHER_KEY = f"zz:{'b' * 43}="


def test_a_file_lies_locked_and_has_no_address(bucket: ObjectStore) -> None:  # noqa: F811  a fixture
    name = bucket.save(NAME, ContentFile(b"%PDF-1.7 of a child"))

    assert name == NAME
    assert bucket.stored(name).startswith(vault.FILE_MARK)
    assert bucket.open(name).read() == b"%PDF-1.7 of a child"
    assert bucket.key_of(name) == "test"
    assert bucket.listdir("ab") == ([], [NAME[3:]])
    with pytest.raises(ValueError, match="no address"):
        bucket.url(name)


def test_nothing_is_written_over_and_a_lost_answer_is_no_second_file(
    bucket: ObjectStore,  # noqa: F811  a fixture
) -> None:
    bucket.put(NAME, b"first")

    assert bucket.put(NAME, b"first") == NAME  # the library asks again when an answer was lost
    with pytest.raises(FileExistsError):
        bucket.put(NAME, b"second")
    assert bucket.stored(NAME) == b"first"
    assert store_cast.versions(bucket) == [NAME]


def test_what_is_removed_is_gone_in_every_version(bucket: ObjectStore) -> None:  # noqa: F811  a fixture
    """Also what others have written over, or hidden under a mark."""
    for name in (NAME, NAME + "0"):
        bucket.put(name, b"first")
    bucket._client.put_object(Bucket=bucket.bucket_name, Key=NAME, Body=b"of others")
    bucket._client.delete_object(Bucket=bucket.bucket_name, Key=NAME)
    assert not bucket.exists(NAME)
    assert bucket.listdir("ab")[1] == [NAME[3:], NAME[3:] + "0"]  # keeping finds it all the same
    assert bucket.get_modified_time(NAME)

    bucket.delete(NAME)
    bucket.delete(NAME)  # once more does no harm

    assert store_cast.versions(bucket) == [NAME + "0"]
    with pytest.raises(FileNotFoundError):
        bucket.get_modified_time(NAME)


def test_what_comes_while_it_is_removed_goes_too(
    bucket: ObjectStore,  # noqa: F811  a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another run may lock it anew; one that never ends is told."""
    late, remove = [b"second", b"third"], ObjectStore._remove

    def and_another(store: ObjectStore, versions: list[dict[str, Any]]) -> None:
        remove(store, versions)
        if late:
            store._client.put_object(Bucket=store.bucket_name, Key=NAME, Body=late.pop())

    monkeypatch.setattr(ObjectStore, "_remove", and_another)
    bucket.put(NAME, b"first")
    bucket.delete(NAME)
    assert (late, store_cast.versions(bucket)) == ([], [])

    late += [b"x"] * 9
    bucket.put(NAME, b"first")
    with pytest.raises(StoreAway, match="comes again"):
        bucket.delete(NAME)


def test_locked_anew_leaves_one_version_and_brings_nothing_back(
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.save(NAME, ContentFile(b"plain"))
    settings.DATA_KEYS = [DATA_KEY, OTHER_KEY]

    bucket.lock_anew(NAME)

    assert (bucket.key_of(NAME), bucket.open(NAME).read()) == ("zz", b"plain")
    assert store_cast.versions(bucket) == [NAME]

    write = ObjectStore._write

    def answer_lost(store: ObjectStore, name: str, stored: bytes, **condition: str) -> None:
        for _try in range(2):
            write(store, name, stored, **condition)

    with monkeypatch.context() as patch:
        patch.setattr(ObjectStore, "_write", answer_lost)
        bucket.lock_anew(NAME)  # the second try finds what the first has written
    assert (bucket.key_of(NAME), store_cast.versions(bucket)) == ("zz", [NAME])

    def erased_meanwhile(stored: bytes) -> bytes:
        bucket.delete(NAME)
        return stored

    monkeypatch.setattr(vault, "unlock", erased_meanwhile)
    bucket.lock_anew(NAME)
    assert store_cast.versions(bucket) == []


@pytest.mark.parametrize("fault", store_cast.FAULTS)
def test_a_store_that_fails_has_lost_nothing(
    fault: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """And is named without its address, with whose fault it is."""
    heard: list[str] = []

    def hear(*, outcome: str, **_signal: Any) -> None:
        heard.append(outcome)

    answered.connect(hear, sender=ObjectStore)
    try:
        with store_cast.failing(settings, fault) as words:
            store = storages["default"]
            with pytest.raises(StoreAway, match=words) as away:
                store.open(NAME)
            of_one = fault in ("no rights", "quota", "full")  # or may be
            assert away.value.passing is not of_one
            ours = "HTTP 4" in words or "HTTP 507" in words
            assert away.value.ours is ours
            assert heard == ["ours" if ours else "theirs"]
            assert caplog.messages == [f"store: {words}"]
            if not words.startswith("HTTP"):
                with pytest.raises(StoreAway, match="silent a moment ago"):
                    store.open(NAME)  # and nobody waits for it once more
    finally:
        answered.disconnect(hear, sender=ObjectStore)


def test_one_asks_after_a_silence_and_an_answer_ends_it(
    bucket: ObjectStore,  # noqa: F811  a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.put(NAME, b"there")
    clock = [0.0]
    monkeypatch.setattr("accounts.fuse.monotonic", lambda: clock[0])

    bucket._fuse.blow()
    assert bucket._fuse.holds()
    clock[0] = object_store.SILENCE
    assert not bucket._fuse.holds()  # this one asks
    assert bucket._fuse.holds()  # the others wait for what it learns
    clock[0] *= 2
    assert bucket.stored(NAME) == b"there"
    assert not bucket._fuse.holds()
    assert not bucket._fuse.holds()

    bucket._fuse.blow()
    clock[0] *= 2
    with pytest.raises(FileNotFoundError):
        bucket.stored("ab/none")
    assert not bucket._fuse.holds()  # a refusal is an answer


def test_the_look_tells_of_versions_and_stands_for_a_while(
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
) -> None:
    assert bucket.look().faults == ()
    store_cast.keep_versions(bucket, "Suspended")
    assert bucket.look().faults == ()  # of a moment ago
    bucket._seen = (None, 0.0)
    assert bucket.look().faults == (object_store.NO_VERSIONS,)

    with store_cast.failing(settings, "no rights") as words:
        found = look()
        assert found is not None and found.faults == (words,)


def test_the_store_is_asked_to_encrypt_as_the_settings_say(
    bucket: ObjectStore,  # noqa: F811  a fixture
    settings: Any,
) -> None:
    more = {"object_parameters": {"ServerSideEncryption": "AES256"}}
    store = store_cast.use(settings, bucket.endpoint_url, bucket=bucket.bucket_name, **more)

    store.put(NAME, b"x")

    head = store._client.head_object(Bucket=store.bucket_name, Key=NAME)
    assert head["ServerSideEncryption"] == "AES256"
    with suppress(ClientError):  # nobody but the owner was given anything
        grants = store._client.get_object_acl(Bucket=store.bucket_name, Key=NAME)["Grants"]
        assert [one["Grantee"]["Type"] for one in grants] == ["CanonicalUser"]
