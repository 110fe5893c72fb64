"""Children, and who the registers say represents them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User, masked
from accounts.prepared import Prepared


class Sex(models.TextChoices):
    MALE = "M", _("Ұл")
    FEMALE = "F", _("Қыз")


class Child(models.Model):
    """A child as the register of births knows it; one row per child, whichever parent added it."""

    iin = models.CharField(max_length=12, unique=True)
    surname = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    patronymic = models.CharField(max_length=300, blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex.choices)
    registered_address = models.JSONField(default=dict, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    guardians = models.ManyToManyField(User, through="Guardianship", related_name="children")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(iin__regex=r"^\d{12}$"), name="child_iin_has_twelve_digits")
        ]

    def __str__(self) -> str:
        return f"child {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        return masked(self.iin)

    def is_represented_by(self, user: User) -> bool:
        """By what the register has said last (D22, D34)."""
        return bool(_STANDING_TIE(user.pk, self.pk))

    @property
    def initials(self) -> str:
        return " ".join(f"{part[0]}." for part in (self.surname, self.name, self.patronymic) if part)


class Relation(models.TextChoices):
    """What the register says of the adult (D22)."""

    PARENT = "PARENT", _("Ата-анасы")
    GUARDIAN = "GUARDIAN", _("Заңды өкілі")


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def standing(self) -> "GuardianshipQuerySet":
        """Those that the register has not denied (D34)."""
        return self.filter(denied_at=None)


class Guardianship(models.Model):
    """The user may act for the child; written when they add the child (R55-R59), asked again before each act
    that leans on it (D34)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="guardianships")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="guardianships")
    relation = models.CharField(max_length=8, choices=Relation.choices, default=Relation.PARENT)
    document = models.CharField(max_length=100, blank=True)  # of the guardian: number of the decree (D22)
    added_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # the question that was answered last
    denied_at = models.DateTimeField(null=True, blank=True)  # since when the register knows no such tie
    closed_at = models.DateTimeField(null=True, blank=True)  # …said it twice, and what follows was done

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "child"], name="one_guardianship_per_pair")]
        indexes = [
            models.Index(fields=["denied_at"], name="tie_denied", condition=Q(closed_at=None)),
            models.Index(fields=["added_at"], name="tie_added"),
        ]

    def __str__(self) -> str:
        return f"guardianship {self.pk}"


_STANDING_TIE = Prepared(
    lambda user, child: Guardianship.objects.standing().filter(user=user, child=child).values_list("pk"),
    int,
    int,
)
