"""The main route in every engine, with scripts and without, on real parts."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.conftest import Stand
from tests.browser.walk import DIRECTOR, EXECUTOR, photo
from tests.engines import route
from tests.engines.conftest import Family, Opened
from tests.engines.route import Look, Walker
from tests.engines.window import Window

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning"),  # selenium, of itself
]
PHONE, DESK = 360, 1280


def pictures(name: str) -> Look | None:
    """Of each page, where PICTURES names a folder for them."""
    if not os.environ.get("PICTURES"):
        return None
    folder = Path(os.environ["PICTURES"]) / name
    folder.mkdir(parents=True, exist_ok=True)

    def take(window: Window) -> None:
        window.picture(folder / f"{len(list(folder.iterdir())):02}.png")

    return take


@pytest.mark.rule("R4", "R29", "R66", "R93", "R103")
@pytest.mark.parametrize("scripts", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("engine", ["chromium", "firefox", "webkit"])
def test_parent_files_and_school_accepts(
    stand: Stand, families: Iterator[Family], opened: Opened, tmp_path: Path, engine: str, scripts: bool
) -> None:
    """A parent on a phone and the school at a desk; without scripts the other way round."""
    family, name = next(families), f"{engine}-{'script' if scripts else 'plain'}"
    parents, schools = (PHONE, DESK) if scripts else (DESK, PHONE)

    with ExitStack() as windows:

        def person(iin: str, who: str, width: int) -> Walker:
            window = windows.enter_context(opened(engine, scripts=scripts, width=width))
            return Walker(window, stand, iin, at_each=pictures(f"{name}-{who}"))

        parent = person(family.parent, "parent", parents)
        number = route.file(parent, family.child, photo(tmp_path))
        route.propose(person(EXECUTOR, "executor", schools), number)
        route.accept(person(DIRECTOR, "director", schools), number)
        route.read_answer(parent, number)
