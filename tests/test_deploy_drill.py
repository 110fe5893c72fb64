"""A drill can be held wherever deploy/ asks for one: its tools, its place, and what it may touch."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_deploy import DEPLOY, ROOT, SERVICES, container, documents, manifests, variables

BACKUP = (ROOT / "docs/backup.md").read_text(encoding="utf-8")
PROFILE = {name: one for name, one in SERVICES.items() if "drill" in one.get("profiles", [])}


def stages() -> dict[str, str]:
    """Of the Dockerfile, by the name of each."""
    text = (DEPLOY / "Dockerfile").read_text()
    found = re.finditer(r"^FROM \S+ AS (?P<name>\S+)\n(?:(?!FROM ).*\n)*", text, re.M)
    return {one.group("name"): one.group() for one in found}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifests()["drill"]["jobTemplate"]["spec"]["template"]["spec"]
    return spec


def test_image_of_the_drill_is_the_portal_with_the_tools_of_the_servers_version() -> None:
    found = stages()
    (major,) = re.findall(r"^FROM postgres:(\d+)-", found["postgres"])

    assert found["drill"].startswith("FROM portal AS drill\n")
    assert re.findall(r" postgresql-client-(\d+) ", found["drill"]) == [major]
    assert list(found).index("postgres") < list(found).index("drill")  # whose registry it takes
    assert "USER 10001" in found["drill"].splitlines()


def test_whatever_asks_for_a_drill_can_hold_one() -> None:
    asked = {
        "compose": SERVICES["web"]["environment"],
        "cluster": variables((DEPLOY / "kubernetes/settings.env").read_text()),
    }
    held = {"compose": PROFILE["drill"], "cluster": container("drill")}

    assert [name for name, settings in asked.items() if "DRILL_MAX_DAYS" not in settings] == []
    for one in held.values():
        assert one["command"][:3] == ["python", "manage.py", "drill"]
        assert one["image"].partition(":")[0] == "oqu/drill"
    assert PROFILE["drill"]["build"]["target"] == "drill"
    named = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    assert "drill.yaml" in named["resources"]
    assert {"name": "oqu/drill", "newTag": "latest"} in named["images"]


def test_drill_in_compose_writes_into_its_own_volume_alone() -> None:
    """Of what the portal's servers keep it sees the backup, and that one it cannot write."""
    volumes = {name: [volume.split(":") for volume in one["volumes"]] for name, one in PROFILE.items()}
    written = {name: {one[0] for one in each if one[2:] != ["ro"]} for name, each in volumes.items()}

    assert written.pop("drill") == {"var"}  # as any command of the portal
    assert set(map(frozenset, written.values())) == {frozenset({"drill"})}
    assert not {one[0] for each in volumes.values() for one in each} & {"postgres", "store", "socket"}
    assert {name for name, one in PROFILE.items() if one["networks"] != ["drill"]} == {"drill"}
    assert PROFILE["drill-store"]["image"] == SERVICES["store"]["image"]


def test_drill_of_a_cluster_waits_to_be_told_and_its_server_is_its_own() -> None:
    opened, server = pod()["initContainers"]
    places = {one["name"]: one for one in pod()["volumes"]}
    (drill,) = pod()["containers"]

    assert manifests()["drill"]["suspend"] is True
    assert "listen_addresses=127.0.0.1" in server["args"]
    assert (server["image"], server["restartPolicy"]) == ("oqu/postgres", "Always")
    assert "ephemeral" in places["drill"]
    # The key that opens a dump is brought by hand, and only what opens one sees it.
    seeing = [one["name"] for one in (opened, server, drill) if "/etc/drill" in str(one["volumeMounts"])]
    assert seeing == ["open"]
    assert {"name": "backup", "mountPath": "/backup", "readOnly": True} in opened["volumeMounts"]
    made = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())["secretGenerator"]
    assert places["given"]["secret"]["secretName"] == "drill"
    assert "drill" not in {one["name"] for one in made}
    assert "Secret" not in {one["kind"] for one in documents()}


