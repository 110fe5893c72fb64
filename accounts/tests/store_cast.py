"""An S3 store in the process of the tests (moto), a bucket of it for each, and stores that fail."""

import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import pytest
from django.core.files.storage import storages

from accounts import object_store as module
from accounts.object_store import ObjectStore
from egov.tests.odd_server import odd_server, ok
from tests.ports import held_port

KEYS = {"region_name": "us-east-1", "access_key": "key", "secret_key": "secret", "addressing_style": "path"}


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # a second of imports, for those who want it

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # each request is a line of it
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto: str, settings: Any) -> ObjectStore:
    """The store in use: an empty bucket that keeps versions."""
    store = use(settings, moto, bucket=f"files-{secrets.token_hex(8)}")
    store._client.create_bucket(Bucket=store.bucket_name)
    keep_versions(store, "Enabled")
    return store


def use(settings: Any, endpoint: str, *, bucket: str = "files", **more: Any) -> ObjectStore:
    """From here on files go there."""
    given = KEYS | {"endpoint_url": endpoint.rstrip("/"), "bucket_name": bucket} | more
    default = {"BACKEND": "accounts.object_store.ObjectStore", "OPTIONS": given}
    settings.STORAGES = settings.STORAGES | {"default": default}
    return cast(ObjectStore, storages["default"])


def keep_versions(store: ObjectStore, status: str) -> None:
    store._client.put_bucket_versioning(Bucket=store.bucket_name, VersioningConfiguration={"Status": status})


def versions(store: ObjectStore) -> list[str]:
    """Names of all that lies in the bucket, one for each version and mark, as the bucket tells it."""
    told = store._client.list_object_versions(Bucket=store.bucket_name)
    return sorted(one["Key"] for kind in ("Versions", "DeleteMarkers") for one in told.get(kind, []))


def _refusal(status: str, code: str) -> bytes:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _piece_by_piece(sock: socket.socket, stop: threading.Event) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    while not stop.wait(0.1):
        sock.sendall(b"x" * 20_000)


@contextmanager
def _nobody() -> Iterator[str]:
    with held_port() as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _odd(answer: Any, **more: Any) -> Iterator[str]:
    with odd_server(answer, **more) as server:
        yield server.url


# What a store may do instead of answering, and what is said of it.
FAULTS: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "refused": (_nobody, "the connection is refused"),
    "gone in the middle": (lambda: _odd(b"", read_first=False), "the connection was cut"),
    "slow": (lambda: _odd(lambda _sock, stop: stop.wait(5)), "too late"),
    "half an answer": (lambda: _odd(ok(b"x" * 100)[:-40]), "the connection was cut"),
    "endless": (lambda: _odd(_piece_by_piece), "too late"),
    "no rights": (lambda: _odd(_refusal("403 Forbidden", "AccessDenied")), "HTTP 403 AccessDenied"),
    "wrong key": (
        lambda: _odd(_refusal("403 Forbidden", "SignatureDoesNotMatch")), "HTTP 403 SignatureDoesNotMatch"
    ),
    "no bucket": (lambda: _odd(_refusal("404 Not Found", "NoSuchBucket")), "HTTP 404 NoSuchBucket"),
    "quota": (lambda: _odd(_refusal("403 Forbidden", "QuotaExceeded")), "HTTP 403 QuotaExceeded"),
    "full": (
        lambda: _odd(_refusal("507 Insufficient Storage", "XMinioStorageFull")), "HTTP 507 XMinioStorageFull"
    ),
    "down": (lambda: _odd(_refusal("503 Service Unavailable", "SlowDown")), "HTTP 503 SlowDown"),
}  # fmt: skip


@contextmanager
def failing(settings: Any, fault: str) -> Iterator[str]:
    """A store that fails so; what is said of it."""
    begin, words = FAULTS[fault]
    with pytest.MonkeyPatch.context() as patch, begin() as endpoint:
        patch.setattr(module, "READ", 0.2)
        patch.setattr(module, "WHOLE", 0.5)
        patch.setattr(module, "TRIES", 1)
        use(settings, endpoint)
        yield words
