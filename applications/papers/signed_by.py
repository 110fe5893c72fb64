"""Who signed, when and with what, as a section of the paper: by a key, or by hand at school."""

from datetime import datetime

from django.utils import timezone, translation

from applications.models import Method, Signature
from applications.papers.sections import Line, Section


def key(signature: Signature, *, issuer: str, with_iin: bool) -> Section:
    """The facts of a signature as the paper states them (R95); no IIN on papers that go to somebody else."""
    if with_iin and signature.signer_iin:
        who = Line("ЖСН", "ИИН", signature.signer_iin, width=3)
    else:
        who = Line("Ұйымның БСН-і", "БИН организации", signature.signer_bin, width=3)
    term = f"{_day(signature.valid_from)} – {_day(signature.valid_to)}"
    with translation.override("kk"):
        way = f"{Method(signature.method).label}\n{signature.algorithm}"
    lines = [
        Line("Кім қол қойды", "Кто подписал", signature.signer_name, width=6),
        who,
        Line("Уақыты", "Время (UTC+5)", _second(signature.signed_at), width=3),
        Line(
            "Сертификат, мерзімі",
            "Сертификат, срок",
            f"{signature.serial}\n{term}",
            width=6,
            plain=True,
        ),
        Line("Берген", "Издатель", issuer or "—", width=3, plain=True),
        Line("Тәсілі, алгоритм", "Способ", way, width=3, plain=True),
    ]
    return Section("Электрондық цифрлық қолтаңба қойылған", "Подписано электронной цифровой подписью", lines)


def hand(*, registered_by: str, at: datetime, scan_sha256: str) -> Section:
    """An in-person application: its parent signed by hand, the school registered it (D15)."""
    kept = "Көшірмесі OQU жүйесінде сақталады / Копия хранится в OQU"
    lines = [
        Line("Тіркеген", "Зарегистрировано", registered_by or "—", width=8),
        Line("Уақыты", "Время (UTC+5)", _second(at), width=4),
        Line(
            "Өтініш беруші қағазға өз қолымен қол қойған",
            "Заявитель подписал бумагу собственноручно",
            f"{kept}, SHA-256: {scan_sha256}" if scan_sha256 else kept,
            plain=True,
        ),
    ]
    return Section("Мектепте қағаз түрінде қабылданған", "Принято в школе на бумаге", lines)


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y}"


def _second(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M:%S}"
