"""The whole way of a QR: the sandbox's phone and the portal, two processes that talk over HTTP."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from django.conf import settings as project

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Purpose, Result, Signature, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.views.egov_mobile import same_device_link, scan_text
from applications.status import Status
from applications.tests.cast import complete
from tests.sandbox import Sandbox, end, start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def static_root() -> None:
    """WhiteNoise, which the live server starts with, warns when the folder is missing."""
    Path(project.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def bench(
    static_root: None, live_server: Any, tmp_path: Path, settings: Any, now: datetime
) -> Iterator[Sandbox]:
    """A sandbox that knows this portal, both on 10 June 2026."""
    process, sandbox = start(tmp_path / "state", portal_url=live_server.url)
    settings.PUBLIC_URL = live_server.url
    settings.EGOV_MOBILE_LINK = f"{sandbox.url}/phone/"
    settings.OCSP_URL = f"{sandbox.url}/ocsp"
    settings.EDS_CA_DIR = tmp_path / "state" / "ca"
    sandbox.clock(now.timestamp() - datetime.now(UTC).timestamp())
    with time_machine.travel(now):
        yield sandbox
    end(process)


@pytest.fixture
def signing_request(
    make_application: Callable[..., Application], parent: User, now: datetime, bench: Sandbox
) -> Any:
    draft = complete(make_application(), now=now)
    return batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)


def scan(bench: Sandbox, signing_request: SigningRequest, iin: str, **more: Any) -> dict[str, Any]:
    return bench.control("POST", "scan", {"iin": iin, "qr": scan_text(signing_request.batch), **more})


@pytest.mark.rule("R93", "R94", "R96", "D45")
@pytest.mark.parametrize("auth_type", ["Token", "Eds"])
def test_phone_signs_an_application(
    bench: Sandbox, signing_request: SigningRequest, parent: User, settings: Any, auth_type: str
) -> None:
    settings.EGOV_MOBILE_AUTH = auth_type

    told = scan(bench, signing_request, parent.iin)

    signing_request.refresh_from_db()
    assert (told["status"], told["answer"]) == (200, "success")
    assert told["about"]["document"]["auth_type"] == auth_type
    assert signing_request.state == SigningState.DONE
    assert signing_request.application.status == Status.IN_REVIEW
    assert Signature.objects.get().signer_iin == parent.iin


@pytest.mark.parametrize("auth_type", ["Token", "Eds"])
def test_phone_refuses_or_signs_with_a_wrong_key(
    bench: Sandbox, signing_request: SigningRequest, parent: User, stranger: User, now: datetime,
    settings: Any, auth_type: str,
) -> None:  # fmt: skip
    settings.EGOV_MOBILE_AUTH = auth_type
    assert scan(bench, signing_request, parent.iin, action="open")["status"] == 0
    assert scan(bench, signing_request, parent.iin, action="refuse")["status"] == 200
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.CANCELLED

    second = batches.open_one(
        signing_request.application, purpose=Purpose.APPLICATION, by=parent, now=now, fresh=True
    )
    told = scan(bench, second, parent.iin, signer=stranger.iin)

    second.refresh_from_db()
    assert (told["status"], second.error) == (403, "OTHER_PERSON")
    assert told["answer"].startswith("Кілт басқа адамға тиесілі")
    assert signing_request.application.status == Status.DRAFT


@pytest.mark.rule("D45")
@pytest.mark.parametrize(
    ("holder", "login", "told"),
    [
        ("stranger", "auth", "Кілт басқа адамға тиесілі"),
        ("parent", "sign", "Бұл — аутентификация кілті емес"),
        ("parent", "foreign", "Кілтті ҚР Ұлттық куәландырушы орталығы бермеген"),
    ],
)
def test_phone_that_is_not_the_persons_gets_nothing(
    bench: Sandbox, signing_request: SigningRequest, parent: User, stranger: User, settings: Any,
    holder: str, login: str, told: str,
) -> None:  # fmt: skip
    settings.EGOV_MOBILE_AUTH = "Eds"
    iin = {"parent": parent, "stranger": stranger}[holder].iin
    body = {"iin": iin, "qr": scan_text(signing_request.batch), "login": login, "action": "refuse"}

    answer = requests.post(f"{bench.url}/control/scan", json=body, timeout=10)

    assert answer.status_code == 409
    assert told in answer.json()["answer"]
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.OPEN


@pytest.mark.rule("R108")
def test_phone_of_a_director_signs_with_the_schools_key(
    make_application: Callable[..., Application], director: User, bench: Sandbox, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    decision = lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)
    signing_request = batches.open_one(
        filed, purpose=Purpose.DECISION, by=director, now=now, decision=decision
    )

    told = scan(bench, signing_request, director.iin, key="org")

    filed.refresh_from_db()
    assert told["status"] == 200, told
    assert filed.status == Status.ACCEPTED


def test_pages_of_the_phone_lead_from_the_link_to_the_signature(
    bench: Sandbox, signing_request: SigningRequest, parent: User
) -> None:
    with requests.Session() as phone:
        phones = phone.get(same_device_link(signing_request.batch), timeout=10)
        link = phones.url.partition("?link=")[2].partition("&")[0]
        screen = phone.get(f"{bench.url}/phone/{parent.iin}/scan/?link={link}", timeout=10)
        pdf = phone.get(f"{screen.url}0.pdf", timeout=10)
        done = phone.post(screen.url, data={"action": "sign", "key": "sign"}, timeout=10)

    assert parent.full_name in phones.text
    assert f"1-сыныпқа қабылдау туралы өтінім № {signing_request.application.number}" in screen.text
    assert pdf.content == batches.payload_of(signing_request)
    assert "Портал қабылдады." in done.text
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.DONE


def test_phone_follows_no_foreign_address(
    bench: Sandbox, signing_request: SigningRequest, parent: User
) -> None:
    answer = requests.post(
        f"{bench.url}/control/scan",
        json={"iin": parent.iin, "qr": "mobileSign:https://evil.example/x"},
        timeout=10,
    )

    assert answer.status_code == 409


def test_two_copies_of_one_answer_make_one_signature(
    bench: Sandbox, signing_request: SigningRequest, parent: User
) -> None:
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(scan, bench, signing_request, parent.iin) for _ in range(2)]

    assert [each.result()["status"] for each in told] == [200, 200]
    assert Signature.objects.count() == 1
