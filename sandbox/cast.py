"""The cast: every person of the demo, as the registers know them. All of it is invented."""

from dataclasses import replace
from datetime import date
from typing import Any

from sandbox import cases
from sandbox.people import Address, Human, Job, Tie, issue_iin, newborn
from sandbox.texts import Text

SCHOOL_63 = ("990540099902", "«№63 жалпы білім беретін мектеп» КММ", "КГУ «Общеобразовательная школа №63»")
SCHOOL_QARAQOGA = ("990540099912", "«Қарақоға орта мектебі» КММ", "КГУ «Каракогинская средняя школа»")
SCHOOL_64 = ("990540099922", "«№64 гимназия» КММ", "КГУ «Гимназия №64»")
DECREE = "№ 214-қ, 12.02.2024"  # the guardian's, of the department of education
DEPARTMENT = ("990540099932", "«Астана қаласының Білім басқармасы» ММ", "ГУ «Управление образования Астаны»")
OPERATOR = ("990540099942", "«OQU платформасының операторы» АҚ", "АО «Оператор платформы OQU»")


def esil(street_kk: str, street_ru: str, house: str, flat: str = "") -> Address:
    """An address in Есіл district of Astana."""
    return Address(
        kato="711210000",
        street=street_kk,
        house=house,
        flat=flat,
        text_kk=f"Астана қ., Есіл ауданы, {street_kk}, {house}-үй" + (f", {flat}-пәтер" if flat else ""),
        text_ru=f"г. Астана, район Есиль, {street_ru}, дом {house}" + (f", кв. {flat}" if flat else ""),
    )


def satbaev(house: str, flat: str = "") -> Address:
    return esil("Сәтбаев көшесі", "улица Сатпаева", house, flat)


QARAQOGA = Address(
    kato="593651100",
    street="Мектеп көшесі",
    house="5",
    text_kk="Солтүстік Қазақстан облысы, Мағжан Жұмабаев ауданы, Қарақоға а.о., Қарақоға а., "
    "Мектеп көшесі, 5-үй",
    text_ru="Северо-Казахстанская область, район Магжана Жумабаева, Каракогинский с.о., с. Каракога, "
    "улица Мектеп, дом 5",
)
ALMATY = Address(
    kato="751410000",
    street="Жандосов көшесі",
    house="20",
    flat="15",
    text_kk="Алматы қ., Бостандық ауданы, Жандосов көшесі, 20-үй, 15-пәтер",
    text_ru="г. Алматы, Бостандыкский район, улица Жандосова, дом 20, кв. 15",
)


def adult(number: int, names: str, born: date, sex: str, *, at: Address, case: Text, **facts: Any) -> Human:
    """`names` is surname, name and patronymic in one line; the SIM card is +770112345<number>."""
    surname, name, patronymic = [*names.split(), ""][:3]
    iin = facts.pop("iin", "") or issue_iin(born, sex)
    sim = f"+770112345{number:02d}"
    return Human(iin, surname, name, patronymic, sex, born, sim=sim, address=at, case=case, **facts)


def kid(parent: Human, names: str, born: date, sex: str, **facts: Any) -> Human:
    surname, name, patronymic = [*names.split(), ""][:3]
    return newborn(parent, surname=surname, name=name, patronymic=patronymic, born=born, sex=sex, **facts)


def enrolled(school: tuple[str, str, str], grade: int, letter: str = "") -> dict[str, Any]:
    return {
        "bin": school[0],
        "school_kk": school[1],
        "school_ru": school[2],
        "grade": grade,
        "letter": letter,
    }


def family(parents: list[Human], children: list[Human], relation: str = "PARENT") -> list[Human]:
    document = DECREE if relation == "GUARDIAN" else ""
    ties = tuple(Tie(child.iin, relation, document) for child in children)
    return [*(replace(parent, children=ties) for parent in parents), *children]


