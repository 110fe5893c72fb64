"""The kinds of what the doctor may find (D61): words for the console and for the page, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    english: str
    said: str | Promise
    mend: str  # a command, in any language
    page: str = ""  # the address of the page that mends it, and what is asked of it
    query: str = ""


class Code(StrEnum):
    COPY = "copy"
    NO_DATABASE = "no-database"
    NOT_MIGRATED = "not-migrated"
    WORKER_SILENT = "worker-silent"
    CHECK_FAILED = "check-failed"
    NO_DATES = "no-dates"
    LAST_YEARS_DATES = "last-years-dates"
    NO_SEATS = "no-seats"
    NO_DIRECTOR = "no-director"
    NO_OFFICER = "no-officer"
    NO_ADDRESSES = "no-addresses"
    NO_PHONE = "no-phone"
    LANGUAGE_LOST = "language-lost"
    NO_LANGUAGES = "no-languages"
    NO_HOLIDAYS = "no-holidays"
    NO_GROUNDS = "no-grounds"
    NO_TEXTS = "no-texts"
    NO_STATIC = "no-static"
    SEAL_ENDS = "seal-ends"
    KEYS = "keys"
    DATA_KEYS = "data-keys"
    DEAD_MESSAGES = "dead-messages"
    UNDELIVERED = "undelivered"
    DEAD_PAPERS = "dead-papers"
    DEAD_ORDERS = "dead-orders"
    STUCK = "stuck"
    CROWD = "crowd"
    NO_ROOM = "no-room"
    ROOM_OFF = "room-off"
    SEATS_DIFFER = "seats-differ"
    CLOCK = "clock"
    DISK = "disk"
    REDIS = "redis"
    POOLER = "pooler"
    STORE = "store"
    BACKUP = "backup"
    DRILL = "drill"
    UNWATCHED = "unwatched"
    FILES = "files"
    STAMPS = "stamps"
    NO_STAMPS = "no-stamps"
    OUTSIDE = "outside"
    PAUSED = "paused"
    AUTHORITIES = "authorities"
    CERTIFICATES = "certificates"


KINDS = {
    Code.COPY: Kind(
        "this is a restored copy: it sends nothing and takes nothing",
        _("Бұл — порталдың көшірмесі: ештеңе жіберілмейді және қабылданбайды"),
        "manage.py promote",
    ),
    Code.NO_DATABASE: Kind(
        "the database does not answer", _("Дерекқор жауап бермейді"), "systemctl status postgresql"
    ),
    Code.NOT_MIGRATED: Kind(
        "the tables are older than the code",
        _("Дерекқор кестелері бағдарлама нұсқасынан ескі"),
        "manage.py prepare",
    ),
    Code.WORKER_SILENT: Kind(
        "queues whose worker, or beat, gives no sign of life",
        _("Фондық жұмыс тоқтап тұр: хабарлама жіберілмейді, құжат дайындалмайды"),
        "systemctl status oqu-worker oqu-worker-papers oqu-worker-slow oqu-beat",
    ),
    Code.CHECK_FAILED: Kind(
        "checks that could not be made", _("Орындалмай қалған тексерулер"), "manage.py doctor"
    ),
    Code.NO_DATES: Kind(
        "regions without filing dates of {year}",
        _("Құжат қабылдау мерзімі жарияланбаған өңірлер"),
        "manage.py load_periods {year} FILE",
    ),
    Code.LAST_YEARS_DATES: Kind(
        "regions with dates of the year before {year} alone",
        _("Тек былтырғы мерзімдері бар өңірлер"),
        "manage.py open_year {year} --confirm-dates --dates-only",
    ),
    Code.NO_SEATS: Kind(
        "schools without seats of {year}",
        _("1-сыныптағы орындары жарияланбаған мектептер"),
        "manage.py load_schools FILE --year {year}",
    ),
    Code.NO_DIRECTOR: Kind(
        "schools without a director: nobody can sign an answer",
        _("Директоры жоқ мектептер: шешімге қол қоятын ешкім жоқ"),
        "manage.py staff add DIRECTOR --bin BIN",
        "schools:staff",
        "?view=without",
    ),
    Code.NO_OFFICER: Kind(
        "schools whose appeals no officer of a department may answer",
        _("Шағымына жауап бере алатын басқарма қызметкері жоқ мектептер"),
        "manage.py staff add DEPARTMENT --region KATO",
        "schools:staff",
    ),
    Code.NO_ADDRESSES: Kind(
        "schools without a list of addresses",
        _("Шағын ауданының мекенжайлары жүктелмеген мектептер"),
        "manage.py load_addresses FILE",
    ),
    Code.NO_PHONE: Kind(
        "schools without a phone", _("Телефоны көрсетілмеген мектептер"), "manage.py load_schools FILE"
    ),
    Code.LANGUAGE_LOST: Kind(
        "schools without seats in a language of the year before {year}",
        _("Былтырғы оқу тілдерінің бірінде биыл орын жарияламаған мектептер"),
        "manage.py load_schools FILE --year {year}",
    ),
    Code.NO_LANGUAGES: Kind(
        "no languages of instruction are loaded",
        _("Оқу тілдері жүктелмеген"),
        "manage.py load_languages",
    ),
    Code.NO_HOLIDAYS: Kind(
        "years whose holidays are not loaded: terms of review will be wrong",
        _("Мереке күндері жүктелмеген жылдар: қарау мерзімі қате есептеледі"),
        "manage.py load_holidays FILE",
    ),
    Code.NO_GROUNDS: Kind(
        "no ground of a refusal is in force",
        _("Бас тартудың бірде-бір негізі күшінде емес"),
        "manage.py load_grounds",
        "review:grounds",
    ),
    Code.NO_TEXTS: Kind(
        "catalogues of texts that are not compiled", _("Жинақталмаған аудармалар"), "manage.py prepare"
    ),
    Code.NO_STATIC: Kind(
        "files of pages that are not collected",
        _("Жинақталмаған бет файлдары: стильдер, суреттер, скриптер"),
        "manage.py prepare",
    ),
    Code.SEAL_ENDS: Kind(
        "the seal's certificate ends",
        _("Мөр сертификатының мерзімі аяқталып келеді"),
        "manage.py keys rotate seal",
    ),
    Code.KEYS: Kind(
        "faults of the seal's and the QR line's keys",
        _("Мөр мен QR кілттеріндегі ақаулар"),
        "manage.py keys check",
    ),
    Code.DATA_KEYS: Kind(
        "faults of the data keys", _("Деректер кілттеріндегі ақаулар"), "manage.py keys check"
    ),
    Code.DEAD_MESSAGES: Kind(
        "messages that were given up",
        _("Барлық әрекеттен кейін де жіберілмеген хабарламалар"),
        "manage.py outbox --retry-dead",
    ),
    Code.UNDELIVERED: Kind(
        "SMS of the last day that did not arrive: too large a share",
        _("Соңғы тәулікте SMS-хабарламалардың тым көбі жетпеді"),
        "manage.py outbox --shares",
    ),
    Code.DEAD_PAPERS: Kind(
        "papers that could not be made",
        _("Дайындалмай қалған, мөр басылатын құжаттар"),
        "manage.py papers --retry-dead",
    ),
    Code.DEAD_ORDERS: Kind(
        "ordered tables and files that could not be made",
        _("Тапсырыс берілген, бірақ дайындалмай қалған кестелер мен файлдар"),
        "journalctl -u oqu-worker",
    ),
    Code.STUCK: Kind(
        "queues in which work is more than five minutes late",
        _("Жұмысы бес минуттан артық кешіккен кезектер"),
        "manage.py health",
    ),
    Code.CROWD: Kind(
        "people wait before the sign-in", _("Кіру алдындағы кезекте тұрғандар"), "manage.py waiting_room"
    ),
    Code.NO_ROOM: Kind(
        "the waiting room keeps nobody: Redis does not answer",
        _("Күту залы жұмыс істемейді: Redis жауап бермейді"),
        "systemctl status redis",
    ),
    Code.ROOM_OFF: Kind(
        "the waiting room is off, and a region opens",
        _("Күту залы қосылмаған, ал өңірдің ашылу күні жарияланған"),
        "manage.py waiting_room auto",
        "ops:room",
    ),
    Code.SEATS_DIFFER: Kind(
        "seat counters that do not match the applications",
        _("Өтінімдермен сәйкес келмейтін орын есептері"),
        "manage.py check_seats",
    ),
    Code.CLOCK: Kind(
        "the clock of this machine is not the database's",
        _("Осы машина мен дерекқордың сағаттары әртүрлі"),
        "timedatectl status",
    ),
    Code.DISK: Kind("disks that fill up", _("Орны таусылып бара жатқан дискілер"), "df -h"),
    Code.REDIS: Kind(
        "Redis does not answer or fills up: no task is ordered of the workers",
        _("Redis жауап бермейді немесе жады таусылып барады: фондық жұмыс тапсырма алмайды"),
        "redis-cli info memory",
    ),
    Code.POOLER: Kind(
        "the settings of the pooler will keep people waiting",
        _("PgBouncer баптаулары адамдарды күттіреді"),
        "edit pgbouncer.ini (docs/deploy.md)",
    ),
    Code.STORE: Kind(
        "the store of files does not answer, refuses us or keeps no versions",
        _("Файлдар қоймасы жауап бермейді, сұрауымызды қабылдамайды немесе нұсқаларды сақтамайды"),
        "manage.py health",
    ),
    Code.DRILL: Kind(
        "no backup was restored and proven lately",
        _("Сақтық көшірме көптен бері қалпына келтіріп тексерілмеген"),
        "manage.py drill",
    ),
    Code.UNWATCHED: Kind(
        "what nobody would notice, for a setting is empty",
        _("Баптауы берілмегендіктен бақылаусыз қалғандар"),
        ".env.example",
    ),
    Code.BACKUP: Kind("the backup", _("Сақтық көшірме уақытында жасалмаған"), "manage.py health"),
    Code.FILES: Kind(
        "uploaded files cannot be looked at",
        _("Жүктелген файлдарды тексеру мүмкін емес"),
        "manage.py health",
    ),
    Code.STAMPS: Kind(
        "papers whose time stamps are missing or end soon",
        _("Уақыт белгісі жоқ немесе ескіріп бара жатқан құжаттар"),
        "manage.py papers --extend",
    ),
    Code.NO_STAMPS: Kind(
        "papers and signatures go without time stamps",
        _("Құжаттар мен қолтаңбаларға уақыт белгісі қойылмайды"),
        "TSP_URL",
    ),
    Code.OUTSIDE: Kind(
        "systems outside that do not answer or refuse us",
        _("Жауап бермей немесе сұрауымызды қабылдамай тұрған сыртқы жүйелер"),
        "manage.py doctor --outside",
    ),
    Code.PAUSED: Kind(
        "systems outside that ops have paused",
        _("Портал қызметі тоқтата тұрған сыртқы жүйелер"),
        "manage.py health",
        "ops:systems",
    ),
    Code.AUTHORITIES: Kind(
        "authorities and lists of revoked certificates that end, are old or missing",
        _("Ескірген куәландырушы орталық сертификаттары мен күші жойылған сертификаттар тізімдері"),
        "manage.py fetch_crls",
    ),
    Code.CERTIFICATES: Kind(
        "certificates of CONNECTIONS that end, are not valid yet or cannot be read",
        _("Сыртқы жүйелермен байланыс сертификаттары ескірген, әлі күшіне енбеген немесе оқылмайды"),
        "CONNECTIONS",
    ),
}
