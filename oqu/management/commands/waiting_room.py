"""Say how the waiting room stands; with a word, order it on, off, by itself (auto), or as the setting says
(set)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.waiting.room import room
from accounts.waiting.terms import Mode
from oqu import rush

AS_SET = "set"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("order", nargs="?", choices=[*Mode, AS_SET])

    def handle(self, *args: Any, order: str | None, **options: Any) -> None:
        if order and not room.order("" if order == AS_SET else Mode(order)):
            raise CommandError("Redis has not taken the order: nobody is kept waiting.")
        self.stdout.write(rush.in_words(room.standing()))
        if lined_up := rush.signing(now=timezone.now()):
            self.stdout.write(f"{lined_up} wait to sign, at most {room.signatures()} a minute do")
