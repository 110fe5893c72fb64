"""What the portal writes to people: the cabinet's notice and the SMS of each cause (R97, R103, R109, R116).

A text is kept as its template and its facts and is worded when it is read, in the reader's language;
only an SMS is worded when it is written. An SMS fits one part of 70 Kazakh letters and names neither
the child nor a reason (R103).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SMS_LENGTH = 70  # one part when a letter is outside the Latin alphabet

# Grounds of a refusal (D16) in notices from before a decision told its own.
GROUNDS: dict[str, str | Promise] = {
    "INCOMPLETE": _("Құжаттар толық емес"),
    "UNTRUE": _("Мәліметтер дұрыс емес"),
    "NO_SEATS": _("Бос орын жоқ"),
    "AGE": _("Баланың жасы сәйкес келмейді"),
    "ENROLLED": _("Бала мектепке қабылданған"),
    "OTHER": _("Басқа себеп"),
}

RESULTS: dict[str, str | Promise] = {"ACCEPT": _("Қабылдау"), "REFUSE": _("Бас тарту")}
# Of a digest: the short words of its SMS, and the notice's.
FIGURES: dict[str, tuple[str | Promise, str | Promise]] = {
    "waiting": (_("күтеді"), _("Жауап күтеді")),
    "today": (_("бүгін"), _("Мерзімі бүгін бітеді")),
    "overdue": (_("кешіккен"), _("Мерзімі өткен")),
    "unreached": (_("SMS жетпеген"), _("SMS жетпеген, қоңырау шалу керек")),
    "contested": (_("даулы"), _("Ата-ана даулайды")),
}


@dataclass(frozen=True)
class Template:
    title: str | Promise
    body: str | Promise
    sms: str | Promise = ""
    urgent: bool = False  # somebody is waiting for the reader to act
    calls: bool = False  # the reader has to act, and no list of their work shows it
    answers: bool = False  # what the reader has done a moment ago: sent by night, too


TEMPLATES: dict[str, Template] = {
    # to the applicant, at every change of the status
    "in_review": Template(
        _("№%(number)s өтінім — «Тексеруде»"),
        _(
            "Өтінімге қол қойылды және таңдалған білім беру ұйымына қарауға жіберілді. "
            "Мектеп: %(school)s. Жауап беру мерзімі: %(due)s."
        ),
        _("OQU: №%(number)s өтінім — «Тексеруде». Мерзімі жеке кабинетте."),
        answers=True,
    ),
    # D57: to whoever has chosen a school that stops
    "school_stops_draft": Template(
        _("Таңдаған мектебіңіз өтінім қабылдауды тоқтатады"),
        _(
            "Мектеп: %(school)s. Ол %(day)s бастап 1-сыныпқа өтінім қабылдамайды. Өтініміңіздің жобасы мен "
            "құжаттары сақталды: мектепті қайта таңдап, жалғастырыңыз."
        ),
        _("OQU: мектебіңіз қабылдауды тоқтатады. Толығы жеке кабинетте."),
        urgent=True,
    ),
    "school_merges_draft": Template(
        _("Таңдаған мектебіңіз өтінім қабылдауды тоқтатады"),
        _(
            "Мектеп: %(school)s. Ол %(day)s бастап 1-сыныпқа өтінім қабылдамайды, шағын ауданы мына мектепке "
            "беріледі: %(successor)s. Өтініміңіздің жобасы мен құжаттары сақталды: мектепті қайта таңдап, "
            "жалғастырыңыз."
        ),
        _("OQU: мектебіңіз қабылдауды тоқтатады. Толығы жеке кабинетте."),
        urgent=True,
    ),
    "school_stops": Template(
        _("№%(number)s өтінім берілген мектеп қабылдауды тоқтатады"),
        _(
            "Мектеп: %(school)s. Ол %(day)s бастап жаңа өтінім қабылдамайды. Сіздің өтініміңіз күшінде, "
            "жауапты осы мектеп береді. Баланың қай мектепте оқитынын білім басқармасынан сұраңыз."
        ),
        _("OQU: мектебіңіз қабылдауды тоқтатады. Толығы жеке кабинетте."),
    ),
    "school_merges": Template(
        _("№%(number)s өтінім берілген мектеп басқа мектепке қосылады"),
        _(
            "Мектеп: %(school)s. Ол %(day)s бастап жаңа өтінім қабылдамайды және мына мектепке қосылады: "
            "%(successor)s. Сіздің өтініміңіз күшінде: оған осы мектеп жауап береді, ештеңе істеудің қажеті "
            "жоқ."
        ),
        _("OQU: мектебіңіз басқа мектепке қосылады. Толығы жеке кабинетте."),
    ),
    "school_goes_on": Template(
        _("Мектебіңіз өтінім қабылдай береді"),
        _("Мектеп: %(school)s. Оның қабылдауды тоқтататыны туралы бұрынғы хабар күшін жойды."),
    ),
    "registered": Template(
        _("№%(number)s өтінім — «Тексеруде»"),
        _(
            "Қағаз түрінде берген өтініміңізді мектеп тіркеп, қарауға қабылдады. "
            "Мектеп: %(school)s. Жауап беру мерзімі: %(due)s. Мұндай өтінім бермесеңіз, өтінімнің бетінде "
            "айтыңыз."
        ),
        _("OQU: мектеп атыңыздан №%(number)s қағаз өтінім тіркеді."),
        calls=True,
    ),
    "signing": Template(
        _("№%(number)s өтінім — «Қол қоюда»"),
        _("Мектеп өтінімді қарап шықты, енді директордың қолтаңбасы күтілуде. Мектеп: %(school)s."),
        _("OQU: №%(number)s өтінім — «Қол қоюда»."),
    ),
    "back_in_review": Template(
        _("№%(number)s өтінім қайтадан «Тексеруде»"),
        _("Мектеп өтінімді тағы да қарап жатыр. Мектеп: %(school)s. Жауап беру мерзімі: %(due)s."),
        _("OQU: №%(number)s өтінім қайтадан «Тексеруде»."),
    ),
    "accepted": Template(
        _("№%(number)s өтінім — «Қабылданды»"),
        _(
            "Директор қабылдау туралы шешімге қол қойды. Мектеп: %(school)s. "
            "Әрі қарай орындалатын әрекеттерді нақтылау үшін мектеппен байланысыңыз."
        ),
        _("OQU: №%(number)s өтінім — «Қабылданды». Хабарлама жеке кабинетте."),
        calls=True,
    ),
    "refused": Template(
        _("№%(number)s өтінім — «Бас тартылды»"),
        _(
            "Мектеп қабылдаудан бас тартты. Мектеп: %(school)s. "
            "Өтінімді сол мектепке немесе басқа мектепке қайта беруге болады. Мектептің шешімін негізсіз деп "
            "санасаңыз, мектепке немесе аймақтық білім басқармасына жүгініңіз."
        ),
        _("OQU: №%(number)s өтінім — «Бас тартылды». Себебі жеке кабинетте."),
        calls=True,
    ),
    "corrected_accepted": Template(
        _("№%(number)s өтінім: мектеп шешімін түзетті, енді — «Қабылданды»"),
        _(
            "Бұрынғы шешімге қателесіп қол қойылған, ол күшін жойды. Жаңа хабарлама өтінімнің бетінде. "
            "Мектеп: %(school)s. Әрі қарай орындалатын әрекеттерді нақтылау үшін мектеппен байланысыңыз."
        ),
        _("OQU: №%(number)s шешімі түзетілді: «Қабылданды». Кабинетті қараңыз."),
    ),
    "corrected_refused": Template(
        _("№%(number)s өтінім: мектеп шешімін түзетті, енді — «Бас тартылды»"),
        _(
            "Бұрынғы шешімге қателесіп қол қойылған, ол күшін жойды. Жаңа хабарлама өтінімнің бетінде. "
            "Мектеп: %(school)s. Мектептің шешімін негізсіз деп санасаңыз, мектепке немесе аймақтық білім "
            "басқармасына жүгініңіз: бұрынғы шешім де сақталады. Өтінімді сол мектепке немесе басқа мектепке "
            "қайта беруге болады."
        ),
        _("OQU: №%(number)s шешімі түзетілді: «Бас тартылды». Себебі кабинетте."),
        urgent=True,
    ),
    "document_asked": Template(
        _("№%(number)s өтінім: мектеп құжатты толықтыруды сұрайды"),
        _(
            "Мына құжатты жаңадан жүктеп, қол қойыңыз: %(document)s. Соңғы мерзімі: %(until)s. "
            "Қоспасаңыз, мектеп бар құжаттар бойынша шешеді. Мектеп: %(school)s."
        ),
        _("OQU: №%(number)s өтінім: мектеп құжат сұрайды. Кабинетті қараңыз."),
        urgent=True,
    ),
    "document_added": Template(
        _("№%(number)s өтінім: құжат қосылды"),
        _("Құжат мектепке жіберілді: %(document)s. Мектеп: %(school)s. Жауап беру мерзімі: %(due)s."),
    ),
    "withdrawn": Template(
        _("№%(number)s өтінім — «Кері қайтарып алынды»"),
        _("Өтінім кері қайтарып алынды. Жаңа өтінім беру қажет. Резервтегі орын сақталмайды."),
        _("OQU: №%(number)s өтінім — «Кері қайтарып алынды»."),
        answers=True,
    ),
    "number_gone": Template(
        _("Телефон нөміріңіз базадан алынып тасталған"),
        _(
            "eGov дерегі бойынша Мобильді азаматтар базасында сіздің нөміріңіз жоқ. Бұрынғы нөмірге SMS енді "
            "жіберілмейді: өтінім туралы барлық хабарлама осы бөлімге келеді. Нөміріңізді eGov порталында, "
            "eGov Mobile қосымшасында немесе ХҚКО-да тіркеп, порталға қайта кіріңіз."
        ),
        urgent=True,
        calls=True,
    ),
    # to the school, in the cabinet only: each application by its number
    "new_application": Template(
        _("Жаңа өтінім: №%(number)s"),
        _("Мектепке 1-сыныпқа қабылдау туралы жаңа өтінім түсті. Жауап беру мерзімі: %(due)s."),
        urgent=True,
    ),
    "decision_prepared": Template(
        _("№%(number)s өтінім бойынша шешім қол қоюды күтуде"),
        _("Орындаушы шешім дайындады, директордың қолтаңбасы қажет. Жауап беру мерзімі: %(due)s."),
        urgent=True,
    ),
    "decision_returned": Template(
        _("№%(number)s өтінім бойынша шешім қайтарылды"),
        _("Директор шешімге қол қоймай, өтінімді қайта қарауға қайтарды. Жауап беру мерзімі: %(due)s."),
        urgent=True,
    ),
    "withdrawn_school": Template(
        _("№%(number)s өтінім кері қайтарып алынды"),
        _("Ата-ана өтінімін кері қайтарып алды. Ол бойынша ештеңе істеу қажет емес, орын босады."),
    ),
    "not_represented": Template(
        _("№%(number)s өтінім: өтініш беруші енді баланың заңды өкілі емес"),
        _(
            "Мемлекеттік тізілім бойынша өтініш беруші енді баланың ата-анасы не заңды өкілі емес. "
            "Өтінім баланың атында қалады. Баланың басқа заңды өкілімен байланысыңыз."
        ),
    ),
    "overdue": Template(
        _("№%(number)s өтінімді қарау мерзімі өтті"),
        _("Өтінімге 1 жұмыс күні ішінде жауап берілуі тиіс еді. Жауап беру мерзімі: %(due)s."),
        urgent=True,
    ),
    # of the work as a whole (D58), with numbers
    "digest": Template(
        _("Таңғы есеп"),
        _("Мектеп: %(school)s. Сандар осы хабарлама жазылған сәтті көрсетеді."),
        _("OQU: %(figures)s"),
    ),
    "digest_department": Template(
        _("Өңір бойынша таңғы есеп"),
        _("Өңір: %(school)s. Сандар осы хабарлама жазылған сәтті көрсетеді."),
        _("OQU: %(figures)s"),
    ),
    "reminder": Template(
        _("Мерзімі таяп қалған өтінім: %(count)s"),
        _("Осы өтінімдерге сіз жауап бере аласыз. Ең жақын мерзімі: %(due)s. Мектеп: %(school)s."),
        _("OQU: мерзімі таяп қалған өтінім: %(count)s. Кезекті ашыңыз."),
        urgent=True,
    ),
    # of a school's queue as a whole, once a day: to its director by SMS too, and to the department
    "overdue_today": Template(
        _("Қарау мерзімі өткен өтінімдер бар"),
        _(
            "Мерзімінде жауап берілмеген өтінімдер бар, бұл туралы білім басқармасына хабарланды. "
            "Мектеп: %(school)s."
        ),
        _("OQU: қарау мерзімі өткен өтінімдер бар. Бүгін жауап беріңіз."),
        urgent=True,
    ),
    "overdue_today_alone": Template(  # the region has no officer to tell
        _("Қарау мерзімі өткен өтінімдер бар"),
        _("Мерзімінде жауап берілмеген өтінімдер бар. Мектеп: %(school)s."),
        _("OQU: қарау мерзімі өткен өтінімдер бар. Бүгін жауап беріңіз."),
        urgent=True,
    ),
    "department_reminds": Template(
        _("Білім басқармасы мерзімі өткен өтінімдерді еске салады"),
        _("Мерзімінде жауап берілмеген өтінімдерге бүгін жауап беріңіз. Мектеп: %(school)s."),
        _("OQU: басқарма мерзімі өткен өтінімдерді еске салады. Кезекті ашыңыз."),
        urgent=True,
    ),
    "document_came": Template(
        _("№%(number)s өтінім: сұралған құжат келді"),
        _("Ата-ана құжатты қосып, қол қойды. Жауап беру мерзімі қайта есептеледі: %(due)s."),
        urgent=True,
    ),
    "document_late": Template(
        _("№%(number)s өтінім: сұралған құжат келмеді"),
        _("Ата-ана құжатты мерзімінде қоспады. Бар құжаттар бойынша шешіңіз. Мерзімі: %(due)s."),
        urgent=True,
    ),
    "corrected_school": Template(
        _("№%(number)s өтінім бойынша шешім түзетілді"),
        _("Директор қол қойылған шешімді жаңасымен түзетті. Себебі өтінімнің бетінде жазылған."),
    ),
    "corrected_department": Template(
        _("Мектеп қол қойылған шешімін түзетті"),
        _("Шешім жаңасымен ауыстырылды, ата-анаға хабарланды. Мектеп: %(school)s."),
    ),
    "contested": Template(
        _("№%(number)s өтінім: ата-ана мұндай қағаз өтінім бермегенін айтты"),
        _("Өтінімнің бетіндегі сөзін оқып, қағаз түпнұсқасын тексеріңіз және ата-анамен байланысыңыз."),
        urgent=True,
        calls=True,
    ),
    "contested_department": Template(
        _("Ата-ана мектеп тіркеген қағаз өтінімді даулайды"),
        _("Мектептен қағаз өтінімнің түпнұсқасын тексеруді сұраңыз. Мектеп: %(school)s."),
        urgent=True,
        calls=True,
    ),
    "school_stops_at_work": Template(
        _("Мектеп өтінім қабылдауды тоқтатады"),
        _(
            "Мектеп: %(school)s. Ол %(day)s бастап 1-сыныпқа жаңа өтінім қабылдамайды. Берілген өтінімдерге "
            "осы мектеп жауап береді."
        ),
    ),
    "nobody_signs": Template(
        _("Мектепке директордың міндетін атқарушы қажет"),
        _(
            "Мектепке директордың өз баласы туралы өтінім түсті, оған директор қол қоймайды. Директордың "
            "міндетін атқарушыны тағайындаңыз. Мектеп: %(school)s."
        ),
        urgent=True,
        calls=True,
    ),
    "overdue_department": Template(
        _("Мектеп өтінімді мерзімінде қараған жоқ"),
        _("Мектеп: %(school)s. Мерзімі өткен өтінімдердің саны мен уақыты басқарманың бетінде көрсетілген."),
        urgent=True,
    ),
    # from before one reminder counted them all
    "due_soon": Template(
        _("№%(number)s өтінімге жауап беру мерзімі таяп қалды"),
        _("Мерзімге дейін екі жұмыс сағаты қалды. Жауап беру мерзімі: %(due)s."),
        urgent=True,
    ),
    "due_soon_today": Template(
        _("Жауап беру мерзімі таяп қалған өтінімдер бар"),
        _("Екі жұмыс сағаты ішінде жауап берілуі тиіс өтінімдер бар. Мектеп: %(school)s."),
        _("OQU: жауап беру мерзімі таяп қалды. Өтінімдер кезегін ашыңыз."),
        urgent=True,
    ),
}

CALLING = frozenset(name for name, template in TEMPLATES.items() if template.calls)


@dataclass(frozen=True)
class Wording:
    """A cabinet message, worded for its reader."""

    title: str
    body: str
    facts: tuple[tuple[str, str], ...]  # label and text: the reason in full, the answer on transport
    urgent: bool


def wording(template: str, context: dict[str, Any]) -> Wording:
    """The notice in the active language."""
    texts, values = TEMPLATES[template], _values(context)
    return Wording(
        title=str(texts.title) % values,
        body=str(texts.body) % values,
        facts=tuple(_facts(context)),
        urgent=texts.urgent,
    )


def answers(template: str) -> bool:
    """D58: it confirms what its reader has just signed, so that it may come by night; all else waits."""
    return template in TEMPLATES and TEMPLATES[template].answers


def sms(template: str, context: dict[str, Any], *, lang: str) -> str:
    """The SMS in the recipient's language, one part always; "" when this cause sends none."""
    with translation.override(lang):
        text = str(TEMPLATES[template].sms) % _values(context)
    return text[:SMS_LENGTH]


