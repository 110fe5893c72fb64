"""Does anybody answer at the addresses outside that the portal was given? One harmless call each, and each is
waited for, so this is for `manage.py doctor --outside` and `setup`: what happens to people is written down
where it happens."""

from dataclasses import dataclass
from time import monotonic

from django.conf import settings

from egov import http
from egov.errors import Misconfigured, Unavailable

ANSWERS = range(100, 500)  # a refusal of so bare a question is an answer too


@dataclass(frozen=True)
class Asked:
    """What became of the call: why there was no answer, or nothing, and how long it took."""

    system: str
    seconds: float
    why: str = ""
    ours: bool = False


def ask() -> list[Asked]:
    """Every system once; one without an address is off. A list of revoked certificates is long: its head."""
    systems = [_ask("GET", system, url) for system, url in _addresses().items() if url]
    return systems + [_ask("HEAD", "crl", url) for url in settings.EDS_CRL_URLS]


def faults() -> dict[str, str]:
    """The systems that do not answer, each with a line."""
    return {asked.system: f"{asked.system}: {asked.why}" for asked in ask() if asked.why}


def _addresses() -> dict[str, str]:
    return {
        "login": settings.EGOV_IDP_URL,
        "person": settings.SMARTBRIDGE_URL,
        "ocsp": settings.OCSP_URL,
        "tsp": settings.TSP_URL,
        "ncanode": settings.NCANODE_URL,
        "sms": settings.MOBIZON_URL if settings.SMS_GATEWAY == "mobizon" else "",
    }


def _ask(method: str, system: str, url: str) -> Asked:
    started = monotonic()
    try:
        http.call(method, url, system=system, accept=ANSWERS, knock=True)
    except Unavailable as error:
        return Asked(system, monotonic() - started, error.detail, isinstance(error, Misconfigured))
    return Asked(system, monotonic() - started)
