"""One visit to a page of the wizard: what every page of it needs, and where its button leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import kept, seen
from accounts.models import User
from accounts.prepared import Prepared
from applications import drafts, registers, steps
from applications.eligibility import Blocked
from applications.filing import answers, wizard
from applications.models import Application, ApplicationQuerySet
from schools.periods import Window

UNTYPED = kept.NEVER_KEPT | {seen.FIELD}
WAITS = gettext_lazy(
    "Бұл бет аяқталмаған. Толтырғаныңыз тек осы браузерде, жарты сағат сақталады: осы уақытта бетке оралып, "
    "аяқтаңыз."
)
OUTDATED = gettext_lazy(
    "Бұл бет басқа терезеде өзгертілді, сондықтан жауабыңыз өтінімге жазылған жоқ. Ол тек осы браузерде, "
    "жарты сағат сақталады: бетке оралып, тексеріңіз."
)
LOST = gettext_lazy("Бұл бет аяқталмаған, толтырғаныңыз толық сақталған жоқ: бетке оралғанда оны тексеріңіз.")
REGISTERS = 30  # questions to the registers, a minute and a person


def _one(shown: Callable[[User], ApplicationQuerySet]) -> Prepared[Application]:
    """One of what is shown to a person, by its address."""
    return Prepared(
        lambda user, iin, address: shown(User(pk=user, iin=iin)).filter(public_id=address).with_facts(),
        int,
        str,
        UUID,
    )


_OWN = _one(lambda user: Application.objects.for_parent(user))
_OWN_TO_ASK = _one(lambda user: Application.objects.of_applicant(user))


def load(user: User, public_id: object) -> Application:
    """The person's own application; a stranger gets 404."""
    return _found(_OWN, user, public_id)


def load_to_ask(user: User, public_id: object) -> Application:
    """Also a draft for a child that was denied to the person: the register is asked again before it is shown,
    and says why it is not."""
    return _found(_OWN_TO_ASK, user, public_id)


def is_leaving(request: HttpRequest, page: str) -> bool:
    return request.method == "POST" and kept.LATER in request.POST and page != steps.REVIEW


def _found(asked: Prepared[Application], user: User, public_id: object) -> Application:
    found = asked.first(user.pk, user.iin, UUID(str(public_id)))
    if found is None:
        raise Http404
    return found


def address(application: Application, page: str, *, back: bool = False) -> str:
    url = reverse("filing:step", args=[application.public_id, page])
    return f"{url}?back=review" if back and page != steps.REVIEW else url


