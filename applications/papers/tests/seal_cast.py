"""A sealed sheet, the same without a seal, and the seal of somebody else."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from applications.papers import keys, printing, seal

NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


@cache
def plain() -> bytes:
    return printing._print(
        '<html lang="kk"><head><title>Қағаз</title></head><body><p>Қағаз</p></body></html>'
    )


@pytest.fixture(scope="module")
def sealed(keys_folder: Path) -> bytes:
    with override_settings(KEYS_DIR=keys_folder, SEAL_PASSWORD="test"):
        return seal.put(plain())


def other_platform(tmp_path: Path) -> Any:
    """Another platform's key, under our own name."""
    with override_settings(KEYS_DIR=tmp_path / "other", SEAL_PASSWORD="test"):
        keys.make(keys.SEAL, now=datetime.now(UTC))
        return keys.seal_signer()
