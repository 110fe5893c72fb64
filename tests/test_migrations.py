"""A release goes over running load: no migration locks a table that people write to, or takes away what the
version before it still reads (docs/deploy.md, "A new version")."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    NotInTransactionMixin,
)
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

pytestmark = pytest.mark.django_db
# The last of each application that nobody had installed before it was there: they may do anything.
SETTLED = {"accounts": 1, "applications": 1, "notifications": 1, "schools": 1}
# What the linter does not know: the whole table is read under a lock that lets nobody write.
VALIDATED = re.compile(r"ADD CONSTRAINT \S+ (?:CHECK|EXCLUDE)\b(?!.*NOT VALID)", re.DOTALL)
# Behind it the linter takes a bracket for the end of the table's name, and a new table for one in use.
CONDITION = re.compile(r"(?<=\)) WHERE .*", re.DOTALL)


@pytest.fixture(autouse=True)
def nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL is only written down, so that a test stands in a transaction matters to none."""
    monkeypatch.setattr(NotInTransactionMixin, "_ensure_not_in_transaction", lambda *_given: None)


@pytest.fixture
def state() -> ProjectState:
    return MigrationLoader(connection).project_state()


def faults(migration: Migration, state: ProjectState) -> set[str]:
    """By the SQL that it would run."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        migration.apply(state, editor, collect_sql=True)
    told = [CONDITION.sub("", line) for line in editor.collected_sql if not line.startswith("--")]
    statements = [*(["BEGIN;"] if migration.atomic else []), *told]
    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, statements)
    found = {issue.code for issue in (*errors, *warnings)}
    found |= {"VALIDATED"} if any(map(VALIDATED.search, statements)) else set()
    # Half of it would be done when the second waits in vain, and could not be done again.
    return found | ({"SEVERAL"} if not migration.atomic and len(migration.operations) > 1 else set())


def wrong(loader: MigrationLoader) -> dict[str, set[str]]:
    """The faults of each migration that a portal at work is still to take."""
    ours = {app.label for app in apps.get_app_configs() if "site-packages" not in app.path}
    found = {
        f"{label}.{name}": faults(migration, loader.project_state((label, name), at_end=False))
        for (label, name), migration in sorted(loader.disk_migrations.items())
        if label in ours and int(name[:4]) > SETTLED.get(label, 0)
    }
    return {name: codes for name, codes in found.items() if codes}


def test_no_migration_stops_the_portal() -> None:
    assert wrong(MigrationLoader(connection)) == {}


def test_the_next_of_each_application_is_looked_at() -> None:
    """Also while no application has one that is: a good one, and a bad one after it."""
    loader = MigrationLoader(connection)
    models_of = {state.app_label: state.name for state in loader.project_state().models.values()}
    bad = set()
    for label in SETTLED:
        (last,) = loader.graph.leaf_nodes(label)
        number = int(last[1][:4])
        for name, field in (
            (f"{number + 1:04d}_good", models.CharField(max_length=5, null=True)),
            (f"{number + 2:04d}_bad", models.CharField(max_length=5, default="")),
        ):
            migration = of(migrations.AddField(models_of[label], name[5:], field), name=name, label=label)
            loader.disk_migrations[label, name] = migration
            loader.graph.add_node((label, name), migration)
            loader.graph.add_dependency(migration, (label, name), last)
            last = (label, name)
        bad.add(".".join(last))

    assert wrong(loader) == {name: {"NOT_NULL"} for name in bad}


def of(*operations: Any, atomic: bool = True, name: str = "tried", label: str = "schools") -> Migration:
    kind = type("Tried", (Migration,), {"operations": list(operations), "atomic": atomic})
    return kind(name, label)


def holiday(field: models.Field, name: str = "extra") -> migrations.AddField:
    return migrations.AddField("holiday", name, field)


def cases() -> Iterator[tuple[str, Migration]]:
    index = models.Index(fields=["kind"], name="holiday_kind")
    known = models.CheckConstraint(condition=models.Q(kind__in=["OFF", "WORK"]), name="holiday_known")
    alone = models.UniqueConstraint(fields=["name_kk"], name="holiday_once")
    yield "DROP_COLUMN", of(migrations.RemoveField("holiday", "name_ru"))
    yield "DROP_TABLE", of(migrations.DeleteModel("Holiday"))
    yield "RENAME_COLUMN", of(migrations.RenameField("holiday", "name_ru", "name"))
    yield "RENAME_TABLE", of(migrations.AlterModelTable("holiday", "days_off"))
    yield "NOT_NULL", of(holiday(models.CharField(max_length=5, default="")))
    yield "ALTER_COLUMN", of(migrations.AlterField("holiday", "name_kk", models.IntegerField()))
    yield "CREATE_INDEX", of(migrations.AddIndex("holiday", index))
    yield "ADD_UNIQUE", of(migrations.AddConstraint("holiday", alone))
    yield "VALIDATED", of(migrations.AddConstraint("holiday", known))
    yield (
        "VALIDATED",
        of(
            migrations.AddConstraint(
                "holiday", ExclusionConstraint(name="holiday_apart", expressions=[("date", "=")])
            )
        ),
    )
    yield "", of(holiday(models.CharField(max_length=5, null=True)))
    yield "", of(holiday(models.CharField(max_length=5, db_default="")))
    yield "", of(AddIndexConcurrently("holiday", index), atomic=False)
    yield "SEVERAL", of(*[AddIndexConcurrently("holiday", index)] * 2, atomic=False)
    yield "", of(AddConstraintNotValid("holiday", known))
    key = ("id", models.BigAutoField(primary_key=True))
    yield "", of(migrations.CreateModel("Tried", [key]))
    some = models.UniqueConstraint(fields=["id"], condition=~models.Q(id=1), name="tried_once")
    yield "", of(migrations.CreateModel("Tried", [key], options={"constraints": [some]}))
    apart = models.UniqueConstraint(fields=["date"], condition=~models.Q(kind="OFF"), name="holiday_some")
    yield "CREATE_INDEX", of(migrations.AddConstraint("holiday", apart))


def test_what_would_stop_it_is_seen(state: ProjectState, subtests: pytest.Subtests) -> None:
    for fault, migration in cases():
        with subtests.test(f"{fault} {migration.operations[0].describe()}"):
            found = faults(migration, state.clone())
            assert found >= {fault} if fault else found == set()
