"""Address lists kept by page: read line by line, mended, saved with a reason, put back (R69, D64)."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from applications.keepers.tests.conftest import Browser, leave
from applications.models import Application
from schools import catalogue, list_drafts
from schools.models import AddressList, ListDraft, Locality, Role, School
from tests.environment import undone

ESIL = "711210000"


def at(name: str, *args: Any) -> str:
    return reverse(f"keepers:{name}", args=args)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return str(answer.content.decode())


def mark(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def begin(client: Client, school: School, typed: str) -> str:
    """The address of the draft."""
    answer = client.post(at("school", school.pk), {"way": "text", "text": typed})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer.headers["Location"])


def save(client: Client, draft: str, **more: str) -> Any:
    page = client.get(draft).content.decode()
    form = {"save": "1", "reason": "№15 бұйрық", "meant": "on", "seen": mark(page)}
    return client.post(draft, form | more)


def window(page: str) -> dict[str, str]:
    """What a browser would send of the page as it stands, but for what is hidden or saved."""
    lines = re.findall(r'name="(line-\d+)"[^>]*>([^<]*)</textarea>', page)
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown
    return dict(lines) | {"shown": shown[1], "seen": mark(page), "read": "1"}


def holds(street: str, house: str) -> list[School]:
    return catalogue.attached_to(kato=ESIL, street=street, house=house)


@pytest.mark.rule("R69", "D64")
def test_list_is_read_beside_its_lines_mended_in_place_and_saved_with_author_and_reason(
    officer: Client, school: School
) -> None:
    draft = begin(officer, school, "Сәтбаев көшесі 1-99\nАбай көшесі 2 (нечет)\nМир көшесі кв. 5")
    page = text(officer.get(draft))
    assert page.index("Абай көшесі 2 (нечет)") < page.index("Сәтбаев көшесі: 1–99 (тақ)")  # errors first
    assert "Екі түрлі түсінуге болады: «2»" in page and "Пәтерлер ескерілмейді" in page
    assert "Тізімді сақтау" not in page
    refused = officer.post(draft, {"save": "1", "reason": "№15", "seen": mark(page)})
    assert refused.status_code in (302, 400) and not AddressList.objects.exists()

    officer.post(draft, {"read": "1", "line-2": "Абай көшесі 2", "more": "Достық көшесі 5А"})
    page = text(officer.get(draft))
    assert "Абай көшесі: 2" in page and "Достық көшесі: 5А" in page and "Қосылады:" in page
    unsaid = text(officer.post(draft, {"save": "1", "reason": " ", "seen": mark(page)}), 400)
    assert "бұйрықтың нөмірі мен күні" in unsaid and "оннан бірінен" in unsaid

    form = {"save": "1", "reason": "№15 бұйрық", "meant": "on", "seen": mark(page)}
    shown = text(officer.post(draft, form, follow=True))

    assert "Тізім сақталды" in shown
    version = school.address_lists.get(ended=None)
    assert version.author == "Сейітов Марат (Білім басқармасының маманы, Астана қаласы)"
    assert version.reason == "№15 бұйрық" and "№15 бұйрық" in shown
    assert version.lines["2"] == "Абай көшесі 2"
    assert holds("Достық көшесі", "5А") == [school] and holds("Сәтбаев көшесі", "2") == []
    again = officer.post(draft, form, follow=True)
    assert "Тізім сақталды" in text(again) and school.address_lists.filter(ended=None).count() == 1


@pytest.mark.rule("D64")
def test_files_of_every_kind_are_read_and_hostile_ones_hear_a_sentence(
    officer: Client, school: School, subtests: Any
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["көше", "үйлер"])
    book.active.append(["Абай көшесі", "1-9"])
    good, lied, bomb, long = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    book.save(good)
    book.active["A3"] = "=A2"
    book.save(lied)
    book.active["A3"] = "x" * 3_001
    book.save(long)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    cases = [
        ("list.xlsx", good.getvalue(), ""),
        ("list.csv", "улица;дома\nул. Абая;1-9, 2, 4, 6".encode("cp1251"), ""),
        ("list.txt", "Абай көшесі 1-9".encode(), ""),
        ("list.pdf", b"%PDF", "CSV, XLSX немесе TXT түрінде"),
        ("list.xlsx", long.getvalue(), "тым ұзын: бір жолға бір көшені жазыңыз. Жолдар: 3."),
        ("list.xlsx", b"PK\3\4 not a book", "Файл оқылмады"),
        ("list.xlsx", bomb.getvalue(), "Файл тым үлкен"),
        ("list.xlsx", lied.getvalue(), "формула бар: файлды Excel-де ашып, қайта сақтаңыз. Жолдар: 3."),
        ("list.txt", b"x" * 2_000_001, "Файл тым үлкен"),
        ("list.txt", "Абай 1\nМир\0 2".encode(), "көрінбейтін таңба бар"),
        ("list.txt", b"", "бірде-бір жол жоқ"),
        ("list.txt", b"\n".join([b"x 1"] * 2_001), "load_addresses"),
        ("list.txt", b"x" * 3_001, "тым ұзын"),
        ("list.txt", b"\n".join([b"x " + b"1," * 1_400] * 40), "load_addresses"),
        ("list.csv", "бсн,көше,үйлер\n990540099922,Абай,1".encode(), "мектеп көрсетілмеген немесе танылмады"),
    ]
    for name, data, told in cases:
        with subtests.test(name=name, told=told), undone():
            file = SimpleUploadedFile(name, data)
            answer = officer.post(at("school", school.pk), {"way": "file", "file": file})
            if told:
                assert told in text(answer, 400)
            else:
                assert "1–9" in text(officer.get(answer.headers["Location"]))
    assert not ListDraft.objects.exists()


@pytest.mark.rule("D64")
def test_somebody_elses_list_meanwhile_is_shown_and_undone_by_nobody(
    officer: Client, browser: Browser, school: School
) -> None:
    draft = begin(officer, school, "Абай көшесі 1-9")
    seen_at = mark(text(officer.get(draft)))
    ops = browser("840214399807", role=Role.OPS)
    save(ops, begin(ops, school, "Мир көшесі 1-9"), reason="№16 бұйрық")
    form = {"save": "1", "reason": "№15 бұйрық", "meant": "on"}

    page = text(officer.post(draft, form | {"seen": seen_at}), 409)

    assert "Сіз қарап отырғанда тізім өзгерді." in page and "№16 бұйрық" in page and "Портал қызметі" in page
    assert holds("Мир көшесі", "5") == [school]
    assert officer.post(draft, form | {"seen": mark(page)}).status_code == 302
    assert holds("Абай көшесі", "5") == [school] and holds("Мир көшесі", "5") == []


@pytest.mark.rule("R69", "D64")
def test_earlier_version_is_compared_put_back_and_explains_a_day(officer: Client, school: School) -> None:
    for order in ("№15", "№16"):
        save(
            officer, begin(officer, school, f"{'Абай' if order == '№15' else 'Мир'} көшесі 1-9"), reason=order
        )
    first, second = school.address_lists.filter(reason__startswith="№").order_by("pk")
    page = text(officer.get(at("version", first.pk)))
    assert "Тізімнен шығатын мекенжайлар" in page and "Мир көшесі: 1–9 (тақ)" in page
    refused = text(officer.post(at("version", first.pk), {"seen": mark(page)}), 400)
    assert "негізін жазыңыз" in refused and "осылай болуы тиіс екенін белгілеңіз" in refused
    form = {"reason": "№17", "meant": "on"}
    stale = officer.post(at("version", first.pk), form | {"seen": "0" * 16})
    assert "тізім өзгерді" in text(stale, 409) and second.ended is None
    leave(officer, at("version", first.pk), reason="№18 бұйрық")
    assert "№18 бұйрық" in text(officer.get(at("version", first.pk)))

    officer.post(at("version", first.pk), form | {"seen": mark(page)})

    assert holds("Абай көшесі", "5") == [school] and holds("Мир көшесі", "5") == []
    asked = {"way": "why", "place": ESIL, "street": "ул. Абая", "house": "5", "on": ""}
    assert "Абай көшесі 1-9" in text(officer.post(at("school", school.pk), asked)).split("жолдары береді")[1]
    none = officer.post(at("school", school.pk), asked | {"house": "12"})
    assert "бірде-бір жолы бұл мекенжайды бермейді" in text(none)
    early = officer.post(at("school", school.pk), asked | {"on": "2020-01-01"})
    assert "тізімі болған жоқ" in text(early)


@pytest.mark.rule("D64")
def test_putting_back_tells_of_families_and_doubles_and_empties_nothing(
    officer: Client, school: School, other: School, make_application: Callable[..., Application]
) -> None:
    make_application()  # lives at Сәтбаев 1
    other.addresses.create(locality=other.locality, street="Мир көшесі", street_key="street:мир", house_to=9)
    save(officer, begin(officer, school, "Мир көшесі 1-9"))
    save(officer, begin(officer, school, "Сәтбаев көшесі 1-99"))
    version = school.address_lists.get(lines={"1": "Мир көшесі 1-9"})

    page = text(officer.get(at("version", version.pk)))

    assert "таңдаған 1 отбасының мекенжайы жаңа тізімде жоқ" in page
    assert "Басқа мектептің де тізімінде бар үйлер" in page and "№64 мектеп" in page
    AddressList.objects.filter(pk=version.pk).update(rows=[])
    assert 'name="reason"' not in text(officer.get(at("version", version.pk)))
    told = officer.post(at("version", version.pk), {"reason": "№17", "meant": "on"}, follow=True)
    assert "бірде-бір мекенжай жоқ" in text(told) and holds("Сәтбаев көшесі", "1") == [school]


@pytest.mark.rule("D64")
def test_what_was_typed_stands_in_its_fields_when_refused_or_signed_out(
    officer: Client, school: School
) -> None:
    draft = begin(officer, school, "Абай көшесі 1-9\nрядом с мечетью")
    typed = {"line-1": "Абай көшесі 7", "line-2": "x" * 3_001, "more": "Мир көшесі 3", "reason": "№15 бұйрық"}

    page = text(officer.post(draft, typed | {"read": "1"}), 400)

    assert "тым ұзын" in page and "x" * 3_001 in page
    for value in ("Абай көшесі 7", "Мир көшесі 3", "№15 бұйрық"):
        assert value in page, value
    assert ListDraft.objects.get().lines[0][1] == "Абай көшесі 1-9"
    unseen = {
        "line-1": "Абай\u202e көшесі 7",
        "more": "Мир\u200b көшесі 3",
        "reason": "№15\u2067",
        "read": "1",
    }
    page = text(officer.post(draft, unseen), 400)
    assert "көрінбейтін таңба бар" in page and "Абай көшесі 7</textarea>" in page
    assert "Мир көшесі 3" in page and not any(one in page for one in "\u202e\u200b\u2067")
    assert ListDraft.objects.get().lines[0][1] == "Абай көшесі 1-9"
    leave(officer, draft, line_1="Абай көшесі 77", more="Достық көшесі 3", reason="№16")
    page = text(officer.get(draft))
    assert "Абай көшесі 77</textarea>" in page and "Достық көшесі 3" in page and "№16" in page


@pytest.mark.rule("D64")
def test_older_window_takes_back_nothing_that_another_has_answered(officer: Client, school: School) -> None:
    draft = begin(officer, school, "Абай көшесі 1\nМир көшесі 2\nДостық көшесі 3")
    older = window(text(officer.get(draft)))
    officer.post(draft, older | {"line-1": "Абай көшесі 11", "line-3": "", "more": "Сарыарқа көшесі 4"})
    assert [line[:2] for line in ListDraft.objects.get().lines] == [
        [1, "Абай көшесі 11"], [2, "Мир көшесі 2"], [4, "Сарыарқа көшесі 4"],
    ]  # fmt: skip

    officer.post(draft, older | {"line-2": "Мир көшесі 22"})

    stored = ["Абай көшесі 11", "Мир көшесі 22", "Сарыарқа көшесі 4"]
    assert [line[1] for line in ListDraft.objects.get().lines] == stored
    page = text(officer.post(draft, older | {"line-1": "Абай көшесі 12", "line-3": "Достық 33"}), 409)
    assert "басқа терезеде өзгерді" in page and "жол жойылған" in page and "Достық 33" in page
    assert "Абай көшесі 12</textarea>" in page and "Мир көшесі 22</textarea>" in page
    assert [line[1] for line in ListDraft.objects.get().lines] == stored
    assert officer.post(draft, window(page)).status_code == 302
    assert ListDraft.objects.get().lines[0][1] == "Абай көшесі 12"
    ListDraft.objects.all().delete()
    assert officer.post(draft, older).status_code == 404


@pytest.mark.rule("D64")
def test_text_of_an_older_version_says_that_the_list_has_changed(officer: Client, school: School) -> None:
    save(officer, begin(officer, school, "Абай көшесі 1-9"))
    page = text(officer.get(at("school", school.pk)))
    base = re.search(r'name="base" value="(\d+)"', page)
    assert base and int(base[1]) == school.address_lists.get(ended=None).pk
    form = {"way": "text", "text": "Абай көшесі 1-19", "base": base[1]}
    fresh = officer.post(at("school", school.pk), form).headers["Location"]
    assert "тізім өзгерді" not in text(officer.get(fresh))
    save(officer, begin(officer, school, "Мир көшесі 1-9"), reason="№16 бұйрық")

    page = text(officer.get(officer.post(at("school", school.pk), form).headers["Location"]))

    assert "Сіз қарап отырғанда тізім өзгерді." in page and "№16 бұйрық" in page
    AddressList.objects.filter(ended=None).update(lines={"1": "x" * 150_001})
    assert "түзетуге тым ұзын" in text(officer.get(at("school", school.pk)))
    assert officer.post(at("school", school.pk), form | {"base": "9" * 30}).status_code == 302


@pytest.mark.rule("D64")
def test_one_file_of_several_schools_moves_addresses_and_saves_all_or_none(
    officer: Client, school: School, other: School, make_application: Callable[..., Application]
) -> None:
    make_application()  # lives at Сәтбаев 1
    table = f"бсн,көше,үйлер\n{other.bin},Сәтбаев көшесі,1-98\n{school.bin},Абай көшесі,1-9"
    school.addresses.update(house_to=98)
    other.addresses.create(
        locality=other.locality, street="Абай көшесі", street_key="street:абай", house_to=3
    )
    answer = officer.post(at("many"), {"file": SimpleUploadedFile("all.csv", table.encode())})
    draft = answer.headers["Location"]

    page = text(officer.get(draft))
    assert "→ №64 мектеп" in page
    assert "таңдаған 1 отбасының мекенжайы жаңа тізімде жоқ" in page
    save(officer, draft)
    assert holds("Сәтбаев көшесі", "1") == [other] and holds("Абай көшесі", "5") == [school]

    names = {"name_kk": "Алыс", "name_ru": "Дальняя", "sort_kk": "алыс", "search": " алыс "}
    School.objects.create(bin="990540099942", locality_id="593651100", **names)  # of another region
    far = "бсн,көше,үйлер\n990540099942,Абай,1"
    told = text(officer.post(at("many"), {"file": SimpleUploadedFile("all.csv", far.encode())}), 400)
    assert "танылмады" in told and "Жолдар: 2." in told


@pytest.mark.rule("D64")
def test_house_of_another_school_is_reported_and_may_be_saved(
    officer: Client, school: School, other: School
) -> None:
    draft = begin(officer, other, "Сәтбаев көшесі 5")
    page = text(officer.get(draft))

    assert "Басқа мектептің де тізімінде бар үйлер" in page and "№63" in page
    assert save(officer, draft).status_code == 302 and set(holds("Сәтбаев көшесі", "5")) == {school, other}


@pytest.mark.rule("D64")
def test_draft_waits_for_its_author_alone_and_goes_when_discarded(
    officer: Client, browser: Browser, localities: dict[str, Locality], school: School
) -> None:
    draft = begin(officer, school, "Абай көшесі 1-9")
    officer.post(draft, {"read": "1", "line-1": "Абай көшесі 1-19", "reason": "№15 бұйрық"})
    assert "1–19" in text(officer.get(draft)) and "№15 бұйрық" in text(officer.get(draft))
    assert draft in text(officer.get(at("lists"))) and draft in text(officer.get(at("school", school.pk)))
    colleague = browser("780808399705", role=Role.DEPARTMENT, region=localities["710000000"])
    assert colleague.get(draft).status_code == 404
    emptied = text(officer.post(draft, {"read": "1", "line-1": ""}, follow=True))
    assert "бірде-бір мекенжай оқылмады" in emptied
    button = emptied.index('name="discard"')
    assert emptied.rindex("<details", 0, button) > emptied.rindex("</details>", 0, button)  # asked first

    officer.post(draft, {"discard": "1"})

    assert officer.get(draft).status_code == 404 and not ListDraft.objects.exists()


@pytest.mark.rule("D64")
def test_page_of_a_long_list_asks_few_questions(
    officer: Client, school: School, django_assert_max_num_queries: Any
) -> None:
    typed = "\n".join(f"{number} Март көшесі 1-{number + 2}" for number in range(1, 301))
    draft = begin(officer, school, typed)

    with django_assert_max_num_queries(32):
        page = text(officer.get(draft))

    assert page.count("<textarea") == 51 and "1-бет, барлығы 6" in page
    assert list_drafts.read(ListDraft.objects.get()).rows == 300
