"""Who at a school has asked the registers about whom by IIN, and why."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from schools.models import School


class Why(models.TextChoices):
    CAME = "CAME", _("Ата-ана мектепке қағаз өтініммен келді")
    SENT = "SENT", _("Қағаз өтінім пошта немесе ХҚКО арқылы келді")
    OTHER = "OTHER", _("Басқа себеп")


class LookUp(models.Model):
    """One question, answered or not; kept by numbers, for neither person need be known here yet."""

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    applicant_iin = models.CharField(max_length=12)
    child_iin = models.CharField(max_length=12)
    why = models.CharField(max_length=5, choices=Why.choices)
    words = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["by", "at"], name="look_ups_of_a_person"),
            models.Index(fields=["child_iin"], name="look_ups_of_a_child"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(why=Why.OTHER) | ~Q(words=""), name="look_up_says_why")
        ]

    def __str__(self) -> str:
        return f"look-up {self.pk}"
