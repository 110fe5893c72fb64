"""The platform's own keys: make, list, rotate, check, pack, hand out the public parts."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts import vault
from applications.papers import keyring, keys

DATA = "data"
DATA_KEPT_ELSEWHERE = (
    "nothing was made: the data keys come from DATA_KEYS, and a file would be used by this machine alone. "
    "`keys rotate data --pack` prints an entry to put beside the others in DATA_KEYS, on every machine"
)

KEPT_ELSEWHERE = (
    "nothing was made: the keys come from KEYS, and a file in KEYS_DIR would be used by this machine alone. "
    "`keys rotate --pack` (or `rotate seal --pack`, `rotate qr --pack`) prints the value of KEYS with new "
    "keys beside the old ones, private parts under SEAL_PASSWORD: put it where KEYS is set, on every "
    "machine, and start them anew"
)


class Command(BaseCommand):
    help = "Keys of the seal and of the QR line, in KEYS_DIR. Old keys stay, so old papers stay checkable."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("ensure", help="make what is missing")
        actions.add_parser("list", help="every key, with what it is for")
        rotate = actions.add_parser("rotate", help="new keys, in use from now on")
        rotate.add_argument("kind", nargs="?", choices=[keys.SEAL, keys.QR, DATA], help="only this one")
        rotate.add_argument(
            "--pack",
            action="store_true",
            help="write no file: print the setting KEYS with the new keys in it",
        )
        actions.add_parser("check", help="exit code 1 when a key is missing, open to others or ends soon")
        export = actions.add_parser("export", help="public parts, for checking papers elsewhere")
        export.add_argument("folder", type=Path)

        actions.add_parser("pack", help="all parts as the setting KEYS, for machines without a disk")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        now = timezone.now()
        if action in ("ensure", "rotate") and not settings.SEAL_PASSWORD:
            raise CommandError("SEAL_PASSWORD is not set")
        try:
            getattr(self, f"_{action}")(now=now, **options)
        except keyring.KeptElsewhere:
            raise CommandError(KEPT_ELSEWHERE) from None

    def _ensure(self, *, now: datetime, **options: Any) -> None:
        made = [
            *map(str, keys.ensure(now=now)),
            *([f"data key {key}"] if (key := vault.ensure(now=now)) else []),
        ]
        self.stdout.write("made " + ", ".join(made) if made else "nothing to make")

    def _list(self, *, now: datetime, **options: Any) -> None:
        for key in keys.listed():
            until = f"ends {key.expires:%Y-%m-%d}" if key.expires else "no end"
            use = "in use" if key.private and key == keys.current(key.kind) else "checks old papers"
            self.stdout.write(f"{key!s:16} {until:16} {use}")
        for key_id in list(vault.keys()):
            use = "in use" if key_id == vault.current() else "opens what lies under it"
            self.stdout.write(f"{f'data-{key_id}':16} {'no end':16} {use}")

    def _rotate(self, *, now: datetime, kind: str | None = None, pack: bool = False, **options: Any) -> None:
        if kind == DATA:
            self._rotate_data(now=now, pack=pack)
            return
        kinds = [kind] if kind else [keys.SEAL, keys.QR]
        if pack:
            self.stdout.write(keys.packed_with_new(kinds, now=now))
            return
        for one in kinds:
            self.stdout.write(f"made {keys.make(one, now=now)} in {settings.KEYS_DIR}")

    def _rotate_data(self, *, now: datetime, pack: bool) -> None:
        if pack:
            self.stdout.write(vault.new_line(now=now))
            return
        if settings.DATA_KEYS:
            raise CommandError(DATA_KEPT_ELSEWHERE)
        self.stdout.write(
            f"made data key {vault.make(now=now)} in {settings.DATA_KEYS_FILE}: now encrypt_stored"
        )

    def _check(self, *, now: datetime, **options: Any) -> None:
        faults = keys.faults(now=now) + vault.faults()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise SystemExit(1)
        self.stdout.write("keys are in order")

    def _pack(self, *, now: datetime, **options: Any) -> None:
        self.stdout.write(keyring.pack())

    def _export(self, *, folder: Path, **options: Any) -> None:
        copies = keys.export(folder)
        self.stdout.write(f"{len(copies)} public keys in {folder}")
