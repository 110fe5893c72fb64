"""Systems outside that fail now."""

from django.db import models


class Trouble(models.Model):
    """A system outside that fails now: one row for each, gone when it works again.

    Web, worker and `manage.py health` read the same row. A queue that calls the system is not claimed from
    until `until`; its own rows stay as they are. Ops may say that one is to be treated so (D77).
    """

    system = models.CharField(max_length=20, primary_key=True)  # EgovError.system
    ours = models.BooleanField()  # egov.errors.Misconfigured: it will not pass by itself
    reason = models.CharField(max_length=100)
    failures = models.PositiveIntegerField(default=1)  # tries in a row, each after its pause
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    until = models.DateTimeField()  # asked again then
    paused = models.BooleanField(default=False, db_default=False)  # by ops: until then nothing else counts

    def __str__(self) -> str:
        return f"{self.system}: {self.reason}"

    @property
    def stops(self) -> bool:
        """Does it stop a whole queue, whatever stands in it?"""
        return self.ours or self.paused
