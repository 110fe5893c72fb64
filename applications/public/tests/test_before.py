"""«Алдын ала тексеру»: age, dates, schools and seats before anybody signs in, and nothing kept of it
(R22-R28, R54, R66, R68, R75, R76, D3, D5, D7, D8, D31, D32)."""

import logging
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications.filing.tests.test_school_choice import NO_SCHOOL
from applications.models import Application, Route
from applications.status import Status
from conftest import ALMATY, YEAR
from schools import catalogue
from schools.kazakh import search_text
from schools.models import Intake, Locality, Period, School
from schools.streets import street_key
from tests.reading import first_missing, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE, SCHOOL = "/before/", "/before/school/"
ASTANA, SKO = "710000000", "590000000"
VILLAGE = {"region": SKO, "district": "593600000", "okrug": "593651000", "village": "593651100"}
HOME = {"region": ASTANA, "street": "Сәтбаев көшесі", "house": "21"}


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


def ask(client: Client, question: str, lang: str = "kk", **typed: str) -> Any:
    return client.post(PAGE, {"ask": question} | typed, headers={"accept-language": lang})


def told(answer: Any, question: str) -> str:
    """What the section of one question says."""
    html = answer.content.decode()
    start = html.index(f'id="{question}"')
    return words("<p " + html[start : html.index("</section>", start)])


@pytest.fixture
def gymnasium(school: School) -> School:
    """№64, in the same microdistrict's street, and alone in houses with letters and fractions."""
    found = School.objects.create(
        bin="990540099922", locality=school.locality, sort_kk="64",
        name_kk="«№64 гимназия» КММ", name_ru="КГУ «Гимназия №64»",
        search=search_text("«№64 гимназия» КММ", "КГУ «Гимназия №64»"), phone="+77172000064",
    )  # fmt: skip
    Intake.objects.create(school=found, year=YEAR, language_id="ru", seats=25, outside_limit=6)
    street = {"street": "пр. Туран", "street_key": street_key("пр. Туран"), "locality": school.locality}
    found.addresses.create(house_from=2, house_to=2, suffix="А", **street)
    found.addresses.create(house_from=6, house_to=6, suffix="/1", **street)
    found.addresses.create(house_from=11, house_to=15, parity="ODD", **street)
    return found


# --- the age ------------------------------------------------------------------------------------------
@pytest.mark.rule("R54", "D7")
@pytest.mark.parametrize(
    ("born", "fits"),
    [
        ("31.12.2020", True), ("01.01.2021", False), ("2020-02-29", True), ("15032019", True),
        ("10.06.2012", True), ("10/06/2026", False),
    ],
)  # fmt: skip
def test_age_is_told_by_the_year_of_birth(client: Client, born: str, fits: bool) -> None:
    page = told(ask(client, "age", birth_date=born), "age")

    assert ("Иә, баланың жасы сәйкес келеді" in page) is fits
    assert ("Баланың жасы әзірге сәйкес келмейді" in page) is not fits
    assert "2026-2027 оқу жылына қабылданатын балалардың ең соңғы туған күні 2020 ж. 31 желтоқсан" in page


@pytest.mark.rule("R54")
def test_too_young_child_is_told_the_rule_the_dates_and_the_year(client: Client) -> None:
    page = told(ask(client, "age", birth_date="05.03.2021"), "age")

    assert "2026 жылдың соңына дейін 6 жасқа толуы тиіс" in page
    assert "2021 ж. 5 наурыз" in page
    assert "Бала 1-сыныпқа 2027 жылы қабылдана алады" in page


@pytest.mark.rule("D7")
def test_year_turns_after_the_intake_is_over(client: Client, clock: Any) -> None:
    clock.move_to(datetime(2026, 9, 1, tzinfo=ZoneInfo("Asia/Almaty")))

    page = told(ask(client, "age", birth_date="01.01.2021"), "age")

    assert "Иә, баланың жасы сәйкес келеді" in page
    assert "2027-2028 оқу жылына" in page


IN_AUTUMN = {
    "kk": [
        "бала 6 жасқа толған немесе 2027 жылдың соңына дейін 6 жасқа толуы тиіс.",
        "2027-2028 оқу жылына қабылданатын балалардың ең соңғы туған күні 2021 ж. 31 желтоқсан",
        "Бала 1-сыныпқа 2028 жылы қабылдана алады",
    ],
    "ru": [
        "должно быть 6 лет или должно исполниться 6 лет до конца 2027 года.",
        "Последняя дата рождения для приёма на 2027-2028 учебный год 31 декабря 2021 г.",
        "можно будет принять в 1 класс в 2028 году",
    ],
}


