"""A drill can be held wherever deploy/ asks for one: its tools, its place, and what it may touch."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_deploy import COMPOSE, DEPLOY, ROOT, SERVICES, container, documents, manifests, variables

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


DRILLS = {"drill-database", "drill-socket", "drill-store", "drill-files"}
SEES = {  # of what is restored, and whether it writes there
    "drill-restore": dict.fromkeys(DRILLS, True),
    "drill-postgres": {"drill-database": True, "drill-socket": True},
    "drill-store": {"drill-store": True},
    "drill-files": {"drill-files": True},
    "drill": {"drill-socket": False, "drill-files": False},
}
KNOWS = {"drill-store": ["private/store.env"], "drill-files": ["private/store.env"]}


@pytest.mark.parametrize("name", PROFILE)
def test_each_of_the_drill_in_compose_sees_what_it_needs_and_no_more(name: str) -> None:
    """Of what the portal's servers keep the backup alone, and that one it cannot write."""
    one = PROFILE[name]
    volumes = [volume.split(":") for volume in one["volumes"]]
    others = {where for where, _inside, *_how in volumes} - DRILLS
    written = {where for where, _inside, *how in volumes if how != ["ro"]} - DRILLS

    assert {where: how != ["ro"] for where, _in, *how in volumes if where in DRILLS} == SEES[name]
    assert all(inside.startswith("/drill/") for where, inside, *_how in volumes if where in DRILLS)
    assert written == ({"var"} if name == "drill" else set())  # as any command of the portal
    assert not others & {"postgres", "store", "socket"} and set(COMPOSE["volumes"]) >= DRILLS
    assert (one["networks"] == ["drill"]) is (name != "drill")
    if name != "drill":
        assert [each["path"] for each in one.get("env_file", [])] == KNOWS.get(name, [])
        assert not {setting for setting in one.get("environment", {}) if "KEY" in setting}


def test_store_of_the_drill_is_the_portals_and_its_copy_is_made_by_that_ones_key() -> None:
    files = PROFILE["drill-files"]

    assert PROFILE["drill-store"]["image"] == SERVICES["store"]["image"]
    assert files["environment"]["S3_BUCKET"] == SERVICES["web"]["environment"]["S3_BUCKET"]
    assert set(re.findall(r"\$\$(\w+)", files["command"][-1])) == {
        "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "S3_BUCKET",
    }  # fmt: skip


def test_drill_of_a_cluster_ends_and_leaves_neither_dump_nor_key() -> None:
    job = manifests()["drill"]["jobTemplate"]["spec"]
    (rounds,) = map(int, re.findall(r"in \$\(seq (\d+)\)", BACKUP))
    first, second = map(int, re.findall(r"--timeout=(\d+)s job/drill-now", BACKUP))

    assert 0 < job["ttlSecondsAfterFinished"] <= 3600
    assert job["activeDeadlineSeconds"] < rounds * (first + second)
    assert re.findall(r"--for=condition=(\w+) .* job/drill-now && break", BACKUP) == ["complete", "failed"]
    assert re.search(r"^kubectl .* patch secret drill --patch .*ownerReferences", BACKUP, re.M)


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
    assert re.findall(r"^docker volume rm (.*)$", BACKUP, re.M)[0].split() == [
        *(f"oqu_{name}" for name in COMPOSE["volumes"] if name in DRILLS)
    ]
    assert ("create", "job drill-now --from=cronjob/drill") in kubectl
    assert ("delete", "job/drill-now secret/drill") in kubectl
    for file in ("key.txt", "rclone.conf"):
        assert f"/etc/drill/{file}" in str(pod()["initContainers"][0])
        assert any(f"--from-file={file}" in words for _verb, words in kubectl)


# --- what is restored in Compose ---------------------------------------------------------------------
TOOLS = {
    "gosu": 'shift; exec "$@"',
    "install": 'for last; do :; done; exec mkdir -p "$last"',
    "pgbackrest": 'case "$*" in *info) echo "$TOLD" ;; *) echo "$*" >> "$SAID" ;; esac',
    "restic": """case "$1" in snapshots) cat "$SNAPSHOTS" ;;
        stats) echo "{\\"total_size\\":$FILES,\\"more\\":7}" ;; *) echo "$*" >> "$SAID" ;; esac""",
    "df": '[ "$3" = "$PLACE/database" ] && echo Avail && echo "$FREE"',
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
    for name in ("database", "run", "store", "files"):  # each a volume
        (tmp_path / "place" / name).mkdir(parents=True)
    return tmp_path


MB = 1024 * 1024
INFO = [  # of two backups, as pgBackRest tells
    {"info": {"delta": 1, "repository": {"delta": 1, "size": 20 * MB}, "size": size}, "label": "x"}
    for size in (100 * MB, 80 * MB)
]
TOLD = json.dumps([{"backup": INFO, "name": "oqu"}], separators=(",", ":"))
ROOM = 110 + 2 * 55  # MB: a database of 100 and files of 50, with a tenth


def restore(tools: Path, snapshots: list[dict[str, Any]], **given: str) -> "subprocess.CompletedProcess[str]":
    (tools / "snapshots").write_text(json.dumps(snapshots, separators=(",", ":")))
    env = {"PATH": f"{tools}:{os.environ['PATH']}", "PLACE": str(tools / "place")}
    env |= {"SAID": str(tools / "said"), "SNAPSHOTS": str(tools / "snapshots")}
    env |= {"TOLD": TOLD, "FILES": str(50 * MB), "FREE": str(ROOM * MB)} | given
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
    assert {path.name for path in (tools / "place").iterdir()} == {"database", "files", "run", "store"}


@pytest.mark.parametrize("is_used", [True, False])
def test_nothing_is_restored_over_another_drill_or_from_no_backup(tools: Path, is_used: bool) -> None:
    if is_used:
        (tools / "place" / "database" / "base").mkdir()
    done = restore(tools, [snapshot(TIMES[0], with_summary=False)] if is_used else [])

    assert done.returncode == 1
    assert ("earlier drill" if is_used else "never backed up") in done.stderr
    assert not (tools / "said").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"FREE": str(ROOM * MB - 1)}, f"wants {ROOM} MB"),
        ({"FILES": str(51 * MB)}, f"has {ROOM} MB left: nothing was restored"),
        ({"FILES": ""}, "do not say how large"),
        ({"TOLD": "[]"}, "do not say how large"),
    ],
)
def test_drill_does_not_fill_the_disk_of_the_portal(tools: Path, given: dict[str, str], said: str) -> None:
    done = restore(tools, [snapshot(TIMES[0], with_summary=True)], **given)

    assert done.returncode == 1 and re.search(said, done.stderr), done.stderr
    assert not (tools / "said").exists()
