"""Lines of every kind that departments write, and lists built from what they mean (R69, R70)."""

from dataclasses import dataclass
from random import Random

import pytest

from schools.address_lists import Line, parse_line, parse_pair
from schools.remarks import Kind
from schools.streets import street_key
from schools.tests.test_house_lists import make_list


def told(line: Line) -> list[str]:
    return [str(each) for each in line.readings]


@pytest.mark.parametrize(
    ("raw", "readings"),
    [
        # ordinals anywhere, several streets in one name
        ("Степной проезд 3-й", ["3-й Степной проезд: all"]),
        ("Степной проезд 3-й, 1-9 (все)", ["3-й Степной проезд: 1-9"]),
        ("3-ий Степной проезд 5", ["3-ий Степной проезд: 5"]),
        ("пер. Степной 3-й, 5, 7", ["пер. Степной 3-й: 5, 7"]),
        ("1-ый Степной пер. 5", ["1-ый Степной пер.: 5"]),
        ("1,2,3-я линия", ["1 линия: all", "2 линия: all", "3-я линия: all"]),
        ("1-й, 2-й Тау көшелері", ["1-й Тау көшелері: all", "2-й Тау көшелері: all"]),
        ("1-ші, 2-ші Тау көшелері толық", ["1-ші Тау көшелері: all", "2-ші Тау көшелері: all"]),
        (
            "1, 2 и 3-й Степной переулки",
            ["1 Степной переулки: all", "2 Степной переулки: all", "3-й Степной переулки: all"],
        ),
        ("улицы Мира и Абая", ["улицы Мира: all", "улицы Абая: all"]),
        ("улицы: Мира, Абая", ["улицы Мира: all", "улицы Абая: all"]),
        ("пос. Ынтымақ полностью", ["Ынтымақ: all"]),
        ("Мир және Абай көшелері", ["Мир көшелері: all", "Абай көшелері: all"]),
        # settlements before the street
        ("д. Ивановка, ул. Абая 5", ["Ивановка, ул. Абая: 5"]),
        ("х. Степной, все дома", ["Степной: all"]),
        ("р.п. Образец, ул. Мира 1-9", ["Образец, ул. Мира: 1-9 odd"]),
        ("ст. Жаңа, ул. Мира 7", ["Жаңа, ул. Мира: 7"]),
        ("разъезд 39", ["39: all"]),
        ("39 разъезі, барлық үйлер", ["39: all"]),
        ("филиал с. Образец, ул. Мира 7", ["Образец, ул. Мира: 7"]),
        ("совхоз Рассвет, ул. Мира 7", ["Рассвет, ул. Мира: 7"]),
        ("с. Косшы, Косшы ауылы, ул. Абая 5", ["Косшы, ул. Абая: 5"]),
        ("с. Косшы, Косшы ауылы", ["Косшы: all"]),
        ("Қарақоға ауылы барлық үйлер", ["Қарақоға: all"]),
        ("Ақбұлақ қыстауы", ["Ақбұлақ қыстауы: all"]),
        ("Ақбұлақ қыстауы, Абай көшесі 5", ["Ақбұлақ қыстауы, Абай көшесі: 5"]),
        ("уч. Кызылту толық", ["уч. Кызылту: all"]),
        ("уч. Кызылту, ул. Мира 1-10", ["уч. Кызылту, ул. Мира: 1-10"]),
        ("Қызылту учаскесі, толық", ["Қызылту учаскесі: all"]),
        ("точка 5", ["точка 5: all"]),
        ("зимовка Кажы", ["зимовка Кажы: all"]),
        ("Ферма көшесі: 1, 9", ["Ферма көшесі: 1, 9"]),
        ("Точка көшесі 3", ["Точка көшесі: 3"]),
        # microdistricts, and nothing else
        ("19, 19А, 20 микрорайоны", ["19 микрорайоны: all", "19А микрорайоны: all", "20 микрорайоны: all"]),
        ("30, 33, 38 микрорайоны", ["30 микрорайоны: all", "33 микрорайоны: all", "38 микрорайоны: all"]),
        ("5-шағын аудан", ["5 шағын аудан: all"]),
        ("5 шағынаудан 1-20", ["5 шағынаудан: 1-20"]),
        ("12 орам", ["12 орам: all"]),
        ("11 мкр. 1-20, 12 мкр. 5", ["11 мкр.: 1-20", "12 мкр.: 5"]),
        ("мкр. 11 дом 20, мкр. 12", ["мкр. 11: 20", "мкр. 12: all"]),
        ("мкр. 11 дом 8; 19А шағынауданы 2", ["мкр. 11: 8", "19А шағынауданы: 2"]),
        ("микрорайоны 5, 7", ["микрорайоны 5: all", "микрорайоны 7: all"]),
        ("27 мкр. 2-ден 40-қа дейінгі үйлер", ["27 мкр.: 2-40 even"]),
        ("15 мкр с участка №1105 по участок №2034", ["15 мкр: 1105-2034 уч"]),
        ("18 мкр. (82, 97/1 дома)", ["18 мкр.: 82, 97/1"]),
        ("Шығыс ш/а 1, 2, 3 блок", ["Шығыс ш/а: 1блок, 2блок, 3блок"]),
        ("мкр. Самал, улица Абая 5", ["улица Абая: 5"]),
        ("мкр. Самал, ул. Абая, ул. Мира 7", ["ул. Абая: all", "ул. Мира: 7"]),
        ("мкр. Самал толық, ул. Абая", ["мкр. Самал: all", "ул. Абая: all"]),
        ("Самал-2 ықшамауданы: 1-20", ["Самал-2 ықшамауданы: 1-20"]),
        # names of a letter and a number
        ("ул. Е 16, 1-20", ["ул. Е 16: 1-20"]),
        ("ул. Е-16: 1-20", ["ул. Е-16: 1-20"]),
        ("ул. Е16 5, 7", ["ул. Е16: 5, 7"]),
        ("Е 16 көшесі 1-20", ["Е 16 көшесі: 1-20"]),
        ("Е-16 көшесі", ["Е-16 көшесі: all"]),
        # names in brackets, notes on classes
        ("Жеңіс (Победы) даңғылы 5", ["Жеңіс даңғылы = Победы: 5"]),
        ("пр. Жеңіс (Победы) 5, 7", ["пр. Жеңіс = Победы: 5, 7"]),
        ("Абай көшесі (мкр. Самал) 5", ["Абай көшесі: 5"]),
        ("Абай көшесі 5 (1-4 сыныптар)", ["Абай көшесі: 5"]),
        ("Абай көшесі 5 (4-10 сыныптар)", []),
        # exceptions, private houses, sides
        ("Абай көшесі барлығы, 1-ден 44-ке дейінгі үйлерден басқа", ["Абай көшесі: all, except 1-44"]),
        ("ул. Абая (все, кроме 49/53)", ["ул. Абая: all, except 49/53"]),
        ("ул. Абая все (кроме 1-4)", ["ул. Абая: all, except 1-4"]),
        ("ул. Абая, кроме 5", ["ул. Абая: all, except 5"]),
        ("Абай көшесі жеке сектор барлық үйлер", ["Абай көшесі: all"]),
        ("ул. Абая частный сектор", ["ул. Абая: all"]),
        ("ул. Абая с 29 все нечетные, с 24 все четные", ["ул. Абая: from 29 odd, from 24 even"]),
        ("ул. Абая до 45", ["ул. Абая: 1-45"]),
        ("ул. Абая 10 корпус 1, 2, 3", ["ул. Абая: 10к1, 10к2, 10к3"]),
        # what a PDF broke
        ("ул. Станкостроитель ный 5", ["ул. Станкостроительный: 5"]),
        ("ул. Станкострои-\nтельная 5", ["ул. Станкостроительная: 5"]),
        ("ул. Буде\u0308нного 5", ["ул. Будённого: 5"]),
        ("ул. Пѐтра 5", ["ул. Пѐтра: 5"]),
        ("ул. Набережная 5", ["ул. Набережная: 5"]),
        ("Набережная көшесі 5", ["Набережная көшесі: 5"]),
    ],
)
def test_line_is_read_as_it_was_meant(raw: str, readings: list[str]) -> None:
    line = parse_line(raw)

    assert (told(line), line.errors) == (readings, [])


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("от ул. Абая до ул. Мира", Kind.BOUNDARY),
        ("по левой стороне улицы Абая", Kind.BOUNDARY),
        ("Абай көшесінен Мир көшесіне дейін", Kind.BOUNDARY),
        ("в границах улиц Абая, Мира", Kind.BOUNDARY),
        ("18, 18А микрорайонов (82, 97/1 дома)", Kind.AMBIGUOUS),
        ("улицы Мира, Абая 1-5", Kind.UNREAD),
        ("Е 16, 1-20", Kind.AMBIGUOUS),
        ("ул. Е, 16", Kind.AMBIGUOUS),
        ("ЖК Нурсая, ул. Абая 5", Kind.AMBIGUOUS),
        ("ул. Абая рядом с мечетью 5", Kind.UNREAD),
        ("ул. Абая за магазином 5", Kind.UNREAD),
        ("частный сектор", Kind.NO_STREET),
        ("жеке сектор барлық үйлер", Kind.NO_STREET),
        ("ул. Абая 4 1", Kind.TORN),
    ],
)
def test_what_can_mean_two_things_is_asked_about(raw: str, kind: Kind) -> None:
    assert kind in [remark.kind for remark in parse_line(raw).errors]


