"""One harmless call to each system outside with our name and password, and to what holds the portal's tasks
and its cache: nobody is asked about, no letter and no message is sent. Who keeps us out is not well."""

from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.core.cache import cache

from accounts import outside
from applications.documents import antivirus
from egov import reach
from egov.causes import cause_of
from egov.reach import Asked
from notifications import mail
from oqu import knocking, watch
from oqu.celery import app

PATIENCE = 5.0
STORE = "s3"
# What of the settings leads to our own.
OWN = {
    "redis": "REDIS_URL",
    "broker": "REDIS_URL, CELERY_BROKER_URL",
    STORE: "S3_ENDPOINT, S3_BUCKET, S3_KEY, S3_SECRET, S3_CA, and the bucket's own settings",
}


def ask() -> list[Asked]:
    own = [_ask("redis", _redis), _ask("broker", _broker)]
    mails = [_ask(mail.SYSTEM, mail.faults)] if mail.is_on() else []
    scans = [_ask(antivirus.SYSTEM, antivirus.faults)] if settings.CLAMD_URL else []
    files = [_ask(STORE, watch.store_faults)] if settings.FILES_STORE == STORE else []
    return [*own, *files, *knocking.ask(), *mails, *scans]


def is_missed(asked: Asked) -> bool:
    """Does it keep a parent from filing that this one is silent?"""
    return bool(asked.why) and asked.system not in outside.SPARED


def in_words(asked: Asked) -> str:
    """`where` tells which of several it is."""
    where = f"{asked.where} " if asked.where else ""
    if not asked.why:
        return f"{where}answered in {asked.seconds:.2f} s"
    ours = OWN.get(asked.system) or outside.SYSTEMS[asked.system][1]
    return f"{where}{asked.why}; look at {ours}" if asked.ours else where + asked.why


def unasked() -> list[tuple[str, str]]:
    """Each, and what of ours only its first real question proves."""
    said = "not asked: its every question acts; compare SERVICE_{} with its passport"
    return [(name, said.format(name.upper())) for name in reach.unasked()]


def _ask(system: str, faults: Callable[[], list[str]]) -> Asked:
    started = monotonic()
    found = faults()
    return Asked(system, monotonic() - started, "; ".join(found), ours=bool(found))


def _redis() -> list[str]:
    try:
        cache.get("setup")
    except Exception as error:  # of whatever kind the cache's library raises
        return [cause_of(error).words]
    return []


def _broker() -> list[str]:
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
    except Exception as error:  # of whatever kind the transport raises
        return [cause_of(error).words]
    return []
