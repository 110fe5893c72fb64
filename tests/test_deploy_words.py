"""docs/deploy.md brings each shape as far as the others: to a portal in use, and to its next version."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.test_deploy import ROOT, SERVICES, container

TEXT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
PLAIN, _, REST = TEXT.partition("\n## Containers\n")
CONTAINERS, _, AFTER = REST.partition("\n## ")
RELEASE = AFTER.partition("\n## A new version\n")[2]
COMPOSE, _, CLUSTER = CONTAINERS.partition("\n`deploy/kubernetes` is")
IGNORED = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
MANAGE = re.compile(r"manage\.py ((?:staff |keys )?\w+)([^\n]*)")
BY_THEMSELVES = {"prepare", "error_pages"}  # a service, a job, a pod


def commands(text: str, kind: str) -> list[tuple[str, list[str]]]:
    blocks = re.findall(rf"^ *```{kind}\n(.*?)^ *```", text, re.M | re.S)
    found = [one for block in blocks for one in MANAGE.findall(block)]
    return [(name, shlex.split(words, comments=True)) for name, words in found]


def names(text: str, kind: str) -> list[str]:
    return [name for name, _words in commands(text, kind) if name not in BY_THEMSELVES]


@pytest.mark.parametrize("text", [COMPOSE, CLUSTER], ids=["compose", "cluster"])
def test_containers_are_brought_as_far_as_a_machine(text: str) -> None:
    first, release = names(PLAIN, "sh"), names(RELEASE, "bash")
    assert (first[0], release) == ("setup", ["verify_journal"])

    assert [name for name in names(text, "bash") if name != "keys rotate"] == first + release


def test_what_is_loaded_lies_where_the_container_sees_it() -> None:
    private = [volume.split(":") for volume in SERVICES["worker"]["volumes"]]
    (inside,) = [there for here, there, *_how in private if here == "./private/etc"]
    writable = {one["mountPath"] for one in container("worker")["volumeMounts"] if not one.get("readOnly")}
    tables = set(re.findall(r'^ *\w+ = "(\w+\.csv)"', PLAIN, re.M))

    for text, folders, brought in (
        (COMPOSE, {inside}, r"^install -o 10001 .* -m 0600 /root/oqu/\{(.*)\} deploy/private/etc$"),
        (CLUSTER, writable, r"^tar --create --file - --mode 600 --directory /root/oqu (.*) \|$"),
    ):
        words = [word for _name, each in commands(text, "bash") for word in each]
        paths = [word.rpartition("/") for word in words if word.endswith((".csv", ".toml"))]
        (files,) = re.findall(brought, text, re.M)
        assert {folder for folder, _slash, _file in paths} <= folders
        named = set(re.split("[ ,]", files))
        assert named == tables | {file for _folder, _slash, file in paths}
        # Should one be laid into the checkout all the same: they name people.
        for place in ("/", "/deploy/**/"):
            assert named <= {line[len(place) :] for line in IGNORED if line.startswith(place)}


def test_new_version_makes_its_tables_before_its_processes() -> None:
    lines = [line for line in COMPOSE.splitlines() if line.startswith("docker compose")]
    words = [line.partition(" deploy/compose.yaml ")[2] for line in lines]
    prepare = words.index("run --rm --no-deps prepare")
    begun = words[prepare + 1 :]
    twice = 2 * SERVICES["web"]["deploy"]["replicas"]

    assert words[prepare - 1] == "build" and "verify_journal" in words[prepare - 2]
    assert all(one.startswith("up --detach --wait --no-deps ") for one in begun)  # no server is begun anew
    assert [one.split()[4:] for one in begun] == [
        ["--no-recreate", "--scale", f"web={twice}", "web"],
        ["worker", "worker-papers", "worker-slow", "beat"],
    ]
    cluster = CLUSTER[CLUSTER.index("verify_journal") :]
    assert cluster.index("delete job prepare") < cluster.index("kubectl apply") < cluster.index("job/prepare")


# --- pasted whole ------------------------------------------------------------------------------------
BRACKETED = re.compile(r"^```bash\n(\(\nset -euo pipefail\n.*?^\)\n)```", re.M | re.S)
COME_BACK = (ROOT / "docs/backup.md").read_text(encoding="utf-8").partition("To come back")[2]
WHOLE = {
    name: BRACKETED.findall(text)
    for name, text in {
        "compose": COMPOSE, "cluster": CLUSTER, "machine": RELEASE, "back": COME_BACK.partition("\n## ")[0],
    }.items()
}  # fmt: skip
SAYING = ["chown", "docker", "editor", "install", "kubectl", "kustomize", "ln", "mv", "sudo", "systemctl"]
STUB = """#!/bin/bash
echo "${0##*/} $*" >>"$SAID"
mapfile -t said <"$SAID"
[ ${#said[@]} != "$FAILS" ] || exit 1
echo one two
"""


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "deploy/kubernetes").mkdir(parents=True)
    for name in (*(f"bin/{name}" for name in SAYING), "deploy/secrets.sh"):
        (tmp_path / name).write_text(STUB)
    for name in ("cat", "tar"):
        (tmp_path / "bin" / name).write_text("#!/bin/bash\n")
    for each in (*(tmp_path / "bin").iterdir(), tmp_path / "deploy/secrets.sh"):
        each.chmod(0o755)
    return tmp_path


def paste(block: str, stubs: Path, *, fails: int) -> list[str]:
    """What was asked for, where that one of it fails; as in a shell that goes on by itself."""
    env = {"PATH": str(stubs / "bin"), "SAID": str(stubs / "said"), "FAILS": str(fails), "EDITOR": "editor"}
    (stubs / "said").unlink(missing_ok=True)
    subprocess.run(["/bin/bash", "-c", block], cwd=stubs, env=env, capture_output=True, timeout=60)
    return (stubs / "said").read_text().splitlines()


@pytest.mark.parametrize("where", WHOLE)
def test_block_that_is_pasted_whole_stops_at_what_fails(where: str, stubs: Path) -> None:
    assert WHOLE[where]
    for block in WHOLE[where]:
        whole = paste(block, stubs, fails=0)
        assert len(whole) == len(set(whole)) > 1
        for fails in range(1, len(whole)):
            assert paste(block, stubs, fails=fails) == whole[:fails]


def test_no_block_of_a_version_is_without_its_brackets() -> None:
    for text in (COMPOSE, CLUSTER, RELEASE):
        blocks = re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S)
        assert blocks == BRACKETED.findall(text)


def test_web_is_not_stopped_where_tables_or_the_second_pair_fail_or_a_third_is_there(stubs: Path) -> None:
    release = WHOLE["compose"][-1]
    whole = paste(release, stubs, fails=0)
    stop = next(number for number, line in enumerate(whole) if line.startswith("docker stop"))

    assert [line.split()[-1] for line in whole[:stop]][-2:] == ["prepare", "web"]
    (stubs / "bin/docker").write_text(STUB + "echo three; echo four\n")  # a pair of a try before
    assert not [line for line in paste(release, stubs, fails=0) if " prepare" in line or " stop" in line]


RUN = re.compile(r"^docker run (?:.*\\\n)*.*$", re.M)
SET = re.compile(r"^.*kustomize edit set image (?:.*\\\n)*.*$", re.M)
IMAGE = re.compile(r"(?:[\w.-]+/)*oqu/\w+(?::[\w.-]+)?$")


def test_what_is_given_every_secret_is_the_image_of_the_version_and_no_strangers() -> None:
    """A name without its registry is somebody's at Docker's own, and fetched where it is missing."""
    seen = 0
    for run in RUN.finditer(TEXT):
        told = SET.findall(TEXT[: run.start()])[-1].replace("\\\n", " ").split()
        given = {word.partition("=")[2] for word in told if word.startswith("oqu/")}
        words = run.group().replace("\\\n", " ").split()
        named = {word for word in words if IMAGE.match(word)}
        assert named and named <= given, run.group()
        assert "--pull never" in " ".join(words)
        seen += 1
    assert seen == 1


@pytest.mark.parametrize("page", ["deploy", "backup"])
def test_what_the_service_backup_does_not_hold_is_named(page: str) -> None:
    seen = {volume.split(":")[0] for volume in SERVICES["backup"]["volumes"]}
    assert not seen & {"var", "./private/etc", "./private"}
    text = " ".join((ROOT / f"docs/{page}.md").read_text(encoding="utf-8").split())
    told = re.split(r"It holds neither|\*\*Not in it\*\*", text)[1][:400]

    for one in ("private/etc/keys", "data.keys", "private/oqu.env", "SEAL_PASSWORD", "heads of the journal"):
        assert one in told
