"""The outbox: every message is a row written in the transaction of its cause."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.prepared import Prepared
from notifications import templates, texts
from notifications.queue import QueueRow

MOST_EARLIER = 200  # messages of before, on one page of the inbox
MORNING = range(8, 13)  # hours of Almaty at which a digest may come


class Channel(models.TextChoices):
    """The first two are written with the cause; the others when the SMS has not arrived in its time."""

    SMS = "SMS", "SMS"
    CABINET = "CABINET", _("Жеке кабинет")
    SECOND = "SECOND", _("Екінші нөмірге SMS")
    EMAIL = "EMAIL", _("Электрондық пошта")
    PUSH = "PUSH", _("eGov хабарламасы")


class MessageState(models.TextChoices):
    PENDING = "PENDING", _("Жіберілуде")
    SENT = "SENT", _("Жіберілді")
    DELIVERED = "DELIVERED", _("Жеткізілді")
    UNDELIVERED = "UNDELIVERED", _("Жеткізілмеді")
    DEAD = "DEAD", _("Жіберілмеді")


@dataclass(frozen=True)
class Letter:
    """A cabinet message as the person reads it, with its SMS copy and those of the same thing before it."""

    message: "Message"
    wording: texts.Wording
    sms: "Message | None"
    earlier: tuple["Letter", ...] = ()


class MessageQuerySet(models.QuerySet["Message"]):
    def inbox(self, user: User) -> "MessageQuerySet":
        shown = self.filter(recipient=user, channel=Channel.CABINET, hidden_at=None)
        return shown.order_by("-created_at", "-pk")

    def newest(self, user: User) -> "MessageQuerySet":
        """One message for each thing that the person is told of, known by the page they speak of: the last
        (D58). What leads nowhere stands by itself."""
        shown = self.inbox(user)
        newer = shown.exclude(link="").filter(link=OuterRef("link"), pk__gt=OuterRef("pk"))
        return shown.exclude(Exists(newer))

    def threads(self, user: User, newest: Iterable["Message"]) -> list[Letter]:
        """Each with the earlier ones of the same thing beneath it."""
        newest = list(newest)
        links = {message.link for message in newest} - {""}
        earlier = self.inbox(user).filter(link__in=links).exclude(pk__in=[one.pk for one in newest])
        worded = self.letters([*newest, *earlier[:MOST_EARLIER]])
        tops, beneath = worded[: len(newest)], worded[len(newest) :]
        return [
            replace(top, earlier=tuple(one for one in beneath if one.message.link == top.message.link))
            for top in tops
        ]

    def calling(self, user: User) -> int:
        """How many things the person has unread messages of that ask for an act (D58)."""
        return len(_CALLING(user.pk))

    def letters(self, messages: Iterable["Message"]) -> list[Letter]:
        """The messages worded in the active language, each with the SMS of the same event."""
        messages = list(messages)
        copies = {copy.key: copy for copy in self.filter(key__in=[m.sms_key for m in messages])}
        return [Letter(m, texts.wording(m.template, m.context), copies.get(m.sms_key)) for m in messages]

    def mark_read(self, messages: Iterable["Message"], *, now: datetime) -> None:
        messages = list(messages)
        self.filter(pk__in=[message.pk for message in messages], read_at=None).update(read_at=now)
        self.reached([message.sms_key for message in messages], now=now)

    def reached(self, sms_keys: Iterable[str], *, now: datetime) -> None:
        """The person has what these SMS say, whatever became of the SMS itself."""
        self.filter(key__in=list(sms_keys), reached_at=None).update(reached_at=now)

    def unreached(self) -> "MessageQuerySet":
        """SMS that did not arrive in their time, and nothing else is known to have reached the person."""
        return self.filter(missed_at__isnull=False, reached_at=None)

    def to_send(self, channels: Iterable[Channel]) -> "MessageQuerySet":
        """What waits for these channels, of each person the first: their messages go in the order they were
        written, for after «withdrawn» a late «in review» would lie."""
        pending = self.filter(state=MessageState.PENDING, channel__in=list(channels))
        earlier = pending.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"))
        return pending.exclude(Exists(earlier))

    def report_arrived(self, provider_id: str, *, now: datetime) -> None:
        """The gateway has news of this message: the worker asks at its next tick."""
        self.filter(provider_id=provider_id, state=MessageState.SENT).update(next_try_at=now)


class Message(QueueRow):
    """A message to one person by one channel. Cabinet messages are delivered by being written."""

    key = models.CharField(max_length=200, unique=True)  # event and channel: one cause, one message
    channel = models.CharField(max_length=7, choices=Channel.choices)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages")
    template = models.CharField(max_length=40)  # a key of notifications.texts
    context = models.JSONField(default=dict, blank=True)  # numbers, dates, reasons; no names, no IIN
    link = models.CharField(max_length=200, blank=True)  # the portal page it speaks of
    phone = models.CharField(max_length=12, blank=True)  # SMS to either number; "" when none is known
    text = models.CharField(max_length=140, blank=True)  # all but the cabinet, in the recipient's language
    state = models.CharField(max_length=11, choices=MessageState.choices, default=MessageState.PENDING)
    provider_id = models.CharField(max_length=64, blank=True, db_index=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)  # of the night: its time begins then
    good_until = models.DateTimeField(null=True, blank=True)  # from then on it is old, and not sent
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)  # SMS only: it has not arrived in its time
    reached_at = models.DateTimeField(null=True, blank=True)  # SMS only: the person has it all the same
    reached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # who of the school has told them

    hidden_at = models.DateTimeField(null=True, blank=True)  # what it says is not for its recipient any more

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(  # to send, and to ask about
                fields=["next_try_at", "id"],  # the order of `claim`: many may be due at one moment
                name="message_due",
                condition=~Q(channel=Channel.CABINET)
                & Q(state__in=[MessageState.PENDING, MessageState.SENT]),
            ),
            models.Index(  # has it arrived in its time?
                fields=["created_at"],
                name="message_in_doubt",
                condition=Q(channel=Channel.SMS, missed_at=None) & ~Q(state=MessageState.DELIVERED),
            ),
            models.Index(
                fields=["recipient"],
                name="message_unreached",
                condition=Q(missed_at__isnull=False, reached_at=None),
            ),
            models.Index(fields=["recipient", "-created_at"], name="message_inbox"),
            models.Index(fields=["id"], name="message_dead", condition=Q(state=MessageState.DEAD)),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.template}"

    @property
    def sms_key(self) -> str:
        """The key of the SMS that was written of the same cause."""
        return f"{self.key.rpartition(':')[0]}:{Channel.SMS}"


_CALLING = Prepared(
    lambda user: (
        Message.objects.inbox(User(pk=user))
        .filter(read_at=None, template__in=templates.CALLING)
        .order_by()
        .values_list("link")
        .distinct()
    ),
    int,
)


class Wishes(models.Model):
    """How somebody who works for a school or a department wants to be told of the work as a whole (D58), and
    whether a parent is reminded of an opening (D76). Who has said nothing has no row until the first digest,
    and is told as it stands here."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    digest = models.BooleanField(default=True)
    digest_hour = models.PositiveSmallIntegerField(default=9)
    reminders = models.BooleanField(default=True)
    by_sms = models.BooleanField(default=True)
    by_email = models.BooleanField(default=False)
    openings = models.BooleanField(default=True, db_default=True)  # a parent's: before a region opens (D76)
    digested_on = models.DateField(null=True, blank=True)  # the last day that was told of, or had nothing

    class Meta:
        verbose_name_plural = "wishes"
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__gte=MORNING.start, digest_hour__lt=MORNING.stop),
                name="digest_comes_in_the_morning",
            )
        ]

    def __str__(self) -> str:
        return f"wishes {self.pk}"


class SmsReport(models.Model):
    """A delivery report that came by webhook; kept so that the same one counts once."""

    event_id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"report {self.pk}"


class Lease(models.Model):
    """What one process of all machines does at a time, and whose it is (notifications/leases.py)."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=100)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Tick(models.Model):
    """When beat has last ordered an entry of its schedule (notifications/ticks.py)."""

    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """The last sign of life of a queue, written by a task in it, so that a silent stall is seen."""

    part = models.CharField(max_length=20, primary_key=True)  # the queue's name
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.part
