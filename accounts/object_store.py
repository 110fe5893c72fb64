"""Private files in an S3-compatible store. The bucket keeps versions, so that no write and no removal but the
portal's loses anything; what the portal removes it removes in every version. No address of a file is ever
given out: the portal reads it and hands it on.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache, cached_property
from time import monotonic
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError, ResponseStreamingError
from storages.backends.s3 import S3Storage

from accounts import vault
from accounts.fuse import Fuse
from accounts.storage import STORE, Look, PrivateStore, StoreAway
from egov.causes import CUT, Cause, cause_of
from egov.http import answered

logger = logging.getLogger(__name__)

CONNECT, READ, TRIES = 2.0, 10.0, 2  # seconds of a try, and how many
WHOLE = 30.0  # seconds in which a file has come, however slowly
SILENCE = 5.0  # for so many nobody asks a store that was not heard of
GLANCE = 1.0  # seconds of `look`: a load balancer waits for it
LOOK_STANDS = 5.0  # seconds
CHUNK = 16 * 1024
DIGEST = "sha256"
GONE = ("NoSuchKey", "NoSuchVersion", "404")  # a bucket that is missing has another word
TAKEN = ("PreconditionFailed", "412")
ROUNDS = 3  # of removing what is there: another may write meanwhile
PASSING = (408, 409, 425, 429)  # refusals that another try may end
FULL = 507  # and so it stays until somebody makes room
# Those of the portal as a whole: what is wrong is set right for all files at once.
OF_ALL = (
    "AccountProblem", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken",
    "NoSuchBucket", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
)  # fmt: skip
NO_VERSIONS = "the bucket keeps no versions: what is written over or removed by others is lost"


class ObjectStore(PrivateStore, S3Storage):  # type: ignore[misc]  # of a library without types
    def __init__(self, **given: Any) -> None:
        style = given.pop("addressing_style", "path")
        # Names are unique, and `put` writes over nothing: the library need not look before each.
        super().__init__(client_config=_config(style), file_overwrite=True, **given)
        self._fuse = Fuse(SILENCE)
        self._seen: tuple[Look | None, float] = (None, 0.0)

    def stored(self, name: str) -> bytes:
        with self._asked():
            return self._whole(name)

    def put(self, name: str, stored: bytes) -> str:
        with self._asked():
            try:
                self._write(name, stored, IfNoneMatch="*")
            except ClientError as error:
                if _code(error) not in TAKEN:
                    raise
                if not self._holds(name, stored):  # else our first try had come, and its answer was lost
                    raise FileExistsError(name) from None
        return name

    def digest(self, name: str) -> str:
        """As it was written down when the store took it: it has compared what came with it."""
        with self._asked():
            head = self._client.head_object(Bucket=self.bucket_name, Key=name)
        return head["Metadata"].get("sha256") or super().digest(name)

    def delete(self, name: str) -> None:
        """Every version of it: a mark over what is still there erases nothing."""
        with self._asked():
            for _ in range(ROUNDS):
                if not (found := self._versions_of(name)):
                    return
                self._remove(found)
            if self._versions_of(name):
                raise StoreAway("what is removed comes again")

    def exists(self, name: str) -> bool:
        try:
            with self._asked():
                self._client.head_object(Bucket=self.bucket_name, Key=name)
        except FileNotFoundError:
            return False
        return True

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Also what nobody sees any more, of which a version is left."""
        with self._asked():
            start = f"{path}/" if path else ""
            inside = {one["Key"].removeprefix(start) for one in self._versions(start)}
        folders = {name.partition("/")[0] for name in inside if "/" in name}
        return sorted(folders), sorted(name for name in inside if "/" not in name)

    def get_modified_time(self, name: str) -> datetime:
        with self._asked():
            times: list[datetime] = [one["LastModified"] for one in self._versions_of(name)]
        if not times:
            raise FileNotFoundError(name)
        return max(times)

    def url(self, name: str | None, *_more: Any, **_named: Any) -> str:
        raise ValueError("a private file has no address")

    def key_of(self, name: str) -> str:
        with self._asked():
            return vault.key_of(self._whole(name, Range=f"bytes=0-{vault.LONGEST_HEAD - 1}"))

    def lock_anew(self, name: str) -> None:
        with self._asked():
            answer = self._client.get_object(Bucket=self.bucket_name, Key=name)
            locked = vault.lock(vault.unlock(_read(answer)))
            before = self._versions_of(name)  # and no others: another run may be a step ahead
            try:
                self._write(name, locked, IfMatch=answer["ETag"])
            except ClientError as error:
                if _code(error) not in (*TAKEN, *GONE):
                    raise
                if not self._holds(name, locked):  # it was erased meanwhile; else only the answer was lost
                    return
            self._remove(before)

    def look(self) -> Look:
        """At the bucket; nothing is written. Many ask, so the answer stands for a while in this process."""
        seen, at = self._seen
        if seen is None or monotonic() - at > LOOK_STANDS:
            glance, started = self._glance, monotonic()
            faults = tuple(self._faults(glance))
            seen = Look(faults, monotonic() - started)
            self._seen = seen, monotonic()
        return seen

    def _faults(self, glance: Any) -> list[str]:
        try:
            versions = glance.get_bucket_versioning(Bucket=self.bucket_name)
        except (ClientError, BotoCoreError, OSError) as error:
            return [_cause(error).words]
        return [] if versions.get("Status") == "Enabled" else [NO_VERSIONS]

    # --- What is asked of the store ------------------------------------------------------------------
    @cached_property
    def _client(self) -> Any:
        """One for all threads of a process: the library has one for each, and each takes its time to make."""
        return self._connected(self.client_config)

    @cached_property
    def _glance(self) -> Any:
        hasty = Config(connect_timeout=GLANCE, read_timeout=GLANCE, retries={"total_max_attempts": 1})
        return self._connected(self.client_config.merge(hasty))

    def _connected(self, config: Config) -> Any:
        with _connecting:
            return _session(self.access_key, self.secret_key).client(
                "s3",
                region_name=self.region_name,
                endpoint_url=self.endpoint_url,
                verify=self.verify,
                config=config,
            )

    def _holds(self, name: str, stored: bytes) -> bool:
        try:
            return self._whole(name) == stored
        except ClientError as error:
            if _code(error) in GONE:
                return False
            raise

    def _whole(self, name: str, **part: str) -> bytes:
        """A body that breaks off is asked for once more, as the library does while there is none yet."""
        asked = {"Bucket": self.bucket_name, "Key": name, **part}
        try:
            return _read(self._client.get_object(**asked))
        except (IncompleteReadError, ResponseStreamingError):
            return _read(self._client.get_object(**asked))

    def _write(self, name: str, stored: bytes, **condition: str) -> None:
        """In one piece: the store has the whole of it or nothing."""
        self._client.put_object(
            Bucket=self.bucket_name,
            Key=name,
            Body=stored,
            ContentType="application/octet-stream",
            Metadata={DIGEST: hashlib.sha256(stored).hexdigest()},
            **self.object_parameters,
            **condition,
        )

    def _versions(self, start: str) -> Iterator[dict[str, Any]]:
        """Of all names that begin so, the newest first, with the marks of what was removed."""
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self.bucket_name, Prefix=start):
            yield from page.get("Versions", [])
            yield from page.get("DeleteMarkers", [])

    def _versions_of(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self._versions(name) if one["Key"] == name]

    def _remove(self, versions: list[dict[str, Any]]) -> None:
        for one in versions:
            named = {"Key": one["Key"], "VersionId": one["VersionId"]}
            self._client.delete_object(Bucket=self.bucket_name, **named)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Raises StoreAway, FileNotFoundError. How it ended is counted with the other calls outside."""
        if self._fuse.holds():
            raise StoreAway("it was silent a moment ago", asked=False)
        started, outcome = monotonic(), "answered"
        try:
            yield
            self._fuse.mend()
        except ClientError as error:
            self._fuse.mend()  # that was an answer, too
            if _code(error) in GONE:
                raise FileNotFoundError(_code(error)) from None
            outcome = _whose(error)
            raise _away(error) from None  # the library's own words hold addresses
        except (BotoCoreError, TimeoutError) as error:
            self._fuse.blow()
            outcome = _whose(error)
            raise _away(error) from None
        finally:
            took = monotonic() - started
            answered.send(sender=ObjectStore, system=STORE, outcome=outcome, seconds=took)


_connecting = threading.Lock()  # a session makes one client at a time


@cache
def _session(key: str, secret: str) -> boto3.Session:
    """What it reads of its library's files is read once."""
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)


