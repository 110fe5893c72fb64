"""What nobody would notice, because the setting that names it is empty. It is said, and nobody is woken by
it: `ok` is no word for what was never set up, and no alarm sounds over a number that is not told."""

from django.conf import settings
from django.db import connection

EMPTY = {
    "BACKUP_STAMP": "nobody would notice that no backup is made",
    "DRILL_MAX_DAYS": "nobody would notice that no backup was ever restored and proven",
    "METRICS_TOKEN": "nothing is told to Prometheus, and no alarm can sound",
    "EDS_CRL_URLS": "nothing stands in for OCSP, and nobody signs while it is silent",
    "PUBLIC_CERTIFICATE": "nobody would notice that the certificate of PUBLIC_URL ends",
    "POOLER_URL": "nobody sees who waits for a connection at the pooler",
}
# Lines of `health`, which say nothing without it.
LINES = {"backup": "BACKUP_STAMP", "drill": "DRILL_MAX_DAYS", "lists": "EDS_CRL_URLS"}
NO_ARCHIVE = "PostgreSQL archives no log: what is written between two backups would be lost"


def lines() -> set[str]:
    """Of `health`, those that are not `ok` but not looked at."""
    return {line for line, setting in LINES.items() if setting in _empty()}


def warnings() -> list[str]:
    if settings.DEMO:
        return []
    return [f"{name} is empty: {EMPTY[name]}" for name in _empty()] + [NO_ARCHIVE] * (not _archives())


def _empty() -> list[str]:
    unset = [name for name in EMPTY if not getattr(settings, name)]
    return [name for name in unset if name != "POOLER_URL" or settings.DATABASE_POOLED]


def _archives() -> bool:
    """`pg_receivewal` takes the log too, without this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('archive_mode') <> 'off'"
            " OR EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_type = 'physical' AND active)"
        )
        return bool(cursor.fetchone()[0])
