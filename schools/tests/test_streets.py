"""One street, one key: what lists, people and registers write meets, and what is another street does not
(R66, D32)."""

import csv
from pathlib import Path

import pytest

from schools.streets import keys_to_match, same_person, street_key


def meet(one: str, other: str) -> bool:
    """As the catalogue asks: a row of a list by its key, then the persons behind the names."""
    return street_key(one) in keys_to_match(other) and same_person(one, other)


def pairs(verdict: str) -> list[tuple[str, str, str]]:
    """The kind of a pair and its two spellings."""
    with (Path(__file__).parent / "street_pairs.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["kind"], row["one"], row["other"])
            for row in csv.DictReader(file)
            if row["verdict"] == verdict
        ]


MEET, APART = pairs("meet"), pairs("apart")


@pytest.mark.rule("D32", "R66")
def test_spellings_of_one_street_meet_both_ways() -> None:
    missed = [pair for pair in MEET if not (meet(*pair[1:]) and meet(*reversed(pair[1:])))]

    assert len(MEET) >= 300 and missed == []


@pytest.mark.rule("D32", "R66")
def test_different_streets_never_meet() -> None:
    confused = [pair for pair in APART if meet(*pair[1:]) or meet(*reversed(pair[1:]))]

    assert len(APART) >= 300 and confused == []


def test_street_is_itself_and_texts_without_a_name_are_nothing() -> None:
    streets = [text for pair in MEET + APART for text in pair[1:]]

    assert [text for text in streets if not meet(text, text)] == []
    assert [street_key(text) for text in ("", "көшесі", " - ", "ул.", "мкр")] == [""] * 5
    assert keys_to_match("") == set()


def test_street_without_a_type_matches_any_type() -> None:
    assert street_key("Тұран даңғылы") in keys_to_match("Тұран")
    assert keys_to_match("Тұран даңғылы") == {"avenue:туран", ":туран"}
