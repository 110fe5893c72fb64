"""What the outbox holds: how many messages in which state, which are dead and why, whom none has reached, and
how many arrive; and send the dead ones again."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from accounts import outside, phones
from notifications import missed as missed_messages
from notifications import outbox, relay, shares, ways
from notifications.models import Channel, Message, MessageState

SHOWN = 50


class Command(BaseCommand):
    help = "Show the outbox; exit code 1 when messages are dead or reached nobody, or a queue is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dead", action="store_true", help="list the dead messages")
        parser.add_argument("--retry-dead", action="store_true", help="send all dead messages once more")
        parser.add_argument("--unreached", action="store_true", help="list the SMS that reached nobody")
        parser.add_argument("--shares", action="store_true", help="the share that arrived, by region and day")
        parser.add_argument("--days", type=int, default=7, help="of --shares: how many days back")
        parser.add_argument("--resume", action="store_true", help="try stopped queues at once")

    def handle(self, *args: Any, retry_dead: bool, resume: bool, days: int, **options: Any) -> None:
        now = timezone.now()
        if resume:
            resumed = outside.resume(relay.REPORTS, *(way.system for way in ways.WAYS), now=now)
            self.stdout.write("the next tick tries again" if resumed else "the queue is not stopped")
        elif retry_dead:
            self.stdout.write(f"{outbox.revive(outbox.dead(), now=now)} messages will be sent again")
        elif options["shares"]:
            self._shares(now - timedelta(days=days))
        else:
            self._look(now, dead=options["dead"], unreached=options["unreached"])

    def _look(self, now: datetime, *, dead: bool, unreached: bool) -> None:
        missed = Message.objects.unreached()
        self._count(now)
        if missed.exists():
            self.stdout.write(f"reached nobody: {missed.count()}, list them with --unreached")
        lost = missed_messages.given_up(now=now).count()
        if lost:
            self.stdout.write(f"never arrived and older than {missed_messages.CHASED.days} days: {lost}")
        old = phones.old_share(now=now)
        if old.old:
            days = settings.PHONE_FRESH_DAYS
            self.stdout.write(
                f"numbers nobody confirmed for {days} days: {old.old} of {old.of}, {old.percent} %"
            )
        if dead:
            self._list(outbox.dead())
        if unreached:
            self._list(missed)
        stopped = [found for way in ways.WAYS if (found := outside.trouble(way.system))]
        for trouble in stopped:
            self.stdout.write(f"stopped: {outside.in_words(trouble, now=now)}")
        if stopped or missed.exists() or outbox.dead().exists():
            raise SystemExit(1)

    def _count(self, now: datetime) -> None:
        letters = Message.objects.exclude(channel=Channel.CABINET)
        held = Q(held_until__gt=now)
        rows = letters.values("channel", "state").annotate(n=Count("pk"), held=Count("pk", filter=held))
        for row in rows.order_by("channel", "state"):
            line = f"{row['channel']:8} {row['state']:12} {row['n']:8}"
            if row["state"] == MessageState.PENDING:
                line += self._age(Message.objects.to_send([Channel(row["channel"])]).exclude(held), now=now)
                line += f"   held until the morning {row['held']}" if row["held"] else ""
            self.stdout.write(line)
        if not rows:
            self.stdout.write("no SMS yet")

    def _age(self, waiting: QuerySet[Message], *, now: datetime) -> str:
        oldest = waiting.aggregate(at=Min("created_at"))["at"]
        return f"   oldest {int((now - oldest).total_seconds())} s" if oldest else ""

    def _list(self, messages: QuerySet[Message]) -> None:
        """Neither phone nor text: a row's number is enough to find it."""
        for message in messages.order_by("-created_at")[:SHOWN]:
            created = timezone.localtime(message.created_at)
            line = f"{message.pk:8} {created:%Y-%m-%d %H:%M} {message.template:16} {message.state:12}"
            self.stdout.write(f"{line} {message.error}".rstrip())

    def _shares(self, start: datetime) -> None:
        """By region of the registered address (two digits of KATO, -- when it is not known)."""
        for share in shares.since(start):
            figures = f"{share.delivered:8} of {share.written:8} {share.percent:4} %"
            self.stdout.write(f"{share.day} {share.region or '--'} {figures}")
