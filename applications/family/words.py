"""The gathered facts as a person reads them: sections of labelled lines in Kazakh with Russian beside."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from applications.papers.sections import Line, Section

LABELS = {
    "iin": ("ЖСН", "ИИН"),
    "surname": ("Тегі", "Фамилия"),
    "name": ("Аты", "Имя"),
    "patronymic": ("Әкесінің аты", "Отчество"),
    "birth_date": ("Туған күні", "Дата рождения"),
    "registered_address": ("Тіркеу мекенжайы", "Адрес регистрации"),
    "refreshed_at": ("Тізілімнен алынды", "Получено из реестра"),
    "phone": ("Телефон", "Телефон"),
    "phone_known_at": ("Нөмірді eGov растады", "Номер подтверждён eGov"),
    "second_phone": ("Екінші нөмір", "Второй номер"),
    "email": ("Электрондық пошта", "Электронная почта"),
    "lang": ("Тілі", "Язык"),
    "created_at": ("Жасалды", "Создано"),
    "last_login": ("Соңғы кіру", "Последний вход"),
    "sex": ("Жынысы", "Пол"),
    "you_are": ("Сіз балаға кім боласыз", "Кем вы приходитесь"),
    "document": ("Құжат нөмірі", "Номер документа"),
    "added_at": ("Қосылды", "Добавлено"),
    "confirmed_at": ("Тізілім растады", "Подтверждено реестром"),
    "about": ("Кім туралы", "О ком"),
    "state": ("Күйі", "Состояние"),
    "requested_at": ("Сұралды", "Запрошено"),
    "answered_at": ("Жауап берілді", "Дан ответ"),
    "expires_at": ("Мерзімі", "Срок"),
    "revoked_at": ("Қайтарып алынды", "Отозвано"),
    "number": ("Нөмірі", "Номер"),
    "year": ("Оқу жылы", "Учебный год"),
    "filed_at": ("Берілді", "Подано"),
    "left_out": ("Ескертпе", "Примечание"),
    "child": ("Баланың ЖСН-і", "ИИН ребёнка"),
    "status": ("Мәртебесі", "Статус"),
    "channel": ("Тәсілі", "Способ"),
    "route": ("Қабылдау", "Приём"),
    "school": ("Мектеп", "Школа"),
    "language": ("Оқу тілі", "Язык обучения"),
    "received_at": ("Мектеп қабылдады", "Принято школой"),
    "due_at": ("Жауап мерзімі", "Срок ответа"),
    "decided_at": ("Шешім", "Решение"),
    "extra_phone": ("Қосымша телефон", "Дополнительный телефон"),
    "special_needs": ("ЕББҚ", "ООП"),
    "kind": ("Түрі", "Вид"),
    "source": ("Дереккөзі", "Источник"),
    "origin": ("Қайдан келді", "Откуда"),
    "label": ("Файлдың аты", "Имя файла"),
    "size": ("Байт", "Байт"),
    "issued_on": ("Берілген күні", "Дата выдачи"),
    "valid_until": ("Қолданылу мерзімі", "Срок действия"),
    "erased_at": ("Жойылды", "Удалено"),
    "way": ("Қалай", "Как"),
    "title": ("Тақырыбы", "Тема"),
    "body": ("Мәтіні", "Текст"),
    "text": ("SMS", "SMS"),
    "sent_at": ("Жіберілді", "Отправлено"),
    "delivered_at": ("Жетті", "Доставлено"),
    "read_at": ("Оқылды", "Прочитано"),
    "entry": ("Жазба", "Запись"),
    "at": ("Уақыты", "Время"),
    "what": ("Не", "Что"),
    "post": ("Лауазымы", "Должность"),
    "place": ("Орны", "Место"),
    "network": ("Желі", "Сеть"),
    "since": ("Тағайындалды", "Назначено"),
    "until": ("Аяқталды", "Окончено"),
    "role": ("Лауазымы", "Должность"),
    "result": ("Нәтиже", "Результат"),
    "ground": ("Негізі", "Основание"),
    "reason": ("Себебі", "Причина"),
    "signed_at": ("Қол қойылды", "Подписано"),
    "asked_at": ("Мектеп сұрады", "Школа попросила"),
    "wish": ("Не сұралды", "О чём просьба"),
    "words": ("Мәтіні", "Текст"),
    "opinion": ("Мектептің пікірі", "Мнение школы"),
    "opinion_at": ("Пікір жіберілді", "Мнение направлено"),
    "answer_by": ("Жауап мерзімі", "Срок ответа"),
    "outcome": ("Нәтиже", "Результат"),
    "answer": ("Басқарманың жауабы", "Ответ управления"),
    "ended_at": ("Аяқталды", "Завершено"),
    "mistake": ("Не қате болды", "В чём была ошибка"),
    "corrected_at": ("Түзетілді", "Исправлено"),
    "superseded_at": ("Күшін жойды", "Утратило силу"),
    "signer_name": ("Кім қол қойды", "Кто подписал"),
    "purpose": ("Мақсаты", "Назначение"),
    "made_at": ("Жасалды", "Изготовлено"),
}
TITLES = {
    "person": ("Сіз туралы", "О вас"),
    "posts": ("Лауазымыңыз", "Ваша должность"),
    "children": ("Бала", "Ребёнок"),
    "consents": ("Келісім", "Согласие"),
    "applications": ("Өтінім", "Заявление"),
    "decisions": ("Шешім", "Решение"),
    "documents": ("Құжат", "Документ"),
    "supplements": ("Сұралған құжат", "Запрошенный документ"),
    "appeals": ("Шағым", "Жалоба"),
    "signatures": ("Қолтаңба", "Подпись"),
    "papers": ("Мөр басылған құжат", "Документ с печатью"),
    "medical_requests": ("Медициналық құжат сұрауы", "Запрос медицинского документа"),
    "history": ("Мәртебе тарихы", "История статусов"),
    "messages": ("Хабарлама", "Сообщение"),
    "who_looked": ("Кім қарады", "Кто смотрел"),
    "sign_ins": ("Порталға кіру және шығу", "Вход и выход"),
}
LONG = 60  # letters from which a value takes the whole width


def sections(facts: dict[str, Any]) -> list[Section]:
    """Everything that has a label; the whole, word by word, stands in the JSON."""
    return [section for name in TITLES if name in facts for section in _of(name, facts[name])]


def _of(name: str, value: Any) -> Iterator[Section]:
    rows = value if isinstance(value, list) else [value]
    kk, ru = TITLES[name]
    for number, row in enumerate(rows, start=1):
        of_many = f" {number}" if len(rows) > 1 else ""
        yield Section(kk + of_many, ru + of_many, list(_lines(row)))
        for inner, more in row.items():
            if inner in TITLES and isinstance(more, list):
                yield from _of(inner, more)


def _lines(row: dict[str, Any]) -> Iterator[Line]:
    for name, value in row.items():
        if name in LABELS and (said := _said(value)):
            yield Line(
                *LABELS[name], said, width=12 if len(said) > LONG else 6 if len(said) > LONG / 3 else 3
            )


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "иә / да" if value else ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, dict):
        return str(value.get("text_kk") or "")
    return str(value) if value is not None else ""
