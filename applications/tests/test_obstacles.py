"""Every obstacle has its page and its step."""

from applications.eligibility import STEP, Code
from applications.obstacles import PAGES


def test_every_obstacle_has_its_page_and_its_step() -> None:
    assert set(PAGES) == set(STEP) == set(Code)
