"""There is none here: people of ops sign in through eGov, and their post makes them ops (D38)."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError

INSTEAD = (
    "nobody here has a password: people of ops sign in through eGov. `manage.py staff add OPS` gives the "
    "post to a person by their IIN, `manage.py setup` asks for the first one"
)


class Command(createsuperuser.Command):
    """With the options of Django's own, in the place of which it stands."""

    help = __doc__
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(INSTEAD)
