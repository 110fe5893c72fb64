"""pytest over one module, as it is or as a mutant, in a process forked for it alone.

The parent has imported what other people wrote and nothing of the portal, so a fork starts where an
ordinary run is after two seconds, and still imports the mutated module as everybody does. The test database
is made once, by the run that shows the module sound, and kept.
"""

import gc
import importlib
import importlib.util
import json
import math
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not load and not browser"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plugins that are imported already
STARTING = 5.0  # seconds that a mutant may take beside its tests
PATIENCE = 5  # times as long as its tests may it compute
WAITING = 4  # times as long may it last: the machine has other work, too


@dataclass
class Sound:
    """What a run over the sound modules has shown."""

    passed: bool
    tests: dict[str, float]  # seconds of each
    lines: dict[str, dict[int, set[str]]]  # which tests have run a line of a module; "" is the import
    foreign: list[str] = field(default_factory=list)  # modules of other people

    def of(self, path: str, lines: frozenset[int]) -> dict[str, float]:
        """The tests that run one of these lines, the quickest first; of what the import runs, all."""
        known = self.lines.get(path, {})
        found = set().union(*(known.get(line, set()) for line in lines))
        names = self.tests if found == {""} else found - {""}
        return {name: self.tests[name] for name in sorted(names, key=self.tests.__getitem__)}


def sound(paths: list[str], tests: list[str], log: Path) -> Sound:
    """Run the tests over modules as they are, and note who runs which line of them."""
    sys.dont_write_bytecode = False  # else every fork compiles the portal and its tests anew
    answer = log.with_suffix(".json")
    answer.unlink(missing_ok=True)
    code = _fork(lambda: _measure(paths, tests, answer), log, seconds=3600)
    if not answer.is_file():
        return Sound(False, {}, {})
    said = json.loads(answer.read_text())
    lines = {
        path: {int(line): set(names) for line, names in known.items()}
        for path, known in said["lines"].items()
    }
    return Sound(code == 0, said["tests"], lines, said["foreign"])


def warm(modules: list[str]) -> None:
    """Import here what every fork would import."""
    for name in modules:
        with suppress(Exception):
            importlib.import_module(name)
    if not KEYS:
        KEYS.append(Keys())
    gc.freeze()


class Keys:
    """RSA keys made before the forks: making one takes longer than most tests."""

    COUNTS = {2048: 12, 3072: 2}  # of so many bits

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.module, self.make = rsa, rsa.generate_private_key
        self.ready = {bits: [self.make(65537, bits) for _ in range(n)] for bits, n in self.COUNTS.items()}

    def hand_out(self) -> None:
        self.module.generate_private_key = self._take

    def _take(self, public_exponent: int, key_size: int, backend: object = None) -> Any:
        ready = self.ready.get(key_size)
        return ready.pop() if ready else self.make(public_exponent, key_size)


KEYS: list[Keys] = []


def judge(path: str, code: str, tests: dict[str, float], log: Path) -> str:
    """What becomes of a mutant under these tests (each with its seconds): killed, survived, or timeout."""
    patience = WAITING * (STARTING + sum(tests.values()))
    ended = _fork(lambda: _run_mutant(path, code, tests), log, seconds=patience)
    if ended in (None, -signal.SIGXCPU):
        _fork(_restore_database, log, seconds=60)  # it was torn out of the middle of a test
        return "timeout"
    return "killed" if ended else "survived"


def _keep_database() -> int:
    return _copy_database(source="", target="_clean")


def _restore_database() -> int:
    return _copy_database(source="_clean", target="")


def _copy_database(*, source: str, target: str) -> int:
    """The tests' database as it was made, kept beside it: for when a mutant was torn out of a test."""
    import django
    from django.db import connection

    django.setup()
    connection.close()
    name = _test_database()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"{name}{source}"])
        if not cursor.fetchone():  # no test of this module has asked for one
            return 0
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}{target}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}{target}" TEMPLATE "{name}{source}"')
    return 0


def _test_database() -> str:
    from django.db import connection

    return "test_" + str(connection.settings_dict["NAME"]).removeprefix("test_")  # it stays after a run


def _fork(work: Callable[[], int], log: Path, *, seconds: float) -> int | None:
    """The exit code of `work` in a child with a session of its own; None when it took too long."""
    child = os.fork()
    if child == 0:
        _be_child(work, log)
    try:
        return _wait(child, time.monotonic() + seconds)
    finally:
        with suppress(ProcessLookupError):  # the child, and what it has left behind
            os.killpg(child, signal.SIGKILL)


def _wait(child: int, deadline: float) -> int | None:
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _be_child(work: Callable[[], int], log: Path) -> None:
    code = 99
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(out, stream)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _pytest(files: list[str], *options: str, plugin: object) -> int:
    import pytest

    return int(pytest.main([*OPTIONS, *options, *files], plugins=[plugin]))


def _measure(paths: list[str], tests: list[str], answer: Path) -> int:
    from coverage import Coverage

    before = set(sys.modules)
    measured = Coverage(data_file=None, include=[str(ROOT / path) for path in paths], config_file=False)
    watch = Watch(measured)
    measured.start()
    code = _pytest(tests, "--create-db", "--reuse-db", plugin=watch)
    measured.stop()
    _keep_database()
    data = measured.get_data()
    lines = {path: data.contexts_by_lineno(str(ROOT / path)) for path in paths}
    foreign = [name for name in sys.modules if name not in before and _is_foreign(name)]
    answer.write_text(json.dumps({"tests": watch.seconds, "lines": lines, "foreign": foreign}))
    return code


def _is_foreign(name: str) -> bool:
    file = str(getattr(sys.modules[name], "__file__", ""))
    return "/.venv/" in file or not file.startswith(str(ROOT))


class Watch:
    """Tells coverage which test is running, and the clock how long it runs."""

    def __init__(self, measured: Any) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.measured.switch_context(nodeid)
        self.seconds[nodeid] = -time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds[nodeid] += time.monotonic()


class Chosen:
    """Only these tests, in this order, on the database that is there, and none of them for long."""

    def __init__(self, tests: dict[str, float]) -> None:
        self.tests = tests
        self.place = {name: place for place, name in enumerate(tests)}

    def pytest_sessionstart(self) -> None:
        from django.db import connection

        # Django's own looks for new migrations, which takes half a second
        connection.creation.create_test_db = _take_database  # type: ignore[method-assign]  # on purpose

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        items[:] = [item for item in items if item.nodeid in self.place]
        items.sort(key=lambda item: self.place[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Beyond the limit the process is ended: SIGXCPU."""
        until = time.process_time() + STARTING + PATIENCE * self.tests[nodeid]
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(until), resource.RLIM_INFINITY))


def _take_database(*_: object, **_options: object) -> str:
    from django.db import connection

    connection.close()
    name = connection.settings_dict["NAME"] = _test_database()
    return name


def _run_mutant(path: str, code: str, tests: dict[str, float]) -> int:
    sys.meta_path.insert(0, Finder(path, code))
    KEYS[0].hand_out()
    files = sorted({name.partition("::")[0] for name in tests})
    return _pytest(files, "--reuse-db", plugin=Chosen(tests))


class Finder:
    """Imports one module from the given code instead of its file."""

    def __init__(self, path: str, code: str) -> None:
        self.name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.path, self.code = ROOT / path, code

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        loader = Loader(name, str(self.path))
        loader.mutated = self.code
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


class Loader(SourceFileLoader):
    mutated = ""

    def get_code(self, fullname: str) -> Any:
        return compile(self.mutated, self.path, "exec", dont_inherit=True)
