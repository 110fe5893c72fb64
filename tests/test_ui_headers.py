"""Headers that every answer carries, whoever answers."""

import gzip

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from accounts.models import User
from oqu.middleware import Compressed
from schools.models import School

POLICY = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'",
    "base-uri 'none'", "object-src 'none'",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/service/", "/no/such/page/", "/children/"])
def test_answer_carries_a_strict_policy(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]

    for directive in POLICY:
        assert directive in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_form_may_end_at_egov_and_script_reach_ncalayer(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "form-action 'self' http://127.0.0.1:8090;" in policy
    assert "connect-src 'self' ws://127.0.0.1:13579;" in policy


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/service/", "/schools/"])
def test_page_of_everybody_is_compressed_where_it_holds_no_secret(
    client: Client, parent: User, address: str
) -> None:
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers and "Accept-Encoding" in plain.headers["Vary"]

    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.content) == plain.content

    asked = f"{address}?asked=1"
    assert "Content-Encoding" in client.get(asked, headers={"accept-encoding": "gzip"}).headers
    client.cookies["csrf"] = "a" * 32
    assert "Content-Encoding" not in client.get(asked, headers={"accept-encoding": "gzip"}).headers
    client.cookies.clear()
    client.force_login(parent)
    assert "Content-Encoding" not in client.get(asked, headers={"accept-encoding": "gzip"}).headers


@pytest.mark.django_db
def test_unchanged_file_bears_the_marks_of_the_compressed_one(client: Client, school: School) -> None:
    packed = {"accept-encoding": "gzip"}
    first = client.get("/schools/data/schools.csv", headers=packed)
    again = client.get("/schools/data/schools.csv", headers=packed | {"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again["ETag"] == first["ETag"] and "Accept-Encoding" in again["Vary"]


@pytest.mark.django_db
def test_page_of_which_nothing_was_asked_is_compressed(client: Client, parent: User) -> None:
    """BREACH: an address in which somebody else can put a word, which the page then repeats, tells by the
    length of the answer whether it stands there already."""
    packed = {"accept-encoding": "gzip"}
    client.force_login(parent)

    answer = client.get("/children/", headers=packed)
    assert gzip.decompress(answer.content).lstrip().startswith(b"<!DOCTYPE html>")
    assert "no-store" in answer["Cache-Control"] and "Accept-Encoding" in answer["Vary"]

    for address in ("/children/?next=/messages/", "/no/such/page/"):
        assert "Content-Encoding" not in client.get(address, headers=packed).headers, address
    assert "Content-Encoding" not in client.post("/check/", headers=packed).headers


@pytest.mark.django_db
def test_other_pages_and_what_brings_a_cookie_are_not_compressed(client: Client) -> None:
    packed = {"accept-encoding": "gzip"}
    for address in ("/children/", "/check/?x=1", "/no/such/page/"):
        assert "Content-Encoding" not in client.get(address, headers=packed).headers, address

    request = RequestFactory().get("/service/?asked=1", headers=packed)
    request.resolver_match = resolve("/service/")
    answer = HttpResponse(b"a form with its token " * 100)
    answer.set_cookie("csrf", "a" * 32)
    told = Compressed(lambda _request: answer).process_response(request, answer)
    assert "Content-Encoding" not in told.headers


@pytest.mark.django_db
def test_page_of_the_signed_in_is_not_stored(client: Client, parent: User) -> None:
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")

    client.force_login(parent)

    assert client.get("/").headers["Cache-Control"] == "no-store"
