"""Starts the sandbox of the state systems beside a demo portal."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Play the state systems: eGov login, registers, 1414, SMS, signatures. For the demo only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="", help="address to listen on; by default that of SANDBOX_URL")
        parser.add_argument("--port", type=int, default=0, help="by default that of SANDBOX_URL")
        parser.add_argument("--ncalayer-port", type=int, default=0, help="by default that of NCALAYER_URL")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The sandbox is for the demo: it does not start without DEMO=1.")
        # Only here: a production portal never imports the sandbox.
        from sandbox.__main__ import serve

        here, ncalayer = urlsplit(settings.SANDBOX_URL), urlsplit(settings.NCALAYER_URL)
        host, port = options["host"] or here.hostname or "127.0.0.1", options["port"] or here.port or 80
        self.stdout.write(f"Sandbox of the state systems: {settings.SANDBOX_URL}/")
        serve(
            host=host,
            port=port,
            ncalayer_port=options["ncalayer_port"] or ncalayer.port or 13579,
            state_dir=settings.VAR_DIR / "sandbox",
            portal_url=settings.PUBLIC_URL,
        )
