"""The papers a parent takes away: the signed application and the notice of its result (R95, R100, R101, D14).

Its row was written in the transaction of its cause; the worker renders, seals and stores. Doing it
twice changes nothing: a paper is stored once.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts import journal, portions, written
from accounts.models import Shown
from accounts.prepared import Prepared
from applications import stored
from applications.models import Application, Paper, PaperCopy, PaperKind
from applications.papers import drawing, lengthening, seal
from applications.papers.lengthening import Press
from egov.eds import lasting
from egov.errors import Unavailable
from notifications import queue

logger = logging.getLogger(__name__)

_OF_APPLICATION = Prepared(
    lambda application: Paper.objects.filter(application=application).order_by("created_at", "pk"), int
)
_TODAY = Prepared(
    lambda application: (
        Application.objects.select_for_update(no_key=True).filter(pk=application).values_list("corrected")
    ),
    int,
)
_WHOLE = Prepared(
    lambda paper: Paper.objects.filter(pk=paper).select_related(
        "application__child",
        "application__applicant",
        "application__intake__school",
        "application__intake__language",
        "application__filed_by",
        "signature__decision__application",
        "signature__decision__corrects",
        "signature__crl",
    ),
    int,
)
TOGETHER = 10  # papers in one claim, as far as half a second reaches
FILE_NAMES = {PaperKind.RECEIPT: "OQU-{}-otinim.pdf", PaperKind.NOTICE: "OQU-{}-habarlama.pdf"}


def papers_of(application: Application) -> list[Paper]:
    """In the order they came to be."""
    found = _OF_APPLICATION(application.pk)
    for paper in found:
        paper.application = application
    return found


def file_name(paper: Paper) -> str:
    """An earlier paper has a name of its own beside the standing one's (D54)."""
    name = FILE_NAMES[PaperKind(paper.kind)].format(paper.application.number)
    return name.replace(".pdf", f"-{paper.pk}.pdf") if paper.superseded_at else name


def serve(paper: Paper) -> FileResponse:
    """The sealed PDF for download; 404 while it is being made. The caller has checked access. Raises
    stored.Spoiled: what is not the file that was sealed never leaves as ours."""
    if not paper.rendered_at:
        raise Http404
    try:
        content = stored.read(paper.file, paper.sha256)
    except stored.Spoiled as spoiled:
        logger.error("paper %s is %s in the store", paper.pk, spoiled.fault)
        raise
    return stored.download(content, name=file_name(paper), mime="application/pdf")


def download(request: HttpRequest, application: Application, address: str) -> HttpResponseBase:
    """A sealed paper, for the eyes of its parent or school. The caller has checked access."""
    paper = next((one for one in papers_of(application) if one.address == address.lower()), None)
    if paper is None:
        raise Http404
    journal.seen(request, paper, child=application.child, what=Shown.PAPER)
    return stored.whole_or_why(request, application, lambda: serve(paper))


def spoiled() -> Iterator[tuple[Paper, str]]:
    """Every paper whose file is lost or changed; reads them all."""
    made = Paper.objects.filter(rendered_at__isnull=False).select_related("application").order_by("pk")
    for paper in portions.read(made, made.values_list("pk", flat=True), size=500):
        if fault := stored.fault_of(paper.file, paper.sha256):
            yield paper, fault


@transaction.atomic
def order_again(paper: Paper, *, now: datetime) -> None:
    """Have the worker draw and seal it anew, under the same address in its QR code. A copy taken before reads
    on the check page as an earlier copy of the same paper."""
    remember(paper, now=now)
    Paper.objects.filter(pk=paper.pk).update(
        file="", sha256="", rendered_at=None, stamped_at=None, renew_by=None, dead=False, **queue.afresh(now)
    )


def remember(paper: Paper, *, now: datetime) -> None:
    """Keep the hash of the copy that is handed out today, before another takes its place."""
    if paper.rendered_at:
        PaperCopy.objects.get_or_create(
            sha256=paper.sha256,
            defaults={"paper": paper, "rendered_at": paper.rendered_at, "replaced_at": now},
        )


