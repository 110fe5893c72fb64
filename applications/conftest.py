"""Fixtures of this folder: the wizard's, the platform's keys for tests of papers (made once, for making an
RSA key takes its time), and originals that cost nothing for tests of what follows, or of when they are
drawn."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from applications.filing.tests.wizard_cast import at_home, clock, registers  # noqa: F401  fixtures
from applications.models import Purpose, SigningRequest
from applications.papers import keys
from applications.signing import originals
from tests.environment import own_rsa_keys


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its key is no other's: what tests make beside it comes from a few that return."""
    folder = tmp_path_factory.mktemp("keys")
    with override_settings(KEYS_DIR=folder, SEAL_PASSWORD="test"), own_rsa_keys():
        keys.ensure(now=datetime.now(UTC))
    return folder


@pytest.fixture
def portal_keys(settings: Any, keys_folder: Path) -> Path:
    settings.KEYS_DIR, settings.SEAL_PASSWORD = keys_folder, "test"
    return keys_folder


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """An original is a few bytes of its own; what is drawn is proven where drawing is (papers, originals)."""

    def stand_in(one: SigningRequest) -> bytes:
        return f"%PDF-1.7 {one.purpose} {one.content_sha256}".encode()

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, stand_in))


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[SigningRequest]:
    """What was drawn, without the drawing; each one is another document."""
    found: list[SigningRequest] = []

    def draw(one: SigningRequest) -> bytes:
        found.append(one)
        return f"%PDF-{len(found)}".encode()

    monkeypatch.setattr(originals, "DRAW", dict.fromkeys(Purpose, draw))
    return found
