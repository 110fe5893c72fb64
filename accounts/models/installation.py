"""Which PostgreSQL holds the portal's own database."""

from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """Where this database was when somebody said that it is the portal's (D69): one row. It goes with every
    backup, and the place to which a backup is restored is another."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    address = models.CharField(max_length=300)  # the host of PUBLIC_URL
    system = models.BigIntegerField()  # of the PostgreSQL: the number that initdb has given it
    database = models.BigIntegerField()  # in it
    tables = models.BigIntegerField()  # of this table: made anew by every restored dump
    timeline = models.BigIntegerField()  # raised by every recovery, and by every failover
    said_at = models.DateTimeField()
    # The last sign that the portal has left here and outside of the database (accounts/copies.py).
    witnessed_at = models.DateTimeField(null=True, blank=True)
    drilled_at = models.DateTimeField(null=True, blank=True)  # the last backup that was restored and proven

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return f"installation {self.address}"
