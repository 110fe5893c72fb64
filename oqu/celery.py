"""The Celery application; its schedule stands in settings."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import (
    beat_init,
    before_task_publish,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_ready,
)

from accounts import speaker
from oqu import routes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
REQUEST = "oqu_request"
# What the worker of a restored copy still does (D69): all else waits for whoever says that it is the portal.
OF_A_COPY = frozenset(
    {
        "notifications.heartbeat",
        "accounts.link_journal",
        "accounts.link_whole_journal",
        "accounts.clear_sessions",
    }
)


class OfThePortal(Task):  # type: ignore[misc]  # Celery says nothing of its types
    """A task of the portal's own database, which a copy lets go: each comes again with its tick. Celery has
    closed the connection of the task before, so the database is met here, anew for each task."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from django.db import connection  # the settings stand by now

        from accounts import copies  # the apps stand by now

        connection.ensure_connection()
        if copies.is_copy() and self.name not in OF_A_COPY:
            return None
        return super().__call__(*args, **kwargs)


app = Celery("oqu", task_cls=OfThePortal)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def end_long_questions(**kwargs: object) -> None:
    from accounts import deadlines  # the apps stand by now

    deadlines.begin(deadlines.Kind.WORKER)


@worker_init.connect
def refuse_owner(**kwargs: object) -> None:
    from accounts import copies, roles  # the apps stand by now

    roles.refuse_owner()
    copies.begin()


@worker_init.connect
def count(**kwargs: object) -> None:
    from oqu.metrics import counted  # the apps stand by now

    counted.begin()


@worker_process_init.connect
def trace(**kwargs: object) -> None:
    """In each child: what sends is a thread, which a fork would lose."""
    from accounts import deadlines  # the apps stand by now
    from oqu import traces  # the same

    traces.begin(deadlines.Kind.WORKER)


@worker_ready.connect
def show_life_at_once(sender: object, **kwargs: object) -> None:
    """The first signs of life come with the start, not a quarter of a minute later."""
    for queue in app.amqp.queues.consume_from:
        app.send_task(routes.HEARTBEAT, args=[queue], queue=queue, expires=routes.HEARTBEAT_SECONDS)


@before_task_publish.connect
def say_which_request(headers: dict[str, Any], **kwargs: object) -> None:
    """A task bears the number of the request that has ordered it."""
    headers[REQUEST] = speaker.request_number()


@task_prerun.connect
def say_which_task(task: Any, **kwargs: object) -> None:
    """What it writes is said by it, in the journal and in the log."""
    speaker.number(getattr(task.request, REQUEST, None))
    speaker.speak_as(f"task {task.name}")
