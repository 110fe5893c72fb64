"""The form as the instruction draws it (R41-R48, R55-R60, R65-R89): steps, labels, buttons, two languages."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Child
from applications.filing.tests.wizard_cast import file, jpeg, pdf, step
from applications.models import Application, Route
from applications.tests.cast import complete
from conftest import YEAR
from schools.models import Intake, School
from tests.reading import first_missing, told, unsaid, words

START = "/applications/new/"
STEPS = {
    "kk": [
        "Деректерді толтыру Өтініш беруші мен оқушы", "Мектепті таңдау Шағын аудан бойынша",
        "Құжаттарды жүктеу Баланың құжаттары", "Тексеру және қол қою Өтініш туралы мәліметтер",
    ],
    "ru": [
        "Заполнение данных Заявитель и ученик", "Выбор школы По микроучастку",
        "Загрузка документов Документы ребёнка", "Проверка и подписание Сведения о заявлении",
    ],
}  # fmt: skip


@pytest.fixture(params=["kk", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reader(at_home: Client, language: str) -> Client:
    """The parent, signed in, reading in one language."""
    at_home.cookies["lang"] = language
    return at_home


@pytest.fixture
def two_languages(intake: Intake) -> Intake:
    Intake.objects.create(school=intake.school, year=YEAR, language_id="ru", seats=4, outside_limit=1)
    return intake


def current_step(source: str) -> str:
    return words(source.split('aria-current="step"')[1].split("</li>")[0].split(">", 1)[1])


# --- four steps --------------------------------------------------------------------------------------
@pytest.mark.rule("R41", "R42", "R43", "R44", "R45", "R46", "R64", "R182", "R186", "D26")
def test_four_steps_lead_from_the_child_to_the_signature(
    reader: Client, child: Child, intake: Intake, language: str
) -> None:
    """Every page's button leads to the next; the fourth step is the last and has the signature."""
    papers = {"photo": file("p.jpg", jpeg()), "f065": file("a.pdf", pdf()), "f052_2": file("b.pdf", pdf())}
    answers: list[tuple[str, int, dict[str, Any]]] = [
        ("way", 2, {"route": "LOCAL", "school": intake.school_id, "language": "kk"}),
        ("transport", 2, {}),
        ("documents", 3, papers | {"data_correct": "on", "external_data": "on"}),
        ("review", 4, {}),
    ]
    assert current_step(reader.get(START).content.decode()) == STEPS[language][0]
    address = reader.post(START, {"child": child.pk})["Location"]
    draft = Application.objects.get()

    for page, number, posted in answers:
        assert address == step(draft, page)
        source = reader.get(address, {"nowait": "1"}).content.decode()
        assert source.count('<li class="steps__item') == 4
        assert current_step(source) == STEPS[language][number - 1]
        address = reader.post(address, posted).headers.get("Location", "")

    assert f'action="/sign/{draft.public_id}/APPLICATION/"' in source
    assert told(language, "Өтінімге қол қою") in words(source)


@pytest.mark.rule("R46", "D28")
@pytest.mark.parametrize(
    ("route", "subtitle"), [(Route.LOCAL, "Шағын аудан бойынша"), (Route.OUTSIDE, "Шағын ауданнан тыс")]
)
def test_subtitle_of_the_second_step_follows_the_way(
    reader: Client, make_application, route: str, subtitle: str, language: str
) -> None:
    draft = make_application(route=route, intake=None, step2_at=None)

    source = reader.get(step(draft, "way")).content.decode()

    assert current_step(source) == told(language, "Мектепті таңдау", subtitle)


@pytest.mark.rule("R47")
@pytest.mark.parametrize("page", ["child", "way", "school", "transport", "documents"])
def test_each_page_leads_back_and_on(reader: Client, make_application, page: str, language: str) -> None:
    draft = make_application(route=Route.OUTSIDE if page == "school" else Route.LOCAL)
    if page == "school":  # one's own is not taken from outside
        draft.chosen_intake.school.addresses.all().delete()

    source = reader.get(step(draft, page), {"nowait": "1"}).content.decode()

    back = {"kk": "Артқа", "ru": "Назад"}[language]
    onward = {"kk": "Келесі қадамға өту →", "ru": "Перейти к следующему шагу →"}[language]
    assert words(source.split('class="back"')[1].split("</a>")[0].split(">", 1)[1]) == back
    assert onward in words(source)


