"""What a parent hears of an address that they have asked for: by notice and SMS, without it (D63)."""

from datetime import datetime

from django.urls import reverse

from notifications import outbox
from schools.models import AddressRequest


def answered(request: AddressRequest, *, now: datetime) -> None:
    """In the transaction of the answer: everybody who has asked for this address."""
    school = request.school
    template = "address_added" if school else "address_refused"
    names = {"school_kk": school.name_kk, "school_ru": school.name_ru} if school else {}
    for asker in request.askers.select_related("user").order_by("pk"):
        outbox.tell(
            asker.user,
            event=f"address:{request.pk}:{template}",
            template=template,
            context=names | ({"answer": request.words} if request.words else {}),
            link=reverse("cabinet:applications"),
            now=now,
        )
