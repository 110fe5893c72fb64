"""The certificates of the seal, published at an address that stays, with those of before (R95)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from django.utils import timezone

from applications.papers import keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_keys(tmp_path: Path, settings: Any) -> list[keys.Published]:
    """One of before, whose private part is gone, and the one in use."""
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path, "test"
    keys.make(keys.SEAL, now=timezone.now() - timedelta(days=1200))
    for private in tmp_path.glob("*.p12"):
        private.unlink()
    keys.make(keys.SEAL, now=timezone.now())
    return keys.published()


@pytest.mark.rule("R95")
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_page_names_every_certificate_the_newest_first(
    two_keys: list[keys.Published], client: Client, language: str
) -> None:
    said = client.get("/seal/", headers={"Accept-Language": language}).content.decode()

    assert [one.in_use for one in two_keys] == [True, False]
    places = [said.index(one.fingerprint) for one in two_keys]
    assert places == sorted(places)
    assert all(f'href="/seal/{one.id}.crt"' in said for one in two_keys)


def test_file_is_the_certificate_that_seals(two_keys: list[keys.Published], client: Client) -> None:
    for one in two_keys:
        answer = client.get(f"/seal/{one.id}.crt")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        given = x509.load_pem_x509_certificate(answer.content)
        assert given.fingerprint(hashes.SHA256()).hex(":").upper() == one.fingerprint
        assert b"PRIVATE" not in answer.content


@pytest.mark.parametrize("name", ["none", "../qr-261122", "261122.crt%2f..", "qr-261122"])
def test_nothing_else_is_given_out(two_keys: list[keys.Published], client: Client, name: str) -> None:
    assert client.get(f"/seal/{name}.crt").status_code == 404


def test_page_stands_without_any_key(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "none"

    assert client.get("/seal/").status_code == 200


def test_issuer_of_a_certificate_is_told(two_keys: list[keys.Published], settings: Any) -> None:
    """One that an authority has given: its file holds those above it, too."""
    assert {one.issuer for one in two_keys} == {""}
    first, second = two_keys
    chain = first.certificate.public_bytes(Encoding.PEM) + second.certificate.public_bytes(Encoding.PEM)
    (Path(settings.KEYS_DIR) / f"seal-{first.id}.crt").write_bytes(chain)

    assert len(keys.seal_chains()) == 3
    assert len(keys.seal_certificates()) == 2
