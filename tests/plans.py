"""Which queries would read a whole table of the country, however few rows there are in a test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.environment import PORTAL

# What grows with the number of children and not with that of schools.
GROWING = {
    "accounts_user", "accounts_child", "accounts_guardianship", "accounts_consent", "accounts_journalentry",
    "applications_application", "applications_statuschange", "applications_document", "applications_decision",
    "applications_signature", "applications_paper", "applications_signingrequest",
    "applications_signingbatch", "applications_supplement",
    "notifications_message", "notifications_notice",
}  # fmt: skip
ASKS = re.compile(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", re.I)
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b|/\*'?(?:oqu|page|task|command)\b.*\*/")
# So that of two ways the one by an index is taken, though both cost next to nothing here.
OFF = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")


def forget_counts() -> None:
    """Nothing is known of any table, whatever was counted in it while other tests ran, nor does a vacuum
    count meanwhile: few rows would be read from end to end with good reason. Taken back with the
    transaction."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        tables = ", ".join(f'"{name}"' for name in connection.introspection.table_names(cursor))
        cursor.execute(f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
        cursor.execute(
            "UPDATE pg_class SET relpages = 0, reltuples = -1"
            " WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
        )
        cursor.execute(
            "DELETE FROM pg_statistic WHERE starelid IN"
            " (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
        )
        cursor.execute(f"SET ROLE {PORTAL}")


@contextmanager
def watched(known: set[str]) -> Iterator[list[str]]:
    """The queries of this block that no index answers, with the table they would read from end to end.
    `known`: forms of queries that have been looked at, whatever numbers and texts stand in them."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    for sql in (query["sql"] for query in queries.captured_queries):
        if (form := LITERAL.sub("?", sql)) not in known:
            known.add(form)
            found += [f"{table}: {sql}" for table in read_whole(sql)]


def read_whole(sql: str) -> list[str]:
    if not ASKS.match(sql) or not any(f'"{table}"' in sql for table in GROWING):
        return []
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET {name} = off" for name in OFF))
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
        cursor.execute("; ".join(f"RESET {name}" for name in OFF))
    return sorted({node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if _reads_whole(node)})


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from _nodes(inner)


def _reads_whole(node: dict[str, Any]) -> bool:
    if node.get("Relation Name") not in GROWING:
        return False
    kind = node["Node Type"]
    if kind == "Seq Scan":
        return True
    return kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node and not _is_partial(node)


def _is_partial(node: dict[str, Any]) -> bool:
    """An index of few rows, the waiting ones, may be read as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indpred IS NOT NULL FROM pg_index WHERE indexrelid = %s::regclass", [node["Index Name"]]
        )
        partial: bool = cursor.fetchone()[0]
    return partial
