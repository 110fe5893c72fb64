"""A system outside that answers and keeps us out is no system that is well (D61): each is asked with what the
portal shows of itself, and nobody is asked about."""

from typing import Any

import pytest
from django.test import override_settings

from egov.tests.odd_server import odd_server
from oqu import knocking
from tests.sandbox import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D61")]
# Each secret of ours, and the system that refuses it when it is wrong.
SECRETS = {
    "EGOV_CLIENT_SECRET": "login",
    "EGOV_CLIENT_ID": "login",
    "SMARTBRIDGE_PASSWORD": "person",
    "SMARTBRIDGE_SENDER": "person",
    "MOBIZON_KEY": "sms",
}


def refused() -> dict[str, bool]:
    """By the system, whether the fault is ours."""
    return {one.system: one.ours for one in knocking.ask() if one.why}


@pytest.fixture(autouse=True)
def mobizon(sandbox: Sandbox, settings: Any) -> None:
    settings.SMS_GATEWAY = "mobizon"


def test_a_wrong_secret_is_told_from_health(sandbox: Sandbox, settings: Any, subtests: Any) -> None:
    with subtests.test("all of them let us in, and nobody has heard of it"):
        assert {one.system for one in knocking.ask()} >= {"login", "person", "sms", "ocsp", "tsp", "crl"}
        assert refused() == {}
        assert sandbox.sms() == []
    for name, system in SECRETS.items():
        with subtests.test(name), override_settings(**{name: "wrong"}):
            assert refused() == {system: True}
    with subtests.test("what fails by itself is theirs"):
        sandbox.fault("tsp", "fail")
        assert refused() == {"tsp": False}


@pytest.mark.parametrize(
    ("statuses", "right"),
    [((401, 403, 407), True), ((400, 404, 405, 415), False)],
    ids=["keeps out", "answers"],
)
def test_who_keeps_us_out_whatever_is_asked_is_told(
    sandbox: Sandbox, settings: Any, statuses: tuple[int, ...], right: bool
) -> None:
    """A proxy before NCANode, an authority that lets in a list of addresses. Who only finds no question in
    what was asked has let us in."""
    settings.EGOV_IDP_URL = settings.SMARTBRIDGE_URL = ""
    settings.SMS_GATEWAY, settings.DEMO = "console", True
    for status in statuses:
        with odd_server(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()) as server:
            settings.OCSP_URL = settings.NCANODE_URL = settings.TSP_URL = server.url
            settings.EDS_CRL_URLS = [server.url]
            assert refused() == (dict.fromkeys(("ocsp", "tsp", "ncanode", "crl"), True) if right else {})
