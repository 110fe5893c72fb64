"""What the columns of several tables are given."""

import secrets
import uuid

from django.db import models


def new_token() -> str:
    """192 random bits for an address that must not be guessed."""
    return secrets.token_urlsafe(24)


def private_path(_instance: models.Model, _filename: str) -> str:
    """A random name: nothing of what a person called the file is trusted."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"
