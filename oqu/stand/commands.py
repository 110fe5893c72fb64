"""What `./run` does: the portal, the tests, one management command."""

import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import checks, debs, locks, packages, servers
from . import place as places
from .packages import PYTHON
from .place import ROOT, Place, Trouble
from .processes import Bell, Crew, Part, Stopped, end_leftovers

PORTS = {"PORT": 8000, "SANDBOX_PORT": 8090, "NCALAYER_PORT": 13579}
MANAGE = [str(PYTHON), str(ROOT / "manage.py")]
WELCOME = Path(__file__).with_name("welcome.txt")
NO_LINT = "--no-lint"
# By what takes long and what does not; two places each, for one of them may be held for minutes.
WORKERS = {"worker": "messages,outside,small", "worker-papers": "originals,papers,exports"}
TESTERS = "3"  # on two cores: a quarter of the time of two they wait, for a browser or a server that starts
WAIT_FOR_HEALTH = 90.0  # seconds; a cold machine imports slowly


def portal() -> int:
    """Start everything, say where it is, and watch over it until told to stop."""
    begun = time.monotonic()
    place, ports = places.find("demo"), _ports()
    places.prepare(place)
    with places.lock(place):
        end_leftovers(place)
        _check_free(ports)
        _rotate_logs(place)
        packages.ensure("requirements-demo.txt")
        servers.fetch(place)
        crew = Crew(place, Bell())
        try:
            _start_portal(crew, ports)
            print(f"\n{_welcome(ports)}", flush=True)
            print(f"Ready in {time.monotonic() - begun:.0f} s; Ctrl-C stops it.", flush=True)
            while True:
                crew.watch()
                time.sleep(0.2)
        except Stopped:
            print("\nStopping", flush=True)
        finally:
            crew.stop()
    return 0


def test(options: list[str]) -> int:
    """Run the suite on servers of its own; what the demo keeps is not touched. A whole run lints first."""
    whole = not options
    options = [option for option in options if option != NO_LINT]
    if whole and (code := lint()):
        return code
    return _on_test_servers(
        "test", [str(PYTHON), "-m", "pytest", "-n", TESTERS, "--dist", "loadgroup", *options]
    )


def _on_test_servers(kind: str, command: list[str]) -> int:
    """Run a command on servers whose data nobody keeps, with the texts compiled."""
    place = places.find(kind)
    places.prepare(place)
    with places.lock(place):
        end_leftovers(place)
        packages.ensure("requirements-dev.txt")
        servers.fetch(place)
        unpacked = debs.fetch(place)
        crew = Crew(place, Bell())
        try:
            environment = _environment(place) | servers.start(crew, for_tests=True)
            environment["PATH"] = f"{unpacked}:{environment['PATH']}"
            if code := crew.run([*MANAGE, "compile_texts"], environment=environment, folder=ROOT):
                return code
            return crew.run(command, environment=environment, folder=ROOT)
        except Stopped:
            return 130
        finally:
            crew.stop()


def mutants(options: list[str]) -> int:
    """Break the rules in small ways and see whether a test fails, behind everybody else's work."""
    os.nice(19)
    return _on_test_servers("mutants", [str(PYTHON), "-m", "tests.mutants", *options])


def pictures(words: list[str]) -> int:
    """Make pictures of every page, or of those in whose names the words stand, into var/pictures."""
    os.environ["PICTURES_OF"] = " ".join(words)
    return _on_test_servers("test", [str(PYTHON), "-m", "pytest", "-q", "-s", "tests/screens/pictures.py"])


def engines(options: list[str]) -> int:
    """Walk the main route in several browsers, and see how soon a page is there on a slow line."""
    command = [str(PYTHON), "-m", "pytest", "-q", "-s", "-m", "engines", "tests/engines", *options]
    return _on_test_servers("test", command)


def manage(arguments: list[str]) -> int:
    """Run a management command beside the running portal; start the servers for it if there is none."""
    place = places.find("demo")
    places.prepare(place)
    packages.ensure("requirements-demo.txt")
    try:
        held = places.lock(place)
    except Trouble:
        environment = os.environ | json.loads((place.run / "environment").read_text())
        os.execve(PYTHON, [*MANAGE, *arguments], environment)
    with held:
        end_leftovers(place)
        servers.fetch(place)
        crew = Crew(place, Bell())
        try:
            environment = _environment(place, _ports()) | servers.start(crew, for_tests=False)
            return crew.run([*MANAGE, *arguments], environment=environment, folder=ROOT)
        except Stopped:
            return 130
        finally:
            crew.stop()


def lint() -> int:
    packages.ensure("requirements-dev.txt")
    return checks.lint()


def audit() -> int:
    packages.ensure("requirements-dev.txt")
    return checks.audit()


def lock() -> int:
    """Make the locks anew from the requirements files, with the uv that the present lock pins."""
    packages.ensure("requirements-dev.txt")
    for command in locks.commands(str(packages.VENV / "bin" / "uv")):
        packages.call(command)
        print(f"{command[-1]} is locked", flush=True)
    return 0


