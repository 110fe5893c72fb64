"""Sign-in through eGov against the sandbox's identity provider, and against answers it never gives."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from egov import login
from egov.errors import EgovError, Misconfigured, Refused, Unavailable, Unbelieved
from egov.login import Identity
from egov.tests.cast import AIGUL, NURGUL, SANZHAR
from egov.tests.odd_server import odd_server, ok
from tests.sandbox import Sandbox

CALLBACK = "http://127.0.0.1:8000/auth/egov/"


@pytest.fixture(autouse=True)
def _portal(settings: Any) -> None:
    settings.EGOV_TIMEOUT = 2.0


def authorize(**changes: str) -> str:
    """The address of eGov's page with some parameters changed."""
    url = urlsplit(login.authorize_url(state="state-1", redirect_uri=CALLBACK, lang="kk"))
    query = dict(parse_qsl(url.query)) | changes
    return url._replace(query="&".join(f"{name}={quote(value)}" for name, value in query.items())).geturl()


@pytest.fixture
def code(sandbox: Sandbox) -> str:
    return sandbox.sign_in(authorize(), AIGUL)["code"]


def identify(code: str, redirect_uri: str = CALLBACK) -> Identity:
    return login.identify(code=code, redirect_uri=redirect_uri)


@pytest.mark.rule("R29", "R34", "R35", "R36")
def test_person_signs_in_and_is_known(sandbox: Sandbox) -> None:
    back = sandbox.sign_in(authorize(), AIGUL)

    assert back["state"] == "state-1"
    assert identify(back["code"]) == Identity(
        iin=AIGUL,
        surname="Сәрсенова",
        name="Айгүл",
        patronymic="Маратқызы",
        birth_date=date(1990, 7, 8),
        phone="+77011234501",
    )


def test_person_without_patronymic_and_staff_sign_in_the_same_way(sandbox: Sandbox) -> None:
    sandbox.person(NURGUL, patronymic="")

    identity = identify(sandbox.sign_in(authorize(), NURGUL)["code"])

    assert (identity.name, identity.patronymic) == ("Нұргүл", None)  # left out


@pytest.mark.rule("R35")
def test_login_code_has_five_digits_and_goes_to_the_number_in_the_base(sandbox: Sandbox) -> None:
    sandbox.sign_in(authorize(), AIGUL)

    message = sandbox.inbox(AIGUL)[0]
    assert (message["to"], message["from"]) == ("+77011234501", "eGov")
    assert len(sandbox.code(AIGUL)) == 5


def test_person_without_a_phone_in_the_base_signs_in_by_digital_id(sandbox: Sandbox) -> None:
    identity = identify(sandbox.sign_in(authorize(), SANZHAR)["code"])

    assert (identity.iin, identity.phone) == (SANZHAR, "")
    assert sandbox.inbox(SANZHAR)[0]["from"] == "Digital ID"


@pytest.mark.parametrize("number", ["+79161234567", "+77172123456", "abc"])
def test_number_that_no_sms_can_reach_says_nothing(sandbox: Sandbox, number: str) -> None:
    back = sandbox.sign_in(authorize(), AIGUL)
    sandbox.person(AIGUL, sim=number)

    assert identify(back["code"]).phone is None


def test_replayed_code_is_refused(code: str) -> None:
    identify(code)

    with pytest.raises(Refused, match="invalid_grant"):
        identify(code)


@pytest.mark.parametrize("wrong", ["", "wrong", "x" * 5000, "код", "a&code=b"])
def test_wrong_code_is_refused(sandbox: Sandbox, wrong: str) -> None:
    with pytest.raises(Refused, match="invalid_grant"):
        identify(wrong)


def test_expired_code_is_refused(sandbox: Sandbox, code: str) -> None:
    sandbox.clock(61)

    with pytest.raises(Refused, match="invalid_grant"):
        identify(code)


def test_code_given_for_another_address_is_refused(sandbox: Sandbox, code: str) -> None:
    with pytest.raises(Refused, match="invalid_grant"):
        identify(code, redirect_uri=CALLBACK + "x")


def test_wrong_client_secret_is_refused(sandbox: Sandbox, code: str, settings: Any) -> None:
    settings.EGOV_CLIENT_SECRET = "other"

    with pytest.raises(Misconfigured, match="invalid_client"):
        identify(code)


