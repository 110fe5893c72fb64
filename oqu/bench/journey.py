"""A whole application, from the cabinet to the sealed paper: each request and each act of the worker
measured by itself. Files are chosen and examined before; what is asked outside is answered at once."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from unittest.mock import patch

from django.core.handlers.wsgi import WSGIHandler
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, User
from applications import facts, steps
from applications.filing.views.visit import address
from applications.models import Application, Paper, Purpose, Route, SigningRequest
from applications.papers import drawing, making, printing, seal, sheet
from applications.signing import ahead, batches
from oqu.bench.clock import Clock, Cost
from oqu.bench.outside import Authority
from oqu.bench.stage import Stage
from oqu.bench.walk import Refused, Visitor

SIGNING = "signing POST"
ORIGINAL, SEALED = "original, drawn ahead", "receipt, made and sealed"  # the worker's
TICKS = {"data_correct": "on", "external_data": "on"}


class Journey:
    """Of one parent who has filed before."""

    def __init__(self, stage: Stage, handler: WSGIHandler, authority: Authority, clock: Clock) -> None:
        self.stage, self.authority, self.clock = stage, authority, clock
        self.parent, self.child = stage.family()
        stage.filed((self.parent, self.child), year=stage.year - 1)
        self.visitor = Visitor(self.parent, handler)
        self.web: dict[str, Cost] = {}
        self.worker: dict[str, Cost] = {}

    def walk(self) -> None:
        self._get("cabinet", reverse("cabinet:applications"))
        draft = self._begin(self.parent, self.child)
        for page, answers in _steps(self.stage):
            if page == steps.DOCUMENTS:
                self.stage.documents(draft)
            self._get(f"step {page}", address(draft, page))
            if answers is not None:
                self._post(f"step {page}, sent", address(draft, page), answers)
        self._draw_ahead(draft)
        self._sign(draft)
        self._get("result", reverse("cabinet:result", args=[draft.public_id]))
        self._seal(draft)

    def _begin(self, parent: User, child: Child) -> Application:
        start = reverse("filing:start")
        self._get("start", start)
        self._post("start, sent", start, {"child": str(child.pk)})
        return Application.objects.get(applicant=parent, child=child, year=self.stage.year)

    def _draw_ahead(self, draft: Application) -> None:
        """As the worker does while the parent looks the application through (D67)."""
        ordered = SigningRequest.objects.get(application=draft)
        while not ordered.payload:
            self._work(ORIGINAL, lambda: _some(ahead.draw_oldest(now=timezone.now())))
            ordered.refresh_from_db(fields=["payload"])

    def _seal(self, draft: Application) -> None:
        own = Paper.objects.get(application=draft)
        while own.rendered_at is None:
            self._work(SEALED, lambda: _done(making.render_next(now=timezone.now())))
            own.refresh_from_db(fields=["rendered_at"])

    def _sign(self, draft: Application) -> None:
        read = Application.objects.with_facts().get(pk=draft.pk)
        shown = {"shown": facts.content_sha256(read, Purpose.APPLICATION, None)}
        opened = self._post("signature opened", reverse("filing:sign", args=[draft.public_id]), shown)
        asked = SigningRequest.objects.filter(application=draft, purpose=Purpose.APPLICATION).latest("pk")
        self._get("signature, choice of the way", opened.partition("?")[0])
        self._get("signature, by key", f"{opened.partition('?')[0]}?way=eds")
        certificate = self.authority.issue(self.parent)
        cms = b64encode(self.authority.signature(batches.payload_of(asked), certificate)).decode()
        self._post(SIGNING, reverse("signing:complete", args=[asked.batch.token]), {"cms": cms})
        if not Application.objects.under_review().filter(pk=draft.pk).exists():
            asked.refresh_from_db()
            raise Refused(f"the signature was not taken: {asked.error}")

    def _get(self, name: str, where: str) -> None:
        self.web[name] = self.clock.spent(lambda: self.visitor.get(where))

    def _post(self, name: str, where: str, answers: dict[str, str] | None = None) -> str:
        told: list[str] = []
        self.web[name] = self.clock.spent(lambda: told.append(self.visitor.post(where, answers)))
        return told[0]

    def _work(self, name: str, work: Callable[[], object]) -> None:
        """What it cost the last time counts: rows of others may stand before its own."""
        self.worker[name] = self.clock.spent(work)


def _steps(stage: Stage) -> Iterator[tuple[str, dict[str, str] | None]]:
    own = {"school": str(stage.intake.school_id), "language": stage.intake.language_id}
    yield steps.WAY, {"route": str(Route.LOCAL)} | own
    yield steps.DOCUMENTS, TICKS
    yield steps.REVIEW, None


def _done(made: bool | None) -> bool:
    if not made:
        raise Refused("the paper is not made")
    return made


def _some(drawn: bool | None) -> None:
    if drawn is None:
        raise Refused("the original is not drawn")


def words_of(paper: Paper) -> str:
    """The HTML of a whole receipt as it goes to WeasyPrint."""
    told: list[str] = []
    plain = printing._read

    def remember(page: str) -> object:
        told.append(page)
        return plain(page)

    with patch.object(printing, "_read", remember), patch.object(sheet, "completed", lambda *_: None):
        drawing.paper_pdf(paper, stamped=False)
    return told[0]


def make(paper: Paper) -> None:
    """Drawn and sealed."""
    seal.put(drawing.paper_pdf(paper, stamped=False))
