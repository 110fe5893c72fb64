"""What the portal stands on: its code, keys, clock, disks, and the systems outside (D61)."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

from accounts import copies, outside, vault
from applications import seat_counts
from applications.keeping import at_rest
from applications.papers import keys, stamping
from egov import presented
from egov.eds import crl, trust
from egov.wss import keys as signatures
from oqu import clocks, inner, knocking, memory, pauses, pools, space, unwatched, watch
from oqu.doctor.findings import Asked, Finding
from oqu.doctor.kinds import Code

SEAL_SOON, SEAL_NOW = timedelta(days=90), timedelta(days=30)


def texts(asked: Asked) -> list[Finding]:
    """A catalogue that is not compiled leaves its pages in Kazakh alone."""
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).rglob("*.po")]
    old = [str(path.parent) for path in sources if not _is_compiled(path)]
    return asked.of_lines(Code.NO_TEXTS, old)


def _is_compiled(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime


def static(asked: Asked) -> list[Finding]:
    """A page that names one of these fails as a whole."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return []
    ours = {name for finder in finders.get_finders() for name, _storage in finder.list([])}
    called = staticfiles_storage.hashed_files
    lie = {name for name, stored in called.items() if Path(staticfiles_storage.path(stored)).is_file()}
    return asked.of_lines(Code.NO_STATIC, sorted(ours - lie))


def seal(asked: Asked) -> list[Finding]:
    """In good time: a key of an authority takes weeks to get."""
    ends = keys.seal_ends()
    if ends is None or ends - asked.now >= SEAL_SOON:
        return []
    return asked.of_lines(Code.SEAL_ENDS, [f"{ends:%Y-%m-%d}"], soon=ends - asked.now >= SEAL_NOW)


def platform_keys(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.KEYS, keys.broken())


def data_keys(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.DATA_KEYS, vault.faults())


def clock(asked: Asked) -> list[Finding]:
    """OCSP's is compared at every signature, and told as a system outside."""
    return asked.of_lines(Code.CLOCK, clocks.faults())


def disks(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.DISK, space.faults())


def redis(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.REDIS, memory.faults())


def pooler(asked: Asked) -> list[Finding]:
    """By its settings; who waits there now `health` and the metrics tell."""
    return asked.of_lines(Code.POOLER, pools.mistakes() if pools.is_on() else [], soon=True)


def store(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.STORE, watch.store_faults())


def copy(asked: Asked) -> list[Finding]:
    """D69."""
    return asked.of_lines(Code.COPY, copies.reasons())


def drill(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.DRILL, watch.drill_faults(now=asked.now), soon=True)


def backup(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.BACKUP, watch.backup_faults(now=asked.now), soon=True)


def unseen(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.UNWATCHED, unwatched.warnings(), soon=True)


def stamps(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.NO_STAMPS, [] if settings.TSP_URL else [watch.NO_STAMPS], soon=True)


def systems(asked: Asked) -> list[Finding]:
    """By what the portal has met while it worked."""
    failing = [(one.system, outside.in_words(one, now=asked.now)) for one in outside.standing(now=asked.now)]
    return _outside(asked, failing) + _paused(asked)


def _paused(asked: Asked) -> list[Finding]:
    """D77: somebody's choice, and people are stopped by it all the same."""
    said = {one.system: pauses.in_words(one, now=asked.now) for one in pauses.standing(now=asked.now)}
    spared = [line for system, line in said.items() if system in outside.SPARED]
    needed = [line for system, line in said.items() if system not in outside.SPARED]
    return asked.of_lines(Code.PAUSED, needed) + asked.of_lines(Code.PAUSED, spared, soon=True)


def _outside(asked: Asked, failing: list[tuple[str, str]]) -> list[Finding]:
    spared = [line for system, line in failing if system in outside.SPARED]
    needed = [line for system, line in failing if system not in outside.SPARED]
    return asked.of_lines(Code.OUTSIDE, needed) + asked.of_lines(Code.OUTSIDE, spared, soon=True)


def authorities(asked: Asked) -> list[Finding]:
    """Lists stand in for OCSP only where it is silent; without authorities nobody signs."""
    lists = asked.of_lines(Code.AUTHORITIES, crl.faults(now=asked.now), soon=True)
    return asked.of_lines(Code.AUTHORITIES, trust.faults(now=asked.now)) + lists


def certificates(asked: Asked) -> list[Finding]:
    """Before a system refuses them: a new one takes weeks to get."""
    at_once, all_of_them = (
        [line for of in (presented, signatures, inner) for line in of.faults(now=asked.now, ahead=ahead)]
        for ahead in (presented.AT_ONCE, presented.IN_GOOD_TIME)
    )
    later = [line for line in all_of_them if line not in at_once]
    return asked.of_lines(Code.CERTIFICATES, at_once) + asked.of_lines(Code.CERTIFICATES, later, soon=True)


# --- What costs too much for a page ------------------------------------------------------------------
def seat_counters(asked: Asked) -> list[Finding]:
    """Of that year alone: what was counted wrong before changes nothing any more."""
    return asked.of_lines(Code.SEATS_DIFFER, seat_counts.disagreements(year=asked.year))


def files(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.FILES, watch.file_faults())


def data_at_rest(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.DATA_KEYS, at_rest.faults())


def ageing_stamps(asked: Asked) -> list[Finding]:
    return asked.of_lines(Code.STAMPS, stamping.faults(now=asked.now), soon=True)


def reachable(asked: Asked) -> list[Finding]:
    """Asks each of them: only when somebody wants it."""
    return _outside(asked, knocking.faults())
