"""«Мекенжайымды қосу»: a parent asks that an address that no school's microdistrict holds be added (D63)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from schools import catalogue, kato, posts, versions
from schools.addresses import house
from schools.models import (
    AddressAsker,
    AddressRequest,
    Locality,
    MicrodistrictAddress,
    Role,
    School,
    StaffMember,
)
from schools.streets import street_key
from schools.versions import Origin

LENGTHS = {"kato": 9, "street": 200, "house": 40}


class Answered(Exception):
    """A colleague was first, or the button was pressed twice."""


class NotPrecise(Exception):
    """An address without a street or a number of a house: the whole list has to be looked at."""


def may_be_asked(address: Mapping[str, str]) -> bool:
    """A place has to be known: by it the request finds its department."""
    return len(address.get("kato", "")) == LENGTHS["kato"]


@transaction.atomic
def ask(user: User, address: Mapping[str, str], *, now: datetime) -> AddressRequest:
    """One open request of an address, however many ask; each of them is told the answer (D63)."""
    wanted = _wanted(address)
    open_ = AddressRequest.objects.filter(**wanted, answered_at=None)
    AddressRequest.objects.bulk_create([AddressRequest(**wanted, asked_at=now)], ignore_conflicts=True)
    found = open_.select_for_update().first()
    if found is None:  # answered in this very moment
        found = AddressRequest.objects.create(**wanted, asked_at=now)
    AddressAsker.objects.get_or_create(request=found, user=user, defaults={"at": now})
    return found


def last_of(user: User, address: Mapping[str, str]) -> AddressRequest | None:
    """What the person has asked about this address, and what was answered."""
    mine = AddressRequest.objects.filter(**_wanted(address), askers__user=user)
    return mine.order_by("-asked_at", "-pk").first()


def open_to(user: User) -> QuerySet[AddressRequest]:
    """What waits for the keepers of a user's area, the oldest first; for ops all."""
    return waiting_for(posts.held_by(user))


def waiting_for(held: Iterable[StaffMember]) -> QuerySet[AddressRequest]:
    """The same, of who is known to be in these posts."""
    waiting = AddressRequest.objects.filter(answered_at=None)
    if any(post.role == Role.OPS for post in held):
        return waiting
    return waiting.filter(posts.inside([post.region for post in held if post.region], "kato"))


def shown_to(user: User) -> QuerySet[AddressRequest]:
    """Answered ones too."""
    every = AddressRequest.objects.all()
    return every if posts.is_ops(user) else every.filter(posts.inside(posts.areas_of(user), "kato"))


def holders(request: AddressRequest) -> list[School]:
    """Schools whose lists hold the address by now."""
    return catalogue.attached_to(kato=request.kato, street=request.street, house=request.house)


def place_of(request: AddressRequest) -> Locality | None:
    """The place of the address, or the nearest above it that is known here."""
    codes = [request.kato, *kato.ancestors(request.kato)]
    known = Locality.objects.in_bulk(codes)
    return next((known[code] for code in codes if code in known), None)


@transaction.atomic
def attach(
    request: AddressRequest, school: School, *, by: User, origin: Origin, now: datetime
) -> AddressRequest:
    """The address becomes one more line of the school's list, a version of its own; where it stands there by
    now, nothing is added (D63). Raises Answered, NotPrecise."""
    locked = _locked(request)
    if school not in holders(locked):
        versions.add(school, _row(locked, school), line=f"{locked.street} {locked.house}", origin=origin)
    locked.school = school
    return _answer(locked, by=by, now=now)


@transaction.atomic
def refuse(request: AddressRequest, words: str, *, by: User, now: datetime) -> AddressRequest:
    """Raises Answered."""
    locked = _locked(request)
    locked.words = words
    return _answer(locked, by=by, now=now)


def _wanted(address: Mapping[str, str]) -> dict[str, str]:
    return {name: str(address.get(name, ""))[:most] for name, most in LENGTHS.items()}


def _locked(request: AddressRequest) -> AddressRequest:
    locked = AddressRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.answered_at:
        raise Answered
    return locked


def _answer(locked: AddressRequest, *, by: User, now: datetime) -> AddressRequest:
    locked.answered_at, locked.answered_by = now, by
    locked.save(update_fields=["answered_at", "answered_by", "school", "words"])
    return locked


def _row(request: AddressRequest, school: School) -> MicrodistrictAddress:
    """This very house."""
    found, key, place = house(request.house), street_key(request.street), place_of(request)
    if found is None or not key or place is None:
        raise NotPrecise
    return MicrodistrictAddress(
        school=school,
        locality=place,
        street=request.street,
        street_key=key,
        house_from=found.number,
        house_to=found.number,
        suffix=found.suffix,
    )