@pytest.mark.parametrize(
    ("street", "houses", "readings"),
    [
        ("Абай көшесі 3а, 11а, 11/44", "3а, 11а, 11/44", ["Абай көшесі: 3А, 11А, 11/44"]),
        ("ул. Абая, 5, 7", "5,7", ["ул. Абая: 5, 7"]),
        ("Абая 5, 7", "5, 7", ["Абая: 5, 7"]),
        ("ул. Е 16", "1-20", ["ул. Е 16: 1-20"]),
        ("ул. 8 Марта", "1-20", ["ул. 8 Марта: 1-20"]),
        ("мкр. 5", "1-20", ["мкр. 5: 1-20"]),
        ("мкр. Самал 2", "5", ["мкр. Самал 2: 5"]),
        ("Жеңіс (Победы)", "5", ["Жеңіс = Победы: 5"]),
        ("с. Образец", "барлық үйлер", ["Образец: all"]),
    ],
)
def test_two_columns_are_one_line(street: str, houses: str, readings: list[str]) -> None:
    line = parse_pair(street, houses)

    assert (told(line), line.errors) == (readings, [])


def test_houses_of_the_street_s_cell_that_differ_are_asked_about() -> None:
    assert [remark.kind for remark in parse_pair("Абай көшесі 3а, 11а", "5, 7").errors] == [Kind.AMBIGUOUS]


