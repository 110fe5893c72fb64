"""Nobody outlives what they hold: a lease lasts longer than the task under it, or two would work at once."""

import ast
import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts import deadlines
from notifications import queue
from oqu import beat
from oqu.celery import app
from tests.test_architecture import ROOT, sources

# Each lease and the task that holds it.
TASKS = {
    "ahead": "applications.draw_ahead",
    "eve": "applications.remind_openings",
    "families": "applications.make_exports",
    "medical": "applications.fetch_medical",
    "tables": "applications.make_tables",
}
ENDS_ITSELF = {
    "beat": "each turn asks for it anew (oqu/beat.py)",
    "setup": "a command: what it brings is one transaction, and brought once",
}


def held() -> Iterator[tuple[str, timedelta]]:
    """Every lease of the code, by the calls that take one: its name and how long it lasts."""
    for path in sources():
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        taken = [node for node in nodes if is_taking(node)]
        if taken and path.name != "leases.py":
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for call in taken:
                said = {one.arg: one.value for one in call.keywords}
                name = read(said.get("name") or call.args[0], module)
                yield name, read(said["lasts"], module) if "lasts" in said else queue.LEASE


def is_taking(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("leases.take", "leases.run_alone")


def read(node: ast.expr, module: Any) -> Any:
    return eval(ast.unparse(node), vars(module))


def hard_limit(task: str) -> timedelta:
    app.loader.import_default_modules()
    return timedelta(seconds=app.tasks[task].time_limit or app.conf.task_time_limit)


def test_every_lease_is_longer_than_the_task_that_holds_it(subtests: Any) -> None:
    found = dict(held())
    assert sorted(found) == sorted(TASKS | ENDS_ITSELF)
    for name, task in TASKS.items():
        with subtests.test(name):
            assert found[name] > hard_limit(task)


def test_row_of_a_queue_is_held_longer_than_its_task_unless_that_runs_alone() -> None:
    app.loader.import_default_modules()
    own = {name for name in app.tasks if not name.startswith("celery.")}
    longer = {task for task in own if hard_limit(task) >= queue.LEASE}

    assert longer <= set(TASKS.values())


def test_broker_gives_no_task_out_again_while_it_may_run() -> None:
    patience = timedelta(seconds=app.conf.broker_transport_options["visibility_timeout"])

    assert patience > timedelta(seconds=app.conf.task_time_limit)


def test_beat_renews_its_lease_long_before_the_end() -> None:
    assert 3 * timedelta(seconds=beat.LOOKS) < beat.LASTS


@pytest.mark.parametrize("kind", deadlines.Kind)
def test_no_question_outlasts_the_row_it_is_about(kind: deadlines.Kind) -> None:
    assert timedelta(milliseconds=deadlines.wanted(kind)["statement_timeout"]) < queue.LEASE
