"""What is known of each mutant, by its key: a file a module, a line a mutant, written at once."""

import json
from pathlib import Path

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


class Results:
    def __init__(self, file: Path) -> None:
        self.file = file
        self._known: dict[str, str] = {}
        for line in file.read_text().splitlines() if file.is_file() else ():
            key, verdict = json.loads(line)
            self._known[key] = verdict

    def of(self, key: str) -> str | None:
        return self._known.get(key)

    def note(self, key: str, verdict: str) -> None:
        self._known[key] = verdict
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            file.write(json.dumps([key, verdict]) + "\n")
