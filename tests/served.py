"""What nginx has answered, by its log in the format of docs/deploy.md."""

import re
from pathlib import Path

DEPLOY = Path(__file__).resolve().parent.parent / "docs/deploy.md"
FIELDS = {
    "remote_addr": r"\S+",
    "time_iso8601": r"\S+",
    "request_method": r"[A-Z]*",
    "shown": r"\S*",
    "status": r"(?P<status>\d{3})",
    "body_bytes_sent": r"\d+",
    "request_time": r"[\d.]+",
    "request_id": r"[0-9a-f]{32}",
    "case": r"\d{4} \d{4}",
}


def pattern() -> str:
    block = re.search(r"^log_format oqu (.*?);$", DEPLOY.read_text(encoding="utf-8"), re.M | re.S)
    assert block
    words = re.split(r"\$(\w+)", "".join(re.findall(r"'([^']*)'", block[1])))
    return "".join(FIELDS[word] if odd % 2 else re.escape(word) for odd, word in enumerate(words))


def statuses(log: str) -> list[int]:
    """Of every line: one that is not in the format would hide its status."""
    lines = [(line, re.fullmatch(pattern(), line)) for line in log.splitlines()]
    assert [line for line, found in lines if not found] == []
    return [int(found["status"]) for _line, found in lines if found]
