"""How many SMS arrive, by region and day: a number that sinks is seen before people complain."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left, TruncDate

from notifications.models import Channel, Message, MessageState


@dataclass(frozen=True)
class Share:
    """The SMS written on a day to people registered in a region, and those of them that arrived."""

    day: date
    region: str  # the first two digits of KATO; "" when the address is not known
    written: int
    delivered: int

    @property
    def percent(self) -> int:
        return self.delivered * 100 // self.written


def since(start: datetime) -> list[Share]:
    """By the day in Almaty when the message was written, the newest first."""
    rows = (
        Message.objects.filter(channel=Channel.SMS, created_at__gte=start)
        .annotate(kato=KeyTextTransform("kato", F("recipient__registered_address")))
        .annotate(day=TruncDate("created_at"), region=Left(F("kato"), 2))
        .values("day", "region")
        .annotate(written=Count("pk"), delivered=Count("pk", filter=Q(state=MessageState.DELIVERED)))
        .order_by("-day", "region")
    )
    return [Share(row["day"], row["region"] or "", row["written"], row["delivered"]) for row in rows]
