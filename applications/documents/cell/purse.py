"""What looking at one file may cost, in all and not part by part (D9)."""

from applications.documents.faults import Fault, Rejected


class Purse:
    """So much may be spent on one file; who wants more ends the work."""

    def __init__(self, amount: int) -> None:
        self.left = amount

    def spend(self, amount: int) -> None:
        """Raises Rejected(HEAVY) when nothing is left (D9)."""
        self.left -= amount
        if self.left < 0:
            raise Rejected(Fault.HEAVY)
