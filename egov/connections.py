"""How each system outside is reached: which authorities are believed, with which certificate of ours, through
which proxy, how long it is waited for. The setting CONNECTIONS says it for a system by its name (`login`,
`person`, …), for all services of SmartBridge (`smartbridge`) or for everybody (`all`); the nearest one counts
for each of the five.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

ALL, SMARTBRIDGE = "all", "smartbridge"
OTHERS = ("login", "ncanode", "ocsp", "crl", "tsp", "sms")
FILES = ("ca", "cert", "key")
PARTS = (*FILES, "proxy", "timeout")
LONGEST = 60.0  # seconds: longer than any page waits


@dataclass(frozen=True)
class Connection:
    ca: str = ""  # roots in PEM that are believed, and no others; without it those of the package certifi
    cert: str = ""  # ours, in PEM, where the system asks who we are
    key: str = ""  # of that certificate, unless it stands in the same file
    proxy: str = ""  # http://host:port
    timeout: float | None = None  # seconds in all; without it EGOV_TIMEOUT


def connection_to(system: str) -> Connection:
    known: Mapping[str, Any] = settings.CONNECTIONS or {}
    found: dict[str, Any] = {}
    for name in (ALL, "" if system in OTHERS else SMARTBRIDGE, system):
        nearer = known.get(name, {})
        if "cert" in nearer:  # a farther key is not of this certificate
            found.pop("key", None)
        found |= nearer
    return Connection(**found)


def faults(known: Any, *, services: Mapping[str, str]) -> list[str]:
    """What is wrong with the setting, each as one sentence without a value."""
    if not isinstance(known, dict):
        return ["CONNECTIONS must be a JSON object"]
    names = {ALL, SMARTBRIDGE, *OTHERS, *services}
    found = [f"CONNECTIONS names «{name}», which is none of {', '.join(sorted(names))}"
             for name in sorted(known.keys() - names)]  # fmt: skip
    for name, parts in sorted(known.items()):
        found += [f"CONNECTIONS.{name}: {fault}" for fault in _faults(parts)]
    return found


def _faults(parts: Any) -> list[str]:
    if not isinstance(parts, dict):
        return ["must be an object"]
    found = [f"{part} is none of {', '.join(PARTS)}" for part in sorted(parts.keys() - set(PARTS))]
    found += [f"{part} names no file" for part in FILES if part in parts and not _is_file(parts[part])]
    if "key" in parts and "cert" not in parts:
        found.append("key without cert")
    if not str(parts.get("proxy", "http://")).startswith(("http://", "https://")):
        found.append("proxy must be http://host:port")
    seconds = parts.get("timeout", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST:
        found.append(f"timeout must be seconds, at most {LONGEST:.0f}")
    return found


def _is_file(path: Any) -> bool:
    return isinstance(path, str) and Path(path).is_file()