@pytest.mark.rule("R54", "D7")
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_refusal_in_autumn_names_the_year_it_speaks_of(client: Client, clock: Any, language: str) -> None:
    clock.move_to(datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Almaty")))

    page = told(ask(client, "age", lang=language, birth_date="01.01.2022"), "age")

    assert first_missing(page, IN_AUTUMN[language]) == ""
    assert not any(word in page for word in ("ағымдағы жыл", "Биыл", "текущего года", "в этом году"))


@pytest.mark.rule("R54", "R197", "D7")
@pytest.mark.parametrize(("address", "part"), [("/service/", "who"), ("/questions/", "q5")])
def test_help_on_the_age_names_the_year_beside_the_instructions_words(
    client: Client, clock: Any, address: str, part: str
) -> None:
    clock.move_to(datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Almaty")))

    page = words(client.get(address).content.decode().split(f'id="{part}"')[1])

    assert "2027-2028 оқу жылы үшін ол — 2027 жылғы 31 желтоқсан." in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Баланың туған күнін жазыңыз."),
        ("31.02.2020", "Туған күнді КК.АА.ЖЖЖЖ түрінде жазыңыз."),
        ("мамыр", "Туған күнді КК.АА.ЖЖЖЖ түрінде жазыңыз."),
        ("11.06.2026", "Туған күн бүгінгі күннен кеш болмауы тиіс."),
        ("01.01.1991", "Баланың туған жылын тексеріңіз."),
    ],
)
def test_bad_birth_date_gets_its_sentence_and_stays(client: Client, typed: str, sentence: str) -> None:
    answer = ask(client, "age", birth_date=typed)
    html = answer.content.decode()

    assert answer.status_code == 400
    assert told(answer, "age").count(sentence) == 2  # in the summary and at the field
    assert "<title>Қате: Алдын ала тексеру" in " ".join(html.split())
    assert not typed or f'value="{typed}"' in html


