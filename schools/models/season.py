"""When: the regions' dates and the days that break the rule of the week."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from schools.models.place import Locality


class Period(models.Model):
    """A region's dates of one year's intake (R22-R28); both days inclusive, Asia/Almaty (D8)."""

    region = models.ForeignKey(
        Locality, on_delete=models.CASCADE, related_name="periods", verbose_name=_("Өңір")
    )
    year = models.PositiveSmallIntegerField(_("Оқу жылы"))
    opens = models.DateField(_("Ашылатын күні"))
    closes = models.DateField(_("Жабылатын күні"))
    asks_documents = models.BooleanField(
        _("Мектеп жақсырақ құжат сұрай алады"), default=False
    )  # D55: a school may ask for a better document

    class Meta:
        verbose_name = _("Өңірдің мерзімі")
        verbose_name_plural = _("Өңірлердің мерзімдері")
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="one_period_per_region_and_year"),
            models.CheckConstraint(condition=Q(closes__gte=F("opens")), name="period_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.year}"


class DayKind(models.TextChoices):
    OFF = "off", _("демалыс күні")
    WORK = "work", _("жұмыс күні")


class Holiday(models.Model):
    """A day that breaks the week's rule: a holiday, or a working Saturday or Sunday (D25)."""

    date = models.DateField(_("Күні"), primary_key=True)
    kind = models.CharField(_("Түрі"), max_length=4, choices=DayKind.choices, default=DayKind.OFF)
    name_kk = models.CharField(_("Атауы қазақша"), max_length=100)
    name_ru = models.CharField(_("Атауы орысша"), max_length=100)

    class Meta:
        verbose_name = _("Ерекше күн")
        verbose_name_plural = _("Демалыс және ауыстырылған күндер")

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"
