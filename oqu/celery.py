"""The Celery application; its schedule stands in settings."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
app = Celery("oqu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def show_life_at_once(sender: object, **kwargs: object) -> None:
    """The first sign of life comes with the start, not a quarter of a minute later."""
    app.send_task("notifications.heartbeat", expires=15)
