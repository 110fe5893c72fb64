from typing import ClassVar

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    # Of the journal; how often a message was tried is no outcome.
    watched: ClassVar[dict[str, tuple[str, ...]]] = {
        "Message": ("attempts", "next_try_at", "lease_until", "request", "error", "read_at")
    }

    def ready(self) -> None:
        from notifications import receivers  # noqa: F401  (connects itself)
