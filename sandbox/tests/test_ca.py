"""The sandbox's authority, asked by many at once: its pages and the phone have threads of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from egov.tests.eds_cast import PARENT
from sandbox.ca import Authority


def test_who_asks_at_once_for_a_key_that_is_not_there_yet_is_given_one_and_the_same(tmp_path: Path) -> None:
    authority = Authority(tmp_path, now=lambda: datetime(2026, 6, 10, tzinfo=UTC))

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(authority.key, PARENT) for _ in range(4)]
        serials = {one.result().certificate.serial_number for one in asked}

    assert len(serials) == 1
    assert [known["iin"] for known in authority.issued.values()] == [PARENT.iin]
