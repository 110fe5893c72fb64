"""The outbox: every message is a row written in the transaction of its cause."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    SMS = "SMS", "SMS"
    CABINET = "CABINET", _("Жеке кабинет")


class MessageState(models.TextChoices):
    PENDING = "PENDING", _("Жіберілуде")
    SENT = "SENT", _("Жіберілді")
    DELIVERED = "DELIVERED", _("Жеткізілді")
    UNDELIVERED = "UNDELIVERED", _("Жеткізілмеді")
    DEAD = "DEAD", _("Жіберілмеді")


class Message(models.Model):
    """A message to one person by one channel. Cabinet messages are delivered by being written."""

    key = models.CharField(max_length=200, unique=True)  # event and channel: one cause, one message
    channel = models.CharField(max_length=7, choices=Channel.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    template = models.CharField(max_length=40)  # a key of notifications.texts
    context = models.JSONField(default=dict, blank=True)  # numbers, dates, reasons; no names, no IIN
    link = models.CharField(max_length=200, blank=True)  # the portal page it speaks of
    phone = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=140, blank=True)  # SMS only, in the recipient's language
    state = models.CharField(max_length=11, choices=MessageState.choices, default=MessageState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=64, blank=True, db_index=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], name="message_due", condition=Q(state=MessageState.PENDING)
            ),
            models.Index(fields=["recipient", "-created_at"], name="message_inbox"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.template}"


class Heartbeat(models.Model):
    """The last sign of life of a part, written by the part itself, so that a silent stall is seen."""

    part = models.CharField(max_length=20, primary_key=True)  # worker
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.part