def _start_portal(crew: Crew, ports: dict[str, int]) -> None:
    environment = _environment(crew.place, ports) | servers.start(crew, for_tests=False)
    (crew.place.run / "environment").write_text(json.dumps(_changed(environment)))
    _start(crew, "sandbox", [*MANAGE, "egov_sandbox"], environment)
    print("Preparing texts, tables and demo data", flush=True)
    prepare = [*MANAGE, "prepare", "--demo"]
    code = crew.run(prepare, environment=environment, folder=ROOT, terminal=False)
    crew.watch()  # a step that Ctrl-C has broken off did not fail
    if code:
        raise Trouble("The portal could not be prepared; the reason stands above.")
    environment.pop("DATABASE_OWNER_URL", None)  # `prepare` alone works as the owner
    _start(crew, "web", [str(PYTHON), "-m", "gunicorn", *_gunicorn(ports["PORT"])], environment)
    celery = [str(PYTHON), "-m", "celery", "-A", "oqu"]
    for name, queues in WORKERS.items():
        takes = [f"--queues={queues}", "--concurrency=2", f"--hostname={name}@%h", "--loglevel=INFO"]
        _start(crew, name, [*celery, "worker", *takes], environment)
    _start(crew, "beat", [*celery, "beat", "--pidfile=", "--loglevel=WARNING"], environment)
    crew.wait("The sandbox", lambda: _ask(ports["SANDBOX_PORT"], "/")[0] == 200, patience=WAIT_FOR_HEALTH)
    crew.wait("The portal", lambda: _is_healthy(ports["PORT"]), patience=WAIT_FOR_HEALTH)


def _start(crew: Crew, name: str, command: list[str], environment: dict[str, str]) -> None:
    crew.start(Part(name, command, ROOT, environment))


def _gunicorn(port: int) -> list[str]:
    return [
        "oqu.wsgi",
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--workers=2",
        "--threads=8",
        "--no-control-socket",
        "--graceful-timeout=5",
    ]


def _environment(place: Place, ports: dict[str, int] | None = None) -> dict[str, str]:
    """What the portal's processes see: the caller's environment, the demo, and this stand's addresses."""
    here = {"DEMO": "1", "VAR_DIR": str(place.var), "PYTHONUNBUFFERED": "1"}
    here["DJANGO_SETTINGS_MODULE"] = "oqu.settings"
    here["PYTHONDONTWRITEBYTECODE"] = ""  # or each of the many processes compiles all modules for itself
    for name in ("NO_PROXY", "no_proxy"):  # a proxy of the machine does not lead to the sandbox
        here[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1", "localhost"]))
    if ports is not None:
        here |= {name: str(port) for name, port in ports.items()}
        here["SANDBOX_URL"] = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
        here["NCALAYER_URL"] = f"ws://127.0.0.1:{ports['NCALAYER_PORT']}/"
        here["PUBLIC_URL"] = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{ports['PORT']}")
    return os.environ | here


def _changed(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if os.environ.get(name) != value}


def _ports() -> dict[str, int]:
    try:
        return {name: int(os.environ.get(name) or usual) for name, usual in PORTS.items()}
    except ValueError as error:
        raise Trouble(f"{', '.join(PORTS)} must be numbers.") from error


def _check_free(ports: dict[str, int]) -> None:
    for name, port in ports.items():
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError as error:
                raise Trouble(f"Port {port} is taken. Choose another: {name}={port + 1} ./run") from error


def _rotate_logs(place: Place) -> None:
    """One start, one log; the one before it is kept, since that is where the last crash stands."""
    for log in place.log.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _is_healthy(port: int) -> bool:
    """The worker too, which stops no page and so no load balancer."""
    status, body = _ask(port, "/healthz")
    return status == 200 and bool(json.loads(body)["healthy"])


def _ask(port: int, path: str) -> tuple[int, bytes]:
    """The HTTP status of an address on this machine and its body, 0 while nobody answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-Forwarded-Proto": "https"})
    try:
        with direct.open(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except OSError:
        return 0, b""


def _welcome(ports: dict[str, int]) -> str:
    portal = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{ports['PORT']}")
    return WELCOME.read_text().format(portal=portal, sandbox=f"http://127.0.0.1:{ports['SANDBOX_PORT']}")


USAGE = """\
./run                   start the portal with demo data and the sandbox of the state systems
./run test [options]    lint, then run the tests; options go to pytest, and with any nothing is linted;
                        --no-lint runs the whole suite without it
./run mutants [module]  break the rules in small ways, and show what no test notices (--help)
./run pictures [words]  make pictures of every page, or of some, into var/pictures
./run engines [options] walk the main route in Chromium, WebKit, Firefox and w3m; options go to pytest
./run manage <command>  run a management command in the portal's environment
./run lint              run the checks: ruff, mypy, templates, migrations, shell scripts, deploy
./run audit             ask for known holes of the packages: 0 none, 1 some, 3 they could not be asked about
./run lock              pin what the requirements files need, with hashes
"""


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            return portal()
        case ["test", *options]:
            return test(options)
        case ["mutants", *options]:
            return mutants(options)
        case ["pictures", *words]:
            return pictures(words)
        case ["engines", *options]:
            return engines(options)
        case ["manage", *rest]:
            return manage(rest)
        case ["lint"]:
            return lint()
        case ["audit"]:
            return audit()
        case ["lock"]:
            return lock()
    print(USAGE, end="", file=sys.stdout if arguments in (["-h"], ["--help"], ["help"]) else sys.stderr)
    return 0 if arguments in (["-h"], ["--help"], ["help"]) else 2