# --- lines of known meaning ------------------------------------------------------------------------------
STREETS = (  # a name in Kazakh and in Russian after its type
    ("Абай", "Абая"), ("Сәтбаев", "Сатпаева"), ("Бауыржан Момышұлы", "Бауыржана Момышулы"), ("Мир", "Мира"),
    ("Мәншүк Мәметова", "Маметовой"), ("Жібек жолы", "Жибек Жолы"), ("Ахмет Байтұрсынұлы", "А. Байтурсынова"),
    ("Набережная", "Набережная"), ("8 Наурыз", "8 Марта"), ("Е-16", "Е-16"),
    ("Қабанбай батыр", "Кабанбай батыра"),
    ("Степная", "Степная"), ("Ақжол", "Акжол"), ("Маяковский", "Маяковского"), ("Әл-Фараби", "Аль-Фараби"),
)  # fmt: skip
TYPES = (  # in Kazakh after the name, in Russian before it
    (("көшесі", "к-сі", "көш."), ("ул.", "улица", "ул")),
    (("даңғылы", "даңғ.", "д-лы"), ("пр.", "проспект", "пр-т")),
    (("тұйығы",), ("пер.", "переулок")),
)
AREA_NAMES = ("Самал-2", "Нұрсәт", "Шығыс", "11", "19А")
AREA_TYPES = (("ықшам ауданы", "ш/а", "шағынауданы"), ("мкр.", "микрорайон", "мкр"))


@dataclass(frozen=True)
class Street:
    text: str
    key: str


def make_street(random: Random) -> Street:
    kazakh, russian = random.choice(STREETS)
    in_kazakh, in_russian = random.choice(TYPES)
    if random.random() < 0.25:
        kazakh = russian = random.choice(AREA_NAMES)
        in_kazakh, in_russian = AREA_TYPES
    text = random.choice([f"{kazakh} {random.choice(in_kazakh)}", f"{random.choice(in_russian)} {russian}"])
    return Street(text, street_key(f"{kazakh} {in_kazakh[0]}"))


@dataclass(frozen=True)
class Meant:
    text: str
    streets: tuple[tuple[str, str], ...]  # key and houses


def make_line(random: Random) -> Meant:
    said, streets = [], []
    for _ in range(random.choice([1, 1, 1, 2])):
        street, houses = make_street(random), make_list(random)
        if random.random() < 0.15:
            said.append(
                street.text + random.choice([" толық", ", все дома", " – барлық үйлер", " полностью"])
            )
            streets.append((street.key, "all"))
        else:
            said.append(street.text + random.choice([": ", ", ", " ", " – ", " дома "]) + houses.text)
            streets.append((street.key, ", ".join(map(str, houses.spans))))
    text = random.choice(["", "", "1. ", "12) "]) + "; ".join(said) + random.choice(["", "", ".", ";"])
    return Meant(text, tuple(streets))


def compare(meant: Meant, line: Line) -> str:
    if line.errors:
        return "asked"
    read = tuple((each.key, ", ".join(map(str, each.spans))) for each in line.readings)
    return "right" if read == meant.streets else "wrong"


@pytest.mark.rule("R69")
def test_lines_of_known_meaning_are_read_or_asked_about_and_never_wrong() -> None:
    random, lines = Random(20260827), 5_000
    wrong, asked = [], []
    for _ in range(lines):
        meant = make_line(random)
        line = parse_line(meant.text)
        outcome = compare(meant, line)
        if outcome == "wrong":
            wrong.append((meant.text, told(line)))
        elif outcome == "asked":
            asked.append((meant.text, [str(remark) for remark in line.errors]))

    assert wrong == []
    assert len(asked) < lines * 0.03, asked[:20]


@pytest.mark.rule("R69")
def test_rows_of_two_columns_of_known_meaning_are_read_as_well() -> None:
    random, wrong = Random(20260828), []
    for _ in range(2_000):
        street, houses = make_street(random), make_list(random)
        cell = random.choice([street.text, street.text, f"{street.text} {houses.text}"])
        line = parse_pair(cell, houses.text)
        meant = Meant(f"{cell} | {houses.text}", ((street.key, ", ".join(map(str, houses.spans))),))
        if compare(meant, line) == "wrong":
            wrong.append((meant.text, told(line)))

    assert wrong == []
