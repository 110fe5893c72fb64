"""A production portal by docs/deploy.md: its own blocks in their order on a bare database, nginx in front
where it is installed, and systemd played. The state is the sandbox under an authority of its own."""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.utils import timezone

from egov.tests.certified import certified
from oqu.setup import answers
from schools import classifier, school_lists
from tests.browser.conftest import ROOT, START_SECONDS, Stand, _dsn, _running, _url
from tests.load.machine import Documents, Machine
from tests.load.national import SECRET, SENDER
from tests.load.road import Place, road
from tests.load.visitor import Page, Visitor
from tests.ports import held_port
from tests.sandbox import wait_until_ready
from tests.test_nginx import NGINX, conf_of

DATA = Path(school_lists.__file__).parent / "data"
PORTAL, NAME = "oqu.example.kz", f"oqu_production_{os.getpid()}"
STATE = {  # host -> the sandbox's path; the addresses are those of the documents and of the defaults
    "idp.egov.kz": "",
    "shep.example.kz": "/shep",
    "api.mobizon.kz": "/mobizon",
    "ocsp.pki.gov.kz": "/ocsp",
    "tsp.pki.gov.kz": "/tsp",
}
OPS = "840214399807"
FIRST = "oqu-2027.1"  # the folder of the version that the documents begin with


def write_tables(etc: Path) -> None:
    """What the departments bring."""
    shutil.copy(classifier.EXTRACT, etc / "kato.csv")
    schools = (DATA / "demo_schools.csv").read_text(encoding="utf-8")
    (etc / "schools.csv").write_text(schools.replace(",75,25,", ",300,25,"), encoding="utf-8")  # for a crowd
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


@dataclass
class Production:
    stand: Stand
    machine: Machine
    pem: Path  # of the authority of its network
    way: str  # the road to it

    def come(self, iin: str) -> Visitor:
        made = Visitor(self.stand, iin)
        made.http.proxies, made.http.verify = {"https": self.way}, str(self.pem)
        made.http.trust_env = False  # a bundle of the environment would be believed instead
        return made

    def is_healthy(self) -> None:
        """Once all processes are up."""
        deadline, asking = time.monotonic() + START_SECONDS, self.come(OPS)
        while asking.http.get(f"{self.stand.url}/healthz", timeout=60).status_code != 200:
            assert time.monotonic() < deadline, "the portal does not get healthy"
            time.sleep(0.2)  # other processes come up in their own time

    def open_today(self) -> None:
        """Dates run within January to August, the test on any day. They are moved past the journal, which is
        then told how things stand, as after a restored backup."""
        with psycopg.connect(self.stand.database, autocommit=True) as owner:
            owner.execute("DROP TRIGGER oqu_journal_update ON schools_period")
            days = "opens = current_date - 30, closes = current_date + 30"
            moved = owner.execute(f"UPDATE schools_period SET {days}".encode())
            assert moved.rowcount > 0
        bring = self.machine.documents.blocks("sh")[2]
        self.machine.documents.run(bring, "manage.py prepare")

    def papers(self) -> int:
        """Those that are sealed and stamped."""
        ((count,),) = self.stand.query("SELECT count(*) FROM applications_paper WHERE sha256 <> ''")
        return int(count)


def lay(place: Path) -> None:
    """This version's code, and the packages that the test runs by."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    (place / ".venv").symlink_to(ROOT / ".venv")


@contextmanager
def place_for_all() -> Iterator[Path]:
    """A folder into which the portal's user comes too; it stays where the portal does not come up."""
    folder = Path(tempfile.mkdtemp(prefix="oqu-production-"))
    folder.chmod(0o755)
    print(f"the machine is in {folder}")
    yield folder
    shutil.rmtree(folder)


@contextmanager
def production() -> Iterator[Production]:
    """A portal at work."""
    assert NGINX or not os.environ.get("REQUIRE_NGINX"), "nginx is not installed"
    with place_for_all() as folder, _at_work(folder) as made:
        yield made


