"""The Russian of the instruction's labels, statuses and messages, letter by letter: nothing of what is
expected here is taken from the portal's own translation, which other tests go by."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Child
from applications.filing.tests.wizard_cast import Registers, step
from applications.models import Application
from applications.status import Status
from schools.models import School
from tests.reading import words

LABELS = {
    "R3": {"1-сыныпқа құжаттарды қабылдау": "Приём документов в 1 класс"},
    "R13": {"Онлайн қызметке тапсырыс беру": "Заказать услугу онлайн"},
    "R20": {"Мемлекеттік қызметтер каталогы": "Каталог государственных услуг"},
    "R29": {"Кіру": "Войти"},
    "R46": {
        "Деректерді толтыру": "Заполнение данных", "Өтініш беруші мен оқушы": "Заявитель и ученик",
        "Мектепті таңдау": "Выбор школы", "Құжаттарды жүктеу": "Загрузка документов",
        "Баланың құжаттары": "Документы ребёнка", "Тексеру және қол қою": "Проверка и подписание",
        "Өтініш туралы мәліметтер": "Сведения о заявлении",
    },
    "R47": {"Артқа": "Назад"},
    "R55": {"Баланы қосу": "Добавить ребёнка"},
    "R56": {"Мемлекеттік қызметтер": "Государственные услуги"},
    "R58": {"Келесі": "Далее"},
    "R59": {"Қосу": "Добавить"},
    "R60": {
        "Ерекше білім беру қажеттіліктері бар бала": "Ребёнок с особыми образовательными потребностями",
    },
    "R64": {"Келесі қадамға өту": "Перейти к следующему шагу"},
    "R65": {"Шағын аудан бойынша": "По микроучастку", "Шағын ауданнан тыс": "Вне микроучастка"},
    "R72": {"Мектепті шағын аудан бойынша таңдау қажет пе?": "Выбрать школу по микроучастку?"},
    "R73": {"Күндізгі": "Очная"},
    "R83": {
        "Тегін тасымалдау қызметі қажет": "Нужен бесплатный подвоз",
        "Тұрғылықты жерінің мекенжайы:": "Адрес места жительства:",
        "Басқа мекенжайды таңдау": "Выбрать другой адрес",
    },
    "R89": {"Басқа файлды жүктеу": "Загрузить другой файл"},
    "R93": {"Өтінімге қол қою": "Подписать заявление"},
    "R94": {"QR-код": "QR-код", "ҚР ҰКО ЭЦҚ": "ЭЦП НУЦ РК"},
    "R101": {"Өтінімді жүктеу": "Скачать заявление", "Хабарламаны жүктеу": "Скачать уведомление"},
    "R105": {"Менің өтінімдерім": "Мои заявления"},
    "R114": {"Кері қайтарып алу": "Отозвать"},
    "R128": {"Хабарламалар": "Уведомления", "Менің балаларым": "Мои дети"},
}  # fmt: skip


@pytest.mark.rule(
    "R3", "R13", "R20", "R29", "R46", "R47", "R55", "R56", "R58", "R59", "R60", "R64", "R65", "R72", "R73",
    "R83", "R89", "R93", "R94", "R101", "R105", "R114", "R128",
)  # fmt: skip
def test_labels_are_the_instructions_in_russian(request: pytest.FixtureRequest) -> None:
    assert set(LABELS) == set(request.node.get_closest_marker("rule").args)
    labels = {kazakh: russian for rule in LABELS.values() for kazakh, russian in rule.items()}

    with translation.override("ru"):
        said = {kazakh: translation.gettext(kazakh) for kazakh in labels}

    assert said == labels


@pytest.fixture
def russian(at_home: Client) -> Client:
    """The parent, signed in, reading Russian."""
    at_home.cookies["lang"] = "ru"
    return at_home


def page_of(name: str, application: Application) -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


STATUSES = {
    Status.DRAFT: "Черновик",
    Status.IN_REVIEW: "На проверке",
    Status.SIGNING: "На подписании",
    Status.ACCEPTED: "Принято",
    Status.REFUSED: "Отказано",
    Status.WITHDRAWN: "Отозвано",
}


@pytest.mark.rule("R97", "R107", "R108", "R109", "R111", "R113", "D1", "D2")
@pytest.mark.parametrize("status", list(Status))
def test_status_has_its_russian_name(russian: Client, make_application, status: Status) -> None:
    make_application(status)

    tag = russian.get(reverse("cabinet:applications")).content.decode().split('<strong class="tag ')[1]

    assert words("<strong " + tag.split("</strong>")[0]) == STATUSES[status]


@pytest.mark.rule("R52")
def test_open_application_is_refused_in_russian(russian: Client, make_application) -> None:
    make_application(Status.IN_REVIEW)
    draft = make_application(step1_at=None)

    source = russian.post(step(draft, "child"), {}).content.decode()

    assert words(source.split("<h1>")[1].split("</h1>")[0]) == "Есть активное заявление"


@pytest.mark.rule("R53")
def test_enrolled_child_is_refused_in_russian_with_the_school_and_the_class(
    russian: Client, make_application, registers: Registers
) -> None:
    registers.enrolled = {"grade": "1", "letter": "А"}

    page = words(russian.post(step(make_application(step1_at=None), "child"), {}))

    assert "Ребёнок уже зачислен в школу" in page
    assert "Организация образования КГУ «Школа №5»" in page
    assert "Класс 1 «А»" in page


@pytest.mark.rule("R54")
def test_young_child_is_refused_in_russian_with_the_reason(russian: Client, make_application) -> None:
    Child.objects.update(birth_date=date(2021, 1, 1))

    page = words(russian.post(step(make_application(step1_at=None), "child"), {}))

    assert "ребёнку должно быть 6 лет или должно исполниться 6 лет до конца 2026 года." in page
    assert "Дата рождения ребёнка 1 января 2021 г." in page


@pytest.mark.rule("R68")
def test_address_of_no_school_is_told_in_russian(russian: Client, make_application, school: School) -> None:
    school.addresses.all().delete()

    page = words(russian.get(step(make_application(route="", intake=None), "way")))

    assert (
        "Ваш адрес регистрации не закреплён ни за одной организацией образования. Чтобы включить ваш адрес в "
        "микроучасток школы, обратитесь в администрацию школы либо подайте заявление вне микроучастка"
    ) in page


MESSAGES = {
    "R96": (
        Status.IN_REVIEW, "result",
        "Заявление подписано и направлено на рассмотрение в выбранную организацию образования",
    ),
    "R115": (
        Status.IN_REVIEW, "withdraw",
        "После отзыва заявления потребуется заново подать заявление на приём документов в 1 класс",
    ),
    "R116": (
        Status.WITHDRAWN, "application", "Заявление отозвано. Необходимо подать новое заявление",
    ),
}  # fmt: skip


@pytest.mark.rule("R96", "R115", "R116")
@pytest.mark.parametrize(("status", "page", "message"), MESSAGES.values(), ids=list(MESSAGES))
def test_message_is_the_instructions_in_russian(
    russian: Client, make_application, status: Status, page: str, message: str
) -> None:
    assert message in words(russian.get(page_of(page, make_application(status))))
