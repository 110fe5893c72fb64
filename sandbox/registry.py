"""What a service of the sandbox tells about itself: its page card and its faults are made of this."""

from dataclasses import dataclass

from sandbox.texts import Text


@dataclass(frozen=True)
class Service:
    """One state system. `name` is what `World.fault` and the control API call it."""

    name: str
    title: Text
    about: Text
    refusal: Text  # what the switch "refuse" does here
    url: str = ""  # its own page, if it has one
    codes: tuple[str, ...] = ()  # the lies that "refuse" knows, the first by default
    modes: tuple[str, ...] = ("slow", "fail", "drop", "refuse", "late")


# Every module of the sandbox adds its own at import.
SERVICES: list[Service] = []


def register(*services: Service) -> None:
    SERVICES.extend(services)
