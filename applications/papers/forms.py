"""The file that somebody wants to compare with what OQU gave out."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from accounts.typed import TypedForm
from applications.papers.checking import MAX_BYTES

ENVELOPE = 64 * 1024  # of a form around its file
TOO_BIG = _("Файл тым үлкен: 2 МБ-тан аспауы тиіс. OQU құжаттары бұдан әлдеқайда кіші.")
EMPTY = _("Файл бос. Басқа файлды таңдаңыз.")
MISSING = _("PDF-файлды таңдаңыз.")


class CheckForm(TypedForm):
    file = forms.FileField(
        label=_("OQU құжаты (PDF)"),
        help_text=_("PDF, 2 МБ-қа дейін. Файл сақталмайды."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"required": MISSING, "missing": MISSING, "invalid": MISSING, "empty": EMPTY},
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return file


def read(request: HttpRequest) -> CheckForm:
    """The posted form; a body that is too long is refused by its length, unread."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if length.isdigit() and int(length) <= MAX_BYTES + ENVELOPE:
        return CheckForm(request.POST, request.FILES)
    form = CheckForm({}, MultiValueDict())
    form.errors.clear()
    form.add_error("file", TOO_BIG)
    return form