def _config(style: str) -> Config:
    """What is sent is signed with its hash, so the store takes nothing else; checksums that only some stores
    know are left out, and no proxy of the environment stands in between."""
    return Config(
        connect_timeout=CONNECT,
        read_timeout=READ,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": style, "payload_signing_enabled": True},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={},
        max_pool_connections=16,
    )


def _read(answer: dict[str, Any]) -> bytes:
    """The body, whole and in time: a store that is slow ends no sooner by the time-outs of a socket."""
    ends, parts = monotonic() + WHOLE, []
    with closing(answer["Body"]) as body:
        for part in body.iter_chunks(CHUNK):
            parts.append(part)
            if monotonic() > ends:
                raise TimeoutError
    return b"".join(parts)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _cause(error: BaseException) -> Cause:
    if isinstance(error, IncompleteReadError):
        return CUT
    if not isinstance(error, ClientError):
        return cause_of(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    words = " ".join([f"HTTP {status}", *re.findall(r"^[A-Za-z]{1,60}$", _code(error))])
    return Cause(words, ours=status == FULL or (400 <= status < 500 and status not in PASSING))


def _whose(error: BaseException) -> str:
    return "ours" if _cause(error).ours else "theirs"


def _away(error: BaseException) -> StoreAway:
    cause = _cause(error)
    logger.warning("store: %s", cause.words)
    of_one = isinstance(error, ClientError) and cause.ours and _code(error) not in OF_ALL
    return StoreAway(cause.words, passing=not of_one, ours=cause.ours)
