"""What a school should notice about an application before it opens it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import eligibility
from applications.models import Application, Channel


@dataclass(frozen=True)
class Flag:
    text: str | Promise
    tone: str  # of a tag


SPECIAL_NEEDS = Flag(_("ЕББҚ"), "blue")
TRANSPORT = Flag(_("Тасымалдау"), "neutral")
PAPER = Flag(_("Мектепте"), "neutral")
DOCUMENT_MISSING = Flag(_("Құжат жетіспейді"), "amber")
ADDRESSES_DIFFER = Flag(_("Мекенжайлар әртүрлі"), "amber")
DOCUMENT_AWAITED = Flag(_("Құжат күтілуде"), "blue")
CONTESTED = Flag(_("Ата-ана даулайды"), "red")
NOT_REACHED = Flag(_("SMS жетпеді"), "red")


def flags_of(application: Application, *, to_call: Collection[int]) -> list[Flag]:
    """`to_call`: the applications whose applicants no message has reached. Of what has ended for the school
    only that is told (D43)."""
    not_reached = [NOT_REACHED] if application.pk in to_call else []
    if not application.is_whole_to_school:
        return not_reached
    told = (
        (SPECIAL_NEEDS, application.special_needs),
        (TRANSPORT, application.transport),
        (PAPER, application.channel == Channel.IN_PERSON),
        (DOCUMENT_MISSING, bool(eligibility.missing_documents(application))),
        (ADDRESSES_DIFFER, addresses_differ(application)),
        (DOCUMENT_AWAITED, application.document_awaited),
        (CONTESTED, application.contested_at is not None),
    )
    return [flag for flag, is_so in told if is_so] + not_reached


def addresses_differ(application: Application) -> bool:
    """The applicant is registered elsewhere than the child (D5)."""
    addresses = [application.snapshot.get(whose, {}).get("address") for whose in ("applicant", "child")]
    return all(addresses) and addresses[0] != addresses[1]
