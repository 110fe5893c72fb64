"""The settings of docs/deploy.md lie in one file that systemd reads and a shell too: both find the same."""

import re
import subprocess
from pathlib import Path

import environ
import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
LINE = re.compile(r"^([A-Z][A-Z0-9_]+)='([^']*)'$")
HARD = {  # what stands in no file without its quotes
    "REDIS_URL": "sentinels://:p$w@one:26379,two:26379/mymaster?db=0&sentinel_password=x;y",
    "CONNECTIONS": '{"smartbridge": {"ca": "/etc/oqu/shep.pem", "proxy": "http://10.0.0.5:3128"}}',
    "SECRET_KEY": "`id` $(id) #half \\ *",
}


def blocks() -> list[list[str]]:
    """Those that hold settings, each as its lines."""
    every = re.findall(r"^ *```ini\n(.*?)^ *```", TEXT, re.M | re.S)
    lines = [[line.strip() for line in block.splitlines() if line.strip()] for block in every]
    return [block for block in lines if any(re.match("(SECRET_KEY|FILES_STORE)=", line) for line in block)]


def by_shell(file: Path) -> dict[str, str]:
    """By the very line of the release's block."""
    (line,) = set(re.findall(r"^ *cd /srv/oqu && (set -a && \. /etc/oqu/oqu\.env && set \+a)$", TEXT, re.M))
    command = f"{line.replace('/etc/oqu/oqu.env', str(file))} && env -0"
    done = subprocess.run(["sh", "-euc", command], env={}, capture_output=True, text=True, check=True)
    return dict(one.split("=", 1) for one in done.stdout.split("\0") if one)


@pytest.mark.parametrize("hard", [{}, HARD], ids=["as documented", "what needs its quotes"])
def test_shell_finds_what_systemd_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hard: dict[str, str]
) -> None:
    """systemd takes what stands between single quotes as it is; `.env` beside manage.py is read the same."""
    file, (first, store) = tmp_path / "oqu.env", blocks()
    written: dict[str, str] = dict(pair for one in first for pair in LINE.findall(one)) | hard
    file.write_text("".join(f"{name}='{value}'\n" for name, value in written.items()))

    assert {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL"} <= written.keys()
    assert [one for one in (*first, *store) if not one.startswith("#") and not LINE.match(one)] == []
    found = by_shell(file)
    assert {name: found[name] for name in written} == written
    read: dict[str, str] = {}
    monkeypatch.setattr(environ.Env, "ENVIRON", read)
    environ.Env.read_env(file)
    assert read == written