# --- labels ------------------------------------------------------------------------------------------
@pytest.mark.rule("R55", "R60")
def test_first_step_has_the_labels(reader: Client, make_application, child: Child, language: str) -> None:
    draft = make_application(step1_at=None)

    assert told(language, "Баланы қосу") in words(reader.get(START))
    assert told(language, "Ерекше білім беру қажеттіліктері бар бала") in words(
        reader.get(step(draft, "child"))
    )


WAY = {
    "R65": ("Қабылдау тәсілі",),
    "R69": (
        "Шағын аудан — мектептің қызмет көрсету аумағы. Оған тіркелген мекенжайы бойынша осы мектепке "
        "қарасты тұрғындардың мекенжайлары кіреді.",
    ),
    "R70": ("Шағын аудан шекараларын жергілікті Білім басқармасы белгілейді.",),
    "R71": ("Балаңызға шағын ауданыңыздан тыс орналасқан мектепті таңдай аласыз.",),
    "R72": ("Мектепті шағын аудан бойынша таңдау қажет пе?",),
}  # fmt: skip
ANSWERS = {
    "kk": ["Иә — шағын аудан бойынша", "Жоқ — шағын ауданнан тыс"],
    "ru": ["Да — по микроучастку", "Нет — вне микроучастка"],
}
RATIO = {
    "kk": "Шағын аудан бойынша әр 3 орынға — шағын ауданнан тыс 1 орын келеді.",
    "ru": "На каждое место вне микроучастка приходится мест по микроучастку: 3.",
}


@pytest.mark.rule("R65", "R69", "R70", "R71", "R72", "R199", "R200", "D27")
def test_way_is_asked_in_the_instructions_words(reader: Client, make_application, language: str) -> None:
    page = words(reader.get(step(make_application(), "way")))

    assert unsaid(page, language, WAY) == []
    assert RATIO[language] in page
    assert first_missing(page, ANSWERS[language]) == ""  # as the help names the two ways


STARRED = {
    "kk": {
        "start": ["Өтінім қай бала үшін беріледі? *"],
        "way": [
            "Мектепті шағын аудан бойынша таңдау қажет пе? *", "Мектепті таңдаңыз: *",
            "Оқу тілін таңдаңыз: *", "Оқу түрі: *", "Оқу жылы: *", "Сынып: *",
        ],
        "transport": ["Облыс / Қала: *", "Аудан: *", "Мекенжай: *"],
        "documents": [
            "Баланың фотосуреті *", "№ 065/у нысаны бойынша файл *", "«052-2/у» нысаны бойынша файл *",
            "ПМПК анықтамасының қолданылу мерзімі *", "ПМПК анықтамасының файлы *",
            "Енгізілген деректердің дұрыстығын растаймын. *",
            "Сыртқы ақпараттық жүйелерден дербес деректерді алуға келісім беремін. *",
        ],
    },
    "ru": {
        "start": ["Для какого ребёнка подаётся заявление? *"],
        "way": [
            "Выбрать школу по микроучастку? *", "Выберите школу: *", "Выберите язык обучения: *",
            "Форма обучения: *", "Учебный год: *", "Класс: *",
        ],
        "transport": ["Область / Город: *", "Район: *", "Адрес: *"],
        "documents": [
            "Фотография ребёнка *", "Файл формы № 065/у *", "Файл формы 052-2/у *",
            "Срок действия заключения ПМПК *", "Файл заключения ПМПК *",
            "Подтверждаю достоверность введённых данных. *",
            "Даю согласие на получение персональных данных из внешних информационных систем. *",
        ],
    },
}  # fmt: skip


@pytest.mark.rule("R48")
@pytest.mark.parametrize("page", ["start", "way", "transport", "documents"])
def test_what_must_be_filled_in_bears_a_star_and_nothing_else_does(
    reader: Client, make_application, language: str, page: str
) -> None:
    typed = {"same": False, "kato": "711210000", "line": "Сәтбаев 1"}
    draft = make_application(special_needs=True, transport=True, transport_address=typed)

    source = words(reader.get(START if page == "start" else step(draft, page), {"nowait": "1"}))

    assert first_missing(source, STARRED[language][page]) == ""
    assert source.count(" *") == len(STARRED[language][page])


@pytest.mark.rule("R48", "R50", "R85", "R89")
def test_what_is_there_or_may_be_left_out_bears_no_star(
    reader: Client, make_application, now: Any, language: str
) -> None:
    draft = complete(make_application(), now=now)

    pages = [words(reader.get(step(draft, page))) for page in ("child", "documents")]

    assert [page.count(" *") for page in pages] == [0, 2]  # the two ticks are left


