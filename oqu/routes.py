"""Which task goes through which queue of Celery. What people wait for stands behind nothing that takes long:
fifty thousand papers hold back no SMS, and a register that is silent holds back no paper. Each queue has
processes of its own (docs/deploy.md), and a sign of life of its own: one without a worker only fills up.
"""

from dataclasses import dataclass
from typing import Any

DEFAULT = "small"
HEARTBEAT = "notifications.heartbeat"
HEARTBEAT_SECONDS = 15.0


@dataclass(frozen=True)
class Lane:
    """A queue: its tasks, and for how many seconds it may give no sign of life."""

    tasks: tuple[str, ...]
    patience: int = 60


LANES = {
    "messages": Lane(("notifications.relay", "notifications.find_missed")),
    "originals": Lane(("applications.draw_originals", "applications.draw_ahead")),  # before somebody's eyes
    "papers": Lane(("applications.render_papers", "applications.stamp_papers")),
    "outside": Lane(
        (
            "applications.fetch_medical",
            "applications.ask_behind",
            "applications.ask_superseded",
            "accounts.knock_at_store",
            "egov.fetch_crls",
            "oqu.ask_again",
        )
    ),
    "exports": Lane(
        (
            "applications.make_exports",
            "applications.make_tables",
            "applications.erase_old",
            "accounts.clear_sessions",
            "accounts.link_whole_journal",
        ),
        patience=360,  # a large table alone takes four minutes
    ),
    DEFAULT: Lane(
        (
            "accounts.link_journal",
            "applications.close_denied",
            "applications.export_journal_head",
            "applications.remind_openings",
            "applications.remind_overdue",
            "applications.send_digests",
            "schools.tell_openings",
        )
    ),
}
ROUTES = {task: {"queue": name} for name, lane in LANES.items() for task in lane.tasks}


def queues() -> dict[str, dict[str, str]]:
    """For Celery: a worker that is told of none takes from all."""
    return {name: {"exchange": name, "routing_key": name} for name in LANES}


def heartbeats() -> dict[str, dict[str, Any]]:
    """For beat: one in each queue, done by whoever takes from it."""
    return {
        f"heartbeat {name}": {
            "task": HEARTBEAT,
            "schedule": HEARTBEAT_SECONDS,
            "args": (name,),
            "options": {"queue": name, "expires": HEARTBEAT_SECONDS},
        }
        for name in LANES
    }