@contextmanager
def _at_work(folder: Path) -> Iterator[Production]:
    lay(folder / "srv" / FIRST)
    pem = certified(folder / "network.pem", PORTAL, *STATE)
    pem.chmod(0o644)
    with ExitStack() as held:
        sandbox, ncalayer, plain, secret = (held.enter_context(held_port()) for _ in range(4))
        web = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        places = {host: Place(sandbox, prefix) for host, prefix in STATE.items()}
        port = int(web.getsockname()[1])
        places[PORTAL] = Place(secret, tls=True) if NGINX else Place(port)
        way = held.enter_context(road(places, pem)).url
        out = {"HTTP_PROXY": way, "HTTPS_PROXY": way, "NO_PROXY": "127.0.0.1", "SSL_CERT_FILE": str(pem)}
        held.enter_context(state(folder, out, port=sandbox, ncalayer=ncalayer))
        documents = documents_of(folder, web=port)
        held.enter_context(roles(documents.blocks("sql")[0]))
        prepare(documents, pem=pem, way=way)
        env = environment(folder / "etc" / "oqu.env")
        machine = held.enter_context(Machine(documents, env, web))
        if NGINX:
            conf = conf_of(folder, http=plain, https=secret, portal=port)
            server = [str(NGINX), "-e", str(folder / "early.log"), "-c", str(conf)]
            held.enter_context(_running(server, env=dict(os.environ), log=folder / "nginx.log"))
        stand = Stand(f"https://{PORTAL}", f"http://127.0.0.1:{sandbox}", env, _dsn(NAME), folder)
        yield Production(stand, machine, pem, way)


def sign(visitor: Visitor, page: Page, **more: str) -> None:
    """By the QR, once the worker has drawn the document."""
    by_qr = page.url.partition("?")[0] + "?way=qr"
    visitor.until(lambda: visitor.get(by_qr), lambda one: "link=" in one.text)
    visitor.scan(page, **more)


def documents_of(folder: Path, *, web: int) -> Documents:
    def url(role: str, password: str) -> str:
        return re.sub(r"//[^@]*@", f"//{role}:{password}@", _url(NAME))

    at = "@db.example.kz/oqu?sslmode=verify-full"
    return Documents(folder, {
        f"postgres://oqu_owner:owner-password{at}": url(f"{NAME}_owner", "owner-password"),
        f"postgres://oqu:portal-password{at}": url(NAME, "portal-password"),
        "ROLE oqu_owner": f"ROLE {NAME}_owner", "OWNER oqu_owner": f"OWNER {NAME}_owner",
        "ROLE oqu ": f"ROLE {NAME} ", "DATABASE oqu ": f"DATABASE {NAME} ",
        "rediss://redis.example.kz:6379/0": settings.REDIS_URL,
        "/var/lib/oqu": f"{folder}/var", "/var/www/oqu": f"{folder}/pages",
        "127.0.0.1:8000": f"127.0.0.1:{web}",
        "at-least-50-random-characters": "a3Kd9-xQ_7Lm2Zp8Vt5Rw1Yc6Bn4Hs0JfGuEiTqPoWlXzMvNbCr",
        "CLIENT_ID='given-by-egov": f"CLIENT_ID='{SENDER}",
        "SENDER='given-by-smartbridge": f"SENDER='{SENDER}", "given-by-egov": SECRET,
        **{
            f"SERVICE_{name.upper()}='given-by-smartbridge": f"SERVICE_{name.upper()}='{number}"
            for name, number in settings.SMARTBRIDGE_SERVICES.items()
        },
        "given-by-smartbridge": SECRET, "given-by-mobizon": SECRET, "random-characters": SECRET,
        "password-of-the-key": SECRET,
        "bin-of-the-organisation": "990540099902", '"IIN"': f'"{OPS}"',
    })  # fmt: skip


def prepare(documents: Documents, *, pem: Path, way: str) -> None:
    """The points 0 and 4 to 9, and the pages of nginx."""
    etc = documents.folder / "etc"
    folders, key, bring, load, pages = documents.blocks("sh")
    documents.run(folders, "ln -s", by_root=True)
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
        "SMARTBRIDGE_CA": etc / "smartbridge" / "ca.pem",
        "CONNECTIONS": f'{{"all": {{"ca": "{pem}", "proxy": "{way}"}}}}',
    }  # fmt: skip
    given = "".join(f"{name}='{value}'\n" for name, value in own.items())
    (etc / "oqu.env").write_text(documents.blocks("ini")[0] + given)
    (etc / "setup.toml").write_text(documents.blocks("toml")[0], encoding="utf-8")
    (etc / "setup.toml").chmod(0o600)
    write_tables(etc)
    documents.account.own(etc)
    assert "nothing is missing" in documents.run(bring, "manage.py setup --from")
    documents.run(load, "manage.py load_schools")
    documents.run(pages, "manage.py error_pages")


def environment(file: Path) -> dict[str, str]:
    """What systemd makes of EnvironmentFile, and nothing else."""
    named = dict(re.findall(r"^(\w+)='(.*)'$", file.read_text(), re.M))
    return named | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
