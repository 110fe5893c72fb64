"""Children whose whereabouts a court hides from a person (D35)."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models.person import User


class ProtectionQuerySet(models.QuerySet["Protection"]):
    def in_force(self) -> "ProtectionQuerySet":
        return self.filter(lifted_at=None)

    def children_hidden_from(self, user: User) -> models.QuerySet[Any, str]:
        """IINs, for a question that leaves these children out."""
        return self.in_force().filter(barred_iin=user.iin).values_list("child_iin", flat=True)


class Protection(models.Model):
    """A court has barred a person from knowing where a child is. By IIN, for neither of them need be known
    here yet; rows stay, ended ones too, with who set and lifted them and why. It ends by an officer's word
    alone: no day that passes and no register that falls silent about it tells where a child is."""

    child_iin = models.CharField(max_length=12)
    barred_iin = models.CharField(max_length=12)
    since = models.DateTimeField()
    # Nobody: the register of births said so.
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300)
    document = models.CharField(max_length=100, blank=True)  # number of the court's decision
    decided_on = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)  # by the decision: from then on an officer looks again
    region = models.CharField(max_length=9, blank=True)  # whose department answers for it: a code of KATO
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_why = models.CharField(max_length=300, blank=True)

    objects = ProtectionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["barred_iin"], name="protection_barred", condition=Q(lifted_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child_iin", "barred_iin"],
                condition=Q(lifted_at=None),
                name="one_protection_of_a_child_from_a_person",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="lifted_protection_says_by_whom_and_why",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="protection_says_why"),
        ]

    def __str__(self) -> str:
        return f"protection {self.pk}"
