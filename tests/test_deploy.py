"""What deploy/ holds agrees with itself, with the documents and with what the portal demands; that its files
are well made is said by linters (`./run lint`)."""

import os
import re
import shutil
import ssl
import subprocess
import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings as portal

from applications.documents import uploads
from oqu import routes
from tests.served import statuses
from tests.test_guard import AUTHORITIES, IDS, SIGNED, start
from tests.test_nginx import IN_NGINX, NGINX, temporaries
from tests.test_settings import settings_names

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKING = ("web", "worker", "worker-papers", "worker-slow", "beat", "prepare")
GIVEN = {  # by others, into the places that are left empty
    "EGOV_CLIENT_ID": "oqu", "EGOV_CLIENT_SECRET": "real-secret", "SMARTBRIDGE_SENDER": "oqu",
    "SMARTBRIDGE_URL": "https://shep.example.kz/bip-sync-wss-gost/", "SMARTBRIDGE_PASSWORD": "real-password",
    "PORTAL_BIN": "123456789012", "MOBIZON_KEY": "real-key", "SMARTBRIDGE_KEY_PASSWORD": "real-password",
    **IDS,
}  # fmt: skip


def variables(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    make(folder)
    return folder


def make(folder: Path, host: str = "oqu.example.kz") -> None:
    subprocess.run([DEPLOY / "secrets.sh", folder, host], check=True, capture_output=True)


@cache
def documents() -> list[dict[str, Any]]:
    files = [path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"]
    return [each for path in files for each in yaml.safe_load_all(path.read_text())]


def manifests() -> dict[str, dict[str, Any]]:
    """What each workload of the cluster runs, by its name."""
    kinds = ("Deployment", "Job", "CronJob")
    return {one["metadata"]["name"]: one["spec"] for one in documents() if one["kind"] in kinds}


def container(name: str) -> dict[str, Any]:
    spec = manifests()[name]
    pod = spec.get("jobTemplate", {}).get("spec", spec)["template"]["spec"]
    found: dict[str, Any] = pod["containers"][0]
    return found


# --- settings ----------------------------------------------------------------------------------------
def test_every_variable_is_one_of_the_portals(private: Path) -> None:
    named = set(variables((DEPLOY / "kubernetes/settings.env").read_text()))
    named |= set(
        variables((private / "oqu.env").read_text()) | variables((private / "owner.env").read_text())
    )
    for service in WORKING:
        named |= set(SERVICES[service]["environment"])

    assert named - {"TMPDIR"} <= settings_names()


def test_production_starts_with_what_is_made_and_given(private: Path) -> None:
    given = variables((private / "oqu.env").read_text())
    assert {name for name, value in given.items() if not value} == set(GIVEN)
    keys = private / "etc" / "keys"
    # Where the volumes lie on this machine.
    places = {"EDS_CA_DIR": str(AUTHORITIES), "KEYS_DIR": str(keys), "S3_CA": str(private / "inner/ca.pem")}
    places |= SIGNED

    for settings in (
        SERVICES["web"]["environment"],
        variables((DEPLOY / "kubernetes/settings.env").read_text()),
    ):
        done = start(**(settings | given | GIVEN | places))
        assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


# --- secrets -----------------------------------------------------------------------------------------
def test_secrets_are_made_once_and_are_for_their_owner_alone(private: Path) -> None:
    before = {path: path.read_bytes() for path in private.rglob("*") if path.is_file()}
    make(private, "another.example.kz")

    assert {path: path.read_bytes() for path in private.rglob("*") if path.is_file()} == before
    assert {path.name for path in before if path.stat().st_mode & 0o077} == {"ca.pem"}


@pytest.mark.parametrize("server", ["postgres", "pgbouncer", "redis", "store"])
def test_each_servers_certificate_is_of_its_name_and_of_the_inner_authority(
    private: Path, server: str
) -> None:
    authority, certificate = private / "inner/ca.pem", private / "inner" / server / "server.crt"

    def is_of(name: str) -> bool:
        judge = ["openssl", "verify", "-CAfile", str(authority), "-verify_hostname", name, str(certificate)]
        return subprocess.run(judge, capture_output=True, check=False).returncode == 0

    assert is_of(server) and not is_of("web")
    ssl.create_default_context().load_cert_chain(certificate, certificate.with_suffix(".key"))


def test_portal_reads_nginxs_certificate_and_not_its_key(private: Path, tmp_path: Path) -> None:
    shutil.copytree(private, tmp_path, dirs_exist_ok=True)
    key = tmp_path / "tls/key.pem"
    key.touch(mode=0o644)
    make(tmp_path)
    settings, volumes = SERVICES["worker"]["environment"], SERVICES["worker"]["volumes"]
    (mounted,) = [one for one in volumes if one.startswith("./private/tls:")]
    _outside, inside, how = mounted.split(":")

    assert (settings["PUBLIC_CERTIFICATE"], how) == (f"{inside}/fullchain.pem", "ro")
    assert ((tmp_path / "tls").stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o711, 0o600)


def test_each_server_of_the_inner_network_is_told_of_before_its_certificate_ends(private: Path) -> None:
    """By who goes to it (oqu/inner.py), or by name."""
    given = variables((private / "oqu.env").read_text()) | SERVICES["worker"]["environment"]
    gone_to = [given[name] for name in ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT")]
    watched = {urlsplit(address).hostname for address in [*gone_to, *given["WATCHED_SERVERS"].split(",")]}

    assert watched == {path.parent.name for path in (private / "inner").glob("*/server.crt")}


def test_passwords_are_the_same_at_both_ends_and_no_two_alike(private: Path) -> None:
    given = variables((private / "oqu.env").read_text())
    portal, redis = urlsplit(given["DATABASE_URL"]).password, urlsplit(given["REDIS_URL"]).password
    assert given["POOLER_URL"] == given["DATABASE_URL"].replace("/oqu?", "/pgbouncer?")
    roles = variables((private / "postgres.env").read_text())
    owner = urlsplit(variables((private / "owner.env").read_text())["DATABASE_OWNER_URL"]).password

    assert (private / "inner/pgbouncer/userlist.txt").read_text() == f'"oqu" "{portal}"\n'
    assert (private / "inner/redis/password.conf").read_text() == f"requirepass {redis}\n"
    superuser = roles.pop("POSTGRES_PASSWORD")
    assert roles == {"OQU_OWNER_PASSWORD": owner, "OQU_PORTAL_PASSWORD": portal}
    store = variables((private / "store.env").read_text())
    assert (store["MINIO_ROOT_USER"], store["MINIO_ROOT_PASSWORD"]) == (given["S3_KEY"], given["S3_SECRET"])
    assert (
        len(
            {portal, redis, owner, given["S3_SECRET"], given["SECRET_KEY"], given["SEAL_PASSWORD"], superuser}
        )
        == 7
    )


def test_server_whose_folder_is_gone_gets_all_of_it_anew(private: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(private, tmp_path / "private")
    told = [copy / "inner/redis/password.conf", copy / "inner/pgbouncer/userlist.txt"]
    before = [path.read_text() for path in told]
    for path in told:
        shutil.rmtree(path.parent)
    make(copy)

    assert [path.read_text() for path in told] == before
    assert all((path.parent / "server.crt").is_file() for path in told)


@pytest.mark.parametrize("host", ["", "oqu.example.kz/x", "$(id)", "OQU"])
def test_host_that_is_none_makes_nothing(tmp_path: Path, host: str) -> None:
    done = subprocess.run([DEPLOY / "secrets.sh", tmp_path / "p", host], capture_output=True, check=False)

    assert done.returncode == 2 and b"secrets.sh DIR HOST" in done.stderr
    assert not (tmp_path / "p").exists()


# --- processes ---------------------------------------------------------------------------------------
def test_compose_and_cluster_run_what_the_documents_say() -> None:
    text = (ROOT / "docs/deploy.md").read_text()
    units = dict(re.findall(r"^\| `oqu-(\S+)` \| `/srv/oqu/\.venv/bin/(.*?)` \|", text, re.MULTILINE))
    assert set(units) == set(WORKING) - {"prepare"}

    for name, command in units.items():
        words = command.replace("%%", "%").split()
        here = [str(word) for word in SERVICES[name]["command"]]
        assert here == [str(word) for word in container(name)["command"]]
        if name == "web":  # another address and as many workers as the machine has cores twice
            assert [word for word in words if word not in here] == ["127.0.0.1:8000", "2"]
        else:
            assert here == words


def test_every_queue_has_two_workers_in_both() -> None:
    for workload in (
        {name: SERVICES[name]["deploy"]["replicas"] for name in WORKING[1:4]},
        {name: manifests()[name]["replicas"] for name in WORKING[1:4]},
    ):
        assert set(workload.values()) == {2}
    queues = [
        queue
        for name in WORKING[1:4]
        for word, value in pairwise(SERVICES[name]["command"])
        if word == "--queues"
        for queue in value.split(",")
    ]
    assert sorted(queues) == sorted(routes.LANES)


def test_the_owner_is_known_to_prepare_alone() -> None:
    files = {name: [each["path"] for each in one.get("env_file", [])] for name, one in SERVICES.items()}
    assert {name for name, paths in files.items() if "private/owner.env" in paths} == {"prepare"}
    formats = {each["format"] for one in SERVICES.values() for each in one.get("env_file", [])}
    assert formats == {"raw"}  # else a "$" in a password that others give is taken for a variable
    sources = {
        name: [each.get("secretRef", {}).get("name") for each in container(name).get("envFrom", [])]
        for name in manifests()
    }
    # …and to the dump, which reads every table and is no process of the portal.
    assert {name for name, secrets in sources.items() if "owner" in secrets} == {"prepare", "dump"}


# --- the servers -------------------------------------------------------------------------------------
def test_pooler_keeps_the_limits_of_the_documents() -> None:
    block = re.search(r"```ini\n; /etc/pgbouncer.*?```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
    assert block
    ours = (DEPLOY / "compose/pgbouncer.ini").read_text()
    limits = re.compile(r"connect_query='(.*?)'")
    own = re.compile(r"^(?!listen_addr|auth_file|logfile|client_tls_|server_tls_)(\w+) = ([^=\n]*)$", re.M)

    assert limits.findall(ours) == limits.findall(block.group())
    assert dict(own.findall(ours)) == dict(own.findall(block.group()))
    waits = int(dict(own.findall(ours))["query_wait_timeout"])
    assert 2 * waits < portal.DATABASE_LIMITS["web"]["query"]  # for its connection, and for another


def test_nginx_says_what_the_documents_say() -> None:
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
    assert block
    there = directives(block.group(1))
    ours = directives((DEPLOY / "compose/nginx.conf").read_text())
    own = ("server_name", "access_log", "error_log", "ssl_certificate", "listen", "return 301", "proxy_pass")

    assert [line for line in there if line not in ours and not line.startswith(own)] == []


def test_all_shots_of_a_document_come_through_to_the_portal() -> None:
    """Which says in its own words what is too much."""
    for path, pattern in (
        ("compose/nginx.conf", r"client_max_body_size (\d+)m;"),
        ("kubernetes/ingress.yaml", r"proxy-body-size: (\d+)m\n"),
    ):
        (taken,) = set(re.findall(pattern, (DEPLOY / path).read_text()))
        assert int(taken) * 1024 * 1024 >= uploads.MOST_BYTES_OF_SHOTS + portal.UPLOAD_MAX_BYTES


def test_ingress_takes_pages_of_ours_for_what_the_portal_does_not_say_itself() -> None:
    """In place of an answer of the portal none stands that bears the number of a case, but of what is too
    large; and machines get its own."""
    rules = {one["metadata"]["name"]: one for one in documents() if one["kind"] == "Ingress"}
    notes = {
        name: {key.rpartition("/")[2]: value for key, value in one["metadata"]["annotations"].items()}
        for name, one in rules.items()
    }
    services = {one["metadata"]["name"] for one in documents() if one["kind"] == "Service"}
    paths = {
        name: [path["path"] for path in one["spec"]["rules"][0]["http"]["paths"]]
        for name, one in rules.items()
    }

    assert notes["oqu"]["custom-http-errors"].split(",") == ["413", "502", "504"]
    assert notes["oqu"]["default-backend"] == "pages" and "pages" in services
    assert {note["enable-access-log"] for note in notes.values()} == {"false"}  # its format holds tokens
    assert paths == {"oqu": ["/"], "machines": ["/egov-sign/", "/webhooks/"]}
    del notes["oqu"]["custom-http-errors"], notes["oqu"]["default-backend"]
    assert notes["oqu"] == notes["machines"]


def test_ingress_that_logs_leaves_the_tokens_out() -> None:
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/deploy.md").read_text(), re.DOTALL)
    assert block
    (given,) = [one["data"] for one in documents() if one["kind"] == "ConfigMap"]

    told = directives(block.group(1).partition("log_format")[0])
    assert directives(given["http-snippet"]) == told[: told.index("map $request_id $case")]
    shown = re.findall(r"\$request\w*|\$http_\w+|\$shown", given["log-format-upstream"])
    assert shown == ["$request_method", "$shown", "$request_time"]
    assert given["error-log-level"] == "crit"


def test_status_is_read_of_every_line_of_nginxs_log() -> None:
    """By the format of the documents, which the tests of a release look through for what has failed."""
    line = "10.0.0.7 [2027-06-01T09:00:00+05:00] GET /sign/... {} 5120 0.041 {} 4821 7305"
    number = "0f1e2d3c4b5a69780f1e2d3c4b5a6978"

    assert statuses("\n".join(line.format(status, number) for status in (200, 502, 499))) == [200, 502, 499]
    with pytest.raises(AssertionError):
        statuses(line.format(502, number).removesuffix(" 4821 7305"))


def directives(text: str) -> list[str]:
    plain = re.sub(r"#.*", "", text)
    return [" ".join(each.split()) for each in re.split(r"[;{}]", plain) if each.strip()]


@IN_NGINX
def test_nginx_takes_its_settings(private: Path, tmp_path: Path) -> None:
    shutil.copy(private / "inner/redis/server.crt", tmp_path / "fullchain.pem")
    shutil.copy(private / "inner/redis/server.key", tmp_path / "key.pem")
    text = (DEPLOY / "compose/nginx.conf").read_text().replace("/etc/ssl/oqu", str(tmp_path))
    text = text.replace("http {", f"http {{ {temporaries(tmp_path)}")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\n{text}")
    command = [str(NGINX), "-t", "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)

    assert done.returncode == 0, done.stderr


def test_backup_tool_takes_a_comment_on_a_line_of_its_own_only() -> None:
    lines = (DEPLOY / "compose/pgbackrest.conf").read_text().splitlines()

    assert [line for line in lines if "#" in line and not line.startswith("#")] == []


def test_what_the_portal_writes_in_a_container_is_its_own_in_the_image() -> None:
    """A volume takes its owner from the folder of the image; where there is none it is root's."""
    made = re.findall(r"install -d -o oqu -g oqu -m \d+ ([^\\\n&]+)", (DEPLOY / "Dockerfile").read_text())
    folders = {folder for line in made for folder in line.split()}
    volumes = {
        volume.split(":")[1]
        for service in WORKING
        for volume in SERVICES[service]["volumes"]
        if not volume.startswith(".")
    }

    assert volumes <= folders


# --- backup ------------------------------------------------------------------------------------------
TOOLS = {
    "gosu": 'shift; exec "$@"',
    "pgbackrest": 'echo "$*" >> "$SAID"; case "$*" in *backup) exit ${PG:-0} ;; esac',
    "restic": """echo "$1" >> "$SAID"
        case "$1" in backup) exit ${FILES:-0} ;; forget) exit ${FORGET:-0} ;; esac""",
    "date": 'case "$2" in +%H) echo "$NOW" ;; *) echo "$DAY" ;; esac',
    "sleep": 'echo >> "$SAID.rounds"; [ "$(wc -l < "$SAID.rounds")" -lt "$ROUNDS" ] || kill "$PPID"',
}
BEGIN, WELL = ["cat", "--stanza=oqu stanza-create"], ["unlock", "backup"]
DATABASE, TIDY = ["--stanza=oqu --type=diff backup"], ["forget"]
ALL = [*WELL, *DATABASE, *TIDY]


@pytest.mark.parametrize(
    ("minutes", "given", "said"),
    [
        (None, {}, ALL),  # nothing was ever made
        (1501, {}, ALL),
        (1440, {}, WELL),  # by day, and last night's is there
        (1440, {"NOW": "20"}, ALL),
        (1440, {"NOW": "20", "DAY": "6"}, [*WELL, "--stanza=oqu --type=full backup", *TIDY]),
        (30, {"NOW": "20"}, WELL),  # this night's is made
        (None, {"PG": "1"}, ALL[:-1]),
        # The database's is made whatever became of the files; 3 is restic's word for what it could not read.
        (None, {"FILES": "3"}, [*WELL, *DATABASE]),
        (None, {"FILES": "1"}, [*WELL, *DATABASE]),
        (None, {"ROUNDS": "3"}, [*ALL, *WELL, *WELL]),
        # What comes after the database's is tried again, and that is not made again: its old ones would go.
        (None, {"FORGET": "1", "ROUNDS": "3", "NOW": "20"}, [*ALL, *WELL, *TIDY, *WELL, *TIDY]),
    ],
)
def test_backup_is_made_by_night_and_says_when_all_of_it_has_ended_well(
    tmp_path: Path, minutes: int | None, given: dict[str, str], said: list[str]
) -> None:
    for name, script in TOOLS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    stamp, log = tmp_path / "stamp", tmp_path / "said"
    made = time.time() - 60 * minutes if minutes else 0
    for one in (tmp_path / "database", stamp) if minutes else ():
        one.touch()
        os.utime(one, (made, made))
    own = {"STAMP": str(stamp), "HOUR": "20", "NOW": "09", "DAY": "3", "SAID": str(log), "ROUNDS": "1"}
    env = own | given | {"PATH": f"{tmp_path}:/usr/bin:/bin"}

    subprocess.run([DEPLOY / "compose/backup.sh"], env=env, capture_output=True, check=False, timeout=60)

    assert log.read_text().splitlines() == [*BEGIN, *said]
    is_well = "forget" in said and "FORGET" not in given
    assert (stamp.exists() and stamp.stat().st_mtime > made + 1) is is_well


def test_backups_begin_when_the_night_of_an_opening_is_over() -> None:
    """Regions open at midnight of Almaty, and the line before the signature may last for some hours."""
    (job,) = [one for one in documents() if one["kind"] == "CronJob" and one["metadata"]["name"] == "dump"]
    minute, hour, *_ = job["spec"]["schedule"].split()
    containers = (int(SERVICES["backup"]["environment"]["HOUR"]) + 5) % 24 * 60

    assert job["spec"]["timeZone"] == "Asia/Almaty"
    assert min(containers, int(hour) * 60 + int(minute)) > portal.WAITING_ROOM_AFTER
