"""How the portal stands at this moment, read when Prometheus asks, by the functions of `manage.py health` and
of the doctor. What cannot be read is left out and said to be; without a database that is the answer."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from time import monotonic

from django.conf import settings
from django.db import connection
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from accounts import copies, deadlines, outside, replica, storage, vault
from accounts.waiting.room import room
from applications import queues, unheard
from applications.papers import keys
from egov import presented
from egov.eds import crl, trust
from egov.wss import keys as signatures
from notifications import leases, life, shares, ticks
from notifications.models import Message
from oqu import clocks, health, inner, memory, pauses, pools, rush, space, watch
from oqu.metrics import counted

logger = logging.getLogger(__name__)


SECONDS = 5.0  # for all that is asked of the database, which a pooler that is full, or a slow one, may keep


class Reading(Collector):
    """Everything that a scrape tells, at one moment; `generate_latest` writes it out. What tells why it may
    be slow is read first."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._read = gauge("scrape_ok", "Could this part be read", "part")

    def collect(self) -> list[Metric]:
        found = [metric for part in OF_MACHINE for metric in self._told(part)]
        ends = monotonic() + SECONDS
        with deadlines.cut_after(SECONDS):
            basics = health.examine(now=self._now)
            found += checks(basics)
            for part in OF_DATABASE:
                if health.has_tables(basics) and monotonic() < ends:
                    found += self._told(part)
                else:
                    self._read.add_metric([part.__name__], 0)
        return [*found, self._read]

    def _told(self, part: "Part") -> list[Metric]:
        """One that fails, in whatever way, hides no other."""
        told: list[Metric] = []
        try:
            told = list(part(self._now))
            self._read.add_metric([part.__name__], 1)
        except Exception as error:
            logger.error("metrics, %s: %s", part.__name__, type(error).__name__)
            self._read.add_metric([part.__name__], 0)
        return told


def gauge(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"oqu_{name}", said, labels=labels)


def one(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"oqu_{name}", said, value=value)


