"""Schools, their languages of instruction and the numbers they go by."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from schools.models.place import Locality, in_language


class Language(models.Model):
    """A language of instruction. A table: besides Kazakh and Russian there are others in the south."""

    code = models.CharField(_("Коды"), max_length=3, primary_key=True)
    name_kk = models.CharField(_("Атауы қазақша"), max_length=40)
    name_ru = models.CharField(_("Атауы орысша"), max_length=40)
    position = models.PositiveSmallIntegerField(_("Тізімдегі орны"), default=0)

    class Meta:
        verbose_name = _("Оқу тілі")
        verbose_name_plural = _("Оқу тілдері")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return in_language(self.name_kk, self.name_ru)


class School(models.Model):
    bin = models.CharField(_("БСН"), max_length=12, unique=True)
    locality = models.ForeignKey(
        Locality, on_delete=models.PROTECT, related_name="schools", verbose_name=_("Елді мекен")
    )
    name_kk = models.CharField(_("Атауы қазақша"), max_length=300)
    name_ru = models.CharField(_("Атауы орысша"), max_length=300)
    address_kk = models.CharField(_("Мекенжайы қазақша"), max_length=300, blank=True)
    address_ru = models.CharField(_("Мекенжайы орысша"), max_length=300, blank=True)
    phone = models.CharField(_("Телефон"), max_length=40, blank=True)
    has_transport = models.BooleanField(_("Оқушыларды тасымалдайды"), default=False)  # R80
    sort_kk = models.CharField(max_length=600, db_index=True)
    search = models.CharField(max_length=600, blank=True)  # both names with Kazakh letters folded
    # D57: from that day on it is offered to nobody; who takes its microdistrict over, if anybody does.
    stops_on = models.DateField(_("Қабылдауды тоқтататын күні"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Құқықтық мирасқоры"),
    )

    class Meta:
        verbose_name = _("Мектеп")
        verbose_name_plural = _("Мектептер")
        constraints = [
            models.CheckConstraint(condition=Q(bin__regex=r"^\d{12}$"), name="school_bin_has_twelve_digits"),
            models.CheckConstraint(
                condition=Q(successor=None) | (Q(stops_on__isnull=False) & ~Q(successor=F("pk"))),
                name="succeeded_school_stops",
            ),
        ]

    def __str__(self) -> str:
        return self.name_kk

    @property
    def name(self) -> str:
        return in_language(self.name_kk, self.name_ru)

    @property
    def address(self) -> str:
        return in_language(self.address_kk, self.address_ru)

    def has_stopped(self, on: date) -> bool:
        """Is it offered to nobody any more (D57)?"""
        return self.stops_on is not None and self.stops_on <= on

    def goes_by(self, number: str) -> bool:
        """Is this its BIN, or was it once?"""
        return number == self.bin or self.former_bins.filter(number=number).exists()


class FormerBin(models.Model):
    """A number that a school had until a day: what was signed under it stays the school's, and no other
    school ever gets it (D57)."""

    number = models.CharField(max_length=12, unique=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="former_bins")
    until = models.DateField()

    def __str__(self) -> str:
        return self.number
