"""Kazakh names sort by their alphabet and are found by Russian letters."""

import random
from datetime import date

import pytest
from django.db import connection

from schools.kazakh import ALPHABET, fold, search_text, since, sort_key, until
from schools.models import Locality


def test_alphabet_has_forty_two_letters_in_their_order() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 42

    shuffled = random.Random(1).sample(ALPHABET, 42)

    assert "".join(sorted(shuffled, key=sort_key)) == ALPHABET
    assert "".join(sorted(shuffled)) != ALPHABET  # the order of code points is another one


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["Абай", "Ақтау", "Алматы", "Әуезов", "Байқоңыр"], "Қ after К, Ә after А"),
        (["№5 мектеп", "№63 мектеп", "№105 мектеп", "Абай мектебі"], "numbers by value, before names"),
        (["«Абай» мектебі", "Абай мектебі 2", "абайлар"], "quotes and case do not count"),
        (["Ирина", "Іле"], "І stands far after И"),
        (["Түрксіб", "Ұлытау", "Үржар", "Федоровка"], "У, Ұ, Ү"),
        (["Мир", "Мир 2", "Миргород"], "a shorter word first"),
    ],
)
def test_names_sort_as_in_a_kazakh_dictionary(names: list[str], why: str) -> None:
    assert sorted(reversed(names), key=sort_key) == names, why


def test_database_sorts_keys_as_python_does(db: None) -> None:
    names = ["Ұлытау", "Үржар", "№5 мектеп", "№63 мектеп", "Іле", "Ирина", "Abai", "Қарақоға а.", "Кент-2"]
    for number, name in enumerate(names):
        Locality.objects.create(kato=f"{number:09d}", name_kk=name, name_ru=name, sort_kk=sort_key(name))

    stored = list(Locality.objects.order_by("sort_kk").values_list("name_kk", flat=True))

    assert stored == sorted(names, key=sort_key)
    with connection.cursor() as cursor:  # and under a language's collation, if the server is built so
        cursor.execute('SELECT name_kk FROM schools_locality ORDER BY sort_kk COLLATE "C"')
        assert [name for (name,) in cursor.fetchall()] == stored


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Қарақоға орта мектебі", "каракога орта мектеби"),
        ("«№63» ЖББМ", "63 жббм"),
        ("Үш-Тобе, Ұлы Һ", "уш тобе улы х"),
        ("Ёлкино", "елкино"),
        ("Caкeн", "сакен"),  # C, a and e typed in Latin
        ("  ", ""),
    ],
)
def test_fold_leaves_small_russian_letters_and_digits(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_search_text_puts_a_space_before_every_word() -> None:
    assert search_text("№63 мектеп", "Школа №63") == " 63 мектеп школа 63 "


def test_days_of_every_month_stand_in_a_sentence() -> None:
    """A month ends in the vowels and consonants that its own last letters ask for."""
    year = [date(2026, month, 1) for month in range(1, 13)]

    assert " ".join(since(day) for day in year) == (
        "1 қаңтардан 1 ақпаннан 1 наурыздан 1 сәуірден 1 мамырдан 1 маусымнан "
        "1 шілдеден 1 тамыздан 1 қыркүйектен 1 қазаннан 1 қарашадан 1 желтоқсаннан"
    )
    assert " ".join(until(day) for day in year) == (
        "1 қаңтарға 1 ақпанға 1 наурызға 1 сәуірге 1 мамырға 1 маусымға "
        "1 шілдеге 1 тамызға 1 қыркүйекке 1 қазанға 1 қарашаға 1 желтоқсанға"
    )
