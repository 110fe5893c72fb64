"""The grounds on which a school may refuse (D16), as ops word them."""

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class About(models.TextChoices):
    """What was wrong, and is asked anew of who applies again (D20)."""

    DOCUMENTS = "DOCUMENTS", _("Құжаттар: ештеңе қайта сұралмайды, құжаттар тексеріледі")
    CHILD = "CHILD", _("Бала: жасы мен мектепте оқуы қайта тексеріледі")
    SCHOOL = "SCHOOL", _("Мектеп: қайта таңдалады")


class GroundQuerySet(models.QuerySet["Ground"]):
    def in_force(self) -> "GroundQuerySet":
        return self.filter(until=None).order_by("position", "pk")


class Ground(models.Model):
    """One wording of a ground. It is never changed: a new one takes its place and this one ends, so that a
    decision keeps the words that it was signed with."""

    code = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField(default=0)  # in the list that a school chooses from
    about = models.CharField(max_length=9, choices=About.choices)
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    law_kk = models.CharField(max_length=500)  # the article that allows a refusal on this ground
    law_ru = models.CharField(max_length=500)
    text_kk = models.TextField(blank=True)  # a pattern of the reason, for the school to fill in
    text_ru = models.TextField(blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(  # null: came with the portal
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = GroundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z_]{1,19}$"), name="ground_has_a_plain_code"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(until=None), name="one_wording_of_a_ground_in_force"
            ),
            models.CheckConstraint(
                condition=~Q(name_kk="") & ~Q(name_ru="") & ~Q(law_kk="") & ~Q(law_ru=""),
                name="ground_is_named_in_both_languages",
            ),
        ]

    def __str__(self) -> str:
        return f"ground {self.code} {self.pk}"

    @property
    def name(self) -> str:
        return self.name_ru if _is_russian() else self.name_kk

    @property
    def law(self) -> str:
        return self.law_ru if _is_russian() else self.law_kk

    def pattern(self, lang: str) -> str:
        """For a parent who reads this language."""
        return self.text_ru if lang == "ru" else self.text_kk


def _is_russian() -> bool:
    return (translation.get_language() or "kk")[:2] == "ru"
