"""docs/deploy.md brings each shape as far as the others: to a portal in use, and to its next version."""

import re
import shlex

import pytest

from tests.test_deploy import ROOT, SERVICES, container

TEXT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
PLAIN, _, REST = TEXT.partition("\n## Containers\n")
CONTAINERS, _, AFTER = REST.partition("\n## ")
RELEASE = AFTER.partition("\n## A new version\n")[2]
COMPOSE, _, CLUSTER = CONTAINERS.partition("\n`deploy/kubernetes` is")
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
        (COMPOSE, {inside}, r"^install -o 10001 .* -m 0600 (.*) deploy/private/etc$"),
        (CLUSTER, writable, r"^tar --create --file - --mode 600 (.*) \|$"),
    ):
        words = [word for _name, each in commands(text, "bash") for word in each]
        paths = [word.rpartition("/") for word in words if word.endswith((".csv", ".toml"))]
        (files,) = re.findall(brought, text, re.M)
        assert {folder for folder, _slash, _file in paths} <= folders
        assert set(files.split()) == tables | {file for _folder, _slash, file in paths}


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


RUN = re.compile(r"^docker run (?:.*\\\n)*.*$", re.M)
SET = re.compile(r"^.*kustomize edit set image (?:.*\\\n)*.*$", re.M)
IMAGE = re.compile(r"(?:[\w.-]+/)*oqu/\w+(?::[\w.-]+)?$")


def test_what_is_given_every_secret_is_the_image_of_the_version_and_no_strangers() -> None:
    """A name without its registry and version is somebody's at Docker's own, and fetched where it is missing."""
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
