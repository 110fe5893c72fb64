"""What may be done with an application before it is signed: write answers into it, delete it.

Every change locks the row and asks whether it is still a draft: the same draft may be open in two tabs,
and may be signed in one of them.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import transaction

from accounts import written
from accounts.prepared import Prepared
from accounts.storage import StoreAway
from applications.models import Application
from applications.status import Status

logger = logging.getLogger(__name__)

_LOCKED = Prepared(
    lambda application: Application.objects.select_for_update(of=("self",)).filter(pk=application), int
)
_UNSIGNED = {"status": Status.DRAFT}


class NotADraft(Exception):
    """The application was signed meanwhile, or deleted; nothing was written."""


@contextmanager
def locked(application: Application) -> Iterator[Application]:
    """The draft's row, held until the block ends. Raises NotADraft."""
    with transaction.atomic():
        row = _LOCKED.first(application.pk)
        if row is None or row.status != Status.DRAFT:
            raise NotADraft
        yield row


def write(
    application: Application, *, check: Callable[[Application], None] | None = None, **changes: Any
) -> None:
    """Write answers of the wizard into the draft, if the locked row passes the check. Raises NotADraft."""
    if check is None:
        return _write(application, changes)
    with locked(application) as row:
        check(row)
        return _write(application, changes)


def _write(application: Application, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(application, name, value)
    if not written.update(application, *changes, "updated_at", only=_UNSIGNED):
        raise NotADraft


def give_number(draft: Application) -> None:
    """A draft has its number from the first day: 2026-000123."""
    write(draft, number=f"{draft.year}-{draft.pk:06d}")


def delete(application: Application) -> None:
    """The draft with its files. Raises NotADraft."""
    with locked(application) as row:
        names = list(row.documents.values_list("file", flat=True))
        names += row.removed_documents.values_list("file", flat=True)
        names += row.signing_requests.values_list("payload", flat=True)
        row.delete()
        transaction.on_commit(lambda: forget(names))


def drop_set_aside(application: Application, **which: Any) -> None:
    """What was taken out of its places, replaced files too, for good; under the row's lock. `which`: of these
    alone."""
    waiting = application.removed_documents.filter(**which)
    names = list(waiting.values_list("file", flat=True))
    waiting.delete()
    transaction.on_commit(lambda: forget(names))


def forget(names: list[str], store: Storage = default_storage) -> None:
    """Remove files whose rows are gone. What a silent store keeps, keeping removes (keeping/loose.py)."""
    for name in filter(None, names):
        try:
            store.delete(name)
        except StoreAway as error:  # it may be of this one alone
            logger.warning("a file is left behind: %s", error)
