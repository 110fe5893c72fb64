"""What the page of documents shows of each paper: state, source, time, and what to do (R84-R90)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from applications import steps
from applications.documents import aside, keeping
from applications.documents.faults import Fault
from applications.documents.forms import PHOTO, PHOTO_2, PMPC, SLOTS, DocumentsForm, Slot, required_slots
from applications.models import (
    AUTOMATIC_KINDS,
    Application,
    Channel,
    Document,
    DocumentKind,
    DocumentSource,
    FetchState,
    MedicalFetch,
    RemovedDocument,
)


@dataclass
class Card:
    slot: Slot
    application: Application
    field: BoundField
    document: Document | None
    fetch: MedicalFetch | None
    required: bool
    term_field: BoundField | None
    warnings: list[str]
    removed: RemovedDocument | None = None  # can be brought back (D72)
    removing: bool = False  # its card asks whether the file is to be taken away

    @cached_property
    def id(self) -> str:
        return self.slot.name.replace("_", "-")

    @cached_property
    def title(self) -> str:
        if self.slot == PHOTO_2:
            return _("Екінші фотосурет")
        return str(DocumentKind(self.slot.kind).label)

    @cached_property
    def tag(self) -> str:
        if self.is_refused:
            return _("Қайта жүктеңіз")
        if self.document:
            return _("Автоматты түрде жүктелді") if self.came_by_itself else _("Жүктелді")
        if self.fetch and self.fetch.state == FetchState.WAITING:
            return _("Тексерілуде")
        return _("Жүктеу қажет") if self.required else _("Міндетті емес")

    @cached_property
    def tone(self) -> str:
        if self.field.errors:
            return "red"
        if self.document:
            return "green"
        if self.fetch and self.fetch.state == FetchState.WAITING:
            return "blue"
        return "amber" if self.required else "neutral"

    @cached_property
    def note(self) -> str:
        """Source and time of what is there (R86, R87), or why nothing is."""
        if self.document:
            return _about(self.document)
        if self._in_person:
            return ""  # whoever stands at the desk has the paper in hand
        if self.slot.kind in AUTOMATIC_KINDS:
            return _why_absent(self.fetch)
        if self.slot == PHOTO:
            return _("Бір файл жеткілікті: ол екі данаға да қолданылады.")
        return _("Анықтаманы өзіңіз жүктеңіз.") if self.slot == PMPC else ""

    @property
    def removed_name(self) -> str:
        """A paper that came by itself has no name of the person's."""
        return (self.removed.label or self.removed.origin) if self.removed else ""

    @property
    def removed_until(self) -> datetime | None:
        return aside.ends_at(self.removed) if self.removed else None

    @cached_property
    def is_misshapen(self) -> bool:
        return self.document is not None and "ratio" in keeping.photo_faults(self.document)

    @cached_property
    def view_url(self) -> str:
        return self._of_document("document")

    @cached_property
    def print_url(self) -> str:
        """Of a photo, as small as the page shows it."""
        return self._of_document("print")

    def _of_document(self, page: str) -> str:
        if not self.document:
            return ""
        return reverse(f"{self._pages}:{page}", args=[self.application.public_id, self.document.public_id])

    @cached_property
    def upload_url(self) -> str:
        return reverse(f"{self._pages}:upload", args=[self.application.public_id, self.slot.name])

    @cached_property
    def _pages(self) -> str:
        return "in_person" if self._in_person else "filing"

    @cached_property
    def most_bytes(self) -> int:
        """What the browser need not even send (D9)."""
        most: int = settings.UPLOAD_MAX_BYTES
        return most

    @cached_property
    def _in_person(self) -> bool:
        return self.application.channel == Channel.IN_PERSON

    @property
    def page_url(self) -> str:
        name = "in_person:page" if self._in_person else "filing:step"
        return reverse(name, args=[self.application.public_id, steps.DOCUMENTS])

    @property
    def came_by_itself(self) -> bool:
        return self.document is not None and self.document.source == DocumentSource.AUTO

    @property
    def may_come_again(self) -> bool:
        """It has come, and was taken away."""
        return not self.document and self.fetch is not None and self.fetch.state == FetchState.FOUND

    @cached_property
    def is_refused(self) -> bool:
        """A file came and was no good; a field that is only empty is not told so."""
        return any(error.code in list(Fault) for error in self.field.errors.as_data())

    @cached_property
    def folded(self) -> bool:
        """Nothing has to be uploaded here: the field waits behind its summary."""
        return (self.document is not None or not self.required) and not self.field.errors

    @cached_property
    def is_photo(self) -> bool:
        return self.slot.kind == DocumentKind.PHOTO


