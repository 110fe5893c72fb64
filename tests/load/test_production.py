"""Production from docs/deploy.md alone: its own blocks, in their order, on a bare database; then a family
files and a director decides. The guard is on; the state is the sandbox under an authority of its own.

    ./run test -m load tests/load/test_production.py -n 0

nginx stands in front where it is installed.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone

from egov.tests.certified import certified
from oqu.setup import answers
from schools import classifier, school_lists
from tests.browser.conftest import ROOT, START_SECONDS, Stand, _dsn, _running, _url
from tests.load.national import SECRET, SENDER
from tests.load.road import Place, road
from tests.load.visitor import Page, Visitor
from tests.ports import held_port
from tests.sandbox import wait_until_ready
from tests.test_nginx import NGINX, conf_of

pytestmark = pytest.mark.load

DATA = Path(school_lists.__file__).parent / "data"
PORTAL, NAME = "oqu.example.kz", f"oqu_production_{os.getpid()}"
STATE = {  # host -> the sandbox's path; the addresses are those of the documents and of the defaults
    "idp.egov.kz": "",
    "shep.example.kz": "/shep",
    "api.mobizon.kz": "/mobizon",
    "ocsp.pki.gov.kz": "/ocsp",
    "tsp.pki.gov.kz": "/tsp",
}
PARENT, DIRECTOR, OPS = "900708499904", "750312499106", "840214399807"
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.M | re.S)
UNIT = re.compile(r"^\| `(oqu-[\w-]+)` \| `(.*?)` \|", re.M)
ONCE = (
    "apt-get install",
    "pip install",
)  # what a machine has once; the lock is the one that this test runs by


class Documents:
    """The blocks of docs/deploy.md with this machine's places in them."""

    def __init__(self, folder: Path, changes: dict[str, str]) -> None:
        self.text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
        self.folder, self.changes = folder, changes | {"/etc/oqu": f"{folder}/etc", "/srv/oqu": str(ROOT)}

    def blocks(self, kind: str) -> list[str]:
        found = [(indent, text) for indent, name, text in BLOCK.findall(self.text) if name == kind]
        plain = [re.sub(f"^{indent}", "", text, flags=re.M) for indent, text in found]
        return [self.here(text) for text in plain if not any(words in text for words in ONCE)]

    def units(self) -> dict[str, list[str]]:
        """As systemd reads them: a percent sign is written twice."""
        found = UNIT.findall(self.text)
        return {name: self.here(command).replace("%%", "%").split() for name, command in found}

    def here(self, text: str) -> str:
        for old, new in self.changes.items():
            text = text.replace(old, new)
        return text

    def run(self, block: str, holding: str) -> str:
        """As a shell of the portal's user does; nothing of the test's environment is in it."""
        assert holding in block
        plain = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        done = subprocess.run(
            ["bash", "-eu", "-c", block],
            cwd=self.folder,
            env=plain,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def write_tables(etc: Path) -> None:
    """What the departments bring."""
    shutil.copy(classifier.EXTRACT, etc / "kato.csv")
    shutil.copy(DATA / "demo_schools.csv", etc / "schools.csv")
    shutil.copy(DATA / "demo_staff.csv", etc / "staff.csv")
    lines = (DATA / "demo_addresses.csv").read_text(encoding="utf-8").splitlines()
    (etc / "addresses.csv").write_text("\n".join(["school,line", *lines[1:]]), encoding="utf-8")
    year = answers.years(timezone.now())[0]
    with (DATA / "regions.csv").open(encoding="utf-8") as regions:
        days = [f"{row['kato']},{year}-01-01,{year}-08-31" for row in csv.DictReader(regions)]
    (etc / "periods.csv").write_text("\n".join(["kato,opens,closes", *days]), encoding="utf-8")


@contextmanager
def roles(sql: str) -> Iterator[None]:
    """The database and its roles, as the documents make them, and no trace of them afterwards."""
    with psycopg.connect(_dsn("postgres"), autocommit=True) as connection:
        for statement in filter(str.strip, sql.split(";")):
            connection.execute(statement.encode())
        try:
            yield
        finally:
            connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())
            connection.execute(f"DROP ROLE {NAME}_owner, {NAME}".encode())


