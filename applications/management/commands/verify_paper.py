"""Check a paper of OQU without network and without the database: a PDF, or the text of its QR code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from applications.papers import qr_line, seal

KINDS = {"APPLICATION": "application", "ACCEPT": "decision: accepted", "REFUSE": "decision: refused"}
VERDICTS = {
    seal.Verdict.GOOD: "the seal is ours, covers the whole file, and nothing was changed",
    seal.Verdict.CHANGED: "CHANGED after it was sealed",
    seal.Verdict.FOREIGN: "NOT OURS: sealed by somebody else",
    seal.Verdict.NO_SEAL: "NOT OURS: there is no seal, or no PDF",
}


class Command(BaseCommand):
    help = "Say whether a PDF or the text of a QR code is of OQU; exit code 1 when it is not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paper", help="a PDF file, or the text that a QR code holds")
        parser.add_argument("--keys", type=Path, help="folder of public keys, when it is not KEYS_DIR")

    def handle(self, *args: Any, paper: str, keys: Path | None, **options: Any) -> None:
        if keys:
            settings.KEYS_DIR = keys
        is_line = qr_line.MARK in paper and not Path(paper[:255]).is_file()
        good = self._line(paper) if is_line else self._file(Path(paper))
        if not good:
            raise SystemExit(1)

    def _line(self, text: str) -> bool:
        try:
            facts = qr_line.read(text)
        except qr_line.Unproven as error:
            self.stdout.write(f"NOT OURS: {error}")
            return False
        self.stdout.write(f"number    {facts.number}\nkind      {KINDS[facts.kind]}\nsigned    {facts.day}")
        self.stdout.write(f"school    BIN {facts.school_bin}\nchild     {facts.initials}")
        self.stdout.write("the line is signed by our key; compare it with the paper")
        return True

    def _file(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                content = file.read(seal.MAX_BYTES + 1)
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        verdict = seal.examine(content)
        self.stdout.write(VERDICTS[verdict])
        return verdict == seal.Verdict.GOOD