def _values(context: dict[str, Any]) -> dict[str, str]:
    lang = (translation.get_language() or "kk")[:2]
    return {
        "number": context.get("number", ""),
        "school": context.get(f"school_{lang}") or context.get("school_kk", ""),
        "successor": context.get(f"successor_{lang}") or context.get("successor_kk", ""),
        "day": _day(context.get("day", "")),
        "due": _moment(context.get("due", "")),
        "until": _moment(context.get("until", "")),
        "document": context.get(f"document_{lang}", ""),
        "count": context.get("count", ""),
        "figures": ", ".join(f"{short} {context[name]}" for name, (short, _long) in _figures(context)),
    }


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text)) if text else ""


def _figures(context: dict[str, Any]) -> list[tuple[str, tuple[str | Promise, str | Promise]]]:
    """Those of the digest that are not zero."""
    return [(name, said) for name, said in FIGURES.items() if context.get(name)]


def _moment(text: str) -> str:
    """A stored moment as people write it, in the country's time."""
    if not text:
        return "—"
    return date_format(timezone.localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")


def _facts(context: dict[str, Any]) -> list[tuple[str, str]]:
    """The refusal's ground and reason as the school wrote it (R109, R124), the answer on transport (R125); a
    digest's numbers (D58)."""
    facts = [(str(long), str(context[name])) for name, (_short, long) in _figures(context)]
    if context.get("asked"):
        facts.append((str(_("Мектептің түсіндірмесі")), context["asked"]))
    if context.get("was"):
        facts.append((str(_("Бұрынғы шешім")), str(RESULTS.get(context["was"], ""))))
        facts.append((str(_("Не қате болды")), context.get("mistake", "")))
    lang = (translation.get_language() or "kk")[:2]
    if ground := context.get(f"ground_{lang}") or GROUNDS.get(context.get("reason_code", "")):
        facts.append((str(_("Бас тарту негізі")), str(ground)))
    if context.get("reason"):
        facts.append((str(_("Бас тарту себебі")), context["reason"]))
    if context.get("transport") is not None:
        answer = _("Тасымалдау ұсынылады") if context["transport"] else _("Тасымалдаудан бас тартылды")
        facts.append((str(_("Тасымалдау")), str(answer)))
    if context.get("transport_reason"):
        facts.append((str(_("Тасымалдау бойынша түсініктеме")), context["transport_reason"]))
    return facts