@contextmanager
def state(folder: Path, env: dict[str, str], *, port: int, ncalayer: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.load.national", "--port", str(port)]
    command += ["--ncalayer-port", str(ncalayer), "--state-dir", str(folder / "state")]
    command += ["--portal-url", f"https://{PORTAL}"]
    with _running(command, env=os.environ | env, log=folder / "state.log") as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, Path, str]]:
    """A portal that is at work, the authority of its network, and the road to it."""
    folder = tmp_path_factory.mktemp("production")
    for name in ("etc", "var"):
        (folder / name).mkdir()
    pem = certified(folder / "network.pem", PORTAL, *STATE)
    with ExitStack() as held:
        web, sandbox, ncalayer, plain, secret = (held.enter_context(held_port()) for _ in range(5))
        places = {host: Place(sandbox, prefix) for host, prefix in STATE.items()}
        places[PORTAL] = Place(secret, tls=True) if NGINX else Place(web)
        way = held.enter_context(road(places, pem)).url
        out = {"HTTP_PROXY": way, "HTTPS_PROXY": way, "NO_PROXY": "127.0.0.1", "SSL_CERT_FILE": str(pem)}
        held.enter_context(state(folder, out, port=sandbox, ncalayer=ncalayer))
        documents = documents_of(folder, web=web)
        held.enter_context(roles(documents.blocks("sql")[0]))
        prepare(documents, pem=pem, way=way)
        env = environment(folder / "etc" / "oqu.env")
        for name, command in documents.units().items():
            held.enter_context(_running(command, env=env, log=folder / f"{name}.log"))
        if NGINX:
            conf = conf_of(folder, http=plain, https=secret, portal=web)
            server = [str(NGINX), "-e", str(folder / "early.log"), "-c", str(conf)]
            held.enter_context(_running(server, env=dict(os.environ), log=folder / "nginx.log"))
        yield Stand(f"https://{PORTAL}", f"http://127.0.0.1:{sandbox}", env, _dsn(NAME), folder), pem, way


def documents_of(folder: Path, *, web: int) -> Documents:
    def url(role: str, password: str) -> str:
        return re.sub(r"//[^@]*@", f"//{role}:{password}@", _url(NAME))

    at = "@db.example.kz/oqu?sslmode=verify-full"
    return Documents(folder, {
        f"postgres://oqu_owner:owner-password{at}": f"'{url(f'{NAME}_owner', 'owner-password')}'",
        f"postgres://oqu:portal-password{at}": url(NAME, "portal-password"),
        "ROLE oqu_owner": f"ROLE {NAME}_owner", "OWNER oqu_owner": f"OWNER {NAME}_owner",
        "ROLE oqu ": f"ROLE {NAME} ", "DATABASE oqu ": f"DATABASE {NAME} ",
        "rediss://redis.example.kz:6379/0": settings.REDIS_URL,
        "/var/lib/oqu": f"{folder}/var", "/var/www/oqu": f"{folder}/pages",
        "127.0.0.1:8000": f"127.0.0.1:{web}",
        "at-least-50-random-characters": "a3Kd9-xQ_7Lm2Zp8Vt5Rw1Yc6Bn4Hs0JfGuEiTqPoWlXzMvNbCr",
        "CLIENT_ID=given-by-egov": f"CLIENT_ID={SENDER}",
        "SENDER=given-by-smartbridge": f"SENDER={SENDER}", "given-by-egov": SECRET,
        "given-by-smartbridge": SECRET, "given-by-mobizon": SECRET, "random-characters": SECRET,
        "password-of-the-key": SECRET,
        "bin-of-the-organisation": "990540099902", '"IIN"': f'"{OPS}"',
    })  # fmt: skip


