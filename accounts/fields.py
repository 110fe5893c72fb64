"""A column that is locked in the database and plain in Python."""

from typing import Any

from django.db import models

from accounts import vault


class LockedTextField(models.TextField):  # type: ignore[type-arg]  # django-stubs: no arguments at run time
    """A text that only the keys apart from the database open (accounts/vault.py). It can be asked whether it
    is empty, and nothing else: each time the same text is locked it is another one."""

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return plain if plain is None else vault.lock_text(plain)

    def from_db_value(self, value: str | None, *_context: Any) -> str | None:
        return None if value is None else vault.unlock_text(value)
