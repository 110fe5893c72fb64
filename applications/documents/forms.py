"""Step 3: files, the term of the PMPC conclusion, the two ticks (R84-R91, D6, D9-D11)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications import eligibility
from applications.documents import keeping, uploads
from applications.documents.faults import Fault, Rejected
from applications.models import Application, Channel, Document, DocumentKind


@dataclass(frozen=True)
class Slot:
    """A place for one file: its field in the form, and the document it becomes."""

    name: str
    kind: DocumentKind
    position: int = 1

    @property
    def place(self) -> tuple[str, int]:
        return self.kind, self.position


PHOTO, PHOTO_2 = Slot("photo", DocumentKind.PHOTO), Slot("photo_2", DocumentKind.PHOTO, 2)
F065, F052_2 = Slot("f065", DocumentKind.F065), Slot("f052_2", DocumentKind.F052_2)
PMPC = Slot("pmpc", DocumentKind.PMPC)
SCAN = Slot("scan", DocumentKind.SCAN)  # of an in-person application (D15)
SLOTS = {slot.name: slot for slot in (SCAN, PHOTO, PHOTO_2, F065, F052_2, PMPC)}

SENTENCES = {
    Fault.NONE: _("Файлды таңдаңыз."),
    Fault.EMPTY: _("Таңдалған файл бос. Басқа файлды таңдаңыз."),
    Fault.TOO_BIG: _("Файл көлемі 5 МБ-тан аспауы тиіс. Суретті кішірейтіңіз немесе басқа файлды таңдаңыз."),
    Fault.EXTENSION: _("Файл PDF, JPG немесе JPEG форматында болуы тиіс."),
    Fault.HEIC: _(
        "Бұл — HEIC форматындағы сурет, оны жүктеу мүмкін емес. iPhone телефонында: «Параметрлер» → «Камера» "
        "→ «Форматтар» → «Ең үйлесімді» дегенді таңдап, қайта түсіріңіз немесе суретті JPG түрінде сақтаңыз."
    ),
    Fault.CONTENT: _(
        "Файлдың мазмұны оның атауына сәйкес келмейді. Құжатты PDF, JPG немесе JPEG түрінде қайта сақтаңыз: "
        "атауын өзгерту жеткіліксіз."
    ),
    Fault.UNREADABLE: _(
        "Файл бүлінген, оны ашу мүмкін емес. Құжатты қайта сақтап немесе сканерлеп, жүктеңіз."
    ),
    Fault.PIXELS: _("Сурет тым үлкен. Оны кішірейтіп, қайта жүктеңіз."),
    Fault.ENCRYPTED: _("Файл құпиясөзбен қорғалған. Қорғанысын алып тастап, қайта жүктеңіз."),
    Fault.INFECTED: _(
        "Антивирус бұл файлдан зиянды бағдарлама тапты, сондықтан ол қабылданбайды. Құжатты қайта сканерлеп "
        "немесе суретке түсіріп, құрылғыңызды тексеріңіз."
    ),
    Fault.HEAVY: _(
        "Файл тым күрделі, оны тексеру мүмкін болмады. Құжатты қайта сканерлеп немесе "
        "суретке түсіріп жүктеңіз."
    ),
    Fault.FORM: _(
        "Бұл — арнайы бағдарламада ғана ашылатын форма. Оны басып шығарып, суретке түсіріңіз немесе "
        "«PDF ретінде басып шығару» арқылы сақтап жүктеңіз."
    ),
    Fault.PORTFOLIO: _(
        "Бұл — бірнеше файлдан құралған жинақ (PDF портфолио). Қажетті құжатты бөлек файл етіп жүктеңіз."
    ),
    Fault.MIXED: _(
        "Бірнеше файлды бірге таңдасаңыз, олардың бәрі JPG сурет болуы тиіс: суреттер бір PDF-ке "
        "біріктіріледі. PDF-файлды жеке таңдаңыз."
    ),
    Fault.SHOTS: _("Бір құжатқа 10 суретке дейін қосуға болады. Артығын алып тастап, қайта таңдаңыз."),
    Fault.SUM: _("Суреттер бірге тым үлкен. Аз сурет таңдаңыз немесе оларды кішірейтіңіз."),
    Fault.BUSY: _(
        "Қазір файлдар көп, сіздікін тексеріп үлгермедік. Файлда ақау жоқ: бір минуттан кейін қайта жүктеңіз."
    ),
    Fault.UNSTORED: _(
        "Файлда ақау жоқ, бірақ оны қазір сақтау мүмкін болмады: бірнеше минуттан кейін қайта жүктеңіз."
    ),
    Fault.PAGES: _("Файлда 50 беттен артық болмауы тиіс. Тек қажетті беттерді қалдырыңыз."),
}


def in_words(rejected: Rejected) -> Any:
    """With the number of the shot that is no good."""
    said: Any = SENTENCES[rejected.fault]
    if rejected.shot:
        return _("%(number)s-сурет: %(fault)s") % {"number": rejected.shot, "fault": said}
    return said


MISSING = {
    PHOTO.name: _("Баланың 3×4 см фотосуретін жүктеңіз."),
    PHOTO_2.name: _("Баланың екінші 3×4 см фотосуретін жүктеңіз."),
    F065.name: _("№ 065/у нысанды профилактикалық екпелердің картасын жүктеңіз."),
    F052_2.name: _("«052-2/у» нысандағы «Бала денсаулығы паспортын» жүктеңіз."),
    PMPC.name: _("ПМПК анықтамасын жүктеңіз: онсыз өтінім жіберілмейді."),
    SCAN.name: _("Өтініш беруші қол қойған қағаз өтінімнің көшірмесін жүктеңіз."),
}
FORMATS = _("PDF, JPG немесе JPEG, көлемі 5 МБ-қа дейін. Құжаттың бірнеше суретін бірге таңдауға болады.")
PHOTO_FORMATS = _("JPG, JPEG немесе PDF, көлемі 5 МБ-қа дейін.")


class PhotoInput(forms.FileInput):
    photographs = True  # its button says that the camera will do


class ShotsInput(forms.FileInput):
    """A PDF, or several shots of one document (D71)."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """One of them, for the field; the form takes them all (`chosen`)."""
        return files.get(name)


def _file(label: Any, *, photo: bool = False) -> forms.FileField:
    accept = "image/jpeg,.jpg,.jpeg,application/pdf,.pdf" if photo else uploads.ACCEPT
    widget = (
        PhotoInput(attrs={"accept": accept})
        if photo
        else ShotsInput(attrs={"accept": accept, "multiple": True})
    )
    return forms.FileField(
        label=label,
        help_text=PHOTO_FORMATS if photo else FORMATS,
        required=False,
        allow_empty_file=True,  # the intake says so in its own words
        widget=widget,
        error_messages={"invalid": SENTENCES[Fault.NONE], "missing": SENTENCES[Fault.NONE]},
    )


class DocumentsForm(TypedForm):
    scan = _file(_("Қол қойылған қағаз өтінімнің көшірмесі"))
    photo = _file(_("Баланың фотосуреті"), photo=True)
    photo_2 = _file(_("Екінші фотосурет"), photo=True)
    f065 = _file(_("№ 065/у нысаны бойынша файл"))
    f052_2 = _file(_("«052-2/у» нысаны бойынша файл"))
    pmpc = _file(_("ПМПК анықтамасының файлы"))
    valid_until = forms.DateField(
        label=_("ПМПК анықтамасының қолданылу мерзімі"),
        help_text=_("Анықтаманың соңында жазылған күн. Мысалы: 31.05.2028"),
        required=False,
        widget=forms.DateInput(
            format="%d.%m.%Y", attrs={"class": "input--short", "inputmode": "numeric", "autocomplete": "off"}
        ),
        input_formats=["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d", "%d%m%Y"],
        error_messages={"invalid": _("Күнді КК.АА.ЖЖЖЖ түрінде жазыңыз. Мысалы: 31.05.2028.")},
    )
    data_correct = forms.BooleanField(label=_("Енгізілген деректердің дұрыстығын растаймын."), required=False)
    external_data = forms.BooleanField(
        label=_("Сыртқы ақпараттық жүйелерден дербес деректерді алуға келісім беремін."), required=False
    )

    def __init__(self, *args: Any, application: Application, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application, self.today = application, today
        self._fit(in_person=application.channel == Channel.IN_PERSON)
        if not application.special_needs:
            del self.fields["pmpc"], self.fields["valid_until"]

    def _fit(self, *, in_person: bool) -> None:
        """An in-person application has its scan; its consent was recorded before the registers were asked."""
        if not in_person:
            del self.fields["scan"]
            return
        del self.fields["external_data"]
        self.fields["data_correct"].label = _(
            "Қағаз өтінімде деректердің дұрыстығы расталған және өтініш берушінің қолы бар."
        )

    def clean_valid_until(self) -> date | None:
        term = self.cleaned_data["valid_until"]
        if term is None:
            return None
        if term < self.today:
            raise forms.ValidationError(
                _("ПМПК анықтамасының мерзімі өтіп кеткен. Жаңа анықтаманы жүктеп, оның мерзімін көрсетіңіз.")
            )
        if term > keeping.longest_term(self.today):
            raise forms.ValidationError(_("Күнді тексеріңіз: мерзім 12 жылдан аспауы тиіс."))
        answer: date | None = term
        return answer

    def chosen(self) -> "list[tuple[Slot, list[UploadedFile[Any]]]]":
        """Files that came with this request: of a photo one, of a document its shots."""
        came = {name: self._came(name) for name in SLOTS if name in self.fields}
        return [(SLOTS[name], files) for name, files in came.items() if files]

    def _came(self, name: str) -> "list[UploadedFile[Any]]":
        listed = self.files.getlist(name) if isinstance(self.files, MultiValueDict) else []
        files = [one for one in listed if isinstance(one, UploadedFile)]
        several = getattr(self.fields[name].widget, "allow_multiple_selected", False)
        return files if several else files[-1:]

    def refuse(self, slot: Slot, rejected: Rejected) -> None:
        self.add_error(slot.name, forms.ValidationError(in_words(rejected), code=rejected.fault.value))

    @cached_property
    def demanded(self) -> set[str]:
        """What bears a star (R48): a file may come later, so no field of it is required by itself."""
        return {slot.name for slot in self._missing()} | {"valid_until", "data_correct", "external_data"}

    def _missing(self) -> list[Slot]:
        have = {(one.kind, one.position) for one in Document.of(self.application)}
        return [slot for slot in required_slots(self.application) if (slot.kind, slot.position) not in have]

    def demand_complete(self) -> None:
        """What «Келесі» needs besides: every paper, the term, both ticks (R90, R91)."""
        for slot in self._missing():
            if slot.name not in self.errors:
                self.add_error(slot.name, MISSING[slot.name])
        asked = "valid_until" in self.fields and not self.has_error("valid_until")
        if asked and not self.cleaned_data.get("valid_until"):
            self.add_error("valid_until", _("ПМПК анықтамасының қолданылу мерзімін көрсетіңіз."))
        if not self.cleaned_data.get("data_correct"):
            self.add_error("data_correct", _("Деректердің дұрыстығын растайтын белгіні қойыңыз."))
        if "external_data" in self.fields and not self.cleaned_data.get("external_data"):
            self.add_error(
                "external_data",
                _("Сыртқы жүйелерден дербес деректерді алуға келісім беретін белгіні қойыңыз."),
            )


class SupplementForm(DocumentsForm):
    """The one document that the school has asked for, with its term if it has one (D55)."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot = next(slot for slot in SLOTS.values() if slot.kind == kind)
        kept = {self.slot.name} | ({"valid_until"} if self.slot == PMPC else set())
        if self.slot == PMPC:
            self.fields.setdefault("pmpc", self.base_fields["pmpc"])
            self.fields.setdefault("valid_until", self.base_fields["valid_until"])
        for name in set(self.fields) - kept:
            del self.fields[name]

    @cached_property
    def demanded(self) -> set[str]:
        return set(self.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.chosen():
            self.refuse(self.slot, Rejected(Fault.NONE))
        if (
            "valid_until" in self.fields
            and not self.errors.get("valid_until")
            and not data.get("valid_until")
        ):
            self.add_error("valid_until", _("ПМПК анықтамасының қолданылу мерзімін көрсетіңіз."))
        return data


def required_slots(application: Application) -> list[Slot]:
    """The places that the signature demands to be filled, in the order of the page."""
    needed = dict(eligibility.required_documents(application))
    return [slot for slot in SLOTS.values() if slot.position <= needed.get(slot.kind, 0)]
