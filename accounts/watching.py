"""Which rows are watched, the triggers that write each of their changes into the journal, and whether the
living rows still are what the journal says of them.

An app names its models in `watched` of its AppConfig, each with the columns that are no fact (counters of
tries, leases). Of the others, times, numbers, choices and keys are written as they are; what is personal is
written as one digest with a nonce of the entry: a change of it shows, and the journal tells nobody's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, models, transaction

JOURNAL = ("accounts_journalentry", "accounts_journallink")
PLAIN = (models.DateTimeField, models.DateField, models.IntegerField, models.BooleanField, models.ForeignKey)
PERSONAL = {"birth_date", "sex", "special_needs"}  # of a plain type, and yet of a person
# Of `row`, a jsonb; the same words in the trigger and in the check, which trusts no function of the database.
FACTS = """(SELECT coalesce(jsonb_object_agg(e.key, e.value), '{{}}') FROM jsonb_each({row}) e
  WHERE e.key = ANY ({plain})) || jsonb_build_object('digest', encode(sha256(convert_to(
  {nonce}::text || ({row} - {plain} - {ignored})::text, 'UTF8')), 'hex'))"""
PORTION = 500  # rows told under one lock, which a page that changes one of them waits for
_PARTS = {"plain": "TG_ARGV[2]::text[]", "ignored": "TG_ARGV[3]::text[]", "nonce": "x.nonce"}
_WRITE = f"""INSERT INTO accounts_journalentry (kind, model, "row", said, nonce, facts)
  SELECT TG_OP, TG_ARGV[0], x.row ->> TG_ARGV[1], said, x.nonce, {FACTS.format(row="x.row", **_PARTS)}
  FROM (SELECT to_jsonb(r) AS row, gen_random_uuid() AS nonce FROM @rows) x;"""  # noqa: S608  (of words that stand here)
_CHANGED = """(SELECT n.* FROM new_rows n
  JOIN old_rows o ON to_jsonb(n) ->> TG_ARGV[1] = to_jsonb(o) ->> TG_ARGV[1]
  WHERE (to_jsonb(n) - TG_ARGV[3]::text[]) <> (to_jsonb(o) - TG_ARGV[3]::text[])) r"""
BODY = f"""
DECLARE
  said jsonb := substring(right(current_query(), 2000) FROM '/\\*oqu (\\{{[^*]*\\}})\\*/\\s*$')::jsonb;
BEGIN
  IF TG_OP = 'INSERT' THEN
  {_WRITE.replace("@rows", "new_rows r")}
  ELSIF TG_OP = 'DELETE' THEN
  {_WRITE.replace("@rows", "old_rows r")}
  ELSE
  {_WRITE.replace("@rows", _CHANGED)}
  END IF;
  RETURN NULL;
END
"""
REFUSE = """
BEGIN
  RAISE EXCEPTION 'the journal is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
"""
# UTC: a time is written the same whatever the zone of the session.
UNTOLD = "untold"  # in place of the columns, until each row is told as the triggers write it
FUNCTIONS = {"oqu_journal_note": BODY, "oqu_journal_refuse": REFUSE}
ROWS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


@dataclass(frozen=True)
class Watch:
    """A model, and how its columns are written."""

    label: str
    table: str
    key: str
    plain: tuple[str, ...]
    ignored: tuple[str, ...]
    columns: tuple[str, ...]  # all of them: one more, and the digest of each row is another

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of the triggers. The last is read by none: by it `_stands` sees that rows must be told anew."""
        return self.label, self.key, _array(self.plain), _array(self.ignored), _array(self.columns)


def _array(names: tuple[str, ...]) -> str:
    return "{" + ",".join(names) + "}"


def watches(config: AppConfig) -> list[Watch]:
    """Of one app."""
    named: dict[str, tuple[str, ...]] = getattr(config, "watched", {})
    return [_watch(config.get_model(name), ignored) for name, ignored in named.items()]


def _watch(model: type[models.Model], ignored: tuple[str, ...]) -> Watch:
    options = model._meta
    columns = {str(field.column): _is_plain(field) for field in options.concrete_fields}
    key = str(options.pk.column)
    if unknown := set(ignored) - set(columns):
        raise ValueError(f"{options.label_lower} has no {unknown}")
    shown = tuple(sorted(name for name, is_plain in columns.items() if is_plain and name not in ignored))
    return Watch(
        options.label_lower, options.db_table, key, shown, tuple(sorted(ignored)), tuple(sorted(columns))
    )


def _is_plain(field: Any) -> bool:
    known = field.name not in PERSONAL
    return known and (field.primary_key or isinstance(field, PLAIN) or bool(field.choices))


@cache
def watched_tables() -> frozenset[str]:
    return frozenset(watch.table for config in apps.get_app_configs() for watch in watches(config))


def install(app_config: AppConfig, **_signal: Any) -> None:
    """After each migration, while people write: what is watched is watched as the code says. Rows that begin
    to be watched, or are written in another way from now on, are told once as they are. Only then do the
    triggers say that it stands, so a run that was broken off is made again."""
    if not getattr(app_config, "watched", None) or _is_missing(JOURNAL[0]):
        return
    with connection.cursor() as cursor:
        if app_config.name == "accounts":
            with transaction.atomic():  # in which nobody waits long for a table (accounts/deadlines.py)
                _write_functions(cursor)
        for watch in watches(app_config):
            if not _is_missing(watch.table) and not _stands(cursor, watch):
                _write_triggers(cursor, watch, *watch.arguments[:-1], UNTOLD)
                _tell_all(cursor, watch)
                _write_triggers(cursor, watch, *watch.arguments)


