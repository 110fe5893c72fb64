"""Reading the lists of departments: messy lines, and what must come out of them (D32)."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schools.address_lists import parse_line, parse_pair
from schools.house_lists import parse_houses
from schools.remarks import Kind

SIDE = Kind.ONE_SIDE


def reading(raw: str) -> tuple[list[str], list[Kind]]:
    """What was read, as the report prints it, and what was remarked."""
    line = parse_line(raw)
    return [str(each) for each in line.readings], [remark.kind for remark in line.remarks]


@pytest.mark.parametrize(
    ("raw", "readings", "remarks"),
    [
        ("ул. Абая: 1-15 (нечет), 2, 4А, 6/1", ["ул. Абая: 1-15 odd, 2, 4А, 6/1"], []),
        ("Абай көшесі: 1-15 (тақ), 2, 4А, 6/1", ["Абай көшесі: 1-15 odd, 2, 4А, 6/1"], []),
        ("Абай к-сі 2-20 (жұп жағы)", ["Абай к-сі: 2-20 even"], []),
        ("ул.Сатпаева с 1 по 27", ["ул. Сатпаева: 1-27 odd"], [SIDE]),
        ("Сәтбаев көшесі 1-ден 28-ге дейін", ["Сәтбаев көшесі: 1-28"], []),
        ("ул. Гоголя 1-35, 2-30", ["ул. Гоголя: 1-35 odd, 2-30 even"], [SIDE, SIDE]),
        ("Гоголь көшесі толық", ["Гоголь көшесі: all"], []),
        ("ул. Жибек Жолы, нечетная сторона", ["ул. Жибек Жолы: all odd"], []),
        ("Жібек жолы көшесінің жұп жағы", ["Жібек жолы көшесінің: all even"], []),
        ("пр. Республики с 45 (нечетные)", ["пр. Республики: from 45 odd"], []),
        ("мкр. Самал-1, 1,2,3", ["мкр. Самал-1: 1, 2, 3"], []),
        ("11 мкр. дома 1-20", ["11 мкр.: 1-20"], []),
        (
            "5 микрорайон 12, 12а, 12 б, 12/1, 12 корп. 2, 12к3",
            ["5 микрорайон: 12, 12А, 12Б, 12/1, 12к2, 12к3"],
            [],
        ),
        (
            "с .Косшы, ЖК «Лесная поляна» 1,2, 34, 5, 6,7,13,13/1,14/2, 28, мкр. «Алтын дала» 1,2.",
            [
                "Косшы, ЖК «Лесная поляна»: 1, 2, 34, 5, 6, 7, 13, 13/1, 14/2, 28",
                "Косшы, мкр. «Алтын дала»: 1, 2",
            ],
            [Kind.ORDER],
        ),
        (
            "ул. Момышулы 118-146, 151, 153/1-173",
            ["ул. Момышулы: 118-146 even, 151, 153-173 odd"],
            [SIDE, SIDE],
        ),
        (
            "пер. 1-й, 2-й, 3-й Степной – все дома",
            ["пер. 1-й Степной: all", "пер. 2-й Степной: all", "пер. 3-й Степной: all"],
            [],
        ),
        (
            "Бейбітшілік, Достық, Бірлік көшелері",
            ["Бейбітшілік көшелері: all", "Достық көшелері: all", "Бірлік көшелері: all"],
            [Kind.WHOLE_STREET],
        ),
        (
            "А.Байтұрсынұлы к. = Байтурсынова ул.",
            ["А.Байтұрсынұлы к. = Байтурсынова ул.: all"],
            [Kind.WHOLE_STREET],
        ),
        ("кв. 1-20 ул. Мира 5", ["ул. Мира: 5"], [Kind.FLATS]),
        ("частный сектор", [], [Kind.NO_STREET]),
        ("СО «Дружба», дачи 1-300", ["СО «Дружба»: 1-300"], []),
        ("с. Қарақоға, ауыл толық", ["Қарақоға: all"], []),
        ("Приложение 2 к приказу № 15 от 12.03.2026", [], [Kind.IGNORED]),
        ("ул. Абая 1, 3, 5\n 7, 9", ["ул. Абая: 1, 3, 5, 7, 9"], [Kind.LINE_BREAK]),
        # more of what lists hold
        ("1. ул. Абая 5", ["ул. Абая: 5"], []),
        ("г. Астана, район Есиль, ул. Абая 5", ["ул. Абая: 5"], [Kind.IGNORED, Kind.IGNORED]),
        ("Қарақоға а., Мектеп к-сі 5", ["Қарақоға, Мектеп к-сі: 5"], []),
        ("с. Образец", ["Образец: all"], []),
        ("ауыл толық", [": all"], []),
        ("ул. Мира 5 ул. Абая 7", ["ул. Мира: 5", "ул. Абая: 7"], []),
        ("ул. Мира 5, Достық көшесі 7", ["ул. Мира: 5", "Достық көшесі: 7"], []),
        ("ул. Мира 5, 8 Наурыз көшесі 7", ["ул. Мира: 5", "8 Наурыз көшесі: 7"], []),
        ("ул. 8 Марта 5, 7", ["ул. 8 Марта: 5, 7"], []),
        ("мкр. 5, дома 12, 14", ["мкр. 5: 12, 14"], []),
        ("улицы Мира, Абая", ["улицы Мира: all", "улицы Абая: all"], [Kind.WHOLE_STREET]),
        ("пр. Абая: нечетная сторона 1-35, четная 2-30", ["пр. Абая: 1-35 odd, 2-30 even"], []),
        ("Тұран даңғылы 1-55 (тақ және жұп)", ["Тұран даңғылы: 1-55"], []),
        ("ул. Абая 1-5 (все)", ["ул. Абая: 1-5"], []),
        ("ул. Абая (1-15, 2)", ["ул. Абая: 1-15 odd, 2"], [SIDE]),
        ("ул. Абая № 5, 7 и 9", ["ул. Абая: 5, 7, 9"], []),
        ("Абай к-сі 45-тен бастап", ["Абай к-сі: from 45"], []),
        ("ул. Абая 17\\1, 70(1), 86 «А»", ["ул. Абая: 17/1, 70/1, 86А"], []),
        ("Абая 1-15", ["Абая: 1-15 odd"], [SIDE]),
    ],
)
def test_line_is_read_as_the_department_meant_it(raw: str, readings: list[str], remarks: list[Kind]) -> None:
    assert reading(raw) == (readings, remarks)


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [
        ("ул. Абая 1, 3 Достық көшесі 5", [Kind.UNREAD]),  # is 3 a house, or is it «3 Достық»?
        ("ул. Абая 999999", [Kind.UNREAD]),
        ("ул. Абая 6/1-6/5", [Kind.UNREAD]),
        ("ул. Абая 15-1", [Kind.REVERSED]),
        ("ул. Абая 5, рядом с мечетью", [Kind.UNREAD]),
        ("рядом с мечетью ул. Абая 5", [Kind.UNREAD]),
        ("тұйық көшесі", [Kind.NO_STREET]),
        ("1-15, 2", [Kind.NO_STREET]),
    ],
)
def test_line_that_cannot_be_read_is_an_error_and_no_guess(raw: str, kinds: list[Kind]) -> None:
    assert [remark.kind for remark in parse_line(raw).errors] == kinds


@pytest.mark.parametrize(
    ("raw", "spans", "remarks"),
    [
        ("5 -30", ["5-30"], []),
        ("73 75", ["73", "75"], [Kind.SEPARATOR]),
        ("36. 38", ["36", "38"], [Kind.SEPARATOR]),
        ("15-1", [], [Kind.REVERSED]),
        ("12, 12, 12а, 12А", ["12", "12А"], [Kind.DUPLICATE, Kind.DUPLICATE]),
        ("уч. 15, стр. 4, общ. №2, вагон 8", ["15уч", "4стр", "2общ", "8вагон"], []),
        ("нечетные: 1-15, 21", ["1-15 odd", "21"], []),
        ("с 45 до конца", ["from 45"], []),
        ("", [], []),
        (", ,", [], []),
    ],
)
def test_houses_are_read_one_by_one(raw: str, spans: list[str], remarks: list[Kind]) -> None:
    found = parse_houses(raw)

    assert [str(span) for span in found.spans] == spans
    assert [remark.kind for remark in found.remarks] == remarks


@pytest.mark.parametrize(
    ("raw", "key", "aliases"),
    [
        ("Абай көшесі = Мир көшесі 1-15", "street:аба", ("street:мир",)),
        ("Абай көшесі (бұрынғы Мир көшесі): 1-15", "street:аба", ("street:мир",)),
        ("ул. Абая (бывш. Мира) 1-15", "street:аба", ("street:мир",)),
        ("А.Байтұрсынұлы к. = Байтурсынова ул.", "street:баитурсинов", ()),
    ],
)
def test_second_name_of_a_street_is_kept(raw: str, key: str, aliases: tuple[str, ...]) -> None:
    (found,) = parse_line(raw).readings

    assert (found.key, found.aliases) == (key, aliases)


@pytest.mark.parametrize(
    ("street", "houses", "readings"),
    [
        ("ул. Абая", "1-15 (нечет), 2", ["ул. Абая: 1-15 odd, 2"]),
        ("Абая", "5, 7", ["Абая: 5, 7"]),
        ("Достық көшесі", "", ["Достық көшесі: all"]),
        ("с. Образец", "", ["Образец: all"]),
        ("", "", []),
    ],
)
def test_two_columns_are_read_together(street: str, houses: str, readings: list[str]) -> None:
    assert [str(each) for each in parse_pair(street, houses).readings] == readings


BITS = (
    "ул.", "көшесі", "көшелері", "улицы", "мкр", "Абая", "Мира", "8 Марта", "1-й", "1", "2", "12а", "6/1",
    "корп. 2", "с", "по", "до", "жұп", "(нечет)", "толық", "ауыл", "с.", "а.", "№", "кв. 3", "(бұрынғы Мир)",
    "=", "-", "–", ",", ";", ":", ".", "(", ")", "«", "»", "/", "\n", "İ", "\0",
)  # fmt: skip


@hypothesis_settings(max_examples=300)
@given(st.lists(st.sampled_from(BITS), max_size=20))
def test_no_line_breaks_the_reader(bits: list[str]) -> None:
    line = parse_line(" ".join(bits))

    assert line.readings or line.remarks or not "".join(bits).strip()


def test_houses_without_a_street_are_an_error() -> None:
    assert [remark.kind for remark in parse_pair("", "1-15").errors] == [Kind.NO_STREET]
