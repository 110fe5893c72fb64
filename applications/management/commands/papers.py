"""Papers that wait and papers that are dead; make them here, without Celery and without Redis."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from accounts import copies, deadlines
from applications.models import Paper
from applications.papers import lengthening, making, stamping

PAUSE_SECONDS = 2.0
BATCH = 1000


class Command(BaseCommand):
    help = "Show the queue of papers; exit code 1 when some are dead, lost or changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--make", action="store_true", help="make what is due, once")
        parser.add_argument("--loop", action="store_true", help="make what is due until stopped")
        parser.add_argument("--check", action="store_true", help="read every stored paper, compare its hash")
        parser.add_argument(
            "--order-again", action="store_true", help="with --check: have lost and changed ones made anew"
        )
        parser.add_argument(
            "--extend",
            type=int,
            nargs="?",
            const=BATCH,
            default=0,
            metavar="N",
            help=f"one more time stamp on papers whose last one ends soon, at most N of them ({BATCH})",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="with --extend: say how many, change nothing"
        )
        parser.add_argument("--retry-dead", action="store_true", help="try dead papers once more")

    def handle(
        self,
        *args: Any,
        make: bool,
        loop: bool,
        check: bool,
        order_again: bool,
        retry_dead: bool,
        extend: int,
        dry_run: bool,
        **options: Any,
    ) -> None:
        if make or loop or order_again or retry_dead or (extend and not dry_run):
            copies.refuse()
        if retry_dead:
            self.stdout.write(f"{making.revive(now=timezone.now())} papers will be made again")
        if make:
            self.stdout.write(f"{making.run()} made")
        if loop:
            self._loop()
        waiting = Paper.objects.filter(rendered_at=None)
        dead = waiting.filter(dead=True)
        self.stdout.write(f"waiting {waiting.filter(dead=False).count()}, dead {dead.count()}")
        for paper in dead.select_related("application")[:50]:
            self.stdout.write(f"  {paper.application.number} {paper.kind}")
        self.stdout.write(f"without a time stamp {stamping.waiting().count()}")
        spoiled = self._check(order_again=order_again) if check else 0
        failed = self._extend(extend, dry_run=dry_run) if extend else 0
        if spoiled or failed or dead.exists():
            raise SystemExit(1)

    def _check(self, *, order_again: bool) -> int:
        count = 0
        for paper, fault in making.spoiled():
            count += 1
            self.stdout.write(f"  {paper.application.number} {paper.kind} {fault}")
            if order_again:
                making.order_again(paper, now=timezone.now())
        self.stdout.write(f"lost or changed in the store {count}")
        return count

    def _extend(self, most: int, *, dry_run: bool) -> int:
        """How many were to get another stamp and have got none."""
        now, press, failed, done = timezone.now(), lengthening.Press(), 0, 0
        ageing = stamping.ageing(now=now)
        self.stdout.write(f"stamps that end soon {ageing.count()}")
        for paper in [] if dry_run else list(ageing.select_related("application")[:most]):
            why = stamping.extend(paper, now=timezone.now(), press=press)
            done, failed = done + (not why), failed + bool(why)
            if why:
                self.stdout.write(f"  {paper.application.number} {paper.kind} {why}")
        self.stdout.write(f"stamped anew {done}")
        return failed

    def _loop(self) -> None:
        deadlines.begin(deadlines.Kind.WORKER)  # in whose place it stands
        while True:
            try:
                making.run()
                stamping.run()
            except OperationalError as error:
                self.stderr.write(f"no database: {type(error).__name__}")
                close_old_connections()
            sleep(PAUSE_SECONDS)
