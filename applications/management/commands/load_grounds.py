"""The grounds of a refusal that come with the portal; what ops have written over them stays."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications import grounds


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        new = grounds.load(now=timezone.now())
        if new:
            self.stdout.write(f"{new} grounds of a refusal loaded")
