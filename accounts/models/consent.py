"""What a person allows the portal to ask of whom."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import LockedTextField
from accounts.models.child import Child
from accounts.models.person import User


class ConsentStatus(models.TextChoices):
    PENDING = "PENDING", _("Жауап күтілуде")
    GRANTED = "GRANTED", _("Келісім берілді")
    DENIED = "DENIED", _("Келісім берілмеді")
    EXPIRED = "EXPIRED", _("Мерзімі өтті")
    REVOKED = "REVOKED", _("Қайтарып алынды")  # given once, then taken back: here or at 1414


class Consent(models.Model):
    """Consent to personal-data processing, asked by SMS from 1414 (R37-R40): one of the applicant's
    own (child is null), one per child."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, blank=True, related_name="consents")
    child_iin = models.CharField(max_length=12, blank=True)  # before the child is added there is no row
    reference = models.CharField(max_length=64, unique=True)  # the consent system's own
    status = models.CharField(
        max_length=8, choices=ConsentStatus.choices, default=ConsentStatus.PENDING, db_index=True
    )
    token = LockedTextField(blank=True)
    public_key = LockedTextField(blank=True)
    text_version = models.CharField(max_length=20)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)  # for one taken back at 1414: when we learned it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.REVOKED, revoked_at__isnull=False)
                | Q(revoked_at=None) & ~Q(status=ConsentStatus.REVOKED),
                name="revoked_consent_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=ConsentStatus.GRANTED)
                | Q(answered_at__isnull=False, expires_at__isnull=False),
                name="granted_consent_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk} {self.status}"
