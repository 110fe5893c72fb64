"""Why a signature was not taken and what to do next, in the person's language: one advice for each code."""

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Purpose, SigningRequest, SigningState
from applications.signing import completion, many
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

_BROKEN = Advice(_("Қолтаңба бүлінген немесе толық емес келді."), _SIGN_AGAIN)
_SIGNERS = Advice(_("Құжатқа бір адам ғана қол қоюы керек."), _("Тек өз кілтіңізбен қайта қол қойыңыз."))
_UNSURE = Advice(
    _("Куәліктің жарамдылығын тексеру мүмкін болмады: тексеру қызметінің жауабы сенімсіз."), _LATER
)

ADVICE: dict[str, Advice] = {
    Refusal.MALFORMED: _BROKEN,
    Refusal.BAD_SIGNATURE: _BROKEN,
    Refusal.ATTACHED: Advice(
        _("Құжат қолтаңбаның ішінде келді, ал портал құжаттан бөлек қолтаңбаны ғана қабылдайды."),
        _("Осы беттегі батырма арқылы қайта қол қойыңыз."),
    ),
    Refusal.NO_SIGNER: Advice(_("Қолтаңбада қол қойған адамның куәлігі жоқ."), _SIGN_AGAIN),
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
    Refusal.REVOKED: Advice(_("Кілттің куәлігі кері қайтарып алынған."), _NEW_KEY),
    Refusal.NOT_SIGNING_KEY: Advice(
        _("Бұл — қол қою кілті емес, аутентификация кілті."), _("Қол қоюға арналған кілтті таңдаңыз.")
    ),
    Refusal.NO_IIN: Advice(_("Куәлікте ЖСН жоқ, сондықтан қол қойған адам анықталмады."), _OTHER_KEY),
    Refusal.BAD_NAME: Advice(_("Куәліктегі атау тым ұзын немесе онда оқылмайтын таңбалар бар."), _OTHER_KEY),
    Refusal.OCSP_STALE: Advice(_("Куәлікті тексеру қызметі ескірген жауап берді."), _LATER),
    Refusal.OCSP_FOREIGN: _UNSURE,
    Refusal.OCSP_NONCE: _UNSURE,
    Refusal.CRL_STALE: _UNSURE,
    Refusal.CRL_FOREIGN: _UNSURE,
    Refusal.NO_PROOF: _UNSURE,
    Refusal.OCSP_UNKNOWN: Advice(_("Куәландырушы орталық бұл куәліктің күшінде екенін растамады."), _LATER),
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
    Refusal.CHANGED: Advice(
        _("Құжат дайындалғаннан кейін деректер өзгерді, сондықтан бұл қолтаңба жарамсыз."),
        _("Жаңартылған құжатты қарап шығып, қайта қол қойыңыз."),
    ),
    Refusal.CLOSED: Advice(_("Қол қою уақыты аяқталды."), _SIGN_AGAIN),
    completion.CANCELLED: Advice(_("Сіз телефонда қол қоюдан бас тарттыңыз."), _SIGN_AGAIN),
    completion.MISSING: Advice(_("Бұл құжаттың қолтаңбасы келмеді."), _SIGN_AGAIN),
    completion.UNAVAILABLE: Advice(_("Куәлікті тексеретін мемлекеттік жүйе жауап бермейді."), _LATER),
    completion.BUSY: Advice(_("Дәл қазір осы мектепке қол қоятындар көп."), _SIGN_AGAIN),
    completion.NOT_ALLOWED: Advice(
        _("Өтінімнің жағдайы өзгерген, сондықтан бұл құжатқа енді қол қойылмайды."),
        _("Өтінімді ашып, тарихын қараңыз."),
        retry=False,
    ),
}

_NOT_TAKEN = Advice(_("Қолтаңба қабылданбады."), _SIGN_AGAIN)

HEADINGS: dict[str, Sentence] = {
    Purpose.APPLICATION: _("Өтінімге қол қою"),
    Purpose.WITHDRAWAL: _("Өтінімді кері қайтарып алуға қол қою"),
    Purpose.DECISION: _("Шешімге қол қою"),
}
HEADING_OF_MANY = _("Шешімдерге қол қою")


def advice(code: str) -> Advice:
    return ADVICE.get(code, _NOT_TAKEN)


def advice_on(
    signing_request: SigningRequest, *, is_open: bool = False, stands: bool = True
) -> Advice | None:
    """Why this document is not signed; None when it is, or when its signature may still come. Where it no
    longer `stands` (the parent withdrew, another signature has decided), there is nothing to sign again."""
    if signing_request.state == SigningState.DONE:
        return None
    unanswered = signing_request.state == SigningState.OPEN and not signing_request.error
    if stands:
        return None if is_open and unanswered else advice(signing_request.error or Refusal.CLOSED)
    past = ADVICE[completion.NOT_ALLOWED]
    if not unanswered:
        return replace(past, reason=advice(signing_request.error or Refusal.CLOSED).reason)
    closed = many.closed_by(signing_request.application)
    return replace(past, reason=closed.label) if closed else past
