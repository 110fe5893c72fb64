"""What can go wrong between the outbox and a gateway, and what a delivery report can say."""

from enum import StrEnum


class Fault(StrEnum):
    MESSAGE = "MESSAGE"  # this message will never be taken
    TRY_LATER = "TRY_LATER"  # this message may be taken later
    GATEWAY = "GATEWAY"  # nothing is taken now: no answer, too many calls, our account is refused


class SmsError(Exception):
    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.detail = detail  # a code; never a phone, a text or an address


class State(StrEnum):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
