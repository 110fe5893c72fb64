"""What stands on a paper, as sections of labelled lines in Kazakh with Russian beside (R92)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.models import Relation, Sex, spaced
from applications.models import Decision, DocumentKind, DocumentSource, RefusalReason, Result, Route


@dataclass(frozen=True)
class Line:
    kk: str  # label
    ru: str
    value: str
    value_ru: str = ""  # when it differs
    width: int = 12  # twelfths of the paper's width
    long: bool = False  # free text, may run over pages
    plain: bool = False  # not in bold

    def __post_init__(self) -> None:
        """A cell keeps its lines apart: a break typed inside a short value would look like another row."""
        if not (self.long or self.plain):
            for name in ("value", "value_ru"):
                object.__setattr__(self, name, unbroken(getattr(self, name)))

    @property
    def label(self) -> str:
        """With the end of its line: one text in two languages is a box less in each of thirty cells."""
        return f"{self.kk} / {self.ru}\n"

    @property
    def russian(self) -> str:
        return self.value_ru if self.value_ru != self.value else ""

    @property
    def beside(self) -> str:
        return f"\n{self.russian}" if self.own_row else f" / {self.russian}"

    @property
    def own_row(self) -> bool:
        """The Russian value stands under a long Kazakh one, beside a short one (lengths in mm)."""
        return 1.95 * len(self.value) + 1.55 * (len(self.russian) + 3) > 14.6 * self.width - 3.6


@dataclass(frozen=True)
class Section:
    kk: str
    ru: str
    lines: list[Line]

    @property
    def rows(self) -> list[list[Line]]:
        rows: list[list[Line]] = [[]]
        for line in self.lines:
            if sum(one.width for one in rows[-1]) + line.width > 12:
                rows.append([])
            rows[-1].append(line)
        return rows


def unbroken(text: str) -> str:
    return " ".join(text.splitlines())


def application(facts: dict[str, Any]) -> list[Section]:
    return [_child(facts), _applicant(facts), _school(facts)]


def parties(facts: dict[str, Any]) -> Section:
    """Who and where, in short: for papers that speak of an application already filed."""
    school = facts["school"]
    lines = [
        Line("Баланың Т.А.Ә.", "Ф.И.О. ребёнка", facts["child"]["name"], width=8),
        Line("Баланың ЖСН-і", "ИИН ребёнка", facts["child"]["iin"], width=4),
        Line("Мектеп", "Школа", school["name_kk"], school["name_ru"]),
        *_studies(facts),
    ]
    return Section("Өтінім", "Заявление", lines)


def withdrawer(person: dict[str, str]) -> Section:
    """Who withdraws in the applicant's place (D36)."""
    relation = _both(Relation(person["relation"]).label)
    lines = [
        Line("Т.А.Ә.", "Ф.И.О.", person["name"], width=6),
        Line("ЖСН", "ИИН", person["iin"], width=3),
        Line("Балаға кім болады", "Кем приходится", *relation, width=3),
    ]
    return Section("Кері қайтарып алушы", "Кто отзывает", lines)


def decision(decision: Decision) -> list[Section]:
    """What it corrects (D54), the refusal's ground and reason (R109, D16), the answer on transport (D17)."""
    sections = [_correction(decision, decision.corrects)] if decision.corrects else []
    if decision.result == Result.REFUSE:
        reason = Line("Себебі", "Причина", decision.reason, long=True)
        sections.append(Section("Бас тарту себебі", "Причина отказа", [*_ground(decision), reason]))
    if decision.transport is not None:
        sections.append(_transport_answer(decision))
    return sections


def _correction(decision: Decision, corrected: Decision) -> Section:
    at = timezone.localtime(corrected.signed_at)
    lines = [
        Line("Түзетілген шешім", "Исправленное решение", *_both(Result(corrected.result).label), width=8),
        Line("Қол қойылған күні", "Подписано", f"{at:%d.%m.%Y %H:%M}", width=4),
        Line("Не қате болды", "В чём была ошибка", decision.mistake, long=True),
    ]
    return Section("Бұрынғы шешім түзетілді", "Прежнее решение исправлено", lines)


def _ground(decision: Decision) -> list[Line]:
    """As worded when the decision was written (D49)."""
    ground = decision.ground
    if ground is None:
        return [Line("Негізі", "Основание", *_both(RefusalReason(decision.reason_code).label))]
    return [
        Line("Негізі", "Основание", ground.name_kk, ground.name_ru),
        Line("Құқықтық негізі", "Правовое основание", ground.law_kk, ground.law_ru),
    ]


def supplement(stated: dict[str, Any]) -> Section:
    """The added document, and to what it is added (D55)."""
    document, application = stated["document"], stated["application_sha256"]
    kind = DocumentKind(document["kind"])
    lines = [
        Line("Құжат", "Документ", *_both(kind.label), width=9),
        Line("Көлемі, байт", "Размер, байт", str(document["size"]), width=3),
        Line("Құжаттың SHA-256", "SHA-256 документа", document["sha256"]),
        Line(
            "Қол қойылған өтінімнің SHA-256",
            "SHA-256 подписанного заявления",
            application or "—",
        ),
        Line("Мектеп сұрады", "Школа попросила", stated["why"], long=True),
    ]
    if document["valid_until"]:
        lines.insert(2, Line("Қолданылу мерзімі", "Срок действия", _day(document["valid_until"])))
    return Section("Қосымша құжат", "Дополнительный документ", lines)


