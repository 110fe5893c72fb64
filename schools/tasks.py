"""The worker's ticks of the schools."""

from celery import shared_task
from django.utils import timezone

from schools import rush


@shared_task(name="schools.tell_openings")
def tell_openings() -> None:
    rush.tell(now=timezone.now())
