"""Houses brought to one form (R66, D32)."""

import pytest

from schools.addresses import House, covers, house, overlap
from schools.models import MicrodistrictAddress as Row
from schools.models import Parity


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", House(1)),
        ("12а", House(12, "А")),
        ("12 А", House(12, "А")),
        ("12A", House(12, "А")),  # Latin A
        ("6 «А»", House(6, "А")),
        ("12Ә", House(12, "Ә")),
        ("6/1", House(6, "/1")),
        ("17\\1", House(17, "/1")),
        ("12/1а", House(12, "/1А")),
        ("12а/2", House(12, "А/2")),
        ("12 корп. 2", House(12, "к2")),
        ("12к3", House(12, "к3")),
        ("12 К 3", House(12, "к3")),
        ("12 блок 4", House(12, "к4")),
        ("70(1)", House(70, "/1")),
        ("дом 5", House(5)),
        ("5-үй", House(5)),
        ("5, кв. 12", House(5)),
        ("5-үй, 12-пәтер", House(5)),
        ("уч. 15", House(15, "уч")),
        ("общ. №2", House(2, "общ")),
        ("", None),
        ("б/н", None),
        ("12345", None),
        ("Абай 5", None),
    ],
)
def test_house_is_a_number_with_what_follows_it(text: str, found: House | None) -> None:
    assert house(text) == found


def row(start: int, end: int | None, suffix: str = "", parity: Parity = Parity.ALL) -> Row:
    return Row(house_from=start, house_to=end, suffix=suffix, parity=parity)


@pytest.mark.parametrize(
    ("held", "inside", "outside"),
    [
        (row(12, 12), ["12"], ["12а", "12/1", "13"]),
        (row(12, 12, "А"), ["12а"], ["12", "12б"]),
        (row(6, 6, "/1"), ["6/1", "6\\1"], ["6", "6/2"]),
        (row(1, 15, parity=Parity.ODD), ["1", "7а", "15", "3/2"], ["2", "17", "0"]),
        (row(2, 20, parity=Parity.EVEN), ["2", "20 к 1"], ["1", "22"]),
        (row(1, 15), ["1", "2", "15"], ["16", "уч. 5", ""]),
        (row(45, None, parity=Parity.ODD), ["45", "999"], ["46", "43"]),
        (row(1, None, parity=Parity.EVEN), ["2", "100"], ["1", "б/н"]),
        (row(1, None), ["1", "999б", "б/н", "", "вагон 8"], []),
    ],
)
def test_range_covers_its_houses_only(held: Row, inside: list[str], outside: list[str]) -> None:
    assert [text for text in inside if not covers(held, house(text))] == []
    assert [text for text in outside if covers(held, house(text))] == []


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        (row(1, 15, parity=Parity.ODD), row(2, 14, parity=Parity.EVEN), False),
        (row(1, 15, parity=Parity.ODD), row(5, 9), True),
        (row(1, None), row(7, 7, "А"), True),
        (row(12, 12), row(12, 12, "А"), False),
        (row(45, None, parity=Parity.ODD), row(47, 47), True),
        (row(1, 10), row(11, 20), False),
        (row(1, 15, parity=Parity.ODD), row(4, 8), True),
    ],
)
def test_overlap_of_two_ranges_is_seen(one: Row, other: Row, common: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == common
