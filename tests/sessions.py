"""What a session of the database is held to."""

from django.db import connection

from accounts import deadlines


def in_force() -> dict[str, int]:
    """The limits of this connection, in milliseconds."""
    names = list(deadlines.wanted(deadlines.Kind.WEB))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting::int FROM pg_settings WHERE name = ANY(%s)", [names])
        return dict(cursor.fetchall())
