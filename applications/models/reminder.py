"""That a department has reminded a school's director of what is overdue (D56)."""

from django.db import models

from accounts.models import User
from schools.models import School


class Reminder(models.Model):
    """One of a school and working day, whoever of the department sends it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="reminders")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    day = models.DateField()  # Almaty's
    overdue = models.PositiveIntegerField()  # so many applications were late

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "day"], name="one_reminder_of_a_school_and_day")
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk}"
