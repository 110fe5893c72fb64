"""Lock under the newest data key what lies plain or under an older one: files and tokens. Run it once when
encryption begins, and after each new key; then the older keys may go. May be broken off and repeated, beside
a working portal; exit code 1 when something could not be locked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import vault
from applications.keeping import at_rest


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how much is left to do")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        try:
            found, newest = at_rest.lock_anew(dry_run=dry_run), vault.current()
        except vault.Locked as error:
            raise CommandError(str(error)) from None
        for what, count in sorted(found.items()):
            self.stdout.write(f"{what}: {count}")
        if not found:
            self.stdout.write(f"everything lies under {newest}")
        if any(what.endswith((at_rest.LOST, at_rest.LOCKED)) for what in found):
            raise SystemExit(1)