# --- the region's dates -------------------------------------------------------------------------------
@pytest.mark.rule("R22", "R28", "D8")
@pytest.mark.parametrize(
    ("moment", "state", "sentence"),
    [
        ("2026-05-26T23:59:59", "Ашылады: 27 мамыр", "басталу уақыты: 2026 ж. 27 мамыр, 00:00"),
        ("2026-05-27T00:00:00", "Ашық", "2026 ж. 27 мамыр күні ашылды, соңғы күні — 2026 ж. 31 тамыз"),
        ("2026-08-31T23:59:59", "Ашық", "сағат 23:59-ға дейін (Астана уақыты)"),
    ],
)
def test_region_opens_and_closes_to_the_second(
    client: Client, school: School, clock: Any, moment: str, state: str, sentence: str
) -> None:
    clock.move_to(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Almaty")))

    page = told(ask(client, "opening", where=ASTANA), "opening")

    assert f"Астана қаласы {state}" in page
    assert sentence in page


@pytest.mark.rule("R28", "D8")
def test_region_that_closed_or_was_not_announced_is_told_apart(client: Client, school: School) -> None:
    Period.objects.filter(region=ASTANA).update(closes="2026-06-09")
    Period.objects.filter(region=SKO).delete()

    closed = told(ask(client, "opening", where=ASTANA), "opening")
    unknown = told(ask(client, "opening", where=SKO), "opening")

    assert "Астана қаласы Аяқталды" in closed
    assert "2026 ж. 9 маусым күні аяқталды" in closed
    assert "Күні әлі жарияланбады" in unknown
    assert "қабылдау мерзімі әлі жарияланған жоқ" in unknown


@pytest.mark.parametrize(
    ("typed", "sentence"), [({}, "Өңірді таңдаңыз."), ({"where": "71"}, "Өңірді тізімнен таңдаңыз.")]
)
def test_region_must_be_one_of_the_list(client: Client, school: School, typed: dict, sentence: str) -> None:
    answer = ask(client, "opening", **typed)

    assert answer.status_code == 400
    assert told(answer, "opening").count(sentence) == 2


# --- the schools of an address ------------------------------------------------------------------------
@pytest.mark.rule("R66", "D3", "D8")
def test_address_shows_its_school_seats_on_both_routes_and_dates(client: Client, intake: Intake) -> None:
    page = told(ask(client, "address", **HOME), "address")

    assert "Астана қаласы, Сәтбаев көшесі, 21" in page
    assert "«№63 жалпы білім беретін мектеп» КММ" in page
    assert "Қазақ Шағын аудан бойынша: 8 бос орын Шағын ауданнан тыс: 2 бос орын" in page
    assert "Бос орындар 2026 ж. 10 маусым, 11:00 жағдайы бойынша көрсетілген." in page
    assert "Астана қаласы Ашық" in page
    assert NO_SCHOOL not in page


@pytest.mark.rule("R66", "R68")
def test_address_of_a_school_without_its_places_yet(client: Client, intake: Intake) -> None:
    Intake.objects.update(year=YEAR - 1)

    page = told(ask(client, "address", **HOME), "address")

    assert NO_SCHOOL not in page
    assert "орындарын әлі жарияламаған" in page
    assert "«№63 жалпы білім беретін мектеп» КММ" in page


@pytest.mark.rule("D3")
def test_seats_are_those_of_the_signed_in_choice(
    client: Client, intake: Intake, make_application: Callable[..., Application]
) -> None:
    make_application(Status.IN_REVIEW, route=Route.OUTSIDE)
    Intake.objects.filter(pk=intake.pk).update(held_local=7)

    page = told(ask(client, "address", **HOME), "address")

    full = "жоспардағы орындар толды, бірақ шағын аудан бойынша өтінім бере аласыз"
    assert f"Қазақ Шағын аудан бойынша: {full} Шағын ауданнан тыс: 0 бос орын" in page


@pytest.mark.rule("R66", "D32")
@pytest.mark.parametrize(
    ("street", "house", "found"),
    [
        ("ул. Сатпаева", "1", ["№63"]), ("сәтбаев", "99", ["№63"]), ("Сәтбаев көшесі", "101", []),
        ("Тұран даңғылы", "2а", ["№64"]), ("Тұран даңғылы", "2", []), ("проспект Туран", "6/1", ["№64"]),
        ("проспект Туран", "6", []), ("Тұран даңғылы", "13", ["№64"]), ("Тұран даңғылы", "12", []),
    ],
)  # fmt: skip
def test_houses_with_letters_and_fractions_find_their_school(
    client: Client, intake: Intake, gymnasium: School, street: str, house: str, found: list[str]
) -> None:
    answer = ask(client, "address", region=ASTANA, street=street, house=house)
    page = told(answer, "address")

    assert answer.status_code == 200
    shown = answer.content.decode().split('id="address"')[1].split("<form")[0]
    assert re.findall(r"<h3>«(№\d+)", shown) == found
    assert (NO_SCHOOL in page) is (found == [])


@pytest.mark.rule("R66", "R68")
def test_address_of_several_schools_shows_each(client: Client, intake: Intake, gymnasium: School) -> None:
    gymnasium.addresses.create(
        locality=gymnasium.locality, street="Сәтбаев", street_key=street_key("Сәтбаев көшесі"), house_to=50
    )

    page = told(ask(client, "address", **HOME), "address")

    assert "Мекенжайға бірнеше мектеп бекітілген" in page
    assert page.index("№63") < page.index("№64")
    assert "Орыс Шағын аудан бойынша: 25 бос орын Шағын ауданнан тыс: 6 бос орын" in page


@pytest.mark.rule("R68")
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_address_of_no_school_gets_the_message_and_both_ways_on(
    client: Client, intake: Intake, lang: str
) -> None:
    answer = ask(client, "address", lang, **HOME | {"street": "Жоқ көшесі"})
    html = answer.content.decode()

    russian = "Ваш адрес регистрации не закреплён ни за одной организацией образования."
    assert (NO_SCHOOL if lang == "kk" else russian) in told(answer, "address")
    assert 'href="tel:+77172000063"' in html  # the administration to turn to
    assert f'<a class="button" href="{SCHOOL}">' in html  # outside the microdistrict


@pytest.mark.rule("D31", "D32")
def test_village_is_reached_level_by_level_without_script(
    client: Client, intake: Intake, other_school: School
) -> None:
    other_school.addresses.create(locality=other_school.locality, street="", street_key="")
    typed = {"street": "Мектеп көшесі", "refresh": "1"}
    names = list(VILLAGE)
    for depth in range(1, len(names)):
        answer = ask(client, "address", **{name: VILLAGE[name] for name in names[:depth]}, **typed)
        html = answer.content.decode()
        assert answer.status_code == 200
        assert f'id="id_{names[depth]}"' in html
        assert 'value="Мектеп көшесі"' in html
        assert "errorlist" not in html

    page = told(ask(client, "address", **VILLAGE), "address")

    assert "«Қарақоға орта мектебі» КММ" in page  # a whole village, without street or house
    assert "Солтүстік Қазақстан облысы Ашылады: 29 маусым" in page


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({}, ["Облысты немесе қаланы таңдаңыз.", "Көшенің немесе ықшам", "Үйдің нөмірін жазыңыз."]),
        ({"region": SKO, "street": "Абай", "house": "1"}, ["Ауданды таңдаңыз."]),
        (VILLAGE | {"okrug": "1", "house": "5"}, ["Ауылдық округті немесе қаланы таңдаңыз.", "Көшенің"]),
        (VILLAGE | {"village": ASTANA}, ["Ауылды таңдаңыз."]),
        (VILLAGE | {"village": "\0"}, ["Ауылды таңдаңыз."]),
        (HOME | {"street": "!!!"}, ["Көшенің немесе ықшам ауданның атауын жазыңыз."]),
        (HOME | {"house": "жоқ"}, ["Үйдің нөмірін жазыңыз."]),
        (HOME | {"street": "а" * 201}, ["Көшенің атауы тым ұзын"]),
        (HOME | {"house": "1" * 21}, ["Үйдің нөмірі тым ұзын"]),
    ],
)
def test_bad_address_gets_a_sentence_for_each_field_and_stays(
    client: Client, intake: Intake, other_school: School, typed: dict, sentences: list[str]
) -> None:
    answer = ask(client, "address", **typed)
    html, page = answer.content.decode(), told(answer, "address")

    assert answer.status_code == 400
    assert [page.count(sentence) for sentence in sentences] == [2] * len(sentences)
    assert html.count('class="errorlist"') == len(sentences)
    assert all(f'value="{typed[name]}"' in html for name in ("street", "house") if name in typed)
    if "region" in typed:
        assert f'<option value="{typed["region"]}" selected' in html


