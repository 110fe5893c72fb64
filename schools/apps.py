from typing import ClassVar

from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    # Of the journal: what decides who may act, how many are admitted and when. No column is left out.
    watched: ClassVar[dict[str, tuple[str, ...]]] = {
        "StaffMember": (),
        "Intake": (),
        "Period": (),
        "Holiday": (),
    }
