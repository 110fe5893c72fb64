"""Who says whether a certificate is good, watched: what OCSP and NCANode answer is written down for
`manage.py health`, with the time on the authority's clock."""

from datetime import datetime, timedelta

from cryptography import x509
from django.dispatch import Signal

from accounts import outside
from egov import eds
from egov.eds import Refusal, SignatureRefused, Source, Unrevoked
from egov.errors import Misconfigured, Unavailable

OCSP, NCANODE, CLOCK = "ocsp", "ncanode", "clock"
compared = Signal()  # `seconds` by which the authority's clock is ahead of ours, at each of its answers
DRIFT = timedelta(minutes=1)  # far below the five minutes after which answers are refused, so there is time


class Watched:
    """A source of revocation that writes down how it ends."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.asked = False
        self._known = outside.heed(OCSP, NCANODE)  # and whether ops have paused them (D77)

    def __call__(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Unrevoked:
        self.asked = True
        try:
            proof = self._source(certificate, issuer, now)
        except Unavailable as error:
            outside.failed(error, now=now)
            raise
        except SignatureRefused as refused:
            if refused.code == Refusal.OCSP_STALE:
                _blame_clock("answers of OCSP look stale or of the future", now=now)
            raise
        if proof.silence:  # the list has decided, so nobody else would hear of it
            outside.failed(proof.silence, now=now)
        else:
            self.works(OCSP)
            _compare_clock(proof.ocsp, now=now)
        return proof

    def works(self, system: str) -> None:
        """What was known to be wrong with it is over."""
        outside.over(row for row in self._known if row.system == system)


def note_failure(error: Unavailable, *, now: datetime) -> None:
    """What a verification ended with, unless its source has written it down already."""
    if error.system != OCSP:
        outside.failed(error, now=now)


def note_success(source: Watched) -> None:
    """A signature was taken; where OCSP was not asked by us, NCANode has judged it."""
    if not source.asked:
        source.works(NCANODE)


def compare_clock(*, now: datetime) -> None:
    """While nobody signs. Raises Misconfigured where ours is wrong, Unavailable where nobody says."""
    try:
        answer = eds.clock(now=now)
    except SignatureRefused as refused:
        raise Unavailable(OCSP, f"an answer that proves nothing: {refused.code}") from None
    if reason := _drifts(answer, now=now):
        raise Misconfigured(CLOCK, reason)


def _compare_clock(answer: bytes, *, now: datetime) -> None:
    if reason := _drifts(answer, now=now):
        _blame_clock(reason, now=now)
    else:
        outside.worked(CLOCK)


def _drifts(answer: bytes, *, now: datetime) -> str:
    drift = eds.produced_at(answer) - now
    compared.send(sender=Watched, seconds=drift.total_seconds())
    word = "behind" if drift > timedelta() else "ahead of"
    return "" if abs(drift) <= DRIFT else f"{abs(drift).total_seconds():.0f} s {word} OCSP's"


def _blame_clock(reason: str, *, now: datetime) -> None:
    outside.failed(Misconfigured(CLOCK, reason), now=now)