@transaction.atomic
def renew(application: Application, *, told_at: datetime, now: datetime) -> None:
    """The papers anew, with the names that the register has told at that moment beside those that were signed
    (D34)."""
    names = {"applicant": application.applicant.full_name, "child": application.child.full_name}
    Application.objects.filter(pk=application.pk).update(corrected=names | {"at": told_at.isoformat()})
    for paper in application.papers.standing():
        order_again(paper, now=now)


def run() -> int:
    """Make the papers that are due; how many were made."""
    return queue.run(partial(render_some, press=Press()), seconds=queue.RUN_SECONDS - queue.TOGETHER_SECONDS)


def render_next(*, now: datetime) -> bool | None:
    """Make the oldest due paper: whether it was made, None when nothing is due."""
    made = render_some(now=now, limit=1)
    return None if made is None else bool(made)


def render_some(*, now: datetime, press: Press | None = None, limit: int = TOGETHER) -> int | None:
    """Make the oldest due papers: how many were made, None when nothing is due. One that has cost its worker
    comes by itself, lest it takes others with it."""
    due = Paper.objects.filter(rendered_at=None)
    return queue.do_some(due, partial(render, now=now, press=press or Press()), now=now, limit=limit)


def render(paper: Paper, *, now: datetime, press: Press | None = None) -> None:
    """Render, seal, store. Nothing happens when the paper is there already. Without a time stamping authority
    it is made all the same, and stays due for its stamp (`stamping.py`). One whose names were corrected while
    it was drawn is not stored, and stays due (D34)."""
    paper = whole(paper.pk)
    if paper.rendered_at:
        return
    pdf, tools = sealed(paper, now=now, press=press or Press())
    paper.file.save("paper", ContentFile(pdf), save=False)
    made = {"sha256": hashlib.sha256(pdf).hexdigest(), "rendered_at": now}
    made |= stamped(tools) | queue.afresh(now)
    for name, value in made.items():
        setattr(paper, name, value)
    with transaction.atomic():
        kept = _has_names_of_today(paper.application) and written.update(
            paper, "file", *made, only={"rendered_at": None}
        )
    if not kept:  # another worker was faster: its file is the paper
        paper.file.delete(save=False)


def _has_names_of_today(drawn: Application) -> bool:
    """Holds the row, as `renew` does before it touches the papers, so that neither overtakes the other."""
    return _TODAY(drawn.pk) == [(drawn.corrected,)]


def whole(pk: int) -> Paper:
    """With all that drawing it needs. Raises Paper.DoesNotExist."""
    found = _WHOLE.first(pk)
    if found is None:
        raise Paper.DoesNotExist
    return found


def sealed(paper: Paper, *, now: datetime, press: Press) -> tuple[bytes, lasting.Kit | None]:
    """The paper with its stamps and what they were made with; without them where there is no authority."""
    if tools := press.tools(now=now):
        try:
            lengthening.lengthen(paper, tools)
            return seal.put(drawing.paper_pdf(paper, stamped=True), tools), tools
        except Unavailable as error:
            press.fail(error, now=now)
        except lasting.NotGood as error:
            logger.error("paper %s gets no stamp: %s", paper.pk, error.detail)
    return seal.put(drawing.paper_pdf(paper, stamped=False)), None


def stamped(tools: lasting.Kit | None) -> dict[str, datetime | None]:
    """The columns that say since when, and for how long, the stamps prove the paper."""
    if tools is None:
        return {"stamped_at": None, "renew_by": None}
    return {"stamped_at": tools.now, "renew_by": tools.ends}


def revive(*, now: datetime) -> int:
    """Give dead papers all their tries again."""
    dead = Paper.objects.filter(rendered_at=None, dead=True)
    return dead.update(dead=False, **queue.afresh(now))
