"""What the outbox holds: how many messages in which state, which are dead and why; and send those again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count, Min
from django.utils import timezone

from accounts import outside
from notifications import outbox, relay
from notifications.models import Channel, Message, MessageState

SHOWN = 50


class Command(BaseCommand):
    help = "Show the outbox; exit code 1 when messages are dead or the queue is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dead", action="store_true", help="list the dead messages")
        parser.add_argument("--retry-dead", action="store_true", help="send all dead messages once more")

        parser.add_argument("--resume", action="store_true", help="try a stopped queue at once")

    def handle(self, *args: Any, dead: bool, retry_dead: bool, resume: bool, **options: Any) -> None:
        now = timezone.now()
        if resume:
            resumed = outside.resume(relay.SENDING, relay.REPORTS, now=now)
            self.stdout.write("the next tick tries again" if resumed else "the queue is not stopped")
            return
        if retry_dead:
            self.stdout.write(f"{outbox.revive(outbox.dead(), now=now)} messages will be sent again")
            return
        self._count(now)
        if dead:
            self._list_dead()
        stopped = outside.trouble(relay.SENDING)
        if stopped:
            self.stdout.write(f"stopped: {outside.in_words(stopped, now=now)}")
        if stopped or outbox.dead().exists():
            raise SystemExit(1)

    def _count(self, now: Any) -> None:
        letters = Message.objects.filter(channel=Channel.SMS)
        rows = letters.values("state").annotate(n=Count("pk"), oldest=Min("created_at")).order_by("state")
        for row in rows:
            line = f"{row['state']:12} {row['n']:8}"
            if row["state"] == MessageState.PENDING:
                line += f"   oldest {int((now - row['oldest']).total_seconds())} s"
            self.stdout.write(line)
        if not rows:
            self.stdout.write("no SMS yet")

    def _list_dead(self) -> None:
        """Neither phone nor text: a row's number is enough to find it."""
        for message in outbox.dead().order_by("-created_at")[:SHOWN]:
            created = timezone.localtime(message.created_at)
            line = f"{message.pk:8} {created:%Y-%m-%d %H:%M} {message.template:16} {message.error}"
            self.stdout.write(line)
