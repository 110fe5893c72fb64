"""A large table that somebody at a school has ordered."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import LockedTextField
from accounts.models import User
from applications.models.fields import private_path
from notifications.queue import QueueRow


class TableKind(models.TextChoices):
    QUEUE = "QUEUE", _("Өтінімдер тізімі")
    ADMITTED = "ADMITTED", _("Биыл қабылданғандар")


class TableExport(QueueRow):
    """One order: the worker makes it piece by piece; its file may be fetched by that person alone, still in
    the posts that it was made for, until it ends (D59)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=TableKind.choices)
    form = models.CharField(max_length=4)  # of the file
    lang = models.CharField(max_length=2)
    query = models.CharField(max_length=300, blank=True)  # the filter, as addresses carry it
    term = LockedTextField(blank=True)  # what was looked for, as it was typed
    ordered_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)  # rows
    total = models.PositiveIntegerField(default=0)
    schools = models.JSONField(default=list, blank=True)  # keys of those whose rows are in it
    file = models.FileField(upload_to=private_path, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    dead = models.BooleanField(default=False)  # the last try failed; it may be ordered again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(made_at=None, dead=False), name="one_table_waits_for_a_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], name="table_export_due", condition=Q(made_at=None, dead=False)
            )
        ]

    def __str__(self) -> str:
        return f"table {self.pk}"