@pytest.mark.rule("D5")
@pytest.mark.parametrize(
    ("setting", "words_of_it"),
    [
        ("applicant", "мектеп өтініш берушінің тізілімдегі"),
        ("child", "мектеп баланың тізілімдегі"),
        ("either", "мектеп өтініш берушінің немесе баланың тізілімдегі"),
    ],
)
def test_page_says_whose_address_counts(
    client: Client, school: School, settings: Any, setting: str, words_of_it: str
) -> None:
    settings.MICRODISTRICT_ADDRESS = setting

    assert words_of_it in told(client.get(PAGE), "address")


# --- another school -----------------------------------------------------------------------------------
@pytest.mark.rule("R75", "R76", "D31", "D8")
def test_cascade_leads_to_a_school_with_its_seats_and_dates(
    client: Client, intake: Intake, other_school: School
) -> None:
    page = words(client.get(SCHOOL, {"region": SKO}))

    assert "Қазақ Шағын аудан бойынша: 4 бос орын Шағын ауданнан тыс: 1 бос орын" in page
    assert "2026 ж. 10 маусым, 11:00 жағдайы бойынша" in page
    assert "Солтүстік Қазақстан облысы Ашылады: 29 маусым" in page
    assert "басталу уақыты: 2026 ж. 29 маусым, 00:00, соңғы күні: 2026 ж. 31 тамыз" in page


@pytest.mark.rule("R76")
@pytest.mark.parametrize("typed", ["64", "гимназия", "ГИМН"])
def test_school_is_found_by_number_or_name(client: Client, gymnasium: School, typed: str) -> None:
    html = client.get(SCHOOL, {"q": typed}).content.decode()

    assert f'href="?school={gymnasium.pk}#answer"' in html
    assert "Орыс Шағын аудан бойынша: 25 бос орын" in words(client.get(SCHOOL, {"school": gymnasium.pk}))


@pytest.mark.rule("R75", "D3")
def test_full_school_names_the_nearest_with_places(client: Client, intake: Intake, gymnasium: School) -> None:
    gymnasium.intakes.update(language_id="kk")
    Intake.objects.filter(pk=intake.pk).update(held_outside=2)

    answer = client.get(SCHOOL, {"school": intake.school_id})

    assert "Қазақ тілі: шағын ауданнан тыс орындар бітті." in words(answer)
    assert f'href="{SCHOOL}?school={gymnasium.pk}"' in answer.content.decode()


