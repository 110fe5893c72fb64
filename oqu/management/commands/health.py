"""Say whether the portal is at work, for people and for cron: exit code 1 when somebody has to look."""

import sys
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import vault
from accounts.waiting.room import room
from applications.keeping import at_rest
from applications.papers import keys
from notifications import leases, ticks
from oqu import health, pools, rush, unwatched, watch


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        checks = health.examine(now=now)
        for name, check in checks.items():
            age = check.get("seconds")
            line = f"{name}: {'ok' if check['ok'] else 'NOT OK'}"
            self.stdout.write(line if age is None else f"{line} ({age:g} s)")
        # Not on /healthz: a key that ends in two months, or a dead SMS gateway, stops no traffic.
        faults = self._look(now) if health.has_tables(checks) else self._look_before()
        for name, found in faults.items():
            well = "not watched" if name in unwatched.lines() else "ok"
            self.stdout.write(f"{name}: " + ("; ".join(found) or well))
        if holder := leases.holder(ticks.LEASE) if health.has_tables(checks) else None:
            self.stdout.write(f"beat at work: {holder}")
        if standing := room.standing():
            self.stdout.write(f"people: {rush.in_words(standing)}")
        if health.has_tables(checks) and (lined_up := rush.signing(now=now)):
            self.stdout.write(f"people: {lined_up} wait to sign")
        for warning in watch.warnings(now=now) if health.has_tables(checks) else []:
            self.stdout.write(f"warning: {warning}")
        if any(faults.values()) or not health.is_healthy(checks):
            sys.exit(1)

    def _look_before(self) -> dict[str, list[str]]:
        """Where the database does not answer, that may be why."""
        return {"pool": pools.faults()} if pools.is_on() else {}

    def _look(self, now: datetime) -> dict[str, list[str]]:
        return watch.faults(now=now) | {"keys": keys.faults(now=now) + vault.faults() + at_rest.faults()}
