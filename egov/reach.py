"""Does anybody answer at the addresses outside that the portal was given? Each is waited for, so this is for
`manage.py doctor --outside` alone: what happens to people is written down where it happens."""

from django.conf import settings

from egov import http
from egov.errors import Unavailable

ANSWERS = range(100, 500)  # a refusal of so bare a question is an answer too


def faults() -> dict[str, str]:
    """The systems that do not answer, each with a line; one without an address is off."""
    silent = {system: _why(system, url) for system, url in _addresses().items() if url}
    return {system: f"{system}: {why}" for system, why in silent.items() if why}


def _addresses() -> dict[str, str]:
    return {
        "login": settings.EGOV_IDP_URL,
        "person": settings.SMARTBRIDGE_URL,
        "ocsp": settings.OCSP_URL,
        "tsp": settings.TSP_URL,
        "ncanode": settings.NCANODE_URL,
        "sms": settings.MOBIZON_URL if settings.SMS_GATEWAY == "mobizon" else "",
    }


def _why(system: str, url: str) -> str:
    try:
        http.call("GET", url, system=system, accept=ANSWERS)
    except Unavailable as error:
        return error.detail
    return ""
