"""Why a signature was not taken and what to do next, in the person's language: one advice for each code."""

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.eligibility import Code
from applications.hands import Bar
from applications.models import Purpose, SigningRequest, SigningState
from applications.obstacles import HEADINGS as OBSTACLES
from applications.signing.reasons import Outcome, Reason
from applications.stops import Stop
from egov.eds import Refusal

Sentence = str | Promise


@dataclass(frozen=True)
class Advice:
    reason: Sentence
    remedy: Sentence
    retry: bool = True  # signing the same document again may help


_SIGN_AGAIN = _("Қайта қол қойып көріңіз.")
_LATER = _("Бірнеше минуттан кейін қайталап көріңіз. Деректеріңіз сақталған.")
_OTHER_KEY = _("Өз атыңызға берілген, мерзімі өтпеген қол қою кілтін таңдаңыз.")
_NEW_KEY = _("Жаңа кілтті ҚР Ұлттық куәландырушы орталығынан (pki.gov.kz) немесе eGov Mobile арқылы алыңыз.")

_LOOK = _("Өтінімді ашып, барысын қараңыз.")
_OTHER_SCHOOL = _("Порталда басқа мектепті таңдаңыз.")


def _obstacle(code: Code, remedy: Sentence) -> Advice:
    """The reason as the page of the obstacle says it."""
    return Advice(OBSTACLES[code], remedy)


_BROKEN = Advice(_("Қолтаңба бүлінген немесе толық емес келді."), _SIGN_AGAIN)
_SIGNERS = Advice(_("Құжатқа бір адам ғана қол қоюы керек."), _("Тек өз кілтіңізбен қайта қол қойыңыз."))
_UNSURE = Advice(
    _("Сертификаттың жарамдылығын тексеру мүмкін болмады: тексеру қызметінің жауабы сенімсіз."), _LATER
)

