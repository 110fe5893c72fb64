"""Bring an installation up to its code: texts, static files, tables, keys (and the demo's data)."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts import copies, roles


class Command(BaseCommand):
    """One process for all steps; every step may be repeated, so every start and every deploy runs it."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="write the demo's data as well")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        call_command("compile_texts", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0)
        with roles.as_owner():
            call_command("migrate", interactive=False, verbosity=0)
            if settings.DATABASE_OWNER:
                roles.give(settings.DATABASES["default"]["USER"])
        say_where(demo=demo)
        call_command("load_languages", stdout=self.stdout)
        call_command("load_grounds", stdout=self.stdout)
        call_command("keys", "ensure", stdout=self.stdout)
        if demo:
            call_command("demo", stdout=self.stdout)


def say_where(*, demo: bool) -> None:
    """D69: at first; of a demo again wherever it is started, on another port too."""
    now = timezone.now()
    if not copies.say_first(now=now) and demo and settings.DEMO and copies.standing().reasons:
        copies.say(now=now)