def signed_names(facts: dict[str, Any], *, on: date) -> Section:
    """The names under the signature, on a paper that prints corrected ones."""
    lines = [
        Line("Баланың Т.А.Ә.", "Ф.И.О. ребёнка", facts["child"]["name"], width=6),
        Line("Өтініш берушінің Т.А.Ә.", "Ф.И.О. заявителя", facts["applicant"]["name"], width=6),
        Line("Тізілім бойынша түзетілді", "Исправлено по реестру", f"{on:%d.%m.%Y}"),
    ]
    return Section("Қол қойылған кездегі аты-жөні", "Имена при подписании", lines)


def document(document: dict[str, Any]) -> dict[str, str]:
    """A row of the list of documents; what is Russian in it begins a line of its own."""
    kk, ru = _both(DocumentKind(document["kind"]).label)
    source_kk, source_ru = _both(DocumentSource(document["source"]).label)
    photo = document["kind"] == DocumentKind.PHOTO  # one file stands for both copies (D6)
    return {
        "kk": kk,
        "ru": f"\n{ru}",
        "source_kk": source_kk,
        "source_ru": f"\n{unbroken(document['origin']) or source_ru}",
        "until": _day(document["valid_until"]) if document["valid_until"] else "",
        "copies": ", 2 дана / 2 экз." if photo else "",
        "sha256": document["sha256"][:12] + "…",
    }


def _child(facts: dict[str, Any]) -> Section:
    child = facts["child"]
    needs = _yes_no(child["special_needs"])
    lines = [
        Line("Т.А.Ә.", "Ф.И.О.", child["name"], width=8),
        Line("ЖСН", "ИИН", child["iin"], width=4),
        Line("Туған күні", "Дата рождения", _day(child["birth_date"]), width=3),
        Line("Жынысы", "Пол", *_both(Sex(child["sex"]).label), width=3),
        Line("Ерекше білім беру қажеттіліктері", "ООП", *needs, width=6),
        Line("Тіркеу мекенжайы", "Адрес регистрации", *_child_address(facts)),
    ]
    return Section("Бала", "Ребёнок", lines)


def _child_address(facts: dict[str, Any]) -> tuple[str, str]:
    """Once is enough when the child is registered where the applicant is (D5)."""
    child, applicant = facts["child"], facts["applicant"]
    if child["address_kk"] and child["address_kk"] == applicant["address_kk"]:
        return "Өтініш берушінің мекенжайымен бірдей", "Совпадает с адресом заявителя"
    return child["address_kk"] or "—", child["address_ru"]


def _applicant(facts: dict[str, Any]) -> Section:
    person = facts["applicant"]
    relation = _both(Relation(person["relation"]).label)
    lines = [
        Line("Т.А.Ә.", "Ф.И.О.", person["name"], width=8),
        Line("ЖСН", "ИИН", person["iin"], width=4),
        Line("Балаға кім болады", "Кем приходится", *relation, width=4),
        Line("Байланыс телефоны", "Телефон", phone(person["phone"]), width=4),
        Line("Қосымша телефон", "Доп. телефон", phone(person["extra_phone"]), width=4),
        Line("Тіркеу мекенжайы", "Адрес регистрации", person["address_kk"] or "—", person["address_ru"]),
    ]
    return Section("Өтініш беруші", "Заявитель", lines)


def _school(facts: dict[str, Any]) -> Section:
    school = facts["school"]
    lines = [
        Line("Мектеп", "Школа", school["name_kk"], school["name_ru"]),
        Line("Орналасқан жері", "Местонахождение", school["place_kk"], school["place_ru"], width=9),
        Line("БСН", "БИН", school["bin"], width=3),
        *_studies(facts),
        *_transport(facts),
    ]
    return Section("Таңдалған білім беру ұйымы", "Выбранная организация образования", lines)


def _studies(facts: dict[str, Any]) -> list[Line]:
    """R67, R73: the form of study, the year and the class are the same for everybody."""
    school, year = facts["school"], facts["year"]
    studies = f"Күндізгі / очная, {year}-{year + 1}, 1"
    return [
        Line("Қабылдау тәсілі", "Способ приёма", *_both(Route(facts["route"]).label), width=5),
        Line("Оқу тілі", "Язык обучения", school["language_kk"], school["language_ru"], width=3),
        Line("Оқу түрі, жылы, сынып", "Форма, год, класс", studies, width=4),
    ]


def _transport(facts: dict[str, Any]) -> list[Line]:
    transport = facts["transport"]
    needed = _yes_no(transport["needed"])
    if not transport["needed"]:
        return [Line("Тегін тасымалдау қажет", "Нужен бесплатный подвоз", *needed)]
    address = (transport["address_kk"] or "—", transport["address_ru"])
    return [
        Line("Тегін тасымалдау қажет", "Подвоз", *needed, width=4),
        Line("Тұрғылықты жерінің мекенжайы", "Адрес места жительства", *address, width=8),
    ]


def _transport_answer(decision: Decision) -> Section:
    """R213, D17: told with the decision, and apart from it."""
    answer = ("Ұсынылады", "Предоставляется") if decision.transport else ("Бас тартылды", "Отказано")
    lines = [Line("Тасымалдау бойынша шешім", "Решение по подвозу", *answer)]
    if decision.transport_reason:
        lines.append(Line("Түсініктеме", "Пояснение", decision.transport_reason, long=True))
    return Section("Тасымалдау", "Подвоз", lines)


def _both(label: str | Promise) -> tuple[str, str]:
    """A label in Kazakh and in Russian."""
    with translation.override("kk"):
        kk = str(label)
    with translation.override("ru"):
        return kk, str(label)


def _yes_no(value: bool) -> tuple[str, str]:
    return ("Иә", "Да") if value else ("Жоқ", "Нет")


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"


def phone(phone: str) -> str:
    return spaced(phone) or "—"
