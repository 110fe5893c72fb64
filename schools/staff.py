"""Who works for a school, a department or the portal itself, in which post, since when and by whose word."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    EXECUTOR = "EXECUTOR", _("Орындаушы")
    DIRECTOR = "DIRECTOR", _("Директор")
    DEPARTMENT = "DEPARTMENT", _("Білім басқармасының маманы")
    OPS = "OPS", _("Портал қызметі")


class StaffQuerySet(models.QuerySet["StaffMember"]):
    def in_force(self, today: date | None = None) -> "StaffQuerySet":
        """Neither ended nor, of one who stands in, outside of its days (Almaty's), nor of somebody whom the
        sign-in turns away: no work may wait for them."""
        today = today or timezone.localdate()
        begun = Q(starts_on=None) | Q(starts_on__lte=today)
        standing = self.filter(begun, Q(ends_on=None) | Q(ends_on__gte=today), ended_at=None)
        return standing.filter(user__is_active=True)


class InForce(models.Manager["StaffMember"]):
    """The posts that count now: whoever asks for somebody's posts asks for these, at every click anew."""

    def get_queryset(self) -> StaffQuerySet:
        return StaffQuerySet(self.model, using=self._db).in_force()


class StaffMember(models.Model):
    """A person is staff when this list says so. Directors and executors belong to a school, department
    officers to a region or a district, ops to the portal. A post is ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
    school = models.ForeignKey(
        "schools.School", on_delete=models.CASCADE, null=True, blank=True, related_name="staff"
    )
    region = models.ForeignKey(
        "schools.Locality", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    # Stands in for the director, from the first to the last of these days.
    acting = models.BooleanField(default=False)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    appointed_at = models.DateTimeField(default=timezone.now)
    appointed_by = models.ForeignKey(  # null: by a command
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[InForce] = InForce()
    every: ClassVar[models.Manager["StaffMember"]] = StaffQuerySet.as_manager()  # also ended and future ones

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "school", "region", "role", "acting"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_post_per_role",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.DEPARTMENT, region__isnull=False, school__isnull=True)
                | Q(role__in=[Role.EXECUTOR, Role.DIRECTOR], region__isnull=True, school__isnull=False)
                | Q(role=Role.OPS, region__isnull=True, school__isnull=True),
                name="post_belongs_to_school_or_region",
            ),
            models.CheckConstraint(
                condition=Q(acting=False, starts_on=None, ends_on=None)
                | Q(
                    acting=True,
                    role=Role.DIRECTOR,
                    starts_on__isnull=False,
                    ends_on__gte=models.F("starts_on"),
                ),
                name="acting_director_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    @classmethod
    def in_force(cls, today: date | None = None) -> StaffQuerySet:
        """As `objects`, on another day than the one on which the question is put."""
        return StaffQuerySet(cls).in_force(today)

    @property
    def knows_name(self) -> bool:
        """Whose number was only typed in is not named by it: else any number could be asked about. The name
        shows when the person has signed in since, or when a command has appointed them."""
        seen = self.user.last_login
        return self.appointed_by_id is None or (seen is not None and seen >= self.appointed_at)

    @property
    def title(self) -> str:
        return str(_("Директордың міндетін атқарушы")) if self.acting else str(Role(self.role).label)
