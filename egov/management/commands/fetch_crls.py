"""Fetch the lists of revoked certificates (EDS_CRL_URLS) for this machine, where no worker does it; the exit
code is 1 when one could not be had."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from egov.eds import crl


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = crl.fetch_all(now=timezone.now())
        for url, trouble in outcomes.items():
            self.stdout.write(f"{url}: {trouble or 'ok'}")
        self.stdout.write(f"{sum(not trouble for trouble in outcomes.values())} of {len(outcomes)} fetched")
        if any(outcomes.values()):
            raise SystemExit(1)
