"""Where tests run, kinder than production in nothing: the portal's own role in the database, files and a
cache of each test, nothing left over from the one before. A plugin of the conftest, which has the cast."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.signals import connection_created
from django.template import Context, Template
from django.test import TransactionTestCase
from django.test.signals import template_rendered
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadGroupScheduling

from accounts import outside, roles, speaker
from applications.papers import keys, printing
from oqu import clocks
from tests.frames import roomy

DATA_KEY = f"test:{'a' * 43}="  # under which files and tokens of tests lie

# The same examples in every run, on a machine of any speed: what fails, fails again.
hypothesis_settings.register_profile(
    "oqu", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("oqu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rule", metavar="ID", help="only the tests that prove this rule of docs/rules.md")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    rule = config.getoption("--rule")
    if not rule:
        return
    proofs = [item for item in items if any(rule in mark.args for mark in item.iter_markers("rule"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in proofs])
    items[:] = proofs


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Each test has room on Python's stack."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    roomy(runtestprotocol, item, nextitem=nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


# By the beginning of their addresses. What takes part in one costly setting goes to one worker, and first.
TOGETHER = {
    "tests/browser/": "browser",
    "tests/screens/": "browser",
    "tests/load/": "load",
    "applications/signing/tests/test_bulk_browser.py": "stage",
    "applications/signing/tests/test_ncalayer_script.py": "stage",
    "applications/signing/tests/test_signing_browser.py": "stage",
}


class Together(LoadGroupScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return next((group for start, group in TOGETHER.items() if nodeid.startswith(start)), nodeid)

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """Asked after each test; what a worker has behind it would be counted through every time."""
        for done in [scope for scope, tests in workload.items() if all(tests.values())]:
            del workload[done]
        return super()._pending_of(workload)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling:
    """Of several workers. The marks by which pytest-xdist would group are lost on the way to it: it writes
    them into a name that pytest no longer reads."""
    return Together(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of collected tests live to the end: no collection of garbage walks them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def _plain_test_settings(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test stay in its folder; pages find static files without a collected manifest. Many a test
    has a time of its own, which the database knows nothing of."""
    monkeypatch.setattr(clocks, "difference", timedelta)
    settings.EDS_CRL_URLS = []  # none was fetched but where a test does
    settings.SMARTBRIDGE_WSS = False  # but where a test brings the bus, whose keys these are
    settings.TSP_URL = ""  # papers go without a stamp but where a test brings an authority
    settings.STORAGES = {
        "default": {
            "BACKEND": "accounts.storage.LockedStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.DATA_KEYS = [DATA_KEY]
    # Of this test alone: what others have counted (the throttle) would depend on who ran before.
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    settings.CACHES = {"default": memory}
    settings.EDS_CRL_DIR = tmp_path / "crl"
    settings.STATIC_ROOT = None  # nothing is collected, so WhiteNoise has nothing to serve


PORTAL = "oqu_portal"
LASTING = {"django_content_type", "auth_permission"}  # made with the tables


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The owner has made the tables; who uses them from here on is the portal's role, as in production."""
    with django_db_blocker.unblock():
        _make_role()
        roles.give(PORTAL)
        connection.close()
    connection_created.connect(_as_portal)
    yield
    connection_created.disconnect(_as_portal)
    connection.close()


def _make_role() -> None:
    """Of the whole server, so a worker beside this one may be first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {PORTAL} LOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )


def _as_portal(connection: Any, **_signal: Any) -> None:
    if connection.alias == DEFAULT_DB_ALIAS:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {PORTAL}")


@pytest.fixture
def owner(db: None) -> Iterator[None]:
    """This test works as the owner of the tables."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield
        cursor.execute(f"SET ROLE {PORTAL}")


@pytest.fixture
def gather_statistics(db: None) -> Callable[[], None]:
    """By which PostgreSQL chooses its plans; it does so for the owner alone, and to others only warns."""

    def gather() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"RESET ROLE; ANALYZE; SET ROLE {PORTAL}")

    return gather


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_quickly() -> Iterator[None]:
    """Between tests that commit the rows go and nothing else: Django's own way would make the triggers, the
    permissions and the types of content anew each time. The journal refuses to be emptied but to the owner of
    the database, with its triggers asleep."""

    def teardown(_case: TransactionTestCase) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE; SET session_replication_role = replica")
            tables = set(connection.introspection.django_table_names(only_existing=True)) - LASTING
            asked = " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in sorted(tables)
            )
            cursor.execute(asked)
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")
        connection.close()  # the next one is the portal's again

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def undone() -> Iterator[None]:
    """What this block does to rows and files is taken back: many cases share one costly set-up."""
    store = Path(default_storage.path(""))
    files = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for path in store.rglob("*"):
        if path.is_file() and path not in files:
            path.unlink()
    for path, content in files.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


@pytest.fixture(autouse=True, scope="session")
def _contexts_are_kept_of_whole_pages(django_test_environment: None) -> Iterator[None]:
    """For `answer.context`. Django's tests copy the context of each template that is included, too, and that
    takes a tenth of the time of a page."""

    def render(self: Template, context: Context) -> Any:
        if not getattr(context, "is_kept", False):
            context.is_kept = True  # type: ignore[attr-defined]  # a mark of ours
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


_make_rsa_key = keys._new_rsa_key


@contextmanager
def own_rsa_keys() -> Iterator[None]:
    """A key that is made in this block is no other's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_new_rsa_key", _make_rsa_key)
        yield


@pytest.fixture(autouse=True, scope="session")
def _what_is_dear_is_made_once(django_test_environment: None) -> Iterator[None]:
    """An RSA key for the seal takes half a second to be found, and a page of a paper a fifth to be drawn. New
    keys are taken in turn from a few; a page that was drawn from the same text comes as it came."""
    found: list[Any] = []
    turns = count()
    print_page = lru_cache(100)(printing._print)

    def key() -> Any:
        turn = next(turns) % 4
        if turn == len(found):
            found.append(_make_rsa_key())
        return found[turn]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_new_rsa_key", key)
        patch.setattr(printing, "_print", print_page)
        yield


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """A page leaves its language active in the thread, a task its name and number, who asks outside what is
    paused; the next test starts in the portal's own language, and nobody speaks."""
    yield
    translation.deactivate()
    speaker.fall_silent()
    outside._PAUSED.clear()  # by rows that are gone
