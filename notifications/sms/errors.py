"""What a gateway can say of a message: no (egov.errors tells whose fault), and what became of one it took."""

from enum import StrEnum

from egov.errors import Unavailable


class TryLater(Unavailable):
    """This one message may be taken later; the gateway is at work and takes the others."""


class State(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
