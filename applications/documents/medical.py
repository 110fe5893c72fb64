"""The two medical documents that the portal fetches itself (R86, R87, D11).

Asked for when step 1 is passed, and when step 3 is opened, by a worker: a slow or dead medical system holds
up nobody. The row is the queue, tried again with longer and longer waits; meanwhile the person may upload a
file of their own, which is never overwritten.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts import consents, outside, speaker, written
from applications import drafts
from applications.documents import keeping
from applications.documents.faults import LATER, Fault, Rejected
from applications.models import (
    AUTOMATIC_KINDS,
    Application,
    Channel,
    Document,
    DocumentKind,
    FetchState,
    MedicalFetch,
)
from applications.status import Status
from egov import medical as gateway
from egov.errors import Misconfigured, Refused, Unasked, Unavailable
from egov.medical import MedicalDocument
from notifications import leases, queue

logger = logging.getLogger(__name__)

FORMS = {DocumentKind.F065: "065/у", DocumentKind.F052_2: "052-2/у"}  # as the medical system calls them
PATIENCE = timedelta(seconds=10)  # how long the page itself waits for an answer
RUN = "medical"  # the lease of one run
ASK_AGAIN_AFTER = timedelta(hours=6)  # a document may be written, and a system mended, in the meantime
SYSTEM = "medical"
OPEN_STATES = (FetchState.WAITING, FetchState.FAILED)


def request(application: Application, *, now: datetime) -> None:
    """Put the requests in the queue: once, and again hours after one ended without a document. Without the
    child's consent nothing is asked for (D11), nor for one in person: it comes with its documents (D15)."""
    in_person = application.channel == Channel.IN_PERSON
    if in_person or not consents.valid(application.applicant, application.child, now):
        return
    have = {one.kind for one in Document.of(application)}
    wanted = [
        MedicalFetch(application=application, kind=kind, requested_at=now, next_try_at=now)
        for kind in AUTOMATIC_KINDS
        if kind not in have
    ]
    if wanted:
        written.insert(*wanted, ignore_conflicts=True)
    _ask_again(application, have=have, now=now)


def ask_anew(application: Application, *, kind: str, now: datetime) -> bool:
    """A document that came and was taken away, whenever the person asks for it; whether there was one. The
    kind is the browser's word. Raises drafts.NotADraft."""
    if kind not in AUTOMATIC_KINDS:
        return False
    with drafts.locked(application):
        if application.documents.filter(kind=kind).exists():
            return False
        came = application.fetches.filter(kind=kind, state=FetchState.FOUND)
        return bool(came.update(**opened(now)))


def opened(now: datetime) -> dict[str, Any]:
    """The columns of a request that is put anew."""
    return {"state": FetchState.WAITING, "requested_at": now, "answered_at": None, **queue.afresh(now)}


def _ask_again(application: Application, *, have: set[str], now: datetime) -> None:
    """Open the ended requests anew, never one whose document is there, whoever brought it."""
    before = now - ASK_AGAIN_AFTER
    if any(one.answered_at and one.answered_at < before for one in MedicalFetch.of(application)):
        ended = application.fetches.filter(answered_at__lt=before).exclude(kind__in=have)
        ended.update(**opened(now))


def worth_waiting(application: Application, *, now: datetime) -> bool:
    """Whether the first answers may come any moment."""
    return any(
        one.state == FetchState.WAITING and one.requested_at > now - PATIENCE
        for one in MedicalFetch.of(application)
    )


def open_fetches() -> QuerySet[MedicalFetch]:
    """What is still to be asked for: with the signature a draft's documents are what they are."""
    return MedicalFetch.objects.filter(
        state__in=OPEN_STATES, answered_at=None, application__status=Status.DRAFT
    )


def is_stopped() -> bool:
    """Does the whole queue wait for the system: is it paused, or does it refuse the portal?"""
    trouble = outside.trouble(SYSTEM)
    return trouble is not None and trouble.stops


def run() -> int:
    """Ask for everything due, of a system that may be slow; how many papers came."""
    return leases.run_alone(fetch_next, name=RUN)


def fetch_next(*, now: datetime) -> bool | None:
    """Ask for one document: whether it came, None when nothing is due, the system refuses the portal or is
    paused."""
    trouble = outside.trouble(SYSTEM)
    if trouble and trouble.stops and outside.holds(trouble, now=now):
        return None
    claimed = queue.claim(open_fetches(), now=now)
    if not claimed:
        return None
    with speaker.numbered(claimed[0].request):
        return _fetch_claimed(claimed[0], now=now)


def _fetch_claimed(fetch: MedicalFetch, *, now: datetime) -> bool:
    if fetch.is_spent:
        _close(fetch, FetchState.FAILED, now=now)
        return False
    try:
        document = _ask(fetch, now=now)
    except Refused:
        _close(fetch, FetchState.MISSING, now=now)
        return False
    except Unavailable as error:
        logger.warning("medical document %s, try %s: %s", fetch.pk, fetch.attempts, error)
        _wait(fetch, error, now=now)
        return False
    return _keep(fetch, document, now=now)


def _ask(fetch: MedicalFetch, *, now: datetime) -> MedicalDocument | None:
    application = fetch.application
    consent = consents.valid(application.applicant, application.child, now)
    if consent is None:
        return None
    form = FORMS[DocumentKind(fetch.kind)]
    try:
        with outside.watching(SYSTEM, now=now):
            return gateway.fetch(
                application.child.iin, form, consent_token=consent.token, public_key=consent.public_key
            )
    except Refused:
        consents.stands(consent, now=now)  # one taken back at 1414 ends here for every place at once
        raise


def _wait(fetch: MedicalFetch, error: Unavailable, *, now: datetime) -> None:
    """What is ours, or a pause, costs the request no try and stops the queue; theirs may be about this one
    paper."""
    if not isinstance(error, Misconfigured | Unasked):
        fetch.postpone(now=now, state=FetchState.FAILED)
        return
    trouble = outside.trouble(SYSTEM)
    again = trouble.until if trouble else now
    fetch.close(attempts=fetch.attempts - 1, state=FetchState.FAILED, next_try_at=again)


def _keep(fetch: MedicalFetch, document: MedicalDocument | None, *, now: datetime) -> bool:
    """Store the document unless the person was quicker, or signed meanwhile."""
    if document is None:
        _close(fetch, FetchState.MISSING, now=now)
        return False
    try:
        keeping.store_fetched(
            fetch.application,
            kind=DocumentKind(fetch.kind),
            content=document.content,
            origin=document.clinic,
            issued_on=document.issued_on,
            now=now,
        )
    except Rejected as error:
        _refuse(fetch, error.fault, now=now)
        return False
    except drafts.NotADraft:
        return False
    _close(fetch, FetchState.FOUND, now=now)
    return True


def _refuse(fetch: MedicalFetch, fault: Fault, *, now: datetime) -> None:
    """There is such a paper, but not one that could be kept: never the same as that there is none. What is
    not its own fault is tried again, each time later: the system outside is asked for the whole of it each
    time, and meanwhile the person may bring one."""
    logger.error("medical document %s is not fit to be stored: %s", fetch.pk, fault)
    if fault in LATER:
        fetch.postpone(now=now, state=FetchState.FAILED)
    else:
        _close(fetch, FetchState.SPOILED, now=now)


def _close(fetch: MedicalFetch, state: FetchState, *, now: datetime) -> None:
    fetch.close(state=state, answered_at=now)