def many(name: str, said: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    found = gauge(name, said, label)
    for value, number in values.items():
        found.add_metric([value], number)
    return found


def checks(basics: dict[str, health.Check]) -> Iterator[Metric]:
    yield one("up", "Can this machine serve pages", health.serves(basics))
    oks = {name: float(bool(check["ok"])) for name, check in basics.items()}
    yield many("check_ok", "The checks of /healthz", "check", oks)


# --- What is asked of the machine ------------------------------------------------------------------
def machine(now: datetime) -> Iterator[Metric]:
    free = {name: float(disk.free * space.MEGABYTE) for name, disk in space.disks().items()}
    yield many("disk_free_bytes", "What is left of the disk, by what lies there", "disk", free)
    made = watch.backup_made()
    ended = made.timestamp() if made else 0
    yield one("backup_timestamp_seconds", "When the last backup ended; 0: never, or nobody says", ended)


def store(now: datetime) -> Iterator[Metric]:
    """Of files; whether it is well `check_ok` says."""
    if look := storage.look():
        yield one("store_answer_seconds", "How long the store of files took to answer", look.seconds)


def pool(now: datetime) -> Iterator[Metric]:
    """Of the pooler before the database, by the name under which a kind of process goes to it."""
    if not pools.is_on():
        return
    found = pools.standing()
    waiting = {one.database: float(one.waiting) for one in found}
    yield many("pool_waiting", "Who waits at the pooler for a connection", "database", waiting)
    longest = {one.database: one.longest for one in found}
    yield many("pool_longest_seconds", "For how long the first of them waits", "database", longest)


def certificates(now: datetime) -> Iterator[Metric]:
    """Of one that cannot be read the end is long past."""
    ends = {"seal": keys.seal_ends(), "authority": trust.first_end()}
    ends |= presented.ends() | signatures.ends() | inner.ends()
    told = {of: end.timestamp() if end else 0 for of, end in ends.items()}
    yield many(
        "certificate_end_timestamp_seconds", "When a certificate ends, of authorities the first", "of", told
    )


def lists(now: datetime) -> Iterator[Metric]:
    """Of revoked certificates, where they may stand in for OCSP."""
    if settings.EDS_CRL_URLS:
        yield one("revocation_lists_old", "Lists that could not stand in for OCSP", len(crl.faults(now=now)))


def key_ages(now: datetime) -> Iterator[Metric]:
    """By the day with which an id begins, one of another form says no age; SmartBridge's by its
    certificate."""
    ids = {kind: keys.current(kind).id for kind in (keys.SEAL, keys.QR)} | {"data": vault.current()}
    made = {kind: day for kind, name in ids.items() if (day := _day(name)) is not None}
    made |= {name: begin.timestamp() for name, begin in signatures.begins().items()}
    yield many("key_made_timestamp_seconds", "The day on which the key in use was made", "key", made)


def _day(name: str) -> float | None:
    try:
        return datetime.strptime(name[:6], "%y%m%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def waiting_room(now: datetime) -> Iterator[Metric]:
    """Nothing of it without Redis, which is an answer too."""
    standing = room.standing()
    yield one("waiting_room_kept", "Does Redis keep the line before the sign-in", standing is not None)
    if standing is not None:
        yield one("waiting_room_on", "Is there a room", standing.on)
        yield one("waiting_room_waiting", "People who wait", standing.waiting)
        yield one("waiting_room_inside", "People inside", standing.inside)
        yield one("waiting_room_let_in", "People let in in the last minute", standing.let_in)
        yield one("waiting_room_longest_seconds", "How long the first has waited", standing.longest)


def redis(now: datetime) -> Iterator[Metric]:
    """Of one that is silent nothing: that it is `waiting_room` tells."""
    try:
        found = memory.standing()
    except RedisError:
        return
    used = {of: float(one.used) for of, one in found.items()}
    yield many("redis_memory_bytes", "What Redis uses", "redis", used)
    most = {of: float(one.most) for of, one in found.items()}
    yield many("redis_memory_max_bytes", "What it may use; 0: it has no limit", "redis", most)
    gone = {of: float(one.thrown_away) for of, one in found.items()}
    yield many("redis_thrown_away", "Keys that it has thrown away to make room", "redis", gone)


def counters(now: datetime) -> Iterable[Metric]:
    return counted.collect()


# --- What is asked of the database -----------------------------------------------------------------
def worker(now: datetime) -> Iterator[Metric]:
    signs = life.signs(now=now)
    beats = {sign.queue: sign.beat_at.timestamp() for sign in signs if sign.beat_at}
    yield many("worker_beat_timestamp_seconds", "The last sign of life of a queue's workers", "queue", beats)
    silent = {sign.queue: float(sign.is_missed) for sign in signs}
    yield many("worker_silent", "Does nobody take from the queue, by its own patience", "queue", silent)


def signing(now: datetime) -> Iterator[Metric]:
    """D79: whose lines are there now, the dates of the regions tell."""
    yield one("waiting_room_signing", "People who wait to sign as their region opens", rush.signing(now=now))


def beat(now: datetime) -> Iterator[Metric]:
    """By the machine that it works on."""
    hosts = [holder.split()[0] for holder in [leases.holder(ticks.LEASE)] if holder]
    yield many("beat_at_work", "Which beat orders the tasks", "host", dict.fromkeys(hosts, 1.0))
    yield one("beat_silent", "Is none at work", not hosts)


def copy(now: datetime) -> Iterator[Metric]:
    """D69, and the last backup that was proven."""
    yield one("copy", "Is this a restored copy, which sends nothing", copies.is_copy())
    done = copies.drilled_at()
    proven = done.timestamp() if done else 0
    yield one("drill_timestamp_seconds", "When a backup was restored and proven; 0: never", proven)
    yield one("archive_failing", "Does PostgreSQL fail to archive its log", bool(watch.archive_faults()))


def work(now: datetime) -> Iterator[Metric]:
    waiting = gauge("queue_waiting", "Rows that wait", "queue")
    oldest = gauge("queue_oldest_seconds", "For how long the oldest row is due and nobody took it", "queue")
    dead = gauge("queue_dead", "Rows that were given up", "queue")
    stopped = gauge("queue_stopped", "Does it wait for a system outside", "queue")
    for name, standing in queues.every(now=now).items():
        waiting.add_metric([name], standing.waiting)
        late = (now - standing.due_at).total_seconds() if standing.due_at else 0
        oldest.add_metric([name], max(late, 0))
        dead.add_metric([name], standing.dead)
        stopped.add_metric([name], standing.stopped)
    yield from (waiting, oldest, dead, stopped)


def delivery(now: datetime) -> Iterator[Metric]:
    lately = shares.lately(now=now)
    told = {"arrived": float(lately.arrived), "lost": float(lately.lost)}
    yield many("sms_newest", "What became of the newest SMS of the last day", "outcome", told)
    unreached = Message.objects.unreached().count()
    yield one("sms_unreached", "SMS that did not arrive, of which nobody has told the person", unreached)


def appeals(now: datetime) -> Iterator[Metric]:
    waiting = sum(one.waiting for one in unheard.with_department(now=now))
    yield one("appeals_unheard", "Appeals at a department without an officer who may answer", waiting)


def systems(now: datetime) -> Iterator[Metric]:
    """Each of them at all times: an alarm ends when the number says so."""
    standing = {found.system: found for found in outside.standing(now=now)}
    failing = gauge("outside_failing", "Does it fail now, and by whose fault", "system", "fault")
    since = gauge("outside_failing_seconds", "For how long it has failed", "system")
    for name in sorted({*outside.SYSTEMS, *standing}):
        found = standing.get(name)
        failing.add_metric([name, "ours"], bool(found and found.ours))
        failing.add_metric([name, "theirs"], bool(found and not found.ours))
        since.add_metric([name], (now - found.since).total_seconds() if found else 0)
    yield from (failing, since)
    begun = {found.system: found.since for found in pauses.standing(now=now)}
    lasting = {name: (now - begun[name]).total_seconds() if name in begun else 0 for name in pauses.SYSTEMS}
    yield many("outside_paused_seconds", "For how long ops have it paused", "system", lasting)


def database(now: datetime) -> Iterator[Metric]:
    """Each thread of each process holds one at the most; behind a pooler they are the pooler's, which has no
    more than its pools hold, and who waits there `pool` tells. What other roles do with theirs the portal's
    role is not told: they are `other`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'other'), count(*), current_setting('max_connections')::int"
            " FROM pg_stat_activity WHERE datid IS NOT NULL GROUP BY 1"
        )
        rows = cursor.fetchall()
    states = {state: float(count) for state, count, _most in rows}
    yield many("database_connections", "Connections to the server, of everybody", "state", states)
    yield one("database_connections_max", "How many the server takes", rows[0][2])
    difference = clocks.difference().total_seconds()
    yield one("database_clock_difference_seconds", "The database's clock beside this machine's", difference)


def replicas(now: datetime) -> Iterator[Metric]:
    """By this process. One that does not answer has no lag to tell."""
    if not replica.is_on():
        return
    standing = replica.watch.standing()
    yield one("replica_read", "Is the replica read, or the primary in its stead", not standing.why)
    if standing.lag is not None:
        yield one("replica_lag_seconds", "How far the replica is behind", standing.lag)


Part = Callable[[datetime], Iterable[Metric]]
OF_MACHINE: tuple[Part, ...] = (
    pool,
    machine,
    store,
    certificates,
    lists,
    key_ages,
    waiting_room,
    redis,
    counters,
)
OF_DATABASE: tuple[Part, ...] = (
    copy,
    worker,
    signing,
    beat,
    work,
    delivery,
    appeals,
    systems,
    database,
    replicas,
)
