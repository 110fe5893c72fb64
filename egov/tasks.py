"""The worker's ticks of the gateways. Each only calls the function that does the work."""

from celery import shared_task
from django.utils import timezone

from egov.eds import crl


@shared_task(name="egov.fetch_crls")
def fetch_crls() -> None:
    crl.fetch_all(now=timezone.now())
