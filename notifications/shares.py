"""How many SMS arrive, by region and day: a number that sinks is seen before people complain."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left, TruncDate

from notifications import sms
from notifications.models import Channel, Message, MessageState

LATELY = timedelta(days=1)
NEWEST = 4000  # rows of the outbox, the newest: on a full day those of minutes, and never the whole table
ENOUGH = 50  # of fewer nothing can be said: three wrong numbers are no fault of anybody's


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


@dataclass(frozen=True)
class Lately:
    """Of the newest SMS, those of which it is known: how many arrived, and how many never will."""

    arrived: int
    lost: int

    @property
    def percent(self) -> int | None:
        """The share that is lost; None where too few tell anything."""
        known = self.arrived + self.lost
        return self.lost * 100 // known if known >= ENOUGH else None


def lately(*, now: datetime) -> Lately:
    """Of those to parents: what people who work here are told in the morning may be let go (D58)."""
    newest = Message.objects.order_by("-pk").values("pk")[:NEWEST]
    told = Message.objects.filter(pk__in=newest, channel=Channel.SMS, good_until=None)
    lost = [MessageState.UNDELIVERED, MessageState.DEAD]
    return Lately(
        **told.filter(created_at__gt=now - LATELY).aggregate(
            arrived=Count("pk", filter=Q(state__in=arrived())), lost=Count("pk", filter=Q(state__in=lost))
        )
    )


def arrived() -> list[MessageState]:
    """In which states an SMS has come to its person, as far as can be known: a gateway that reports nothing
    is believed."""
    sent = [] if sms.gateway().REPORTS else [MessageState.SENT]
    return [MessageState.DELIVERED, *sent]


def faults(*, now: datetime) -> list[str]:
    """For who runs the portal: that a larger share than UNDELIVERED_PERCENT is lost."""
    share = lately(now=now)
    if share.percent is None or share.percent <= settings.UNDELIVERED_PERCENT:
        return []
    return [f"{share.lost} of {share.lost + share.arrived} SMS are lost, {share.percent} %"]
