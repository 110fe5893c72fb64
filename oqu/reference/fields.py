"""A place and a school as ops write them: by the number, or by words that name one alone. All places of the
country are no list to choose from, and a page that narrows one needs a script (D65)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext as _

from schools import catalogue
from schools.kazakh import RUSSIAN, fold
from schools.models import Locality, School

NAMED = 5  # so many are named where the words fit several


class WrittenField(forms.CharField):
    """Becomes a row. A subclass says by which number, and among which rows the words are looked for."""

    def clean(self, value: Any) -> Any:
        written = super().clean(value)
        return self._row(written) if written else None

    def _row(self, written: str) -> Any:
        found = list(self.numbered(written) or self.worded(written)[: NAMED + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("«%(written)s» табылмады.") % {"written": written})
        several = "; ".join(self.told(one) for one in found[:NAMED])
        raise ValidationError(
            _("Бұл сөздер бірнеше жазбаға келеді: %(several)s. Нөмірін жазыңыз.") % {"several": several}
        )

    def numbered(self, written: str) -> QuerySet[Any]:
        raise NotImplementedError

    def worded(self, written: str) -> QuerySet[Any]:
        raise NotImplementedError

    def told(self, row: Any) -> str:
        raise NotImplementedError


class PlaceField(WrittenField):
    """By the code of KATO or by its name in either language, with Kazakh letters folded."""

    def numbered(self, written: str) -> QuerySet[Locality]:
        return Locality.objects.filter(kato=written)

    def worded(self, written: str) -> QuerySet[Locality]:
        return places_called(written).order_by("sort_kk", "pk")

    def told(self, row: Locality) -> str:
        return f"{row.name} ({row.kato})"


def places_called(written: str) -> QuerySet[Locality]:
    """Places by the code, or by words of a name in either language."""
    both = Lower(Concat("kato", Value(" "), "name_kk", Value(" "), "name_ru"))
    letters = (Value("".join(RUSSIAN)), Value("".join(RUSSIAN.values())))
    found = Locality.objects.alias(
        folded=Func(both, *letters, function="TRANSLATE", output_field=TextField())
    )
    words = fold(written).split()
    for word in words:
        found = found.filter(folded__contains=word)
    return found if words else found.none()


class SchoolField(WrittenField):
    """By the BIN or by words of its name, as the catalogue is searched."""

    def numbered(self, written: str) -> QuerySet[School]:
        return School.objects.filter(bin=written)

    def worded(self, written: str) -> QuerySet[School]:
        found = catalogue.named(School.objects.order_by(F("sort_kk"), F("pk")), written)
        return found if fold(written) else found.none()

    def told(self, row: School) -> str:
        return f"{row.name} ({row.bin})"
