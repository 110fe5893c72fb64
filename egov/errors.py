"""What can go wrong with a state system. Callers see these and nothing of HTTP, XML or JSON."""


class EgovError(Exception):
    """Any failure of a state system; `system` names which, for logs and messages."""

    def __init__(self, system: str, detail: str = "") -> None:
        super().__init__(f"{system}: {detail}" if detail else system)
        self.system = system
        self.detail = detail  # never personal data


class Unavailable(EgovError):
    """No answer, too late, or an answer that makes no sense: trying again later may help."""


class Unreadable(Unavailable):
    """An answer came, and a field of it cannot be what it says: that is for the system to mend."""


class Refused(EgovError):
    """The system understood and said no: trying the same again will not help."""
