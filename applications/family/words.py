"""The gathered facts as a person reads them: sections of labelled lines in Kazakh with Russian beside."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from accounts.models import spaced
from applications import stored
from applications.family import gathering
from applications.family.in_both import InBoth, both
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
    "decided_at": ("Шешім қабылданды", "Решение принято"),
    "extra_phone": ("Қосымша телефон", "Дополнительный телефон"),
    "applicant_phone": ("Өтінімдегі телефон", "Телефон в заявлении"),
    "special_needs": ("Ерекше білім беру қажеттіліктері", "Особые образовательные потребности"),
    "transport_given": ("Тасымалдау ұсынылды", "Подвоз предоставлен"),
    "transport_reason": ("Тасымалдау туралы түсініктеме", "Пояснение о подвозе"),
    "transport": ("Тасымалдау сұралды", "Запрошен подвоз"),
    "filed_by": ("Кім берді", "Кто подал"),
    "contested_at": ("Даулы деп хабарланды", "Сообщено как спорное"),
    "contest": ("Дауыңыз", "Ваше возражение"),
    "kind": ("Түрі", "Вид"),
    "source": ("Дереккөзі", "Источник"),
    "origin": ("Қайдан келді", "Откуда"),
    "label": ("Файлдың аты", "Имя файла"),
    "size": ("Көлемі", "Размер"),
    "removed_at": ("Алып тасталды не ауыстырылды", "Убран или заменён"),
    "kept_until": ("Осы уақытқа дейін сақталады", "Хранится до"),
    "issued_on": ("Берілген күні", "Дата выдачи"),
    "valid_until": ("Қолданылу мерзімі", "Срок действия"),
    "erased_at": ("Жойылды", "Удалено"),
    "street": ("Көше", "Улица"),
    "house": ("Үй", "Дом"),
    "added_to": ("Қай мектепке қосылды", "К какой школе добавлен"),
    "not_added": ("Неге қосылмады", "Почему не добавлен"),
    "why": ("Себебі", "Причина"),
    "file": ("Файл", "Файл"),
    "why_not": ("Неге салынбады", "Почему не вложен"),
    "way": ("Қалай", "Как"),
    "title": ("Тақырыбы", "Тема"),
    "body": ("Мәтіні", "Текст"),
    "text": ("SMS", "SMS"),
    "sent_at": ("Жіберілді", "Отправлено"),
    "delivered_at": ("Жетті", "Доставлено"),
    "read_at": ("Оқылды", "Прочитано"),
    "entry": ("Жазба нөмірі", "Номер записи"),
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
    "set_aside": ("Алып тасталған файл", "Убранный файл"),
    "supplements": ("Сұралған құжат", "Запрошенный документ"),
    "appeals": ("Шағым", "Жалоба"),
    "signatures": ("Қолтаңба", "Подпись"),
    "papers": ("Мөр басылған құжат", "Документ с печатью"),
    "medical_requests": ("Медициналық құжат сұрауы", "Запрос медицинского документа"),
    "history": ("Мәртебе тарихы", "История статусов"),
    "asked_addresses": ("Мекенжай қосу сұрауы", "Запрос о добавлении адреса"),
    "messages": ("Хабарлама", "Уведомление"),
    "who_looked": ("Кім қарады", "Кто смотрел"),
    "left_out": ("Салынбаған файл", "Невложенный файл"),
    "sign_ins": ("Порталға кіру және шығу", "Вход и выход"),
}
TOO_MUCH = "too large for this file: fetch it in the cabinet"
NO_ROOM_ASIDE = "too large for this file: a draft that is not signed can take it back while it is kept"
WORDS = {  # of what data.json says for machines
    "own": ("өзіңіз", "вы сами"),
    gathering.NOT_THEIRS: (
        "Тізілім бүгін бұл баланы сіздікі деп растамайды: деректері берілмейді.",
        "Реестр сегодня не подтверждает, что это ваш ребёнок: его данные не выданы.",
    ),
    gathering.ANOTHER: ("баланың басқа өкілі", "другой представитель ребёнка"),
    "kk": ("Қазақша", "Казахский"),
    "ru": ("Орысша", "Русский"),
    TOO_MUCH: ("бұл файлға сыймады: кабинеттен жүктеп алыңыз", "не поместился сюда: скачайте в кабинете"),
    NO_ROOM_ASIDE: (
        "бұл файлға сыймады: өтінімге қол қойылмаса, мерзімі біткенше құжаттар бетінде қайтаруға болады",
        "не поместился сюда: пока заявление не подписано, до конца срока его можно вернуть на странице "
        "документов",
    ),
    stored.CHANGED: ("сақтауда бүлінген", "повреждён в хранилище"),
    stored.LOST: ("сақтауда жоқ", "отсутствует в хранилище"),
    "SIGN_IN": ("Кірді", "Вход"),
    "SIGN_OUT": ("Шықты", "Выход"),
}
YES, NO = ("иә", "да"), ("жоқ", "нет")
LONG = 60  # letters from which a value takes the whole width
Said = tuple[str, str]  # in Kazakh and in Russian


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
    for name in [name for name in row if name in LABELS]:
        kk, ru = _said(name, row[name])
        if kk:
            length = max(len(kk), len(kk + ru) * (kk != ru))
            width = 12 if length > LONG else 6 if length > LONG / 3 else 3
            yield Line(*LABELS[name], kk, ru, width=width)


def _said(name: str, value: Any) -> Said:
    """As people say it, never as a machine keeps it."""
    if value is None:
        return "", ""
    if name in FORMS:
        return FORMS[name](value)
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, datetime):
        return _same(f"{timezone.localtime(value):%d.%m.%Y %H:%M}")
    if isinstance(value, date):
        return _same(f"{value:%d.%m.%Y}")
    if isinstance(value, dict):
        return value.get("text_kk") or "", value.get("text_ru") or value.get("text_kk") or ""
    if isinstance(value, InBoth):
        return value, value.ru
    return WORDS.get(value) or _same(str(value))


def _same(said: str) -> Said:
    return said, said


def _size(size: int) -> Said:
    said = both(lambda: filesizeformat(size))
    return said, said.ru


PHONES = ("phone", "second_phone", "extra_phone", "applicant_phone")
FORMS: dict[str, Callable[[Any], Said]] = {
    "year": lambda year: _same(f"{year}–{year + 1}"),
    "size": _size,
    **dict.fromkeys(PHONES, lambda phone: _same(spaced(phone))),
}
