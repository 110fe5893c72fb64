"""Seats of a school, and the ways to them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from schools.models.school import Language, School


class Route(models.TextChoices):
    """The way of admission: by the address, or to a school of another microdistrict."""

    LOCAL = "LOCAL", _("Шағын аудан бойынша")
    OUTSIDE = "OUTSIDE", _("Шағын ауданнан тыс")


class Intake(models.Model):
    """Seats of one school in one academic year and language, first grade (D3).

    The held_* counters are changed only by schools/seats.py, in the transaction that moves an application.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="intakes", verbose_name=_("Мектеп")
    )
    year = models.PositiveSmallIntegerField(_("Оқу жылы"))  # first year of the academic year
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, related_name="+", verbose_name=_("Оқу тілі")
    )
    seats = models.PositiveIntegerField(_("Орын саны"))
    outside_ratio = models.PositiveSmallIntegerField(
        _("Сырттан келген бір балаға шағын ауданнан неше бала"), null=True, blank=True
    )  # over settings.OUTSIDE_RATIO
    outside_limit = models.PositiveIntegerField(
        _("Шағын ауданнан тыс балаларға орын")
    )  # seats // (ratio + 1), kept by seats.set_seats
    held_local = models.PositiveIntegerField(_("Шағын аудан балалары алған орын"), default=0)
    held_outside = models.PositiveIntegerField(_("Шағын ауданнан тыс балалар алған орын"), default=0)

    class Meta:
        verbose_name = _("Мектептің қабылдауы")
        verbose_name_plural = _("Қабылдау орындары")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "language"], name="one_intake_per_school_year_language"
            ),
            models.CheckConstraint(
                condition=Q(held_outside__lte=F("outside_limit")), name="outside_never_over_its_limit"
            ),
            models.CheckConstraint(
                condition=Q(outside_limit__lte=F("seats")), name="outside_limit_within_seats"
            ),
        ]

    def __str__(self) -> str:
        return f"intake {self.pk}"
