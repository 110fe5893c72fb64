"""Why something of a filed application is not signed, though who would sign it may (D54, D55)."""

from enum import StrEnum


class Stop(StrEnum):
    # a decision is not corrected
    SEASON_OVER = "SEASON_OVER"
    CORRECTION_LATE = "CORRECTION_LATE"
    FILED_AGAIN = "FILED_AGAIN"  # the child has another active application by now
    ENROLLED_SINCE = "ENROLLED_SINCE"  # the education register knows the child at another school
    SEAT_GONE = "SEAT_GONE"
    SCHOOL_GONE = "SCHOOL_GONE"  # it takes nobody any more (D57)
    # a refusal, while a document is waited for, or after it came
    DOCUMENT_AWAITED = "DOCUMENT_AWAITED"
    DOCUMENT_CAME = "DOCUMENT_CAME"
    # the document itself
    SUPPLEMENT_LATE = "SUPPLEMENT_LATE"
    CONCLUSION_ENDED = "CONCLUSION_ENDED"  # of the PMPC: uploaded in its term, and not signed in it (D10)


class Stopped(Exception):
    def __init__(self, stop: Stop) -> None:
        super().__init__(stop)
        self.stop = stop