def _is_missing(table: str) -> bool:
    """The tables of an older version have no journal: a migration may be run up to any point."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NULL", [table])
        missing: bool = cursor.fetchone()[0]
    return missing


def _write_functions(cursor: Any) -> None:
    for name, body in FUNCTIONS.items():
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS "
            f"$oqu${body}$oqu$"
        )
    for table in JOURNAL:
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER oqu_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION oqu_journal_refuse()"
        )


def _write_triggers(cursor: Any, watch: Watch, *words: str) -> None:
    arguments = ", ".join(f"'{word}'" for word in words)
    with transaction.atomic():  # as above
        for event, rows in ROWS.items():
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER oqu_journal_{event.lower()} AFTER {event} ON {watch.table} {rows}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION oqu_journal_note({arguments})"
            )


def _tell_all(cursor: Any, watch: Watch) -> None:
    for keys in _portions(cursor, watch):
        with transaction.atomic():
            _tell(cursor, watch, keys)


def _portions(cursor: Any, watch: Watch) -> Iterator[list[Any]]:
    keys: list[Any] = []
    while True:
        after = f"WHERE {watch.key} > %s" if keys else ""
        cursor.execute(
            f"SELECT {watch.key} FROM {watch.table} {after} ORDER BY {watch.key} LIMIT {PORTION}",  # noqa: S608  (as above)
            keys[-1:],
        )
        if not (keys := [key for (key,) in cursor.fetchall()]):
            return
        yield keys


def _tell(cursor: Any, watch: Watch, keys: list[Any]) -> None:
    """Under the rows' locks: who changes one meanwhile has the last word, as its change is the last."""
    facts = _facts("x.row", "x.nonce")
    held = f"WHERE {watch.key} = ANY (%(keys)s) ORDER BY {watch.key} FOR NO KEY UPDATE"
    cursor.execute(
        'INSERT INTO accounts_journalentry (kind, model, "row", said, nonce, facts) '  # noqa: S608  (as above)
        "SELECT 'BASELINE', %(label)s, x.row ->> %(key)s, '{\"by\": \"command migrate\"}', x.nonce, "
        f"{facts} FROM (SELECT to_jsonb(r) AS row, gen_random_uuid() AS nonce"
        f" FROM (SELECT * FROM {watch.table} {held}) r) x",
        _values(watch) | {"keys": keys},
    )


def _facts(row: str, nonce: str) -> str:
    return FACTS.format(row=row, nonce=nonce, plain="%(plain)s::text[]", ignored="%(ignored)s::text[]")


def _values(watch: Watch) -> dict[str, Any]:
    return {
        "label": watch.label,
        "key": watch.key,
        "plain": list(watch.plain),
        "ignored": list(watch.ignored),
    }


def _stands(cursor: Any, watch: Watch) -> bool:
    """Are the three triggers there, as the code would write them, and awake?"""
    cursor.execute(
        "SELECT t.tgname, t.tgenabled, encode(t.tgargs, 'escape') FROM pg_trigger t "
        "WHERE t.tgrelid = to_regclass(%s) AND t.tgname LIKE 'oqu_journal_%%'",
        [watch.table],
    )
    arguments = "".join(f"{word}\\000" for word in watch.arguments)
    wanted = {(f"oqu_journal_{event.lower()}", arguments) for event in ROWS}
    found = cursor.fetchall()
    return {(name, told) for name, _, told in found} == wanted and all(state in "OA" for _, state, _ in found)


def asleep() -> list[str]:
    """What should watch and does not, or not as the code says: tables and functions by name."""
    with connection.cursor() as cursor:
        found = [one.table for one in _all() if not _stands(cursor, one)]
        for name, body in FUNCTIONS.items():
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [name])
            if cursor.fetchall() != [(body,)]:
                found.append(name)
        for table in JOURNAL:
            cursor.execute(
                "SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = 'oqu_append_only' "
                "AND tgenabled IN ('O', 'A')",
                [table],
            )
            if not cursor.fetchall():
                found.append(table)
    return found


def _all() -> list[Watch]:
    return [watch for config in apps.get_app_configs() for watch in watches(config)]


_COMPARE = """
WITH told AS (
  SELECT DISTINCT ON ("row") "row" AS key, kind, nonce, facts FROM accounts_journalentry
  WHERE model = %(label)s AND kind IN ('BASELINE', 'INSERT', 'UPDATE', 'DELETE') ORDER BY "row", id DESC
), living AS (
  SELECT to_jsonb(r) ->> %(key)s AS key, to_jsonb(r) AS row FROM {table} r
)
SELECT coalesce(l.key, t.key), CASE WHEN l.key IS NULL THEN 'ROW_GONE'
  WHEN t.key IS NULL OR t.kind = 'DELETE' THEN 'ROW_UNKNOWN' ELSE 'ROW_DIFFERS' END
FROM told t FULL JOIN living l ON l.key = t.key
WHERE CASE WHEN l.key IS NULL THEN t.kind <> 'DELETE' WHEN t.key IS NULL OR t.kind = 'DELETE' THEN true
  ELSE t.facts <> ({facts}) END
ORDER BY 1
"""


@transaction.atomic
def differing() -> list[tuple[str, str, str]]:
    """Model, key and code of each living row that is not what the journal says last of it."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'UTC'")
        for watch in _all():
            statement = _COMPARE.format(table=watch.table, facts=_facts("l.row", "t.nonce"))
            cursor.execute(statement, _values(watch))
            found += [(watch.label, key, code) for key, code in cursor.fetchall()]
    return found
