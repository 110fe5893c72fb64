"""What can go wrong with a system outside, told by whose fault it is. Callers see these and nothing of HTTP,
XML or JSON.

Refused        the item's own: this number, this code, this person; only this ends the item
Unavailable    nothing was said about the item, so it is kept and asked about again
Misconfigured  …and it is ours: key, name, quota, certificate or address; it passes when somebody mends it
Unbelieved     …as an answer says that nothing vouches for: what was asked may have been done all the same
Unasked        nothing was said, and nothing was asked either, by our own wish: no try of the item is used up
"""


class EgovError(Exception):
    """Any failure of a system outside; `system` names which, for logs and messages."""

    def __init__(self, system: str, detail: str = "") -> None:
        super().__init__(f"{system}: {detail}" if detail else system)
        self.system = system
        self.detail = detail  # never personal data


class Unavailable(EgovError):
    """No answer, too late, or an answer that makes no sense: trying again later may help."""


class Misconfigured(Unavailable):
    """The system refuses the portal itself, whatever it is asked: every item of ours would fail alike."""


class Unbelieved(Misconfigured):
    """An answer came, and nobody is known to have given it: whatever it says, the request has gone out."""


class Unasked(Unavailable):
    """The portal has not asked: it may not (D69), or ops have paused the system (D77)."""


class Unreadable(Unavailable):
    """An answer came, and a field of it cannot be what it says: that is for the system to mend."""


class Refused(EgovError):
    """The system understood and said no to this very item: trying the same again will not help."""
