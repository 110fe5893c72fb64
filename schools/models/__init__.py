"""Where and when: places, schools and their people, addresses, intakes, dates; a file for each."""

from schools.models.intake import Intake, Route
from schools.models.microdistrict import (
    AddressAsker,
    AddressList,
    AddressRequest,
    ListDraft,
    MicrodistrictAddress,
    Parity,
    StreetAlias,
)
from schools.models.place import EndedPlace, Locality
from schools.models.school import FormerBin, Language, School
from schools.models.season import DayKind, Holiday, Period
from schools.staff import Role, StaffMember

__all__ = [
    "AddressAsker",
    "AddressList",
    "AddressRequest",
    "DayKind",
    "EndedPlace",
    "FormerBin",
    "Holiday",
    "Intake",
    "Language",
    "ListDraft",
    "Locality",
    "MicrodistrictAddress",
    "Parity",
    "Period",
    "Role",
    "Route",
    "School",
    "StaffMember",
    "StreetAlias",
]
