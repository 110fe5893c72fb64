"""What the worker needs to make papers that last: a time stamping authority that answers, asked once a run.

Without one a paper is made all the same, says that its stamp is missing, and is due for it later.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from accounts import outside
from applications import stored
from applications.models import Paper, Signature
from egov.eds import SignatureRefused, Unrevoked, lasting, read
from egov.errors import Unasked, Unavailable

logger = logging.getLogger(__name__)

SYSTEM = "tsp"
REVOCATION = "ocsp"  # is asked about the certificate of a stamp
FRESH = timedelta(minutes=1)


class Press:
    """One run of the worker: `tools` asks at the first paper, and nobody again after a failure."""

    def __init__(self) -> None:
        self._tools: lasting.Kit | None = None
        self._failed = False

    def tools(self, *, now: datetime) -> lasting.Kit | None:
        """None when there is no authority (TSP_URL), or none that answers now."""
        if self._tools is not None and now - self._tools.now > FRESH:
            self._tools = None  # a long run: what was asked at its beginning is no answer of today
        if self._tools is None and not self._failed and settings.TSP_URL:
            self._failed = True
            troubles = {found.system: found for found in outside.heed(SYSTEM, REVOCATION)}
            if not outside.holds(troubles.get(SYSTEM), now=now):
                self._ask(now)
        return self._tools

    def _ask(self, now: datetime) -> None:
        try:
            self._tools = lasting.kit(now=now)
        except Unavailable as error:
            self.fail(error, now=now)
        else:
            self._failed = False
            outside.worked(SYSTEM)

    def fail(self, error: Unavailable, *, now: datetime) -> None:
        """It has ceased to answer in the middle of a paper."""
        self._tools, self._failed = None, True
        if not isinstance(error, Unasked):  # a pause is no failure of theirs (D77)
            outside.failed(error, now=now, system=SYSTEM)


def lengthen(paper: Paper, tools: lasting.Kit) -> None:
    """D44: keep the signature of the paper with all that proves it later (CAdES-LT). Once done it stays; one
    that cannot be read, or has no room for the proof, is left as it is. Raises Unavailable."""
    signature = paper.signature
    if signature is None or signature.long_cms:
        return
    try:
        container = read(bytes(signature.cms))
    except SignatureRefused:
        logger.error("signature %s cannot be read", signature.pk)
        return
    try:
        made = lasting.lengthen(
            container, _proof(signature), tools=tools, stamped=signature.stamped_at is not None
        )
    except lasting.NotGood as error:
        logger.error("signature %s stays as it came: %s", signature.pk, error.detail)
        return
    Signature.objects.filter(pk=signature.pk, long_cms=b"").update(long_cms=made)
    signature.refresh_from_db(fields=["long_cms"])


def _proof(signature: Signature) -> Unrevoked:
    if signature.ocsp or signature.crl is None:
        return Unrevoked(ocsp=bytes(signature.ocsp))
    try:
        return Unrevoked(crl=stored.read(signature.crl.file, signature.crl.sha256))
    except stored.Spoiled:
        return Unrevoked()
