"""Does anybody answer at the addresses outside that the portal was given, and does it let us in? One harmless
call each with all that the portal shows of itself: name, password, key. Each is waited for, so this is for
`manage.py doctor --outside` and `setup`: what happens to people is written down where it happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic

from django.conf import settings

from egov import http, login, smartbridge
from egov.errors import Misconfigured, Refused, Unavailable

# That so bare a question is none is an answer too: of who is asked by POST and got nothing, of who gives out
# a list and was asked for its head alone, of who has no page at its first address. All else a real question
# would be told as well: that we are kept out, asked too often, or that the address is an old one.
NO_QUESTION = frozenset({400, 415})
NO_HEADS = frozenset({405})
NO_PAGE = frozenset({400, 404, 405, 406, 415})
NOBODY = "000000000000"  # no IIN: who knows us knows nobody by it
# What each service of the bus is asked; all know it by an id of its own.
BUS: dict[str, dict[str, str | Sequence[str]]] = {
    "person": {"iin": NOBODY},
    "children": {"iin": NOBODY},
    "address": {"iin": [NOBODY]},
    "enrolment": {"iin": NOBODY, "kdpToken": "", "publicKey": ""},
    "medical": {"iin": NOBODY, "form": "065/у", "kdpToken": "", "publicKey": ""},
}
UNASKED = ("consent", "notice")  # whose every question is an SMS or a notice to somebody


@dataclass(frozen=True)
class Asked:
    """What became of the call: why there was no answer, or nothing, and how long it took."""

    system: str
    seconds: float
    why: str = ""
    ours: bool = False
    where: str = ""  # of several of one system: its address


def calls(*, callback: str) -> dict[str, Callable[[], object]]:
    """By the systems that have one address each; without it a system is off. `callback`: where eGov sends
    people back to. Each raises as the gateways do."""
    found: dict[str, tuple[str, Callable[[], object]]] = {
        "login": (settings.EGOV_IDP_URL, partial(login.knock, redirect_uri=callback)),
        **{name: (settings.SMARTBRIDGE_URL, partial(_ask_bus, name)) for name in BUS},
        "ocsp": (settings.OCSP_URL, partial(_post, "ocsp", settings.OCSP_URL, kind="ocsp-request")),
        "tsp": (settings.TSP_URL, partial(_post, "tsp", settings.TSP_URL, kind="timestamp-query")),
        "ncanode": (settings.NCANODE_URL, partial(_open, "ncanode", settings.NCANODE_URL)),
    }
    return {system: call for system, (url, call) in found.items() if url}


def ask(*, callback: str) -> list[Asked]:
    """Every system once."""
    found = [knocked(system, call) for system, call in calls(callback=callback).items()]
    return found + [knocked("crl", partial(_head, url), where=url) for url in settings.EDS_CRL_URLS]


def knocked(system: str, call: Callable[[], object], *, where: str = "") -> Asked:
    """Who says no to the question has let us in."""
    started = monotonic()
    try:
        call()
    except Refused:
        pass
    except Unavailable as error:
        took = monotonic() - started
        return Asked(system, took, error.detail, isinstance(error, Misconfigured), where)
    return Asked(system, monotonic() - started, where=where)


def unasked() -> list[str]:
    """Of which nothing is known until a person needs them."""
    ids = settings.SMARTBRIDGE_SERVICES if settings.SMARTBRIDGE_URL else {}
    return [name for name in UNASKED if ids.get(name)]


def _ask_bus(service: str) -> None:
    """With its own id, and the sender, password and signature that all services of the bus share."""
    smartbridge.send(service, BUS[service], knock=True)


def _post(system: str, url: str, *, kind: str) -> None:
    """No question at all, in the form of one, at the address of the real ones: these are asked by POST alone,
    whatever a GET is told."""
    headers = {"Content-Type": f"application/{kind}"}
    http.call("POST", url + "/", system=system, headers=headers, data=b"", accept=NO_QUESTION, knock=True)


def _open(system: str, url: str) -> None:
    http.call("GET", url, system=system, accept=NO_PAGE, knock=True)


def _head(url: str) -> None:
    """A list of revoked certificates is long."""
    http.call("HEAD", url, system="crl", accept=NO_HEADS, knock=True)
