"""The forms by which lists are brought, looked through and put back (D64), and addresses answered (D63)."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.typed import TypedForm
from schools import list_drafts
from schools.files import BadFile, BadRows, Fault, TooMuch
from schools.list_drafts import MOST_LINES, MOST_SCHOOLS
from schools.list_files import Source
from schools.models import Locality, School

KINDS = (".csv", ".xlsx", ".txt")
NAMED_LINES = 20  # so many numbers of lines stand in one sentence


def told(error: BadFile) -> str:
    """In a sentence, what is wrong with a file or a text."""
    if isinstance(error, TooMuch):
        return _(
            "Бетте бір жолы %(lines)s жолға және %(schools)s мектепке дейін оқылады. Одан үлкен файлды "
            "портал қызметі load_addresses командасымен жүктейді."
        ) % {"lines": MOST_LINES, "schools": MOST_SCHOOLS}
    if isinstance(error, BadRows):
        return f"{error.fault.label} {_lines([number for number, _reason in error.problems])}"
    return str(error.fault.label)


def _lines(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:NAMED_LINES]))
    return _("Жолдар: %(numbers)s.") % {"numbers": f"{shown}…" if len(numbers) > NAMED_LINES else shown}


class FileForm(TypedForm):
    file = forms.FileField(
        label=gettext_lazy("Тізім файлы"),
        help_text=gettext_lazy("CSV, XLSX немесе TXT, көлемі 2 МБ-қа дейін."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS)}),
        error_messages={
            "required": gettext_lazy("Файлды таңдаңыз."),
            "invalid": gettext_lazy("Файлды таңдаңыз."),
            "missing": gettext_lazy("Файлды таңдаңыз."),
        },
    )

    def clean_file(self) -> list[Source]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        kind = Path(upload.name or "").suffix.lower()
        if kind not in KINDS:
            raise forms.ValidationError(_("Файл CSV, XLSX немесе TXT түрінде болуы тиіс."))
        if (upload.size or 0) > list_drafts.MOST_BYTES:
            raise forms.ValidationError(str(Fault.TOO_LARGE.label))
        try:
            lines = _read(upload, kind)
        except BadFile as error:
            raise forms.ValidationError(told(error)) from error
        if not lines:
            raise forms.ValidationError(_("Файлда бірде-бір жол жоқ."))
        return lines

    @property
    def lines(self) -> list[Source]:
        return cast(list[Source], self.cleaned_data["file"])

    @property
    def began_as(self) -> None:
        """A file begins anew."""

    @property
    def source(self) -> str:
        """The file's name, for the version."""
        return Path(cast("UploadedFile[Any]", self.files["file"]).name or "").name


def _read(upload: "UploadedFile[Any]", kind: str) -> list[Source]:
    with NamedTemporaryFile(suffix=kind) as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        return list_drafts.of_file(Path(file.name))


class TextForm(TypedForm):
    text = forms.CharField(
        label=gettext_lazy("Тізім: әр жолда бір көше, үйлерімен"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 12, "spellcheck": "false", "maxlength": list_drafts.MOST_LETTERS}
        ),
        error_messages={
            "required": gettext_lazy("Кемінде бір жол жазыңыз."),
        },
    )
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that it began as
    source = ""

    def clean_base(self) -> int | None:
        base: int | None = self.cleaned_data["base"]
        return base if base is not None and 0 <= base < 2**63 else None

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            self.read = list_drafts.of_text(text)
        except BadFile as error:
            raise forms.ValidationError(told(error)) from error
        if not self.read:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    @property
    def lines(self) -> list[Source]:
        return self.read

    @property
    def began_as(self) -> int | None:
        return cast("int | None", self.cleaned_data["base"])


class ReasonForm(TypedForm):
    """Why a list is changed: it stands beside the version for good."""

    reason = forms.CharField(
        label=gettext_lazy("Негізі: бұйрықтың нөмірі мен күні"),
        help_text=gettext_lazy("Мысалы: №15 бұйрық, 2027 жылғы 3 наурыз. Адамдардың аты-жөнін жазбаңыз."),
        max_length=250,
        error_messages={
            "required": gettext_lazy("Өзгерістің негізін жазыңыз: бұйрықтың нөмірі мен күні."),
            "max_length": gettext_lazy("Негізі 250 таңбадан аспауы тиіс."),
        },
    )


class SaveForm(ReasonForm):
    meant = forms.BooleanField(
        label=gettext_lazy("Тізімнің оннан бірінен көбі өзгереді. Иә, осылай болуы тиіс."), required=False
    )

    def __init__(self, *args: Any, is_large: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_large:
            del self.fields["meant"]

    def clean_meant(self) -> bool:
        if not self.cleaned_data["meant"]:
            raise forms.ValidationError(
                _("Тізім көп өзгереді: төмендегі өзгерістерді қарап, осылай болуы тиіс екенін белгілеңіз.")
            )
        return True


class WhyForm(TypedForm):
    """Which line of the list of a day gives the school an address."""

    place = forms.ChoiceField(label=gettext_lazy("Елді мекен"))
    street = forms.CharField(
        label=gettext_lazy("Көше"),
        max_length=200,
        error_messages={"required": gettext_lazy("Көшені жазыңыз.")},
    )
    house = forms.CharField(
        label=gettext_lazy("Үй"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "input--short"}),
    )
    on = forms.DateField(
        label=gettext_lazy("Қай күні"),
        help_text=gettext_lazy("Бос қалдырсаңыз, қазіргі тізім қаралады."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Күнді толық жазыңыз, мысалы: 2027-04-01.")},
    )

    def __init__(self, *args: Any, places: Iterable[Locality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(place.kato, place.name) for place in places]
        cast("forms.ChoiceField", self.fields["place"]).choices = choices


class AttachForm(ReasonForm):
    """The school that an address is added to."""

    school = forms.ChoiceField(
        label=gettext_lazy("Қай мектепке қосылады"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Мектепті таңдаңыз."),
            "invalid_choice": gettext_lazy("Бұл мектепті таңдау мүмкін емес. Тізімнен мектепті таңдаңыз."),
        },
    )
    field_order = ("school", "reason")

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_key = {str(school.pk): school for school in schools}
        choices = [(key, f"{one.name}, {one.locality.name}") for key, one in self.by_key.items()]
        cast("forms.ChoiceField", self.fields["school"]).choices = choices

    @property
    def chosen(self) -> School:
        return self.by_key[self.cleaned_data["school"]]


class RefuseForm(TypedForm):
    words = forms.CharField(
        label=gettext_lazy("Неге қосылмайды"),
        help_text=gettext_lazy("Бұл сөзді ата-ана оқиды: енді не істеу керегін де жазыңыз."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": gettext_lazy("Ата-анаға себебін жазыңыз."),
            "max_length": gettext_lazy("Мәтін 300 таңбадан аспауы тиіс."),
        },
    )
