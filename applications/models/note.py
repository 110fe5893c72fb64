"""What people of a school write to each other about an application."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models.application import Application


class Note(models.Model):
    """For colleagues of the same school alone: no parent and no department reads it, no paper prints it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_says_something")]
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"
