"""The line that an asked address becomes is read as that very house, or the address is not added (D63)."""

from collections.abc import Callable
from itertools import product

import pytest

from schools import address_requests, catalogue, microdistricts, versions
from schools.address_requests import Misread, NotPrecise
from schools.list_files import Source
from schools.models import AddressRequest, School
from schools.tests.conftest import almaty

VILLAGE, NEIGHBOUR = "593651100", "593651400"
STREETS = (
    "Абай көшесі", "28 Гвардейцев", "28 гвардияшылар көшесі", "улица 38", "көше 187", "ул. Е 16",
    "1-й переулок Абая", "2-ші тұйық көше", "переулок 3", "мкр. Самал 2", "Самал-2", "микрорайон 5",
    "8 Марта", "ул. 8 Марта", "ул. А. Толстого", "пр. Кабанбай батыра", "ул. Набережная", "Набережная",
    "Тәуке хан даңғылы", "мкр. Калкаман-2, ул. Ашимова", "ул. Кирова (бывш. Ленина)", "ул. Ауэзова/Мира",
    "12 км", "№5 көше", "ул. Жамбыла, 2-й проезд", "за мечетью", "ул. Абая, Мира", "Ферма көшесі", "с. Абай",
)  # fmt: skip
HOUSES = ("4", "5А", "12/1", "60 корпус 2", "уч. 4", "7 кв. 3")
WRITTEN = {"Абай көшесі", "28 Гвардейцев", "улица 38", "көше 187", "1-й переулок Абая", "мкр. Самал 2"}


def asked(kato: str, street: str, house: str) -> AddressRequest:
    return AddressRequest(kato=kato, street=street, house=house, asked_at=almaty("2026-06-10 09:00"))


@pytest.mark.rule("D63")
def test_line_reads_back_as_the_house_or_is_not_written(make_school: Callable[..., School]) -> None:
    school = make_school(VILLAGE, "Қарақоға орта мектебі")
    written: dict[str, set[str]] = {VILLAGE: set(), NEIGHBOUR: set()}
    for place, street, house in product(written, STREETS, HOUSES):
        try:
            row, line = address_requests.line_of(asked(place, street, house), school)
        except (Misread, NotPrecise):
            continue
        again = microdistricts.read([Source(1, line)], school).rows
        assert [versions.identity(one) for one in again] == [versions.identity(row)], line
        row.save()
        assert catalogue.attached_to(kato=place, street=street, house=house) == [school], line
        row.delete()
        written[place].add(street)
    assert written[VILLAGE] >= WRITTEN and written[NEIGHBOUR] >= {"Абай көшесі", "28 гвардияшылар көшесі"}


@pytest.mark.rule("D63")
def test_place_that_others_lie_under_or_nobody_knows_is_no_address(
    make_school: Callable[..., School],
) -> None:
    school, in_city = make_school(VILLAGE, "Қарақоға орта мектебі"), make_school("711210000", "№63")
    for kato in ("593651000", "593600000", "593651999", "999999999"):
        with pytest.raises(NotPrecise):
            address_requests.line_of(asked(kato, "Абай көшесі", "4"), school)

    row, _ = address_requests.line_of(asked("711999000", "Абай көшесі", "4"), in_city)

    assert row.locality == in_city.locality
