"""A better document that the school has asked for, and the applicant has added (D55)."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models.application import Application
from applications.models.document import Document, DocumentKind


class Supplement(models.Model):
    """The school asks for one document; the applicant uploads it and signs that they add it. What was filed
    stays as it was signed. While it is waited for, the school's clock stands."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="supplements")
    kind = models.CharField(max_length=6, choices=DocumentKind.choices)
    why = models.TextField()  # what is wrong with the one that was filed; the parent reads it
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    left = models.DurationField()  # of the school's working time, when its clock was stopped
    until = models.DateTimeField()  # then the clock goes on by itself
    document = models.OneToOneField(
        Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="supplement"
    )
    answered_at = models.DateTimeField(null=True, blank=True)  # signed; until then the document is a draft
    lapsed_at = models.DateTimeField(null=True, blank=True)  # the school was told that nothing came

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at__isnull=True, lapsed_at__isnull=True),
                name="one_supplement_is_waited_for",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(lapsed_at__isnull=True),
                name="supplement_is_answered_or_lapsed",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="supplement_says_why"),
        ]

    def __str__(self) -> str:
        return f"supplement {self.pk} {self.kind}"

    def is_waited_for(self, now: datetime) -> bool:
        return self.answered_at is None and self.lapsed_at is None and now <= self.until
