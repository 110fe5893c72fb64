"""The disks that the portal writes to, and how much of each is left."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

MEGABYTE = 1024 * 1024
PASSING = "passing"  # where uploads pass through: this machine's own, while the store may be all machines'
# A process of eight threads that takes in a form of six files in each, which is 31 MB at the most.
FULL = 8 * 31


@dataclass(frozen=True)
class Disk:
    folder: Path
    device: int
    free: int  # megabytes


def disks() -> dict[str, Disk]:
    """By what lies there. A folder that is not made yet is left out: the first file makes it, on the disk of
    the folder above."""
    folders = {"var": Path(settings.VAR_DIR), PASSING: Path(tempfile.gettempdir())}
    if isinstance(store := storages["default"], FileSystemStorage):
        folders["files"] = Path(store.path(""))
    found = {name: _disk(folder) for name, folder in folders.items()}
    return {name: disk for name, disk in found.items() if disk is not None}


def faults() -> list[str]:
    """Those that fill up; two folders on one disk are one line."""
    found: dict[int, str] = {}
    for disk in disks().values():
        if disk.free < settings.DISK_FREE_MB:
            line = f"{disk.folder} has {disk.free} MB left, less than {settings.DISK_FREE_MB}"
            found.setdefault(disk.device, line)
    return list(found.values())


def is_full() -> bool:
    """Can this machine take in no more files? The store is not judged: full or not, it is so for all."""
    passing = disks().get(PASSING)
    return passing is not None and passing.free < FULL


def _disk(folder: Path) -> Disk | None:
    try:
        return Disk(folder, folder.stat().st_dev, shutil.disk_usage(folder).free // MEGABYTE)
    except OSError:
        return None
