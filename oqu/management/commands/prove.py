"""Prove a restored place before anybody leans on it: DATABASE_URL, VAR_DIR and KEYS_DIR name it. Changes
nothing; exit code 1 when something does not hold."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from oqu import health
from oqu.drill import proofs
from oqu.drill.proofs import Asked, Proof

logger = logging.getLogger(__name__)
SAMPLE = 500


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample",
            type=int,
            default=SAMPLE,
            help=f"so many applications, chosen by chance ({SAMPLE}); 0: all",
        )
        parser.add_argument("--any-age", action="store_true", help="it may be of any moment")

    def handle(self, *args: Any, sample: int, any_age: bool, **options: Any) -> None:
        now = timezone.now()
        basics = health.examine(now=now)
        if not basics["database"]["ok"]:
            raise CommandError("the database of DATABASE_URL does not answer")
        if not health.has_tables(basics):
            raise CommandError("its tables are not this version's: use the code that it was backed up by")
        asked = Asked(now, sample, any_age)
        failed = [name for name, one in proofs.PROOFS.items() if not self._tell(name, _made(one, asked))]
        if failed:
            raise SystemExit(1)

    def _tell(self, name: str, proof: Proof) -> bool:
        for line in proofs.lines(name, proof):
            self.stdout.write(line)
        return not proof.faults


def _made(one: Any, asked: Asked) -> Proof:
    """One that fails, in whatever way, hides no other; what its error says may be nobody's to read."""
    try:
        proof: Proof = one(asked)
    except Exception as error:
        logger.error("proof, %s: %s", one.__name__, type(error).__name__)
        return Proof(faults=[f"could not be made: {type(error).__name__}"])
    return proof
