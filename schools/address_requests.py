"""«Мекенжайымды қосу»: a parent asks that an address that no school's microdistrict holds be added (D63)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import product

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from schools import catalogue, kato, microdistricts, posts, successors, versions
from schools.addresses import house
from schools.list_files import BETWEEN, Source
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
from schools.versions import Origin, identity

LENGTHS = {"kato": 9, "street": 200, "house": 40}
_NUMBER_LAST = re.compile(r"(?<=\s)(\d+)$")  # «улица 38»


class Answered(Exception):
    """A colleague was first, or the button was pressed twice."""


class NotAdded(Exception):
    """The address does not become a line by itself: the whole list has to be looked at."""


class NotPrecise(NotAdded):
    """Without a street, a number of a house, or a place small enough that its streets are known apart."""


class Misread(NotAdded):
    """As a line of the school's list it would be read as something else."""


class TakenOut(NotAdded):
    """The list that stands takes this very house out: «все, кроме 49»."""


class NotKept(NotAdded):
    """The school's list is somebody else's to keep."""


def may_be_asked(address: Mapping[str, str]) -> bool:
    """A place has to be known: by it the request finds its department."""
    return kato.is_code(address.get("kato", ""))


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
    """What the person has asked about this address, under any code of its place, and what was answered."""
    wanted = _wanted(address)
    codes = successors.codes_of(wanted.pop("kato"))
    mine = AddressRequest.objects.filter(**wanted, kato__in=[codes.own, *codes.before], askers__user=user)
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


def open_to_choose(user: User) -> QuerySet[School]:
    """Schools that a keeper may attach an address to: of the area, and those whose places have become a part
    of one in it (D66)."""
    moved = School.objects.filter(locality__ended__successor__isnull=False)
    areas = tuple(kato.prefix(area.kato) for area in posts.areas_of(user))
    today = successors.today_of_each(moved.values_list("locality_id", flat=True).distinct())
    ours = [code for code, later in today.items() if later.startswith(areas)]
    return posts.kept_by(user) | School.objects.filter(locality__in=ours)


@transaction.atomic
def attach(
    request: AddressRequest, school: School, *, by: User, origin: Origin, now: datetime
) -> AddressRequest:
    """The address becomes one more line of the school's list, a version of its own; where it stands there by
    now, nothing is added (D63). Raises Answered, NotAdded."""
    locked = _locked(request)
    if school not in holders(locked):
        _add(locked, school, by=by, origin=origin)
    locked.school = school
    return _answer(locked, by=by, now=now)


def _add(request: AddressRequest, school: School, *, by: User, origin: Origin) -> None:
    """Nobody is told of an address that the list, read as it then stands, does not hold. Raises NotAdded."""
    if not open_to_choose(by).filter(pk=school.pk).exists():
        raise NotKept
    row, line = line_of(request, school)
    versions.add(school, row, line=line, origin=origin)
    if school not in holders(request):
        raise TakenOut


@transaction.atomic
def refuse(request: AddressRequest, words: str, *, by: User, now: datetime) -> AddressRequest:
    """Raises Answered."""
    locked = _locked(request)
    locked.words = words
    return _answer(locked, by=by, now=now)


def _wanted(address: Mapping[str, str]) -> dict[str, str]:
    """The department of the place as it is today is asked (D66)."""
    wanted = {name: str(address.get(name, ""))[:most] for name, most in LENGTHS.items()}
    return wanted | {"kato": successors.today(wanted["kato"])}


def _locked(request: AddressRequest) -> AddressRequest:
    locked = AddressRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.answered_at:
        raise Answered
    return locked


def _answer(locked: AddressRequest, *, by: User, now: datetime) -> AddressRequest:
    locked.answered_at, locked.answered_by = now, by
    locked.save(update_fields=["answered_at", "answered_by", "school", "words"])
    return locked


def line_of(request: AddressRequest, school: School) -> tuple[MicrodistrictAddress, str]:
    """This very house, and the line that is read as it in the school's list. Raises NotPrecise, Misread."""
    wanted = identity(_row(request, school))
    for line in _ways_to_write(request, school):
        found = microdistricts.read([Source(1, line)], school)
        if not found.errors and not found.aliases and [identity(row) for row in found.rows] == [wanted]:
            return found.rows[0], line
    raise Misread


def _ways_to_write(request: AddressRequest, school: School) -> Iterator[str]:
    """As a department writes it: a name with a number stands apart from its houses, or with «№»."""
    place = _place(request, school)
    villages = [""] if place == school.locality else [f"{place.name_ru}, ", f"{place.name_kk}, "]
    streets = [request.street, _NUMBER_LAST.sub(r"№\1", request.street)]
    for village, street, between in product(villages, streets, [" ", BETWEEN]):
        yield f"{village}{street}{between}{request.house}"


def _row(request: AddressRequest, school: School) -> MicrodistrictAddress:
    found, key = house(request.house), street_key(request.street)
    if found is None or not key:
        raise NotPrecise
    return MicrodistrictAddress(
        school=school,
        locality=_place(request, school),
        street=request.street,
        street_key=key,
        house_from=found.number,
        house_to=found.number,
        suffix=found.suffix,
    )


def _place(request: AddressRequest, school: School) -> Locality:
    """The settlement of the address; within a city of the republic a street is one, so the school's own part
    of it will do. A place with others under it would give the school their streets too. Raises NotPrecise."""
    if request.kato[:2] in kato.REPUBLIC_CITIES and school.locality_id.startswith(request.kato[:2]):
        return school.locality
    code = successors.today(request.kato)
    known = Locality.objects.filter(kato=code, children=None).first()
    if known is None:
        raise NotPrecise
    return school.locality if successors.today(school.locality_id) == code else known