@pytest.mark.rule("R75", "R77", "D3")
def test_school_full_in_both_languages_names_the_nearest_of_each(
    client: Client, intake: Intake, gymnasium: School
) -> None:
    Intake.objects.create(school=gymnasium, year=YEAR, language_id="kk", seats=25, outside_limit=6)
    Intake.objects.create(school=intake.school, year=YEAR, language_id="ru", seats=8, outside_limit=2)
    Intake.objects.filter(school=intake.school).update(held_outside=F("outside_limit"))

    page = words(client.get(SCHOOL, {"school": intake.school_id}))

    for language in ("Қазақ", "Орыс"):
        assert f"{language} тілі: шағын ауданнан тыс орындар бітті." in page
        assert f"Есіл ауданы. {language}: шағын ауданнан тыс 6 бос орын" in page


@pytest.mark.parametrize(
    "query",
    [{"school": "999999"}, {"school": "x"}, {"school": "9" * 40}, {"region": "zzz"}, {"q": "'\"%_\\\0"}],
)
def test_nonsense_in_the_address_harms_nothing(client: Client, intake: Intake, query: dict) -> None:
    assert client.get(SCHOOL, query).status_code == 200


# --- nothing is kept ----------------------------------------------------------------------------------
GOOD = [("age", {"birth_date": "05.03.2021"}), ("opening", {"where": ASTANA}), ("address", HOME)]
BAD = [("age", {"birth_date": "05.03.2031"}), ("address", HOME | {"house": "жоқ"})]


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize(("question", "typed"), GOOD + BAD)
def test_answer_leaves_no_row_and_no_cookie_and_is_not_stored(
    client: Client, intake: Intake, question: str, typed: dict
) -> None:
    before = rows()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = ask(client, question, **typed)

    assert rows() == before
    assert [query["sql"] for query in asked if not query["sql"].startswith("SELECT")] == []
    assert "Set-Cookie" not in answer.headers and not client.cookies
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Location" not in answer.headers


@pytest.mark.parametrize("address", [PAGE, SCHOOL, "/", "/service/"])
def test_reading_sets_no_cookie(client: Client, intake: Intake, address: str) -> None:
    answer = client.get(address)

    assert "Set-Cookie" not in answer.headers
    assert "Cache-Control" not in answer.headers  # Back shows the page as it was left


def test_language_is_changed_with_its_own_cookie_alone() -> None:
    visitor = Client(enforce_csrf_checks=True)

    answer = visitor.post("/language/", {"language": "ru", "next": PAGE})

    assert answer["Location"] == PAGE
    assert list(visitor.cookies) == ["lang"]


def test_question_needs_no_token(intake: Intake) -> None:
    assert ask(Client(enforce_csrf_checks=True), "age", birth_date="05.03.2020").status_code == 200


