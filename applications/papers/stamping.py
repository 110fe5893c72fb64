"""Stamps that papers have missed, and stamps that grow old.

A paper that was made while no time stamping authority answered is a row that waits, for as long as it takes;
it is drawn and sealed anew then. A stamp proves as long as its authority's certificate: before that ends,
another one is put over all (`manage.py papers --extend`). Either way the copy of before stays known.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from accounts import speaker
from applications import drafts, stored
from applications.models import Paper
from applications.papers import making, seal
from applications.papers.lengthening import Press
from egov.eds import lasting
from egov.errors import Unavailable
from notifications import queue

logger = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(days=180)
LATE = timedelta(days=1)  # without a stamp for so long: ops hear of it


def run() -> int:
    """Stamp the papers that have missed it; how many were stamped."""
    return queue.run(partial(stamp_next, press=Press()))


def waiting() -> QuerySet[Paper]:
    return Paper.objects.filter(rendered_at__isnull=False, stamped_at=None)


def stamp_next(*, now: datetime, press: Press) -> bool | None:
    """Stamp the oldest paper that has missed it; None when there is none, or nobody to ask. It is never given
    up: each try costs little, and a paper without a stamp is a paper all the same."""
    if press.tools(now=now) is None:
        return None
    claimed = queue.claim(waiting(), now=now)
    if not claimed:
        return None
    with speaker.numbered(claimed[0].request):
        return _stamp_claimed(claimed[0], now=now, press=press)


def _stamp_claimed(paper: Paper, *, now: datetime, press: Press) -> bool:
    try:
        if restamp(paper, now=now, press=press):
            return True
    except Exception as error:  # its original is lost, its key is away: the paper of before stands
        logger.error("stamp of paper %s: %s", paper.pk, type(error).__name__)
    paper.attempts = min(paper.attempts, queue.MAX_TRIES)
    paper.postpone(now=now, attempts=paper.attempts)
    return False


def restamp(paper: Paper, *, now: datetime, press: Press) -> bool:
    """Draw and seal it anew, with stamps this time; False when the authority has ceased to answer."""
    paper = making.whole(paper.pk)
    pdf, tools = making.sealed(paper, now=now, press=press)
    return tools is not None and replace(paper, pdf, tools)


def replace(paper: Paper, pdf: bytes, tools: lasting.Kit) -> bool:
    """Another file in the place of the one that is handed out today, whose hash stays known; False when
    somebody was faster."""
    before, old = paper.sha256, str(paper.file.name)
    paper.file.save("paper", ContentFile(pdf), save=False)
    with transaction.atomic():
        making.remember(paper, now=tools.now)
        kept = Paper.objects.filter(pk=paper.pk, sha256=before).update(
            file=paper.file.name,
            sha256=hashlib.sha256(pdf).hexdigest(),
            **(making.stamped(tools) | queue.afresh(tools.now)),
        )
    drafts.forget([old if kept else str(paper.file.name)])
    return bool(kept)


def ageing(*, now: datetime) -> QuerySet[Paper]:
    """Papers whose last stamp will soon prove nothing, the most urgent first."""
    return Paper.objects.filter(renew_by__lte=now + RENEW_BEFORE).order_by("renew_by", "pk")


def extend(paper: Paper, *, now: datetime, press: Press) -> str:
    """One more stamp over the whole of a paper: "" when it was put, else why not. What is wrong with
    one paper keeps no other from its stamp."""
    tools = press.tools(now=now)
    if tools is None:
        return "no time stamping authority answers"
    try:
        pdf = seal.extend(stored.read(paper.file, paper.sha256), tools)
        return "" if replace(paper, pdf, tools) else "somebody was faster"
    except stored.Spoiled as spoiled:
        return spoiled.fault
    except Unavailable as error:
        press.fail(error, now=now)
        return error.detail
    except lasting.NotGood as error:
        return error.detail
    except Exception as error:
        logger.error("another stamp of paper %s: %s", paper.pk, type(error).__name__)
        return type(error).__name__


def faults(*, now: datetime) -> list[str]:
    """What ops must know, one line each."""
    found: list[str] = []
    if not settings.TSP_URL:  # chosen: `health` reminds of it
        return found
    if late := waiting().filter(rendered_at__lt=now - LATE).count():
        found.append(f"{late} papers wait for a time stamp for more than a day")
    if old := ageing(now=now).count():
        found.append(f"the stamps of {old} papers end soon: `manage.py papers --extend`")
    return found
