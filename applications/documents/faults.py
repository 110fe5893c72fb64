"""Why a file is refused (R89, D9). Nothing but the standard library: the cell imports it too."""

from enum import StrEnum


class Fault(StrEnum):
    """The sentence of each stands in applications/documents/forms.py."""

    NONE = "NONE"  # no file was sent
    EMPTY = "EMPTY"
    TOO_BIG = "TOO_BIG"  # bytes
    EXTENSION = "EXTENSION"
    HEIC = "HEIC"
    CONTENT = "CONTENT"  # is not what its name says
    UNREADABLE = "UNREADABLE"  # damaged
    PIXELS = "PIXELS"  # a picture too big to decode
    HEAVY = "HEAVY"  # takes more time or memory to look at than one file may
    INFECTED = "INFECTED"  # says an antivirus
    ENCRYPTED = "ENCRYPTED"  # does not open without a password
    FORM = "FORM"  # a form that only its own program can show (dynamic XFA)
    PORTFOLIO = "PORTFOLIO"  # a folder of other files, without pages of its own
    PAGES = "PAGES"  # none, or too many
    MIXED = "MIXED"  # several files, and not all of them pictures
    SHOTS = "SHOTS"  # more pictures than one document may be made of
    SUM = "SUM"  # together too big
    BUSY = "BUSY"  # nothing is wrong with the file: no place to look at it came free in time
    UNSTORED = "UNSTORED"  # nor here: the store does not take it now


LATER = frozenset({Fault.BUSY, Fault.UNSTORED})  # the same file may be taken another time


class Rejected(Exception):
    """A file is not taken; `fault` says why, `shot` which of several it was."""

    def __init__(self, fault: Fault, shot: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.shot = fault, shot
