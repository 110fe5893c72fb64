from typing import ClassVar

from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    # Of the journal: what decides who may act, how many are admitted and when.
    watched: ClassVar[dict[str, tuple[str, ...]]] = {
        "School": ("sort_kk", "search"),
        "FormerBin": (),
        "EndedPlace": (),
        "StaffMember": (),
        "Intake": (),
        "Period": (),
        "Holiday": (),
        "Language": (),
        "StreetAlias": (),
        "AddressList": (),
        "ListDraft": ("lines",),
        "AddressRequest": (),
        "AddressAsker": (),
    }
