"""The systems outside that ops may pause (D77): how each is called, and what goes without it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import outside
from accounts.models import Trouble

FORGOTTEN = timedelta(hours=1)  # a pause that lasts longer is told as a fault


@dataclass(frozen=True)
class System:
    """`also`: what of ours leads to the same system and stops with it."""

    title: str | Promise
    effect: str | Promise
    english: str
    also: tuple[str, ...] = ()


SYSTEMS = {
    "login": System(
        _("eGov арқылы кіру"),
        _("Порталға ешкім кіре алмайды, сіз де. Кіріп тұрғандар жұмысын жалғастыра береді."),
        "nobody can sign in, ops neither; who is in stays in",
    ),
    "person": System(
        _("Жеке тұлғалар тізілімі"),
        _("Адам туралы соңғы жауап қолданылады. Ол ескірсе, ата-ана өтінімге қол қоя алмайды."),
        "the last answer about a person stands in; where it is too old, nothing can be signed",
    ),
    "children": System(
        _("Туу туралы жазбалар тізілімі"),
        _("Жаңа бала қосылмайды. Қосылған балалар туралы соңғы жауап қолданылады."),
        "no child can be added; of those in a profile the last answer stands in",
    ),
    "address": System(
        _("Мекенжай тізілімі"),
        _("Соңғы белгілі мекенжай қолданылады. Ол ескірсе, ата-ана өтінімге қол қоя алмайды."),
        "the last known address stands in; where it is too old, nothing can be signed",
    ),
    "enrolment": System(
        _("Білім беру дерекқоры"),
        _(
            "Баланың басқа мектепте оқитын-оқымайтыны тексерілмейді. Бұрын тексерілмеген баланың өтінімі "
            "берілмейді."
        ),
        "who was not checked before cannot apply",
    ),
    "medical": System(
        _("Медициналық жүйе"),
        _("Медициналық құжаттар өздігінен келмейді, ата-ана оларды файлмен жүктейді."),
        "medical documents are uploaded by hand",
    ),
    "consent": System(
        _("1414 келісім қызметі"),
        _("Жаңа келісім алынбайды: порталға алғаш кірген ата-ана өтінім бастай алмайды."),
        "no new consent: who comes for the first time cannot begin",
    ),
    "notice": System(
        _("eGov хабарламалары"),
        _("eGov-қа хабарлама жіберілмейді, бәрі кезекте күтеді."),
        "notices wait in their queue",
    ),
    "email": System(
        _("Электрондық пошта"), _("Хаттар жіберілмейді, бәрі кезекте күтеді."), "letters wait in their queue"
    ),
    "sms": System(
        _("SMS жіберу қызметі"),
        _("SMS жіберілмейді, бәрі кезекте күтеді. Жеке кабинеттегі хабарлама бірден көрінеді."),
        "SMS wait in their queue; the cabinet tells at once",
        also=("sms-reports",),
    ),
    "ocsp": System(
        _("OCSP: сертификатты тексеру"),
        _("Сертификат күші жойылғандар тізімі бойынша тексеріледі. Тізім жоқ болса, қолтаңба қабылданбайды."),
        "fresh lists of revoked certificates decide; without them no signature is taken",
    ),
    "tsp": System(
        _("Уақыт белгісі қызметі"),
        _("Құжаттар уақыт белгісінсіз дайындалады, белгі кейін қойылады."),
        "papers go without stamps and get them later",
    ),
    "ncanode": System(
        _("NCANode: ГОСТ қолтаңбасын тексеру"),
        _("ГОСТ кілтімен қойылған қолтаңба тексерілмейді: адам оны кейін қайта жібереді."),
        "signatures with a GOST key stay open and are sent again later",
    ),
}


def in_words(found: Trouble, *, now: datetime) -> str:
    """With what goes without it."""
    return f"{outside.in_words(found, now=now)}; {SYSTEMS[found.system].english}"


def standing(*, now: datetime) -> list[Trouble]:
    """One of each system: what stops with it is not told twice."""
    return [found for found in outside.paused(now=now) if found.system in SYSTEMS]


def is_forgotten(found: Trouble, *, now: datetime) -> bool:
    return now - found.since > FORGOTTEN
