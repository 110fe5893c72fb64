"""Refuses to start a production portal that is not fit for production."""

from urllib.parse import urlparse

from django.core.exceptions import ImproperlyConfigured

ADDRESSES = ("EGOV_IDP_URL", "SMARTBRIDGE_URL", "MOBIZON_URL")
SECRETS = (
    "EGOV_CLIENT_ID",
    "EGOV_CLIENT_SECRET",
    "SMARTBRIDGE_SENDER",
    "SMARTBRIDGE_PASSWORD",
    "MOBIZON_KEY",
    "MOBIZON_WEBHOOK_SECRET",
    "SEAL_PASSWORD",
    "PORTAL_BIN",
)
LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104


def faults(values: dict) -> list[str]:
    """What keeps these settings from production, each as one sentence."""
    found = []
    if values["SECRET_KEY"] == values["DEMO_SECRET_KEY"] or len(values["SECRET_KEY"]) < 50:
        found.append("SECRET_KEY must be set to a random text of at least 50 characters.")
    if values["DEBUG"]:
        found.append("DEBUG must be off.")
    if urlparse(values["PUBLIC_URL"]).scheme != "https":
        found.append("PUBLIC_URL must be the portal's https address.")
    for name in ADDRESSES:
        address = urlparse(values[name])
        if address.scheme != "https" or address.hostname in LOOPBACK:
            found.append(f"{name} must be the https address of the real system, not of the sandbox.")
    found += [f"{name} must be set." for name in SECRETS if not values[name]]
    found += [
        f"{name} must not be the sandbox's." for name in SECRETS if str(values[name]).startswith("sandbox-")
    ]
    return found


def check(values: dict) -> None:
    """Raise ImproperlyConfigured when neither the demo nor a sound production is set up."""
    if values["DEMO"]:
        return
    found = faults(values)
    if found:
        raise ImproperlyConfigured(
            "Not fit for production (set DEMO=1 for the demo):\n- " + "\n- ".join(found)
        )
