"""Headers that every answer carries, whoever answers."""

import pytest
from django.test import Client

from accounts.models import User

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
def test_page_of_the_signed_in_is_not_stored(client: Client, parent: User) -> None:
    assert "no-store" not in client.get("/").headers.get("Cache-Control", "")

    client.force_login(parent)

    assert client.get("/").headers["Cache-Control"] == "no-store"