ADVICE: dict[str, Advice] = {
    Refusal.MALFORMED: _BROKEN,
    Refusal.BAD_SIGNATURE: _BROKEN,
    Refusal.ATTACHED: Advice(
        _("Құжат қолтаңбаның ішінде келді, ал портал құжаттан бөлек қолтаңбаны ғана қабылдайды."),
        _("Осы беттегі батырма арқылы қайта қол қойыңыз."),
    ),
    Refusal.NO_SIGNER: Advice(_("Қолтаңбада қол қойған адамның сертификаты жоқ."), _SIGN_AGAIN),
    Refusal.MANY_SIGNERS: _SIGNERS,
    Refusal.OTHER_DATA: Advice(
        _("Қолтаңба басқа құжатқа қойылған."), _("Осы беттегі құжатқа қайта қол қойыңыз.")
    ),
    Refusal.WEAK_ALGORITHM: Advice(_("Кілттің алгоритмі ескірген, ондай қолтаңба қабылданбайды."), _NEW_KEY),
    Refusal.GOST_OFF: Advice(
        _("Бұл кілттің алгоритмі (ГОСТ) порталда қазір қабылданбайды."),
        _("RSA алгоритміндегі қол қою кілтін таңдаңыз: ондай кілтті pki.gov.kz сайтынан алуға болады."),
    ),
    Refusal.UNKNOWN_CA: Advice(
        _("Кілтті ҚР Ұлттық куәландырушы орталығы бермеген."), _("ҚР ҰКО берген кілтті таңдаңыз.")
    ),
    Refusal.EXPIRED: Advice(_("Кілттің мерзімі өткен немесе әлі басталмаған."), _NEW_KEY),
    Refusal.REVOKED: Advice(_("Кілттің сертификатының күші жойылған."), _NEW_KEY),
    Refusal.NOT_SIGNING_KEY: Advice(
        _("Бұл — қол қою кілті емес, аутентификация кілті."), _("Қол қоюға арналған кілтті таңдаңыз.")
    ),
    Refusal.NO_IIN: Advice(_("Сертификатта ЖСН жоқ, сондықтан қол қойған адам анықталмады."), _OTHER_KEY),
    Refusal.BAD_NAME: Advice(
        _("Сертификаттағы атау тым ұзын немесе онда оқылмайтын таңбалар бар."), _OTHER_KEY
    ),
    Refusal.OCSP_STALE: Advice(_("Сертификатты тексеру қызметі ескірген жауап берді."), _LATER),
    Refusal.OCSP_FOREIGN: _UNSURE,
    Refusal.OCSP_NONCE: _UNSURE,
    Refusal.CRL_STALE: _UNSURE,
    Refusal.CRL_FOREIGN: _UNSURE,
    Refusal.NO_PROOF: _UNSURE,
    Refusal.STAMP_WRONG: Advice(
        _("Қолтаңбаның уақыт белгісі бүлінген немесе басқа қолтаңбадан алынған."), _SIGN_AGAIN
    ),
    Refusal.STAMP_TIME: Advice(_("Қолтаңбаның уақыт белгісі қазіргі уақытқа сәйкес келмейді."), _SIGN_AGAIN),
    Refusal.OCSP_UNKNOWN: Advice(
        _("Куәландырушы орталық бұл сертификаттың күшінде екенін растамады."), _LATER
    ),
    Refusal.OTHER_PERSON: Advice(
        _("Кілт басқа адамға тиесілі: порталға кірген адамның өзі қол қоюы керек."), _OTHER_KEY
    ),
    Refusal.ORGANISATION_KEY: Advice(
        _("Бұл — ұйымның кілті. Ата-ана өтінімге жеке тұлғаның кілтімен қол қояды."), _OTHER_KEY
    ),
    Refusal.OTHER_ORGANISATION: Advice(
        _("Шешімге мектептің кілтімен қол қойылады, ал бұл — жеке тұлғаның немесе басқа ұйымның кілті."),
        _("Мектептің БСН-і жазылған бірінші басшының кілтін таңдаңыз."),
    ),
    Refusal.NO_AUTHORITY: Advice(
        _("Шешімге мектептің бірінші басшысы немесе қол қою құқығы бар адам ғана қол қоя алады."),
        _("Бірінші басшының немесе қол қою құқығы бар адамның кілтін таңдаңыз."),
    ),
    Refusal.NO_POST: Advice(
        _("Сіз енді бұл мектептің директоры емессіз, сондықтан шешімге қол қоя алмайсыз."),
        _("Бұл қате болса, білім басқармасына хабарласыңыз."),
        retry=False,
    ),
    Refusal.CHANGED: Advice(
        _("Құжат дайындалғаннан кейін деректер өзгерді, сондықтан бұл қолтаңба жарамсыз."),
        _("Жаңартылған құжатты қарап шығып, қайта қол қойыңыз."),
    ),
    Refusal.TOO_LATE: Advice(_("Қол қою уақыты аяқталды."), _SIGN_AGAIN),
    Outcome.UNDRAWN: Advice(
        _("Портал бұл құжатты дайындай алмады."),
        _("Өтінімді ашып, шешіміне жеке қол қойып көріңіз."),
    ),
    Outcome.CANCELLED: Advice(_("Сіз телефонда қол қоюдан бас тарттыңыз."), _SIGN_AGAIN),
    Outcome.MISSING: Advice(_("Бұл құжаттың қолтаңбасы келмеді."), _SIGN_AGAIN),
    Outcome.RENEWED: Advice(
        _("Бұл сұраудың орнына жаңасы ашылған."),
        _("Порталдағы жаңа QR-кодты сканерлеңіз немесе қайта қол қойыңыз."),
    ),
    Outcome.UNAVAILABLE: Advice(_("Сертификатты тексеретін мемлекеттік жүйе жауап бермейді."), _LATER),
    Outcome.BUSY: Advice(
        _("Дәл қазір осы мектепке берілетін өтінімдерге қол қойып жатқандар көп."), _SIGN_AGAIN
    ),
    Outcome.SIGNED: Advice(_("Бұл құжатқа қол қойылған."), _("Нәтижесін порталдан қараңыз."), retry=False),
    Outcome.FILED: Advice(_("Бұл өтінім мектепке жіберілген."), _LOOK, retry=False),
    Outcome.WITHDRAWN: Advice(_("Өтінім кері қайтарып алынған."), _LOOK, retry=False),
    Outcome.DECIDED: Advice(_("Бұл өтінім бойынша шешімге қол қойылған."), _LOOK, retry=False),
    Outcome.RETURNED: Advice(_("Шешім орындаушыға қайтарылған."), _LOOK, retry=False),
    Outcome.REPLACED: Advice(_("Бұл өтінім бойынша басқа шешім дайындалған."), _LOOK, retry=False),
    Outcome.WITHDRAWAL_OVER: Advice(_("Өтінімді кері қайтарып алу мерзімі аяқталды."), _LOOK, retry=False),
    Outcome.NOT_ALLOWED: Advice(
        _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."), _LOOK, retry=False
    ),
    Bar.OWN_CHILD: Advice(
        _(
            "Бұл — өз балаңыздың немесе қамқорлығыңыздағы баланың өтінімі: мектеп атынан ол бойынша "
            "әрекет етпейсіз."
        ),
        _(
            "Өтінімді басқа қызметкер қарайды, шешімге директордың міндетін атқарушы қол қояды. Ондай адам "
            "болмаса, оны білім басқармасы тағайындайды."
        ),
        retry=False,
    ),
    Bar.ALONE: Advice(
        _(
            "Бұл қағаз өтінімді өзіңіз тіркедіңіз, сондықтан шешімін жалғыз өзіңіз дайындап, "
            "қол қоя алмайсыз."
        ),
        _(
            "Шешімді мектептің басқа қызметкері дайындасын немесе оған директордың міндетін "
            "атқарушы қол қойсын."
        ),
        retry=False,
    ),
    Stop.SEASON_OVER: Advice(
        _("Биылғы қабылдау аяқталған, сондықтан шешім порталда түзетілмейді."),
        _("Ата-анамен және білім басқармасымен хабарласыңыз."),
        retry=False,
    ),
    Stop.CORRECTION_LATE: Advice(
        _("Бұл шешімді түзету мерзімі өтті: ата-ана оған сенім артып отыр."),
        _(
            "Порталда енді тек бас тарту шешімін қабылдау шешіміне өзгертуге болады. Ата-анамен және білім "
            "басқармасымен хабарласыңыз."
        ),
        retry=False,
    ),
    Stop.FILED_AGAIN: Advice(
        _("Бұл балаға кейін басқа өтінім берілген, ол қаралуда немесе қабылданған."),
        _("Ата-ана ол өтінімді кері қайтарып алса, шешімді түзетуге болады."),
        retry=False,
    ),
    Stop.ENROLLED_SINCE: Advice(
        _("Мемлекеттік тізілім бойынша бала басқа мектепте оқиды."),
        _("Мәлімет қате болса, ата-ана сол мектепке хабарлассын, содан кейін қайта түзетіңіз."),
        retry=False,
    ),
    Stop.SCHOOL_GONE: Advice(
        _("Мектеп 1-сыныпқа қабылдауды тоқтатқан, сондықтан бала енді оған қабылданбайды."),
        _("Ата-анаға басқа мектепті таңдауға кеңес беріңіз."),
        retry=False,
    ),
    Stop.SEAT_GONE: Advice(
        _("Шағын ауданнан тыс балаларға бос орын қалмады."),
        _("Жазғаныңыз сақталды: орын босағанда түзетуге қайта қол қойыңыз."),
        retry=False,
    ),
    Stop.DOCUMENT_AWAITED: Advice(
        _("Ата-анадан құжат сұралған, оны қосу мерзімі әлі біткен жоқ."),
        _("Құжатты күтіңіз: ол келгенше бас тартылмайды, ал қабылдауға болады."),
        retry=False,
    ),
    Stop.DOCUMENT_CAME: Advice(
        _("Бас тарту дайындалғаннан кейін ата-ана сұралған құжатты қосты."),
        _("Жаңа құжатты қарап, шешімді қайта жазыңыз."),
        retry=False,
    ),
    Stop.SUPPLEMENT_LATE: Advice(
        _("Құжатты қосу мерзімі өтті."),
        _("Мектеп бар құжаттар бойынша шешім қабылдайды. Сұрағыңыз болса, мектепке хабарласыңыз."),
        retry=False,
    ),
    Stop.CONCLUSION_ENDED: Advice(
        _("ПМПК анықтамасының қолданылу мерзімі өтіп кеткен."),
        _("Порталда жаңа анықтаманы жүктеп, оның мерзімін көрсетіңіз."),
        retry=False,
    ),
    Code.ACTIVE: _obstacle(
        Code.ACTIVE,
        _("Бір балаға бір уақытта тек бір ғана өтінім беріледі. Толығырақ порталдан қараңыз."),
    ),
    Code.ENROLLED: _obstacle(
        Code.ENROLLED, _("Бұл мәлімет қате болса, порталда көрсетілген мектепке хабарласыңыз.")
    ),
    Code.AGE: _obstacle(Code.AGE, _("Қашан өтінім беруге болатынын порталдан қараңыз.")),
    Code.NAMELESS: _obstacle(
        Code.NAMELESS,
        _(
            "Деректі eGov порталында немесе халыққа қызмет көрсету орталығында түзетіп, "
            "порталға қайта кіріңіз."
        ),
    ),
    Code.PROTECTED: _obstacle(Code.PROTECTED, _("Сұрағыңыз болса, аймақтық білім басқармасына жүгініңіз.")),
    Code.NOT_THEIRS: _obstacle(
        Code.NOT_THEIRS,
        _("Бұл қате болса, мәліметті eGov порталында немесе халыққа қызмет көрсету орталығында түзетіңіз."),
    ),
    Code.FACTS_CHANGED: _obstacle(
        Code.FACTS_CHANGED, _("Порталда жаңа деректерді қарап шығып, қайта қол қойыңыз.")
    ),
    Code.PERSONS_SILENT: _obstacle(Code.PERSONS_SILENT, _LATER),
    Code.REGISTER_SILENT: _obstacle(Code.REGISTER_SILENT, _LATER),
    Code.ADDRESS_SILENT: _obstacle(Code.ADDRESS_SILENT, _LATER),
    Code.CONSENT: _obstacle(
        Code.CONSENT,
        _("Порталда келісімді қайта сұратып, SMS-ке 511 мәтінімен жауап беріңіз де, қайта қол қойыңыз."),
    ),
    Code.NOT_ANNOUNCED: _obstacle(Code.NOT_ANNOUNCED, _("Мерзім жарияланғанда қол қоя аласыз.")),
    Code.NOT_OPEN: _obstacle(
        Code.NOT_OPEN, _("Қабылдау басталғанда қол қойыңыз: уақыты порталда көрсетілген.")
    ),
    Code.CLOSED: _obstacle(
        Code.CLOSED,
        _("Бала биыл мектепке баруы керек болса, мектептің өзіне немесе білім басқармасына хабарласыңыз."),
    ),
    Code.SCHOOL_STOPPED: _obstacle(Code.SCHOOL_STOPPED, _OTHER_SCHOOL),
    Code.NO_LANGUAGE: _obstacle(
        Code.NO_LANGUAGE, _("Таңдалған мектеп бұл оқу жылында осы тілде 1-сыныпқа қабылдамайды.")
    ),
    Code.NOT_LOCAL: _obstacle(Code.NOT_LOCAL, _("Порталда қабылдау тәсілін қайта таңдаңыз.")),
    Code.OUTSIDE_FULL: _obstacle(Code.OUTSIDE_FULL, _OTHER_SCHOOL),
    Code.SCHOOL_FULL: _obstacle(Code.SCHOOL_FULL, _OTHER_SCHOOL),
    Code.DOCUMENTS: _obstacle(Code.DOCUMENTS, _("Порталда жетіспейтін құжаттарды жүктеңіз.")),
    Code.PMPC_EXPIRED: _obstacle(
        Code.PMPC_EXPIRED, _("Порталда жаңа анықтаманы жүктеп, оның мерзімін көрсетіңіз.")
    ),
    Code.TICKS: _obstacle(Code.TICKS, _("Порталда деректерді растап, екі белгіні қойыңыз.")),
}

