"""The Celery application; its schedule stands in settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
app = Celery("oqu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
