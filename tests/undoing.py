"""What a part of a test writes, taken back at its end: many cases on one costly setting up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes into the database is not there behind it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