@pytest.mark.parametrize(
    "changes",
    [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": CALLBACK + "?x=1"}, {"client_id": "other"}],
)
def test_foreign_address_or_client_gets_a_page_and_no_redirect(
    sandbox: Sandbox, changes: dict[str, str]
) -> None:
    answer = requests.get(authorize(**changes), timeout=10, allow_redirects=False)

    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"response_type": "token"}, "unsupported_response_type"), ({"scope": "everything"}, "invalid_scope")],
)
def test_wrong_request_comes_back_with_its_error(
    sandbox: Sandbox, changes: dict[str, str], error: str
) -> None:
    answer = requests.get(authorize(**changes), timeout=10, allow_redirects=False)

    assert answer.headers["Location"] == f"{CALLBACK}?error={error}&state=state-1"


def test_pages_cannot_be_skipped(sandbox: Sandbox) -> None:
    start = requests.get(authorize(), timeout=10).url.partition("?")[0]

    page = requests.post(f"{start}/consent", data={"answer": "allow"}, timeout=10)

    assert page.url == start


def test_five_wrong_digits_spend_the_code(sandbox: Sandbox) -> None:
    start = requests.get(authorize(), timeout=10).url.partition("?")[0]
    requests.post(start, data={"iin": AIGUL}, timeout=10)
    right = sandbox.code(AIGUL)
    wrong = "00000" if right != "00000" else "11111"

    tries = [requests.post(f"{start}/code", data={"code": wrong}, timeout=10).status_code for _ in range(5)]
    late = requests.post(f"{start}/code", data={"code": right}, timeout=10)

    assert (tries, late.status_code) == ([422] * 5, 422)


def test_code_of_the_sms_lives_three_minutes(sandbox: Sandbox) -> None:
    start = requests.get(authorize(), timeout=10).url.partition("?")[0]
    requests.post(start, data={"iin": AIGUL}, timeout=10)
    sandbox.clock(181)

    page = requests.post(f"{start}/code", data={"code": sandbox.code(AIGUL)}, timeout=10)

    assert page.status_code == 422


def test_refused_consent_comes_back_as_access_denied(sandbox: Sandbox) -> None:
    start = requests.get(authorize(), timeout=10).url.partition("?")[0]
    requests.post(start, data={"iin": AIGUL}, timeout=10)
    requests.post(f"{start}/code", data={"code": sandbox.code(AIGUL)}, timeout=10)

    back = requests.post(f"{start}/consent", data={"answer": "deny"}, timeout=10, allow_redirects=False)

    assert back.headers["Location"] == f"{CALLBACK}?error=access_denied&state=state-1"


@pytest.mark.parametrize(
    ("service", "mode", "error"),
    [
        ("token", "fail", Unavailable), ("token", "drop", Unavailable), ("token", "slow", Unavailable),
        ("token", "late", Unavailable), ("token", "refuse", Refused), ("user-basic", "fail", Unavailable),
        ("user-basic", "drop", Unavailable), ("user-basic", "late", Unavailable),
        ("user-basic", "refuse", Unbelieved),
    ],
)  # fmt: skip
def test_fault_of_the_provider_is_told_apart(
    sandbox: Sandbox, settings: Any, code: str, service: str, mode: str, error: type[EgovError]
) -> None:
    settings.EGOV_TIMEOUT = 0.8 if mode in ("slow", "late") else 30.0
    sandbox.fault(service, mode, seconds=30)

    with pytest.raises(error) as caught:
        identify(code)

    assert type(caught.value) is error


def test_late_token_spends_the_code(sandbox: Sandbox, settings: Any, code: str) -> None:
    """The work is done though nobody got the answer: the person signs in anew."""
    settings.EGOV_TIMEOUT = 0.8
    sandbox.fault("token", "late", seconds=2, times=1)
    with pytest.raises(Unavailable):
        identify(code)

    settings.EGOV_TIMEOUT = 30.0
    with pytest.raises(Refused):
        identify(code)


@pytest.mark.parametrize("mode", ["fail", "drop", "slow", "refuse"])
def test_login_survives_every_fault_of_the_phone(
    sandbox: Sandbox, settings: Any, code: str, mode: str
) -> None:
    settings.EGOV_TIMEOUT = 15.0  # for what must succeed; the phone has a shorter time of its own
    sandbox.fault("user-phone", mode, seconds=60)
    started = time.monotonic()

    identity = identify(code)

    assert (identity.iin, identity.phone) == (AIGUL, None)
    assert time.monotonic() - started < 40


@contextmanager
def provider(settings: Any, *, token: Any, basic: Any, phone: Any = None) -> Iterator[None]:
    """One that answers with these bodies, whatever it is asked for."""
    bodies = {b"/oauth/token": token, b"/user/basic": basic, b"/user/phone": phone}

    def answer(sock: Any, _stop: Any) -> None:
        asked = server.asked[-1].split(b"\r\n")[0]
        body = next(body for path, body in bodies.items() if path in asked)
        sock.sendall(ok(body if isinstance(body, bytes) else json.dumps(body).encode()))

    with odd_server(answer) as server:
        settings.EGOV_IDP_URL = server.url.rstrip("/")
        yield