def build(application: Application, form: DocumentsForm, *, now: datetime, removing: str = "") -> list[Card]:
    """`removing`: the document of which it is asked whether it is to go."""
    have = {(one.kind, one.position): one for one in Document.of(application)}
    fetches = {one.kind: one for one in MedicalFetch.of(application)}
    removed = aside.of(application, now=now)
    needed = required_slots(application)
    return [
        Card(
            slot=slot,
            application=application,
            field=form[slot.name],
            document=(document := have.get(slot.place)),
            fetch=fetches.get(slot.kind),
            required=slot in needed,
            term_field=form["valid_until"] if slot == PMPC else None,
            warnings=warnings(application, document),
            removed=removed.get(slot.place),
            removing=document is not None and str(document.public_id) == removing,
        )
        for slot in SLOTS.values()
        if slot.name in form.fields
    ]


def _about(document: Document) -> str:
    facts: dict[str, Any] = {
        "origin": document.origin,
        "name": document.label,
        "size": filesizeformat(document.size),
        "time": _moment(document.added_at),
    }
    if document.source == DocumentSource.AUTO:
        return _("Дереккөзі: %(origin)s. Алынған уақыты: %(time)s.") % facts
    return _("%(name)s, %(size)s. Жүктелген уақыты: %(time)s.") % facts


def _why_absent(fetch: MedicalFetch | None) -> str:
    if fetch is None:
        return _("Құжатты емханадан алып, өзіңіз жүктеңіз.")
    if fetch.state == FetchState.WAITING:
        return _(
            "Жүйе әлі жауап берген жоқ. Күтпей-ақ, файлды өзіңіз жүктей аласыз: сұрату өздігінен жалғасады."
        )
    if fetch.state == FetchState.FAILED and fetch.is_last_try:
        return _("Медициналық жүйе жауап бермеді. Құжатты емханадан алып, өзіңіз жүктеңіз.")
    if fetch.state == FetchState.FAILED:
        return _(
            "Медициналық жүйе жауап бермей тұр. Файлды өзіңіз жүктей аласыз: сұрату өздігінен қайталанады."
        )
    if fetch.state == FetchState.FOUND:
        return _(
            "Автоматты түрде алынған файл алып тасталды. Оны қайта сұратыңыз немесе басқа файл жүктеңіз."
        )
    if fetch.state == FetchState.SPOILED:
        return _(
            "Құжат медициналық жүйеде бар, бірақ жіберілген файл ашылмайды. "
            "Оны емханадан алып, өзіңіз жүктеңіз."
        )
    return _("Медициналық жүйеде бұл құжат табылмады. Оны емханадан алып, өзіңіз жүктеңіз.")


def warnings_of(application: Application) -> list[tuple[str, str]]:
    """What the school may object to: the paper, and the sentence."""
    documents = keeping.in_order(application)
    return [(one.get_kind_display(), said) for one in documents for said in warnings(application, one)]


def warnings(application: Application, document: Document | None) -> list[str]:
    """Said, never a reason to stop (D6, D10)."""
    if document is None:
        return []
    sentences = {
        "ratio": _("Фотосуреттің пішіні 3×4 емес: мектеп басқа фотосурет сұрауы мүмкін."),
        "small": _("Фотосурет тым кішкентай, басып шығарғанда анық болмауы мүмкін."),
        "dark": _("Фотосурет тым қараңғы: жарық жерде қайта түсірген жөн."),
        "bright": _("Фотосурет тым ашық: жарықтан бұрып, қайта түсірген жөн."),
        "blurred": _("Фотосурет анық емес: телефонды қозғалтпай, қайта түсірген жөн."),
    }
    found = [sentences[fault] for fault in keeping.photo_faults(document)]
    term = document.valid_until
    if term and keeping.ends_before_school(term, year=application.year):
        found.append(_("Анықтаманың мерзімі 1 қыркүйекке дейін аяқталады: мектеп жаңасын сұрауы мүмкін."))
    return found


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