def families_of_one_address(six: int, seven: int) -> list[Human]:
    """Parents №1, 2, 3, 6, 7 and 8: neighbours in Сәтбаев көшесі."""
    home = satbaev("1", "12")
    aigul = adult(
        1, "Сәрсенова Айгүл Маратқызы", date(1990, 7, 8), "F", at=home, case=cases.AIGUL, iin="900708499904"
    )
    daniyar = adult(
        2, "Ахметов Данияр Болатұлы", date(1988, 1, 20), "M", at=home, case=cases.DANIYAR, iin="880120399905"
    )
    arman = kid(daniyar, "Ахметов Арман Даниярұлы", date(six, 3, 15), "M")
    aruzhan = kid(daniyar, "Ахметова Аружан Даниярқызы", date(seven, 9, 2), "F", papers=["065/у"])

    elena = adult(
        3, "Ким Елена Сергеевна", date(1985, 5, 17), "F", at=satbaev("3", "4"), case=cases.ELENA, lang="ru"
    )
    maxim = kid(elena, "Ким Максим Андреевич", date(six + 1, 1, 1), "M")
    anna = kid(elena, "Ким Анна Андреевна", date(seven, 4, 22), "F", enrolment=enrolled(SCHOOL_63, 1, "Б"))

    saule = adult(
        6, "Нұрланова Сәуле Бекқызы", date(1990, 5, 15), "F", at=satbaev("5", "31"), case=cases.SAULE
    )
    aisha = kid(saule, "Нұрланова Айша Тимурқызы", date(six, 8, 20), "F", papers=[])

    gulnar = adult(
        7, "Төлегенова Гүлнар Әділқызы", date(1986, 6, 6), "F", at=satbaev("7", "2"), case=cases.GULNAR
    )
    miras = kid(gulnar, "Төлегенов Мирас Асқарұлы", date(seven, 11, 9), "M")

    sanzhar = adult(
        8,
        "Әлиев Санжар Ержанұлы",
        date(1979, 1, 1),
        "M",
        at=satbaev("9", "18"),
        case=cases.SANZHAR,
        in_base=False,
    )
    dias = kid(sanzhar, "Әлиев Диас Санжарұлы", date(six, 2, 14), "M")
    return [
        *family([aigul, daniyar], [arman, aruzhan]),
        *family([elena], [maxim, anna]),
        *family([saule], [aisha]),
        *family([gulnar], [miras]),
        *family([sanzhar], [dias]),
    ]


def families_elsewhere(six: int) -> list[Human]:
    """Parents №4, 5, 9 and 10: each with an address that makes the case."""
    turan = esil("Тұран даңғылы", "проспект Туран", "999")
    erlan = adult(4, "Жұмабаев Ерлан Қайратұлы", date(1983, 3, 28), "M", at=turan, case=cases.ERLAN)
    nurislam = kid(erlan, "Жұмабаев Нұрислам Ерланұлы", date(six, 12, 31), "M")

    qabanbai = esil("Қабанбай батыр даңғылы", "проспект Кабанбай батыра", "10", "7")
    dina = adult(5, "Оспанова Дина Асқарқызы", date(1991, 12, 3), "F", at=qabanbai, case=cases.DINA)
    alikhan = kid(dina, "Оспанов Әлихан Русланұлы", date(six, 6, 11), "M")

    bauyrzhan = adult(
        9, "Мұқанов Бауыржан Серікұлы", date(1984, 7, 7), "M", at=QARAQOGA, case=cases.BAUYRZHAN
    )
    tomiris = kid(
        bauyrzhan,
        "Мұқанова Томирис Бауыржанқызы",
        date(six, 5, 30),
        "F",
        enrolment=enrolled(SCHOOL_QARAQOGA, 0),
    )

    olga = adult(10, "Иванова Ольга Петровна", date(1978, 9, 22), "F", at=ALMATY, case=cases.OLGA, lang="ru")
    artem = kid(olga, "Петров Артём Ильич", date(six, 10, 5), "M")
    return [
        *family([erlan], [nurislam]),
        *family([dina], [alikhan]),
        *family([bauyrzhan], [tomiris]),
        *family([olga], [artem], "GUARDIAN"),
    ]


STAFF = (
    ("750312499106", "Қасымова Нұргүл Серікқызы", "F", SCHOOL_63, "director", cases.DIRECTOR),
    ("850905499202", "Бекова Жанар", "F", SCHOOL_63, "executor", cases.EXECUTOR),
    ("691130399308", "Смағұлов Асқар", "M", SCHOOL_QARAQOGA, "director", cases.DIRECTOR),
    ("920214499407", "Досова Әсем", "F", SCHOOL_QARAQOGA, "executor", cases.EXECUTOR),
    ("800420399505", "Омаров Тимур", "M", SCHOOL_64, "director", cases.DIRECTOR),
    ("881208499605", "Ли Виктория", "F", SCHOOL_64, "executor", cases.EXECUTOR),
    ("770707399705", "Сейітов Марат", "M", DEPARTMENT, "officer", cases.OFFICER),
    ("840214399807", "Нұрланов Ерболат", "M", OPERATOR, "ops", cases.OPS),
)


def staff() -> list[Human]:
    people = []
    for number, (iin, names, sex, employer, role, case) in enumerate(STAFF, start=11):
        born = date(1900 + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
        home = QARAQOGA if employer is SCHOOL_QARAQOGA else satbaev("11", str(number))
        job = Job(*employer, role)
        people.append(adult(number, names, born, sex, at=home, case=case, iin=iin, job=job))
    return people


def cast(year: int) -> dict[str, Human]:
    """Everybody by IIN. A first-grader of `year` was born in year - 6 at the latest (D7)."""
    people = [*families_of_one_address(year - 6, year - 7), *families_elsewhere(year - 6), *staff()]
    order = sorted(people, key=lambda human: human.sim or "+9")  # parents 1-10, staff, then children
    return {human.iin: human for human in order}
