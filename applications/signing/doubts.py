"""Why a phone is not believed to be the person's, and what it is told (D45). Nothing of it ends a request.

What is wrong with its certificate or with the signature is said as of any signature (words.py).
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from applications.signing import words
from applications.signing.words import Advice
from egov.eds import Refusal
from egov.eds.login_proof import Doubt as OfLogin


class Doubt(StrEnum):
    OTHER_PHONE = "OTHER_PHONE"  # another network than that of the phone of before
    NOT_PROVEN = "NOT_PROVEN"  # EGOV_MOBILE_AUTH=Eds: it has not said whose it is
    REPLAYED = "REPLAYED"  # the same login a second time


_SCAN = _("QR-кодты eGov Mobile қосымшасында қайта сканерлеңіз.")
_BROKEN = Advice(_("Телефонның растауы бүлінген немесе толық емес келді."), _SCAN)

ADVICE: dict[str, Advice] = {
    Doubt.NOT_PROVEN: Advice(
        _("Телефон кімдікі екені расталмаған, сондықтан оған құжат берілмейді."),
        _("eGov Mobile қосымшасын жаңартып, оған өз атыңызбен кіріп, QR-кодты қайта сканерлеңіз."),
    ),
    Doubt.REPLAYED: Advice(_("Бұл растау бір рет қолданылған."), _SCAN),
    OfLogin.OTHER_ADDRESS: Advice(_("Растау басқа QR-кодқа немесе басқа сайтқа жасалған."), _SCAN),
    OfLogin.OUT_OF_TIME: Advice(
        _("Растау уақыты сәйкес келмейді."),
        _("Телефондағы күн мен уақытты тексеріп, QR-кодты қайта сканерлеңіз."),
    ),
    OfLogin.NOT_AUTH_KEY: Advice(
        _("Бұл — аутентификация кілті емес: телефон кімдікі екені сол кілтпен ғана расталады."),
        _("eGov Mobile қосымшасында кілттеріңізді жаңартып, QR-кодты қайта сканерлеңіз."),
    ),
    Refusal.MALFORMED: _BROKEN,
    Refusal.BAD_SIGNATURE: _BROKEN,
    Refusal.MANY_SIGNERS: _BROKEN,
    Refusal.NO_SIGNER: _BROKEN,
    Refusal.GOST_OFF: Advice(
        _("Телефондағы кілттің алгоритмі (ГОСТ) порталда қазір қабылданбайды."),
        _("Порталда «ҚР ҰКО ЭЦҚ» тәсілін таңдап, RSA кілтімен қол қойыңыз."),
    ),
    Doubt.OTHER_PHONE: Advice(
        _("Қол қоюдан құжатты бірінші ашқан телефон ғана бас тарта алады."),
        _("Сол телефонды және бұрынғы желіні пайдаланыңыз немесе порталда «Жаңа QR» батырмасын басыңыз."),
    ),
}


def advice(code: str) -> Advice:
    return ADVICE.get(code) or words.advice(code)
