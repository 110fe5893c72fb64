from typing import ClassVar

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    watched: ClassVar[dict[str, tuple[str, ...]]] = {
        "User": ("password", "last_login", "refreshed_at", "lang"),
        "Child": ("refreshed_at",),
        "Guardianship": ("answered_at",),
        "Protection": (),
        "Consent": (),
        "Installation": ("witnessed_at",),
        "Order": (),
    }

    def ready(self) -> None:
        from accounts import copies, journal, outside, watching
        from egov import http

        http.silent_while(copies.is_copy)
        http.paused_while(outside.is_paused)
        connection_created.connect(copies.listen, dispatch_uid="copies")
        connection_created.connect(journal.listen, dispatch_uid="journal")
        post_migrate.connect(watching.install, dispatch_uid="journal")
        user_logged_in.connect(journal.signed_in, dispatch_uid="journal")
        user_logged_out.connect(journal.signed_out, dispatch_uid="journal")
