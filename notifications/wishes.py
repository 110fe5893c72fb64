"""How people who work want to be told of their work as a whole (D58), and parents of an opening (D76)."""

from django.db import transaction

from accounts import seen
from accounts.models import User
from notifications import mail
from notifications.models import Channel, Wishes

FIELDS = ("digest", "digest_hour", "reminders", "by_sms", "by_email")


def of(user: User) -> Wishes:
    """What the person has said, or what counts for who has said nothing."""
    return Wishes.objects.filter(user=user).first() or Wishes(user=user)


def ways_of(user: User) -> list[Channel]:
    """Beside the cabinet, where everything stands: by SMS and by e-mail, as far as either can reach them."""
    wanted = of(user)
    ways = []
    if wanted.by_sms and user.phone:
        ways.append(Channel.SMS)
    if wanted.by_email and has_mail(user):
        ways.append(Channel.EMAIL)
    return ways


def has_mail(user: User) -> bool:
    """A mailbox that they have allowed, and a portal that sends letters."""
    return bool(user.ways_allowed_at and user.email and mail.is_on())


def as_facts(wanted: Wishes) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in FIELDS}


@transaction.atomic
def save(user: User, asked: dict[str, object], *, seen_at: str) -> None:
    """Raises seen.Stale when they were changed in another window."""
    Wishes.objects.get_or_create(user=user)
    stored = Wishes.objects.select_for_update(of=("self",)).get(user=user)
    wanted = {name: asked.get(name, getattr(stored, name)) for name in FIELDS}
    seen.demand(seen_at, stored=as_facts(stored), wanted=wanted)
    Wishes.objects.filter(user=user).update(**wanted)


def remind_of_openings(user: User, *, wanted: bool) -> None:
    """D76: twice the same is the same."""
    Wishes.objects.update_or_create(user=user, defaults={"openings": wanted})
