"""Files that no row names: of an upload that was broken off before its row was written, or of a row whose
file could not be removed. Looked for folder by folder, for a store holds millions."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import models

from accounts import journal, speaker
from applications import drafts
from applications.models import Document

logger = logging.getLogger(__name__)

POLICY = "loose_files"
FOLDERS = [f"{number:02x}" for number in range(256)]  # as private_path spreads them
TOO_MANY, SHARE = 20, 0.5  # of one folder: that is another database's store, not what was left behind


class WrongStore(Exception):
    """Most files are named by no row: the database or VAR_DIR is not the one that belongs here. Nothing was
    removed."""


def of_this_hour(now: datetime) -> str:
    """Each hour another folder: the whole store in eleven days."""
    return FOLDERS[int(now.timestamp() // 3600) % len(FOLDERS)]


def find(folder: str, *, now: datetime, store: Storage = default_storage) -> list[str]:
    """Older than ERASE_LOOSE_FILES_DAYS: a younger one may wait for its row. Raises WrongStore."""
    before = now - timedelta(days=settings.ERASE_LOOSE_FILES_DAYS)
    names = [f"{folder}/{name}" for name in listed(store, folder)]
    if not names:
        return []
    known = set(named(folder))
    loose = [name for name in names if name not in known and _is_older(store, name, before)]
    if len(loose) > TOO_MANY and len(loose) > SHARE * len(names):
        raise WrongStore(folder)
    return loose


def erase(folder: str, *, now: datetime, store: Storage = default_storage) -> int:
    """How many were removed. Raises WrongStore."""
    found = find(folder, now=now, store=store)
    if found:
        with speaker.speaking(f"erasing {POLICY}"):
            journal.erased(Document, [], policy=POLICY, files=len(found))
        drafts.forget(found, store)
        logger.info("erased %s: %d files", POLICY, len(found))
    return len(found)


def listed(store: Storage, folder: str) -> list[str]:
    try:
        return sorted(store.listdir(folder)[1])
    except FileNotFoundError:
        return []


def named(folder: str) -> Iterator[str]:
    """By any row of any model."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                rows = model._base_manager.filter(**{f"{field.name}__startswith": f"{folder}/"})
                yield from rows.values_list(field.name, flat=True)


def _is_older(store: Storage, name: str, before: datetime) -> bool:
    try:
        return store.get_modified_time(name) < before
    except FileNotFoundError:  # removed meanwhile
        return False
