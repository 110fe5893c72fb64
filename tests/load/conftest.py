"""What is measured runs against a whole portal of its own, as the browser's tests do, with as many web
processes as docs/deploy.md says."""

import os
from collections.abc import Iterator

import pytest

from tests.browser.conftest import stand

__all__ = ["stand"]

PROCESSES_OF_A_CORE = 2


@pytest.fixture(scope="package", autouse=True)
def web_processes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_CONCURRENCY", str(PROCESSES_OF_A_CORE * (os.cpu_count() or 1)))  # gunicorn reads it
        yield
