"""What the portal holds about a family, gathered on their request."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models.fields import private_path
from notifications.queue import QueueRow


class FamilyExport(QueueRow):
    """One order: the worker gathers and stores it; its file may be fetched by that person alone, signed in,
    until it ends."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    ordered_at = models.DateTimeField()
    children = models.JSONField(default=list, blank=True)  # keys of those whose data is in it
    file = models.FileField(upload_to=private_path, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    dead = models.BooleanField(default=False)  # the last try failed; the person may order anew

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(made_at=None, dead=False), name="one_export_waits_for_a_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="family_export_due", condition=Q(made_at=None, dead=False)
            )
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
