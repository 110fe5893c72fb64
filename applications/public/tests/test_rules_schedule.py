"""The stages of the intake as the instruction prints them (R22-R28, R190-R194), by the rows of periods."""

from typing import Any

import pytest
from django.test import Client

from schools import classifier, dates
from tests.reading import told, words

pytestmark = pytest.mark.parametrize("language", ["kk", "ru"])

STAGES = {
    "kk": {
        "1-кезең 27 мамыр – 31 тамыз": "Астана қаласы, Абай облысы, Жетісу облысы, Қызылорда облысы, Батыс "
        "Қазақстан облысы",
        "2-кезең 10 маусым – 31 тамыз": "Алматы қаласы, Ақмола облысы, Ақтөбе облысы, Жамбыл облысы, Шығыс "
        "Қазақстан облысы",
        "3-кезең 18 маусым – 31 тамыз": "Алматы облысы, Қостанай облысы, Павлодар облысы, Атырау облысы, "
        "Шымкент қаласы",
        "4-кезең 29 маусым – 31 тамыз": "Түркістан облысы, Маңғыстау облысы, Қарағанды облысы, Солтүстік "
        "Қазақстан облысы, Ұлытау облысы",
    },
    "ru": {
        "Этап 1 27 мая – 31 августа": "город Астана, область Абай, область Жетісу, Кызылординская область, "
        "Западно-Казахстанская область",
        "Этап 2 10 июня – 31 августа": "город Алматы, Акмолинская область, Актюбинская область, Жамбылская "
        "область, Восточно-Казахстанская область",
        "Этап 3 18 июня – 31 августа": "Алматинская область, Костанайская область, Павлодарская область, "
        "Атырауская область, город Шымкент",
        "Этап 4 29 июня – 31 августа": "Туркестанская область, Мангистауская область, Карагандинская "
        "область, Северо-Казахстанская область, область Ұлытау",
    },
}
FROM_TO = {
    "kk": [
        "27 мамырдан 31 тамызға дейін", "10 маусымнан 31 тамызға дейін", "18 маусымнан 31 тамызға дейін",
        "29 маусымнан 31 тамызға дейін",
    ],
    "ru": [
        "с 27 мая до 31 августа", "с 10 июня до 31 августа", "с 18 июня до 31 августа",
        "с 29 июня до 31 августа",
    ],
}  # fmt: skip
LEAD = (
    "Қазақстан Республикасы Жасанды интеллект және цифрлық даму министрлігімен бірлесіп, өтінімдерді өңірлер "
    "бойынша кезең-кезеңімен қабылдау барысы енгізілуде."
)
TITLE = "Өңірлер бойынша бірінші сыныпқа құжаттарды қабылдау кестесі"


@pytest.fixture
def source(client: Client, language: str, db: None, clock: Any) -> Any:
    """Pages of 10 June 2026, with the country's regions and the dates of the instruction."""
    classifier.save(classifier.read(classifier.EXTRACT))
    dates.save_periods(dates.read_periods(dates.OFFICIAL_PERIODS, 2026))
    return lambda address: client.get(address, headers={"accept-language": language}).content.decode()


@pytest.mark.rule("R22", "R23", "R24", "R25", "R26", "R27", "R28")
def test_schedule_is_the_table_of_the_instruction(source: Any, language: str) -> None:
    html = source("/schedule/")
    shown = {}
    for row in html.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]:
        stage, regions, _today = row.split("<td>")
        shown[words(stage)] = [words(region) for region in regions.split("<li>")[1:]]

    assert told(language, LEAD) in words(html)
    assert told(language, TITLE, "Кезең", "Өңірлер") in words(html)
    assert shown == {stage: regions.split(", ") for stage, regions in STAGES[language].items()}


@pytest.mark.rule("R190", "R191", "R192", "R193", "R194")
def test_answer_on_the_period_has_the_dates_of_the_schedule(source: Any, language: str) -> None:
    answer = source("/questions/").split('id="q3"')[1].split("</details>")[0]
    shown = [tuple(words(part) for part in line.split("<br>")) for line in answer.split("<li>")[1:]]

    assert shown == [
        (dated, in_short(regions))
        for dated, regions in zip(FROM_TO[language], STAGES[language].values(), strict=True)
    ]


def in_short(regions: str) -> str:
    """As the classifier writes the names of cities."""
    return regions.replace(" қаласы", " қ.").replace("город ", "г. ")