@dataclass
class Visit:
    """A parent at a page of the four steps; a school's person has a visit of their own kind (D15)."""

    own_templates: ClassVar[dict[str, str]] = {}  # in place of the parent's
    request: HttpRequest
    application: Application
    page: str
    now: datetime = field(default_factory=timezone.now)
    stale: bool = False  # shown once more, with what another window has stored meanwhile
    compared: bool = False
    mark: str | None = None  # of the answers that the page has shown, where it has shown several drafts'

    @property
    def back(self) -> bool:
        """The page was opened from the review, to change one line (ux: check answers)."""
        return self.request.GET.get("back") == steps.REVIEW

    @cached_property
    def data(self) -> QueryDict | None:
        """What was posted; or, after a new sign-in, what was typed before the session ended."""
        if self.request.method == "POST":
            return self.request.POST
        return kept.restored(self.request, now=self.now)

    @cached_property
    def window(self) -> Window:
        """In which the region of the chosen school files."""
        return registers.window(self.application, now=self.now)

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST" and not self.stale

    @property
    def is_leaving(self) -> bool:
        """«Кейін жалғастыру»: nothing is demanded of the page, and no register is asked."""
        return not self.stale and is_leaving(self.request, self.page)

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        form = context.get("form")
        if self.is_post and form is not None and form.is_bound and form.errors:
            status = 400
        # What this very request has written, though it found a fault besides, is seen with the answer.
        anew = self.stale or self.compared or self.data is None
        context |= {
            "seen": ("" if anew else self._typed_at) or answers.mark(self.application, self.page),
            "stale": self.stale,
            "stored": answers.stored(self.application, self.page) if self.stale else {},
            "application": self.application,
            "page": self.page,
            "step": wizard.STEP_OF.get(self.page),
            "now": self.now,
            "previous_url": self._previous(),
            "back_to_review": self.back,
        }
        status = 409 if self.stale else status
        return render(self.request, self.own_templates.get(template, template), context, status=status)

    @property
    def _typed_at(self) -> str:
        if self.mark is not None:
            return self.mark
        typed_at: str = self.data.get(seen.FIELD, "") if self.data is not None else ""
        return typed_at

    def save(self, *, also: Mapping[str, object] | None = None, **changes: Any) -> None:
        """Write answers into the draft; `also`: what this page writes elsewhere. Raises drafts.NotADraft,
        seen.Stale."""
        wanted = answers.wanted(self.page, changes | dict(also or {}))
        check = None if self.compared or not wanted else partial(self._compare, wanted=wanted)
        drafts.write(self.application, check=check, **changes)

    def compare(self, wanted: dict[str, object]) -> None:
        """Before this request stores what is no answer by itself, and yet changes one: a document brings its
        term along. Raises seen.Stale."""
        if wanted and not self.compared:
            self._compare(self.application, wanted)

    def _compare(self, row: Application, wanted: dict[str, object]) -> None:
        """Once a request: what it has written itself is no other window's."""
        seen.demand(self._typed_at, stored=answers.stored(row, self.page), wanted=wanted)
        self.compared = True

    def again(self) -> "Visit":
        """The same page with what is stored now and what was typed here."""
        application = Application.objects.with_facts().get(pk=self.application.pk)
        return replace(self, application=application, stale=True)

    def onward(self) -> HttpResponse:
        """To the next page; the draft remembers it, so that it is taken up there."""
        to = wizard.next_page(self.application, self.page, back=self.back, now=self.now)
        self.save(left_at=to)
        return redirect(self.address(to, back=self.back))

    def leave(self, form: Form | None = None, store: Callable[[], bool] = lambda: False) -> HttpResponse:
        """Home. What is good is stored (`store`: is that all?), the rest waits for this page, where the draft
        is taken up again. A file cannot wait: an older window that brings one is led to the page, which asks
        the registers before it shows anything. Raises drafts.NotADraft."""
        is_good, fresh = form is not None and form.is_valid(), {}
        is_older, is_stale = self._typed_at != answers.mark(self.application, self.page), False
        try:
            is_all = store() and is_good
            if not is_older:  # what is stored now is this window's own
                fresh = {seen.FIELD: answers.mark(self.application, self.page)}
        except Blocked:
            is_all = False
        except seen.Stale:
            if self.request.FILES:
                return self._to_the_page()
            is_all, is_stale = False, True
        self.save(left_at=self.page)
        if not is_all:
            self._tell_unfinished(is_kept=self._keep(fresh), is_stale=is_stale)
        return redirect(self.home())

    def _tell_unfinished(self, *, is_kept: bool, is_stale: bool) -> None:
        """What does not stand in the draft is on no other device, and not for long."""
        if not any(any(given) for name, given in self.request.POST.lists() if name not in UNTYPED):
            return
        messages.warning(self.request, LOST if not is_kept else OUTDATED if is_stale else WAITS)

    def _to_the_page(self) -> HttpResponse:
        self._keep({})
        changed = _("Бұл бет басқа терезеде өзгертілді. Файл сақталмады: оны қайта таңдаңыз.")
        messages.warning(self.request, changed)
        return self.stay()

    def _keep(self, fresh: Mapping[str, str]) -> bool:
        user, page = self.request.user.pk, self.address(self.page)
        return kept.keep(self.request, page=page, user=user, now=self.now, instead=fresh)

    def stay(self) -> HttpResponse:
        return redirect(self.address(self.page, back=self.back))

    def address(self, page: str, *, back: bool = False) -> str:
        return address(self.application, page, back=back)

    def home(self) -> str:
        return reverse("cabinet:applications")

    def _previous(self) -> str:
        if self.back:
            return self.address(steps.REVIEW)
        before = wizard.previous_page(self.application, self.page)
        return self.address(before) if before else self.home()


def open_page(visit: Visit, view: Callable[[Any], HttpResponse]) -> HttpResponse:
    """What was stored from another window since the page was shown is not undone in silence: both are
    shown."""
    try:
        return view(visit)
    except seen.Stale:
        return view(visit.again())