def prepare(documents: Documents, *, pem: Path, way: str) -> None:
    """The points 4 to 9, and the pages of nginx."""
    etc = documents.folder / "etc"
    key, bring, load, pages = documents.blocks("sh")
    documents.run(key, "data.keys")
    for path in (documents.folder / "state" / "ca").glob("*.cer"):
        shutil.copy(path, etc / "ca")
    for path in (documents.folder / "state" / "smartbridge").iterdir():
        shutil.copy(path, etc / "smartbridge")
        (etc / "smartbridge" / path.name).chmod(0o600)
    own = {  # of this machine alone
        "EDS_CA_DIR": etc / "ca", "KEYS_DIR": etc / "keys", "EDS_GOST": "0", "CELERY_QUEUE": NAME,
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "SMARTBRIDGE_KEY": etc / "smartbridge" / "key.p12",
        "SMARTBRIDGE_SIGNERS": etc / "smartbridge" / "signers.pem",
        "CONNECTIONS": f'{{"all": {{"ca": "{pem}", "proxy": "{way}"}}}}',
    }  # fmt: skip
    lines = [line for line in documents.blocks("ini")[0].splitlines() if line]
    lines += [f"{name}={value}" for name, value in own.items()]
    (etc / "oqu.env").write_text(
        "".join(f"{name}='{value}'\n" for name, _, value in (line.partition("=") for line in lines))
    )
    (etc / "setup.toml").write_text(documents.blocks("toml")[0], encoding="utf-8")
    (etc / "setup.toml").chmod(0o600)
    write_tables(etc)
    assert "nothing is missing" in documents.run(bring, "manage.py setup --from")
    documents.run(load, "manage.py load_schools")
    documents.run(pages, "manage.py error_pages")


def environment(file: Path) -> dict[str, str]:
    """What systemd makes of EnvironmentFile, and nothing else."""
    named = dict(re.findall(r"^(\w+)='(.*)'$", file.read_text(), re.M))
    return named | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


@pytest.fixture
def visitor(portal: tuple[Stand, Path, str]) -> Callable[[str], Visitor]:
    stand, pem, way = portal

    def come(iin: str) -> Visitor:
        made = Visitor(stand, iin)
        made.http.proxies, made.http.verify = {"https": way}, str(pem)
        made.http.trust_env = False  # a bundle of the environment would be believed instead
        return made

    return come


def test_portal_of_the_documents_takes_an_application_and_its_answer(
    portal: tuple[Stand, Path, str], visitor: Callable[[str], Visitor]
) -> None:
    stand, _pem, _way = portal
    parent, director = visitor(PARENT), visitor(DIRECTOR)
    is_healthy(parent)
    moved = "UPDATE schools_period SET opens = current_date - 30, closes = current_date + 30 RETURNING id"
    assert stand.query(moved), "dates run within January to August, the test on any day"

    parent.sign_in()
    parent.consent()
    parent.add_child("Арман")
    page = parent.press(parent.prepare("Арман", "№63"), "Өтінімге қол қою")
    sign(parent, page)
    ((public_id, status),) = stand.query("SELECT public_id, status FROM applications_application")
    assert status == "IN_REVIEW"

    director.sign_in("/login/?next=/school/")
    page = director.get(f"/school/applications/{public_id}/")
    page = director.press(page, "Қол қоюға өту", {"result": "ACCEPT", "transport": "yes"})
    sign(director, page, key="org")
    assert stand.query("SELECT status FROM applications_application") == [("ACCEPTED",)]

    parent.until(lambda: parent.get("/applications/"), lambda _page: papers(stand) == 2)
    is_healthy(parent)
    assert stand.query("SELECT system FROM accounts_trouble") == []


def is_healthy(visitor: Visitor) -> None:
    """Once all processes are up."""
    deadline = time.monotonic() + START_SECONDS
    while visitor.http.get(f"{visitor.stand.url}/healthz", timeout=60).status_code != 200:
        assert time.monotonic() < deadline, "the portal does not get healthy"
        time.sleep(0.2)  # other processes come up in their own time


def sign(visitor: Visitor, page: Page, **more: str) -> None:
    """By the QR, once the worker has drawn the document."""
    by_qr = page.url.partition("?")[0] + "?way=qr"
    visitor.until(lambda: visitor.get(by_qr), lambda one: "link=" in one.text)
    visitor.scan(page, **more)


def papers(stand: Stand) -> int:
    """Those that are sealed and stamped."""
    ((count,),) = stand.query("SELECT count(*) FROM applications_paper WHERE sha256 <> ''")
    return int(count)
