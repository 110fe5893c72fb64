"""Refuses to start a production portal that is not fit for production."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import environ
from django.core.exceptions import ImproperlyConfigured

from accounts import data_keys, sentinels
from accounts.waiting import terms
from egov import connections
from oqu import strength

ADDRESSES = ("EGOV_URL", "EGOV_IDP_URL", "SMARTBRIDGE_URL", "EGOV_MOBILE_LINK", "MOBIZON_URL")
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
SMS_GATEWAYS = ("mobizon",)  # of notifications/sms, those that really send
AUTH_TYPES = ("Token", "Eds")
SHORTEST_KEY, DISTINCT_IN_KEY = 50, 16
SHORTEST_PASSWORD, DISTINCT_IN_PASSWORD = 12, 6
SHORTEST_TOKEN, DISTINCT_IN_TOKEN = 32, 12
SHORTEST_TERMS = {  # days in which a decision may be complained of, and a claim be brought
    "ERASE_CLOSED_FILES_DAYS": 92,
    "ERASE_ACCEPTED_FILES_DAYS": 92,
    "ERASE_CLOSED_DAYS": 3 * 365,
    "ERASE_ACCEPTED_DAYS": 3 * 365,
    "ERASE_CONSENTS_DAYS": 3 * 365,
    "ERASE_DRAFTS_DAYS": 1,
    "ERASE_LOOSE_FILES_DAYS": 1,
}
NGINX_WAITS = 60  # seconds for a page, by docs/deploy.md
STORE = ("S3_ENDPOINT", "S3_BUCKET", "S3_KEY", "S3_SECRET")
STORE_CHOICES = {"S3_ADDRESSING": ("path", "virtual"), "S3_ENCRYPTION": ("", "AES256", "aws:kms")}
LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104  (a list, nothing is bound)


def faults(values: dict[str, Any]) -> list[str]:
    """What keeps these settings from production, each as one sentence without the value."""
    return [
        *_own_faults(values),
        *_address_faults(values),
        *_secret_faults(values),
        *_partner_faults(values),
        *connections.faults(values["CONNECTIONS"], services=values["SMARTBRIDGE_SERVICES"]),
        *_smartbridge_faults(values),
        *_store_faults(values),
        *_limit_faults(values),
        *_file_store_faults(values),
        *_term_faults(values),
        *_room_faults(values),
        *_data_key_faults(values),
    ]


def check(values: dict[str, Any]) -> None:
    """Raise ImproperlyConfigured when neither the demo nor a sound production is set up."""
    if values["DEMO"]:
        return
    found = faults(values)
    if found:
        raise ImproperlyConfigured(
            "Not fit for production (set DEMO=1 for the demo):\n- " + "\n- ".join(found)
        )


def _own_faults(values: dict[str, Any]) -> list[str]:
    found = []
    if strength.is_weak(values["SECRET_KEY"], shortest=SHORTEST_KEY, distinct=DISTINCT_IN_KEY):
        found.append(f"SECRET_KEY must be set to a random text of at least {SHORTEST_KEY} characters.")
    if values["DEMO_SECRET_KEY"] in values["SECRET_KEY_FALLBACKS"]:
        found.append("SECRET_KEY_FALLBACKS must not hold the demo's key.")
    if values["DEBUG"]:
        found.append("DEBUG must be off.")
    if not _is_real_https(values["PUBLIC_URL"]):
        found.append("PUBLIC_URL must be the portal's https address.")
    if "*" in values["ALLOWED_HOSTS"]:
        found.append("ALLOWED_HOSTS must name the portal's hosts, not all hosts.")
    if not 0 <= values["OTEL_SHARE"] <= 1:
        found.append("OTEL_SHARE must be from 0 to 1.")
    if values["TRUSTED_PROXIES"] < 1:  # else all visitors share the limits of one address, nginx's
        found.append("TRUSTED_PROXIES must be the number of own proxies in front, 1 with nginx alone.")
    return found


def _address_faults(values: dict[str, Any]) -> list[str]:
    found = [
        f"{name} must be the https address of the real system, not of the sandbox."
        for name in ADDRESSES
        if not _is_real_https(values[name])
    ]
    if urlparse(values["OCSP_URL"]).hostname in LOOPBACK:  # http is right there: the answers are signed
        found.append("OCSP_URL must not be the sandbox's.")
    if any(urlparse(address).hostname in LOOPBACK for address in values["EDS_CRL_URLS"]):
        found.append("EDS_CRL_URLS must not name the sandbox's list.")
    if urlparse(values["NCALAYER_URL"]).scheme != "wss":
        found.append("NCALAYER_URL must be NCALayer's wss address, not the sandbox's.")
    return found


def _secret_faults(values: dict[str, Any]) -> list[str]:
    found = [f"{name} must be set." for name in SECRETS if not values[name]]
    unknown = [name for name, number in values["SMARTBRIDGE_SERVICES"].items() if not number]
    found += [f"SERVICE_{name.upper()} must be set." for name in unknown if name != "notice"]
    demo = [name for name in SECRETS if values[name] == "demo" or values[name].startswith("sandbox-")]
    found += [f"{name} must not be the demo's." for name in demo]
    seal = values["SEAL_PASSWORD"]
    weak = strength.is_weak(seal, shortest=SHORTEST_PASSWORD, distinct=DISTINCT_IN_PASSWORD)
    if seal and "SEAL_PASSWORD" not in demo and weak:
        found.append(f"SEAL_PASSWORD must be a random text of at least {SHORTEST_PASSWORD} characters.")
    token = values["METRICS_TOKEN"]
    if token and strength.is_weak(token, shortest=SHORTEST_TOKEN, distinct=DISTINCT_IN_TOKEN):
        found.append(
            f"METRICS_TOKEN must be a random text of at least {SHORTEST_TOKEN} characters, or empty."
        )
    return found


def _partner_faults(values: dict[str, Any]) -> list[str]:
    """What would fail only when the first SMS or the first signature comes."""
    found = []
    if values["SMS_GATEWAY"] not in SMS_GATEWAYS:
        found.append(f"SMS_GATEWAY must be a gateway that sends: {', '.join(SMS_GATEWAYS)}.")
    if not {values["QUIET_FROM"], values["QUIET_TO"]} <= set(range(24)):
        found.append("QUIET_FROM and QUIET_TO must be hours of the day, 0 to 23.")
    if values["EGOV_MOBILE_AUTH"] not in AUTH_TYPES:
        found.append(f"EGOV_MOBILE_AUTH must be one of: {', '.join(AUTH_TYPES)}.")
    if not strength.holds_certificates(Path(values["EDS_CA_DIR"])):
        found.append("EDS_CA_DIR must hold the certificates of the national certification authority.")
    if sandbox := strength.sandbox_certificates(Path(values["EDS_CA_DIR"])):
        found.append(f"EDS_CA_DIR must not hold the sandbox's authority: {', '.join(sandbox)}.")
    if values["EDS_GOST"] and not values["NCANODE_URL"]:
        found.append(
            "NCANODE_URL must be set, or EDS_GOST=0: then people with GOST keys are told to use RSA."
        )
    return found


def _smartbridge_faults(values: dict[str, Any]) -> list[str]:
    """Without which no register is asked (D78); what the files hold, `setup` and `health` say."""
    if not values["SMARTBRIDGE_WSS"]:
        return []
    key, believed = Path(values["SMARTBRIDGE_KEY"]), ("SMARTBRIDGE_SIGNERS", "SMARTBRIDGE_CA")
    found = [
        f"{name} must name a file, or SMARTBRIDGE_WSS=0 where something of ours signs and checks in between."
        for name in ("SMARTBRIDGE_KEY", *believed)
        if not Path(values[name]).is_file()
    ]
    found += [
        f"{name} cannot be read by the portal's user (chown)."
        for name in ("SMARTBRIDGE_KEY", *believed)
        if Path(values[name]).is_file() and not os.access(values[name], os.R_OK)
    ]
    found += [
        f"{name} must not hold the sandbox's certificates."
        for name in believed
        if strength.is_of_sandbox(Path(values[name]))
    ]
    if key.is_file() and key.stat().st_mode & 0o007:
        found.append("SMARTBRIDGE_KEY must not be for everybody to read (chmod 640).")
    if values["SMARTBRIDGE_KEY_PASSWORD"].startswith("sandbox-"):
        found.append("SMARTBRIDGE_KEY_PASSWORD must not be the demo's.")
    return found


def _store_faults(values: dict[str, Any]) -> list[str]:
    """What travels or lies open to others than the portal."""
    found = []
    if strength.is_open_database(values["DATABASES"]["default"]):
        found.append("DATABASE_URL must use TLS (?sslmode=verify-full), a socket, or this machine itself.")
    if strength.is_open_database(values["DATABASE_OWNER"]):
        found.append("DATABASE_OWNER_URL must use TLS (?sslmode=verify-full), a socket, or this machine.")
    replica = values["DATABASES"].get("replica", {})
    if strength.is_open_database(replica):
        found.append("REPLICA_URL must use TLS (?sslmode=verify-full), a socket, or this machine itself.")
    if replica and not 0 < values["REPLICA_LAG"] <= 60:
        found.append("REPLICA_LAG must be seconds, at most 60.")
    drill = values["DRILL_DATABASE_URL"]
    if drill and strength.is_open_database(environ.Env.db_url_config(drill)):
        found.append("DRILL_DATABASE_URL must use TLS (?sslmode=verify-full), a socket, or this machine.")
    pooler = values["POOLER_URL"]
    if pooler and strength.is_open_database(environ.Env.db_url_config(pooler)):
        found.append("POOLER_URL must use TLS (?sslmode=verify-full), a socket, or this machine itself.")
    if values["DATABASE_OWNER"].get("USER") == values["DATABASES"]["default"]["USER"]:
        found.append("DATABASE_OWNER_URL must be another role than DATABASE_URL: the portal owns no table.")
    addresses = {name: values[name] for name in ("REDIS_URL", "CELERY_BROKER_URL")}
    found += [
        f"{name} must be sentinels://HOST:PORT,HOST:PORT/MASTER."
        for name, address in addresses.items()
        if sentinels.is_named_by(address) and not sentinels.is_well_named(address)
    ]
    found += [
        f"{name} must use TLS (rediss://, sentinels://), a socket, or this machine itself."
        for name, address in addresses.items()
        if strength.is_open_redis(address)
    ]
    found += [
        f"{name} must check the certificate of Redis: without ssl_cert_reqs and ssl_check_hostname."
        for name, address in addresses.items()
        if strength.is_unchecked_redis(address)
    ]
    if readable := strength.keys_open_to_others(Path(values["KEYS_DIR"])):
        found.append(f"KEYS_DIR must be for the portal's user alone (chmod 600): {', '.join(readable)}.")
    return found


def _limit_faults(values: dict[str, Any]) -> list[str]:
    """What would let one question hold a page, or outlive the task that asks it."""
    found = [
        f"{kind.upper()}_{what.upper()}_SECONDS must be at least 1, or a question has no end."
        for kind, limits in values["DATABASE_LIMITS"].items()
        for what, seconds in limits.items()
        if seconds < 1
    ]
    for kind, longest in (("web", NGINX_WAITS), ("worker", values["CELERY_TASK_SOFT_TIME_LIMIT"])):
        if values["DATABASE_LIMITS"][kind]["query"] >= longest:
            found.append(
                f"{kind.upper()}_QUERY_SECONDS must be below {longest}: by then nobody waits for it."
            )
    return found


def _file_store_faults(values: dict[str, Any]) -> list[str]:
    """What would fail only when the first file comes; half of a store is none, also while files move."""
    found = []
    if values["FILES_STORE"] not in values["PRIVATE_STORES"]:
        found.append(f"FILES_STORE must be one of: {', '.join(values['PRIVATE_STORES'])}.")
    if values["FILES_STORE"] != "s3" and not any(values[name] for name in STORE):
        return found
    found += [f"{name} must be set: half of a store is none." for name in STORE if not values[name]]
    if values["S3_ENDPOINT"] and strength.is_open_store(values["S3_ENDPOINT"]):
        found.append("S3_ENDPOINT must be an https address, or this machine itself.")
    if values["S3_CA"] and not Path(values["S3_CA"]).is_file():
        found.append("S3_CA names no file.")
    found += [
        f"{name} must be one of: {', '.join(filter(None, known))}."
        for name, known in STORE_CHOICES.items()
        if values[name] not in known
    ]
    if values["S3_KMS_KEY"] and values["S3_ENCRYPTION"] != "aws:kms":
        found.append("S3_KMS_KEY is of S3_ENCRYPTION=aws:kms alone.")
    return found


def _data_key_faults(values: dict[str, Any]) -> list[str]:
    """Files and tokens lie locked, under keys that are there and nobody else's to read."""
    path = Path(values["DATA_KEYS_FILE"])
    try:
        found = data_keys.read(path) | data_keys.parse(values["DATA_KEYS"])
    except (data_keys.Unreadable, OSError):
        return ["DATA_KEYS or DATA_KEYS_FILE holds a line that is no data key."]
    if not found:
        return ["DATA_KEYS or DATA_KEYS_FILE must hold a data key (see .env.example)."]
    return ["DATA_KEYS_FILE must be for the portal's user alone (chmod 600)."] * data_keys.is_open_to_others(
        path
    )


def _term_faults(values: dict[str, Any]) -> list[str]:
    """What would erase evidence while it may still be asked for."""
    return [
        f"{name} must be at least {shortest} days."
        for name, shortest in SHORTEST_TERMS.items()
        if values[name] < shortest
    ]


def _room_faults(values: dict[str, Any]) -> list[str]:
    """What would let in nobody, or everybody."""
    found = []
    if values["WAITING_ROOM"] not in tuple(terms.Mode):
        found.append(f"WAITING_ROOM must be one of: {', '.join(terms.Mode)}.")
    found += [
        f"{name} must be at least 1."
        for name in ("WAITING_ROOM_RATE", "WAITING_ROOM_PLACES")
        if values[name] < 1
    ]
    if min(values["WAITING_ROOM_BEFORE"], values["WAITING_ROOM_AFTER"]) < 0:
        found.append("WAITING_ROOM_BEFORE and WAITING_ROOM_AFTER must be minutes, 0 or more.")
    return found


def _is_real_https(address: str) -> bool:
    parts = urlparse(address)
    return parts.scheme == "https" and bool(parts.hostname) and parts.hostname not in LOOPBACK