_NOT_TAKEN = Advice(_("Қолтаңба қабылданбады."), _SIGN_AGAIN)

HEADINGS: dict[str, Sentence] = {
    Purpose.APPLICATION: _("Өтінімге қол қою"),
    Purpose.WITHDRAWAL: _("Өтінімді кері қайтарып алуға қол қою"),
    Purpose.DECISION: _("Шешімге қол қою"),
    Purpose.SUPPLEMENT: _("Қосымша құжатқа қол қою"),
}
HEADING_OF_MANY = _("Шешімдерге қол қою")


def advice(code: str) -> Advice:
    return ADVICE.get(code, _NOT_TAKEN)


def in_full(code: str) -> str:
    """The reason and the way on, for a message above a page."""
    return f"{advice(code).reason} {advice(code).remedy}"


def advice_on(
    signing_request: SigningRequest, *, is_open: bool = False, past: Reason | None = None
) -> Advice | None:
    """Why this document is not signed; None when it is, or when its signature may still come. Of one that
    was overtaken (`past`) there is nothing to sign again, whatever was wrong with its signature."""
    if signing_request.state == SigningState.DONE:
        return None
    unanswered = signing_request.state == SigningState.OPEN and not signing_request.error
    if past is None:
        return None if is_open and unanswered else advice(signing_request.error or Refusal.TOO_LATE)
    if unanswered:
        return advice(past)
    return replace(advice(past), reason=advice(signing_request.error or Refusal.TOO_LATE).reason)
