"""The little that a person needs of a browser, the same of each; places in a page are named by XPath."""

from pathlib import Path
from typing import Protocol


class Window(Protocol):
    """`where` is the first place that is meant by it."""

    scripts: bool

    @property
    def address(self) -> str: ...

    def open(self, address: str) -> None: ...

    def text(self, where: str) -> str:
        """The words of all such places in one line; none where there is none, or
        while a page gives way to the next one."""

    def value(self, where: str, attribute: str) -> str: ...

    def count(self, where: str) -> int: ...

    def fill(self, where: str, words: str) -> None: ...

    def attach(self, where: str, file: Path) -> None: ...

    def choose(self, where: str) -> None:
        """Press what leads nowhere: a radio, a tick, a button of a script."""

    def press(self, where: str) -> None:
        """Press what leads to another page; done when that has come."""

    def picture(self, file: Path) -> None: ...


def button(words: str, inside: str = "main") -> str:
    """Not the one that nobody sees, which is there for the key Enter."""
    return f"//{inside}//button[not(@aria-hidden)][contains(normalize-space(), '{words}')]"


def link(words: str) -> str:
    return f"//main//a[contains(normalize-space(), '{words}')]"


def choice(words: str) -> str:
    """The label of a radio or of a tick, on which a finger presses."""
    return f"//main//label[contains(normalize-space(), '{words}')]"
