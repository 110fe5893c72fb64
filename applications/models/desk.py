"""What a person at a school's desk looks for and has ticked: held here, so that no address carries it."""

import uuid

from django.db import models

from accounts.models import User


class DeskMemory(models.Model):
    """A search, or rows that were ticked, under a number that addresses carry in its place. It outlives a
    change of language and a new sign-in, and a day's work is its term. No fact of anything: not watched."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    term = models.CharField(max_length=100, blank=True)  # as it was typed
    ticked = models.JSONField(default=list, blank=True)  # public ids of applications
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="desk_memory_of_a_person")]

    def __str__(self) -> str:
        return f"desk memory {self.pk}"
