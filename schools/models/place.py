"""Places of the country: the rows of KATO."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(kk: str, ru: str) -> str:
    return (ru or kk) if get_language() == "ru" else kk


class Locality(models.Model):
    """One row of the KATO classifier; regions have no parent."""

    kato = models.CharField(max_length=9, primary_key=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    sort_kk = models.CharField(max_length=400, db_index=True)  # schools.kazakh.sort_key of the name

    class Meta:
        verbose_name_plural = "localities"

    def __str__(self) -> str:
        return self.name_kk

    @property
    def name(self) -> str:
        """In the reader's language."""
        return in_language(self.name_kk, self.name_ru)

    @property
    def long_name(self) -> str:
        """«Астана қаласы», not «Астана қ.»: for texts, where the classifier's abbreviations look odd."""
        kk = self.name_kk.removesuffix(" қ.") + " қаласы" if self.name_kk.endswith(" қ.") else self.name_kk
        return in_language(kk, self.name_ru.replace("г. ", "город ", 1))


class EndedPlace(models.Model):
    """A place that the classifier no longer has, and the place that it has become a part of (D66). Its own
    row stays: schools stand in it, lists and addresses name it."""

    place = models.OneToOneField(
        Locality,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="ended",
        verbose_name=_("Таратылған елді мекен"),
    )
    ended_on = models.DateField(_("Таратылған күні"))
    successor = models.ForeignKey(
        Locality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Мирасқоры"),
    )

    class Meta:
        verbose_name = _("Таратылған елді мекен")
        verbose_name_plural = _("Таратылған елді мекендер")
        constraints = [
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("place")), name="no_place_succeeds_itself"
            )
        ]

    def __str__(self) -> str:
        return f"ended place {self.pk}"
