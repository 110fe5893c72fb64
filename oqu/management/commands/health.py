"""Say whether the portal is at work, for people and for cron: exit code 1 when somebody has to look."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.papers import keys
from oqu import health


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        checks = health.examine(now=now)
        for name, check in checks.items():
            age = check.get("seconds")
            line = f"{name}: {'ok' if check['ok'] else 'NOT OK'}"
            self.stdout.write(line if age is None else f"{line} ({age:.0f} s)")
        faults = keys.faults(now=now)  # not on /healthz: a key that ends in two months stops no traffic
        self.stdout.write("keys: " + ("; ".join(faults) or "ok"))
        if faults or not health.is_healthy(checks):
            sys.exit(1)
