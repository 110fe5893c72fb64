"""That a draft was looked at on the evening before its region opens: its applicant reminded, if they want it
(D76), its original drawn, if it is ready (D67)."""

from django.db import models

from applications.models.application import Application


class OpeningReminder(models.Model):
    """One of a draft and day: when the day is moved there is another."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="opening_reminders")
    opens = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "opens"], name="one_reminder_of_a_draft_and_opening"
            )
        ]

    def __str__(self) -> str:
        return f"opening reminder {self.pk}"