def test_flat_form_without_person_is_accepted(settings: Any) -> None:
    flat = {"iin": AIGUL, "surname": "Сәрсенова", "name": "Айгүл", "patronymic": None}

    with provider(settings, token={"access_token": "t"}, basic=flat, phone={"phone": 77011234501}):
        identity = identify("code")

    assert identity == Identity(AIGUL, "Сәрсенова", "Айгүл", "", date(1990, 7, 8), "+77011234501")


@pytest.mark.parametrize("born", ["08.07.1990", "1990-07-08T00:00:00Z", "", None, "nonsense"])
def test_birth_date_is_read_in_any_form_and_else_from_the_iin(settings: Any, born: Any) -> None:
    basic = {"person": {"iin": AIGUL, "birthDate": born}}

    with provider(settings, token={"access_token": "t"}, basic=basic, phone={}):
        assert identify("code").birth_date == date(1990, 7, 8)


@pytest.mark.parametrize(
    ("body", "phone"),
    [
        ({"phone": "+7 701 123 45 01"}, "+77011234501"),
        ({"phone": ""}, ""),
        ({"phone": None}, ""),
        ({}, None),
        (b"", None),
        (b"[]", None),
        (b'"x"', None),
        ({"phone": " - "}, None),
        ({"phone": "+7 916 123 45 67"}, None),
        ({"phone": {"a": 1}}, None),
        ({"phone": [7]}, None),
        ({"phone": []}, None),
        ({"phone": False}, None),
        ({"phone": 0}, None),
    ],
)
def test_only_an_empty_field_says_that_there_is_no_number(
    settings: Any, body: Any, phone: str | None
) -> None:
    with provider(settings, token={"access_token": "t"}, basic={"iin": AIGUL}, phone=body):
        assert identify("code").phone == phone


@pytest.mark.parametrize(
    "basic",
    [
        b"",
        b"[]",
        b"null",
        {},
        {"person": None},
        {"person": []},
        {"person": {"iin": "123"}},
        {"iin": ["900708499904"]},
    ],
)
def test_answer_without_a_person_is_unavailable(settings: Any, basic: Any) -> None:
    with provider(settings, token={"access_token": "t"}, basic=basic), pytest.raises(Unavailable):
        identify("code")


@pytest.mark.parametrize(
    "token", [b"", b"[]", {}, {"access_token": None}, {"access_token": "a\r\nX: y"}, {"access_token": ""}]
)
def test_answer_without_a_token_is_unavailable(settings: Any, token: Any) -> None:
    with provider(settings, token=token, basic={"iin": AIGUL}), pytest.raises(Unavailable):
        identify("code")


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, {"error": "invalid_grant"}, Refused),
        (200, {"error": "invalid_grant"}, Refused),
        (401, {"error": "invalid_client"}, Misconfigured),
        (400, {"error": "invalid_client"}, Misconfigured),
        (200, {"error": "unauthorized_client"}, Misconfigured),
        (400, {"error": "invalid_request"}, Misconfigured),
        (400, {"error": "invalid_scope"}, Misconfigured),
        (400, {"error": "unsupported_grant_type"}, Misconfigured),
        (400, {"error": "redirect_uri_mismatch"}, Misconfigured),
        (401, {}, Misconfigured),
        (403, {}, Unbelieved),
        (404, {}, Unbelieved),
        (400, {"error": "server_error"}, Unavailable),
        (400, {"error": "temporarily_unavailable"}, Unavailable),
        (400, {"error": "new_word"}, Unavailable),
        (400, {}, Unavailable),
        (200, {"error": None}, Unavailable),
        (400, b"<html>", Unavailable),
        (429, {}, Unavailable),
        (500, {}, Unavailable),
    ],
)
def test_refusal_of_the_code_is_told_from_a_refusal_of_the_portal(
    settings: Any, status: int, body: Any, fault: type[EgovError]
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode()
    with odd_server(head + content) as server:
        settings.EGOV_IDP_URL = server.url.rstrip("/")
        with pytest.raises(EgovError) as caught:
            identify("code")

    assert (type(caught.value), caught.value.system) == (fault, "login")


def test_nothing_personal_is_logged(sandbox: Sandbox, code: str, caplog: pytest.LogCaptureFixture) -> None:
    identify(code)

    assert "login: 200 in" in caplog.text
    assert [
        secret for secret in (AIGUL, code, "+7701", "Сәрсенова", "sandbox-secret") if secret in caplog.text
    ] == []