@pytest.mark.rule("R68")
def test_address_of_no_school_gets_the_message(
    reader: Client, make_application, school: School, language: str
) -> None:
    school.addresses.all().delete()
    message = (
        "Сіздің тіркеу мекенжайыңыз ешқандай білім беру ұйымына тіркелмеген. Мекенжайыңызды шағын аудан "
        "бойынша мектепке қосу үшін мектеп әкімшілігіне жүгінуіңіз қажет немесе шағын ауданнан тыс өтінім "
        "беруіңізге болады"
    )

    assert told(language, message) in words(reader.get(step(make_application(route="", intake=None), "way")))


LOCAL = {
    "kk": [
        "Мектепті таңдаңыз: *", "Оқу тілін таңдаңыз: *", "Қазақ", "Орыс",
        "Оқу түрі: * Күндізгі Оқу жылы: * 2026-2027 Сынып: * 1",
    ],
    "ru": [
        "Выберите школу: *", "Выберите язык обучения: *", "Казахский", "Русский",
        "Форма обучения: * Очная Учебный год: * 2026-2027 Класс: * 1",
    ],
}  # fmt: skip


@pytest.mark.rule("R48", "R67", "R73", "R74")
def test_school_page_has_the_labels_and_fills_in_the_rest(
    reader: Client, make_application, two_languages: Intake, language: str
) -> None:
    page = words(reader.get(step(make_application(intake=None), "way")))

    assert first_missing(page, LOCAL[language]) == ""


OUTSIDE = {
    "kk": [
        "Аудан: Облыс / Қала: *", "Солтүстік Қазақстан облысы", "Аудан / Қ.Ә.: *", "Мағжан Жұмабаев ауданы",
        "Ауылдық округ / Әкімшілік: *", "Қарақоға а.о.", "Ауыл: *", "Қарақоға а.",
        "Мектеп: Мектепті таңдау: *", "«Қарақоға орта мектебі» КММ",
    ],
    "ru": [
        "Район: Область / Город: *", "Северо-Казахстанская область", "Район / Г.А.: *",
        "Район Магжана Жумабаева", "Сельский округ / Администрация: *", "Каракогинский с.о.", "Село: *",
        "с.Каракога", "Школа: Выбор школы: *", "КГУ «Каракогинская средняя школа»",
    ],
}  # fmt: skip


@pytest.mark.rule("R48", "R76")
def test_cascade_has_the_labels_down_to_the_school(
    reader: Client, make_application, intake: Intake, other_school: School, language: str
) -> None:
    draft = make_application(route=Route.OUTSIDE, intake=None, step2_at=None)

    page = words(reader.get(step(draft, "school"), {"region": "590000000"}))

    assert first_missing(page, OUTSIDE[language]) == ""


TRANSPORT = {
    "kk": [
        "Тегін тасымалдау қызметі қажет", "Тұрғылықты жерінің мекенжайы:", "Басқа мекенжайды таңдау",
        "Облыс / Қала:", "Аудан:", "Мекенжай:",
    ],
    "ru": [
        "Нужен бесплатный подвоз", "Адрес места жительства:", "Выбрать другой адрес", "Область / Город:",
        "Район:", "Адрес:",
    ],
}  # fmt: skip


@pytest.mark.rule("R7", "R78", "R79", "R83", "R210", "R211", "D30")
def test_transport_page_has_the_labels(reader: Client, make_application, language: str) -> None:
    draft = make_application(
        transport=True, transport_address={"same": False, "kato": "711210000", "line": "Сәтбаев 1"}
    )

    page = words(reader.get(step(draft, "transport")))

    assert first_missing(page, TRANSPORT[language]) == ""
    assert {
        "kk": "«Тасымалдау қызметі» – 1-сыныпқа қабылдауға өтінім беру кезінде ұсынылатын қосымша қызмет.",
        "ru": "дополнительная услуга",
    }[language] in page


@pytest.mark.rule("R16", "R18", "R89", "R198")
def test_papers_page_names_the_formats_and_the_button(
    reader: Client, make_application, now: Any, language: str
) -> None:
    page = words(reader.get(step(complete(make_application(), now=now), "documents")))

    assert (
        told(
            language,
            "Рұқсат етілген форматтар: PDF, JPG немесе JPEG. Әр файлдың көлемі 5 МБ-тан аспауы тиіс.",
        )
        in page
    )
    for paper in ("№ 065/у нысанды профилактикалық екпелердің картасы", "3×4 см өлшеміндегі екі фотосурет"):
        assert f"{told(language, 'Басқа файлды жүктеу')}: {told(language, paper)}" in page
