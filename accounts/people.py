"""People as the registers tell of them, in the words of our rows; among them those who come to a school with
an in-person application and may never have signed in (D15)."""

from datetime import datetime

from django.contrib.auth.hashers import make_password

from accounts.models import Child, Guardianship, User
from accounts.prepared import Prepared
from egov.persons import ChildRecord, Person

_TIE = Prepared(lambda user, child: Guardianship.objects.filter(user=user, child=child), int, int)


def tie_of(user: User, child: Child) -> Guardianship | None:
    """Whatever the register says of it today."""
    return _TIE.first(user.pk, child.pk)


def from_register(person: Person, *, now: datetime) -> User:
    """The user of a person, with the facts the register tells today; the phone and the language of somebody
    who has signed in stay as they are. At the first sign-in through eGov the row is theirs."""
    facts = facts_of(person) | {"refreshed_at": now}
    user, _created = User.objects.update_or_create(
        iin=person.iin, defaults=facts, create_defaults=facts | {"password": make_password(None)}
    )
    return user


def facts_of(person: Person) -> dict[str, object]:
    return person.told_names | {
        "birth_date": person.birth_date,
        "registered_address": person.address.as_dict(),
    }


def facts_of_child(person: Person) -> dict[str, object]:
    return facts_of(person) | {"sex": person.sex}


def tie(record: ChildRecord, *, now: datetime) -> dict[str, object]:
    """The tie of an adult to this child, as the register has just told it (D22)."""
    told: dict[str, object] = {"relation": record.relation, "document": record.document}
    return told | {"answered_at": now, "denied_at": None, "closed_at": None}


def keep_phone(user: User, phone: str) -> None:
    """The number written on paper, for somebody of whom no number is known (R103)."""
    if phone and not user.phone:
        user.phone = phone
        user.save(update_fields=["phone"])