def test_documents_say_how_it_is_held_in_both() -> None:
    compose = re.findall(r"^docker compose .* --profile drill (\w+)(.*)$", BACKUP, re.M)
    kubectl = re.findall(r"^kubectl --namespace oqu (\w+) (.*)$", BACKUP, re.M)
    (removed,) = [words.split() for verb, words in compose if verb == "rm"]

    assert [verb for verb, _words in compose] == ["build", "run", "rm"]
    assert {word for word in removed if not word.startswith("-")} == set(PROFILE) - {"drill"}
    assert re.findall(r"^docker volume rm (.*)$", BACKUP, re.M) == ["oqu_drill"]
    assert ("create", "job drill-now --from=cronjob/drill") in kubectl
    assert ("delete", "job/drill-now secret/drill") in kubectl
    for file in ("key.txt", "rclone.conf"):
        assert f"/etc/drill/{file}" in str(pod()["initContainers"][0])
        assert any(f"--from-file={file}" in words for _verb, words in kubectl)


# --- what is restored in Compose ---------------------------------------------------------------------
TOOLS = {
    "gosu": 'shift; exec "$@"',
    "install": 'for last; do :; done; exec mkdir "$last"',
    "pgbackrest": 'echo "$*" >> "$SAID"',
    "restic": 'case "$1" in snapshots) cat "$SNAPSHOTS" ;; *) echo "$*" >> "$SAID" ;; esac',
}
TIMES = ("2027-04-01T00:10:02.9+00:00", "2027-04-01T00:00:01.123456789+00:00", "2027-04-01T00:05:09Z")


def snapshot(when: str, *, with_summary: bool) -> dict[str, Any]:
    own = {"time": when, "tree": "c0ffee", "paths": ["/store"], "hostname": "x", "username": "root"}
    more = {"summary": {"backup_start": TIMES[0], "backup_end": TIMES[0]}} if with_summary else {}
    return own | more | {"id": f"{when[14:16]}{'0' * 62}", "short_id": f"{when[14:16]}000000"}


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    for name, script in TOOLS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "place").mkdir()
    return tmp_path


def restore(tools: Path, snapshots: list[dict[str, Any]]) -> "subprocess.CompletedProcess[str]":
    (tools / "snapshots").write_text(json.dumps(snapshots, separators=(",", ":")))
    env = {"PATH": f"{tools}:{os.environ['PATH']}", "PLACE": str(tools / "place")}
    env |= {"SAID": str(tools / "said"), "SNAPSHOTS": str(tools / "snapshots")}
    command = [DEPLOY / "compose/restore.sh"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("with_summary", [False, True])  # newer tools say more of each
@pytest.mark.parametrize(
    ("times", "moment", "files"),
    [
        (TIMES, "2027-04-01 00:05:09+00", ["05", "10"]),
        (TIMES[1:2], "2027-04-01 00:00:01+00", ["00"]),
    ],
)
def test_database_is_taken_back_to_where_the_files_are_all_there(
    tools: Path, times: tuple[str, ...], moment: str, files: list[str], with_summary: bool
) -> None:
    done = restore(tools, [snapshot(when, with_summary=with_summary) for when in times])
    assert done.returncode == 0, done.stderr
    database, *restored = (tools / "said").read_text().splitlines()

    assert f"--target={moment} " in database and "--type=time" in database
    assert "--archive-mode=off" in database and f"--pg1-path={tools}/place/database" in database
    assert [line.split()[1][:2] for line in restored] == files  # the newest over the one before
    assert all(line.endswith(f"--target {tools}/place") for line in restored)
    assert {path.name for path in (tools / "place").iterdir()} == {"database", "files", "run"}


@pytest.mark.parametrize("is_used", [True, False])
def test_nothing_is_restored_over_another_drill_or_from_no_backup(tools: Path, is_used: bool) -> None:
    if is_used:
        (tools / "place" / "database").mkdir()
    done = restore(tools, [snapshot(TIMES[0], with_summary=False)] if is_used else [])

    assert done.returncode == 1
    assert ("earlier drill" if is_used else "never backed up") in done.stderr
    assert not (tools / "said").exists()
