from typing import ClassVar

from django.apps import AppConfig

QUEUED = ("attempts", "next_try_at", "lease_until", "request")


class ApplicationsConfig(AppConfig):
    name = "applications"
    # Of the journal; how often a paper was tried is no fact of it.
    watched: ClassVar[dict[str, tuple[str, ...]]] = {
        "Application": ("updated_at", "left_at"),
        "StatusChange": (),
        "Supplement": (),
        "Appeal": (),
        "Decision": (),
        "Ground": (),
        "LookUp": (),
        "Note": (),
        "Reminder": (),
        "Document": (),
        "RemovedDocument": (),
        "RevocationList": (),
        "SigningRequest": (),
        "Signature": (),
        "Paper": QUEUED,
        "FamilyExport": QUEUED,
        "TableExport": (*QUEUED, "done", "total"),
        "PaperCopy": (),
    }

    def ready(self) -> None:
        from applications import extra_seats, protecting  # noqa: F401  hear of seats and of what is hidden
