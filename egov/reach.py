"""Does anybody answer at the addresses outside that the portal was given, and does it let us in? One harmless
call each with all that the portal shows of itself: name, password, key. Each is waited for, so this is for
`manage.py doctor --outside` and `setup`: what happens to people is written down where it happens."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

from django.conf import settings

from egov import http, login, smartbridge
from egov.errors import Misconfigured, Refused, Unavailable

KEPT_OUT = {401, 403, 407}  # whatever is asked: a name, a password, an address or a certificate of ours
ANSWERS = frozenset(range(100, 500)) - KEPT_OUT  # that so bare a question is none is an answer too
NOBODY = "000000000000"  # no IIN: who knows us knows nobody by it


@dataclass(frozen=True)
class Asked:
    """What became of the call: why there was no answer, or nothing, and how long it took."""

    system: str
    seconds: float
    why: str = ""
    ours: bool = False


def ask(*, callback: str) -> list[Asked]:
    """Every system once; one without an address is off. `callback`: where eGov sends people back to."""
    calls: dict[str, tuple[str, Callable[[], object]]] = {
        "login": (settings.EGOV_IDP_URL, partial(login.knock, redirect_uri=callback)),
        "person": (settings.SMARTBRIDGE_URL, _ask_bus),
        "ocsp": (settings.OCSP_URL, partial(_post, "ocsp", settings.OCSP_URL, kind="ocsp-request")),
        "tsp": (settings.TSP_URL, partial(_post, "tsp", settings.TSP_URL, kind="timestamp-query")),
        "ncanode": (settings.NCANODE_URL, partial(_open, "GET", "ncanode", settings.NCANODE_URL)),
    }
    found = [knocked(system, call) for system, (url, call) in calls.items() if url]
    # A list of revoked certificates is long: its head.
    return found + [knocked("crl", partial(_open, "HEAD", "crl", url)) for url in settings.EDS_CRL_URLS]


def knocked(system: str, call: Callable[[], object]) -> Asked:
    """Who says no to the question has let us in."""
    started = monotonic()
    try:
        call()
    except Refused:
        pass
    except Unavailable as error:
        return Asked(system, monotonic() - started, error.detail, isinstance(error, Misconfigured))
    return Asked(system, monotonic() - started)


def _ask_bus() -> None:
    """With the sender, its password and the signature, which all services of the bus share."""
    smartbridge.send("person", {"iin": NOBODY}, knock=True)


def _post(system: str, url: str, *, kind: str) -> None:
    """No question at all, in the form of one: these are asked by POST alone, whatever a GET is told."""
    headers = {"Content-Type": f"application/{kind}"}
    http.call("POST", url, system=system, headers=headers, data=b"", accept=ANSWERS, knock=True)


def _open(method: str, system: str, url: str) -> None:
    http.call(method, url, system=system, accept=ANSWERS, knock=True)