def test_log_knows_nothing_of_what_was_typed(
    client: Client, intake: Intake, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    with caplog.at_level(logging.DEBUG):
        for question, typed in GOOD + BAD:
            ask(client, question, **typed)
        monkeypatch.setattr(catalogue, "schools_for", lambda **_: 1 // 0)
        assert ask(client, "address", **HOME).status_code == 500

    assert "ZeroDivisionError" in caplog.text  # the log was listened to
    for said in ("05.03", "2021-03-05", "Сәтбаев", street_key(HOME["street"]), "жоқ"):
        assert said not in caplog.text


def test_forms_send_their_answers_in_the_body(client: Client, intake: Intake) -> None:
    html = client.get(PAGE).content.decode().split("<main")[1]
    forms = re.findall(r'<form\s+method="(\w+)"\s+action="([^"]+)"', html)

    assert forms == [
        ("post", f"{PAGE}#age"), ("post", f"{PAGE}#opening"), ("post", f"{PAGE}#address"), ("get", SCHOOL),
    ]  # fmt: skip
    assert "csrfmiddlewaretoken" not in html


# --- the page -----------------------------------------------------------------------------------------
def test_page_asks_nothing_before_it_is_asked(client: Client, intake: Intake) -> None:
    html = client.get(PAGE).content.decode()

    assert "errorlist" not in html
    assert "data-oqu-answer" not in html
    assert html.count("<h1") == 1


@pytest.mark.rule("R13", "R15", "R16", "R17", "R18")
def test_page_lists_the_papers_and_leads_to_the_form(client: Client, school: School) -> None:
    page = words(client.get(PAGE))

    for paper in (
        "№ 065/у нысанды",
        "«052-2/у» нысандағы",
        "3×4 см өлшеміндегі екі фотосурет",
        "ПМПК анықтамасы",
    ):
        assert paper in page
    assert 'href="/applications/new/">Онлайн қызметке тапсырыс беру' in client.get(PAGE).content.decode()


@pytest.mark.parametrize("address", ["/", "/service/"])
def test_public_pages_lead_to_it(client: Client, school: School, address: str) -> None:
    assert f'href="{PAGE}"' in client.get(address).content.decode().split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize(("question", "typed"), [("", {}), *GOOD, *BAD])
def test_russian_page_has_no_kazakh_left(
    client: Client, intake: Intake, gymnasium: School, question: str, typed: dict
) -> None:
    Period.objects.filter(region=ASTANA).update(opens="2026-06-20")
    typed = typed | ({"street": "Сатпаева"} if "street" in typed else {})
    typed = typed | ({"house": "нет"} if typed.get("house") == "жоқ" else {})
    russian = {"accept-language": "ru"}
    answer = ask(client, question, "ru", **typed) if question else client.get(PAGE, headers=russian)

    school = client.get(SCHOOL, {"school": intake.school_id}, headers=russian)
    html = (answer.content + school.content).decode().replace(">Қазақша<", "")
    assert set(html) & set("әғқңөұүһі") == set()


@pytest.mark.parametrize(
    ("question", "typed", "most"),
    [("", {}, 3), ("age", GOOD[0][1], 3), ("opening", GOOD[1][1], 3), ("address", HOME, 13)],
)
def test_answer_asks_the_database_little(
    client: Client, intake: Intake, django_assert_max_num_queries: Any, question: str, typed: dict, most: int
) -> None:
    with django_assert_max_num_queries(most):
        answer = ask(client, question, **typed) if question else client.get(PAGE)
    assert answer.status_code == 200


def test_more_schools_cost_no_more_queries(client: Client, intake: Intake, gymnasium: School) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            ask(client, "address", **HOME)
        return len(asked)

    one = count()
    gymnasium.addresses.create(
        locality=gymnasium.locality, street="Сәтбаев", street_key=street_key("Сәтбаев көшесі")
    )
    assert count() == one


def test_answer_is_the_same_for_the_signed_in(client: Client, intake: Intake, parent: User) -> None:
    client.force_login(parent)

    assert "«№63 жалпы білім беретін мектеп» КММ" in told(ask(client, "address", **HOME), "address")
    assert rows()["Application"] == 0


def test_too_many_questions_are_put_off(client: Client, school: School) -> None:
    statuses = [ask(client, "age", birth_date="05.03.2020").status_code for _ in range(122)]

    assert statuses[:120] == [200] * 120
    assert statuses[-1] == 429
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("typed", [{}, {"ask": "iin"}])
def test_unknown_question_is_refused(client: Client, school: School, typed: dict) -> None:
    assert client.post(PAGE, typed).status_code == 400


@pytest.mark.parametrize("what", ["birth_date", "street"])
def test_what_was_typed_is_shown_as_text(client: Client, intake: Intake, what: str) -> None:
    question = "age" if what == "birth_date" else "address"

    html = ask(client, question, **HOME | {what: '"><script>x'}).content.decode()

    assert "<script>x" not in html


@pytest.mark.parametrize("kato", [ASTANA])
def test_place_without_any_region_asks_for_nothing(client: Client, kato: str) -> None:
    """A portal without places yet still has its page."""
    assert not Locality.objects.exists()
    assert client.get(PAGE).status_code == 200
    assert ask(client, "address", region=kato, street="Абай", house="1").status_code in (200, 400)


@pytest.mark.rule("D76")
def test_link_for_the_other_parent_opens_the_answer_and_knows_the_region_alone(
    client: Client, school: School, clock: Any, subtests: Any
) -> None:
    clock.move_to(datetime(2026, 5, 1, 12, tzinfo=ALMATY))
    answer = ask(client, "opening", where=ASTANA)
    (link,) = re.findall(r'id="share" readonly value="([^"]+)"', " ".join(answer.content.decode().split()))

    opened = client.get(link.removeprefix(settings.PUBLIC_URL))

    assert link.endswith(f"{PAGE}?where={ASTANA}#opening")
    assert told(opened, "opening") == told(answer, "opening")
    assert "Ашылғанға дейін не дайындауға болады" in told(opened, "opening")
    for where in ("", "1", "711210000", "999999999", "\x00", "7100000٠0", "<b>"):
        with subtests.test(where):
            plain = client.get(PAGE, {"where": where})
            assert plain.status_code == 200
            assert 'id="share"' not in plain.content.decode()
