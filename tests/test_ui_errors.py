"""Error pages: small, in both languages, and alive when the database is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path

from accounts.models import User
from oqu import errors

PAGES = ["400", "403", "403_csrf", "404", "405", "413", "429", "500", "503", "session_ended"]
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def failing(exception: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise exception

    return view


urlpatterns = [
    path("defect/", failing(RuntimeError("a secret of ours"))),
    path("database/", failing(OperationalError("connection refused"))),
    path("closed/", failing(InterfaceError("connection already closed"))),
    path("large/", failing(RequestDataTooBig("too big"))),
    path("files/", failing(TooManyFilesSent("too many"))),
    path("odd/", failing(SuspiciousOperation("odd"))),
    path("", include("oqu.urls")),
]
handler400, handler403 = "oqu.errors.bad_request", "oqu.errors.forbidden"
handler404, handler500 = "oqu.errors.not_found", "oqu.errors.server_error"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", PAGES)
def test_error_page_is_small_and_in_both_languages(name: str) -> None:
    page = errors._page(HttpRequest(), 200, template=f"{name}.html").content

    assert len(page) <= 6 * 1024
    text = page.decode()
    assert '<html lang="kk">' in text
    assert '<section class="stack--small" lang="ru">' in text
    assert text.count("<h1>") == 1
    assert "1414" in text
    assert "қадам" in text  # what became of the answers
    assert "шаг" in text


@pytest.mark.parametrize("name", PAGES)
def test_error_page_needs_no_context(name: str) -> None:
    assert "{{" not in (TEMPLATES / f"{name}.html").read_text()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/defect/", 500), ("/database/", 503), ("/closed/", 503), ("/large/", 413), ("/files/", 413),
        ("/odd/", 400), ("/no/such/page/", 404),
    ],
)  # fmt: skip
@override_settings(ROOT_URLCONF="tests.test_ui_errors")
@pytest.mark.filterwarnings("ignore")
def test_failure_is_answered_with_its_page(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)

    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "secret of ours" not in response.content.decode()


@override_settings(ROOT_URLCONF="tests.test_ui_errors")
def test_dead_database_tells_when_to_come_back(visitor: Client) -> None:
    times = {int(visitor.get("/database/").headers["Retry-After"]) for _ in range(20)}

    assert times <= set(range(15, 31))
    assert len(times) > 1


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/children/", "/schedule/"])
def test_dead_database_is_answered_to_the_signed_in_too(visitor: Client, parent: User, address: str) -> None:
    """The session cannot be read then: neither the page nor the headers may try."""
    visitor.force_login(parent)

    with connection.execute_wrapper(dead):
        response = visitor.get(address)

    assert response.status_code == 503
    assert "Портал уақытша бос емес" in response.content.decode()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def dead(*_statement: object) -> None:
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [("get", "/language/", "POST"), ("get", "/session/", "POST"), ("put", "/logout/", "GET, HEAD, POST")],
)
def test_method_that_an_address_does_not_know_gets_a_page(
    visitor: Client, method: str, address: str, allowed: str
) -> None:
    response = getattr(visitor, method)(address)

    assert (response.status_code, response.headers["Allow"]) == (405, allowed)
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Алдыңғы бетке оралып, батырманы сонда басыңыз." in response.content.decode()


def test_script_gets_no_page_for_a_method(visitor: Client) -> None:
    response = visitor.get("/session/", headers={"Accept": "application/json"})

    assert (response.status_code, response.content) == (405, b"")


def test_stale_form_gets_its_own_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/logout/")

    assert response.status_code == 403
    assert "Бетті жаңартып, қайта жіберіңіз" in response.content.decode()


def test_too_large_request_is_told_by_its_cause() -> None:
    request = RequestFactory().post("/")

    assert errors.bad_request(request, RequestDataTooBig()).status_code == 413
    assert errors.bad_request(request, SuspiciousOperation()).status_code == 400


@override_settings(STATIC_ROOT="/nonexistent")
def test_error_page_shows_without_a_manifest(settings: Any) -> None:
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

    assert 'href="/static/css/portal.css"' in errors._page(HttpRequest(), 500).content.decode()
