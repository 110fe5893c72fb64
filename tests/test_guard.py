"""Production starts only when it is fit for production; the demo always starts."""

import atexit
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import environ
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.exceptions import ImproperlyConfigured
from kombu.connection import Connection

from egov.eds import trust
from notifications import sms
from oqu import guard, strength
from sandbox import ca
from sandbox.ca import Authority

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = Path(tempfile.mkdtemp(prefix="oqu-guard-"))
AUTHORITIES = PRIVATE / "ca"
AUTHORITIES.mkdir()
(AUTHORITIES / "root.cer").touch()
atexit.register(shutil.rmtree, PRIVATE, ignore_errors=True)
SIGNED = {
    "SMARTBRIDGE_KEY": str(PRIVATE / "key.p12"),
    "SMARTBRIDGE_SIGNERS": str(PRIVATE / "signers.pem"),
    "SMARTBRIDGE_CA": str(PRIVATE / "bus.pem"),
}
for _file in SIGNED.values():
    Path(_file).touch(mode=0o600)
IDS = {
    f"SERVICE_{name}": "given-by-smartbridge"
    for name in ("PERSON", "CHILDREN", "ADDRESS", "ENROLMENT", "MEDICAL", "CONSENT")
}
PRODUCTION = {
    "SECRET_KEY": "a3Kd9-xQ_7Lm2Zp8Vt5Rw1Yc6Bn4Hs0JfGuEiTqPoWlXzMvNbCr",
    "PUBLIC_URL": "https://oqu.example.kz",
    "DATABASE_URL": "postgres://oqu:secret@db.example.kz/oqu?sslmode=verify-full",
    "EGOV_CLIENT_ID": "oqu",
    "EGOV_CLIENT_SECRET": "real-secret",
    "SMARTBRIDGE_URL": "https://shep.example.kz/bip-sync-wss-gost/",
    "SMARTBRIDGE_SENDER": "oqu",
    "SMARTBRIDGE_PASSWORD": "real-password",
    "MOBIZON_KEY": "real-key",
    "MOBIZON_WEBHOOK_SECRET": "real-webhook",
    "SEAL_PASSWORD": "real-seal-7Qm",
    "NCANODE_URL": "http://ncanode.internal:14579",
    "PORTAL_BIN": "123456789012",
    "EDS_CA_DIR": str(AUTHORITIES),
    "TRUSTED_PROXIES": "1",
    "DATA_KEYS": "260601:" + "a" * 43 + "=",
    **SIGNED,
    **IDS,
}
STORE = {
    "FILES_STORE": "s3",
    "S3_ENDPOINT": "https://s3.example.kz",
    "S3_BUCKET": "oqu",
    "S3_KEY": "key",
    "S3_SECRET": "secret",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of their own, as every start does; nothing of ours is inherited."""
    environment = {name: os.environ[name] for name in ("PATH", "VAR_DIR") if name in os.environ}
    command = [sys.executable, "-c", "import django; django.setup(); print('started')"]
    environment |= {"DJANGO_SETTINGS_MODULE": "oqu.settings"} | changes
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def refuse(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """The same settings file, read here with another environment, so that a table of faults stays quick."""
    monkeypatch.setattr(environ.Env, "ENVIRON", environment)
    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(ROOT / "oqu" / "settings.py"))
    return str(refusal.value)


def test_production_with_sound_settings_starts() -> None:
    done = start(**PRODUCTION)

    assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


def test_demo_starts_with_nothing_set() -> None:
    done = start(DEMO="1")

    assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


def test_production_with_nothing_set_does_not_start() -> None:
    done = start()

    assert done.returncode != 0
    assert "Not fit for production" in done.stderr


def test_everything_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = refuse(monkeypatch)

    named = {line.split()[1] for line in complaints.splitlines() if line.startswith("- ")}
    assert named == set(PRODUCTION) - {"DATABASE_URL"}


@pytest.mark.rule("D33")
@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"DEBUG": "1"}, "DEBUG must be off."),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "demo-only-" + "0" * 50}, "SECRET_KEY must be"),
        ({"SECRET_KEY_FALLBACKS": "demo-only-" + "0" * 50}, "SECRET_KEY_FALLBACKS must not"),
        ({"PUBLIC_URL": "http://oqu.example.kz"}, "PUBLIC_URL must be"),
        ({"PUBLIC_URL": "https://127.0.0.1"}, "PUBLIC_URL must be"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must"),
        ({"TRUSTED_PROXIES": "0"}, "TRUSTED_PROXIES must"),
        ({"OTEL_SHARE": "1.5"}, "OTEL_SHARE must be from 0 to 1."),
        ({"EGOV_IDP_URL": "http://127.0.0.1:8090/idp"}, "EGOV_IDP_URL must be"),
        ({"EGOV_IDP_URL": "https://localhost:8090/idp"}, "EGOV_IDP_URL must be"),
        ({"SMARTBRIDGE_URL": "http://shep.example.kz/"}, "SMARTBRIDGE_URL must be"),
        ({"MOBIZON_URL": "http://127.0.0.1:8090/mobizon"}, "MOBIZON_URL must be"),
        ({"SMARTBRIDGE_KEY": "/nonexistent"}, "SMARTBRIDGE_KEY must name a file"),
        ({"SMARTBRIDGE_SIGNERS": "/nonexistent"}, "SMARTBRIDGE_SIGNERS must name a file"),
        ({"SMARTBRIDGE_CA": "/nonexistent"}, "SMARTBRIDGE_CA must name a file"),
        ({"SMARTBRIDGE_KEY": "/etc/hosts"}, "SMARTBRIDGE_KEY must not be for everybody to read"),
        ({"SMARTBRIDGE_KEY_PASSWORD": "sandbox-key"}, "SMARTBRIDGE_KEY_PASSWORD must not be the demo's"),
        ({"EDS_CRL_URLS": "http://crl.example.kz/a.crl,http://127.0.0.1:8090/b"}, "EDS_CRL_URLS must"),
        ({"EGOV_URL": "http://127.0.0.1:8090"}, "EGOV_URL must be"),
        ({"EGOV_MOBILE_LINK": "http://127.0.0.1:8090/phone/"}, "EGOV_MOBILE_LINK must be"),
        ({"OCSP_URL": "http://127.0.0.1:8090/ocsp/"}, "OCSP_URL must not"),
        ({"NCALAYER_URL": "ws://127.0.0.1:13579/"}, "NCALAYER_URL must be"),
        ({"EGOV_CLIENT_SECRET": "sandbox-secret"}, "EGOV_CLIENT_SECRET must not be"),
        ({"SEAL_PASSWORD": "demo"}, "SEAL_PASSWORD must not be"),
        ({"SEAL_PASSWORD": "1"}, "SEAL_PASSWORD must be a random text"),
        ({"SEAL_PASSWORD": "aZ3-kQ9_xW7"}, "SEAL_PASSWORD must be a random text"),
        ({"SEAL_PASSWORD": "ababababababab"}, "SEAL_PASSWORD must be a random text"),
        ({"SEAL_PASSWORD": "Secret7Secret7"}, "SEAL_PASSWORD must be a random text"),
        ({"SECRET_KEY": "k" * 60}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "0123456789abcdefXYZ" * 4}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "0123456789abcde" + "a" * 60}, "SECRET_KEY must be"),
        ({"WAITING_ROOM": "yes"}, "WAITING_ROOM must be one of: off, auto, on"),
        ({"WAITING_ROOM_RATE": 0}, "WAITING_ROOM_RATE must be at least 1"),
        ({"WAITING_ROOM_PLACES": -5}, "WAITING_ROOM_PLACES must be at least 1"),
        ({"WAITING_ROOM_AFTER": -1}, "WAITING_ROOM_BEFORE and WAITING_ROOM_AFTER must be minutes"),
        ({"QUIET_FROM": 24}, "QUIET_FROM and QUIET_TO must be hours of the day"),
        ({"EGOV_MOBILE_AUTH": "eds"}, "EGOV_MOBILE_AUTH must be one of: Token, Eds"),
        ({"NCANODE_URL": ""}, "NCANODE_URL must be set, or EDS_GOST=0"),
        ({"DATABASE_URL": "postgres://oqu:secret@db.example.kz/oqu"}, "DATABASE_URL must use TLS"),
        ({"DATABASE_URL": "postgres://oqu:x@10.0.0.5/oqu?sslmode=prefer"}, "DATABASE_URL must use TLS"),
        ({"DATABASE_URL": "postgres://oqu:x@10.0.0.5/oqu?sslmode=disable"}, "DATABASE_URL must use TLS"),
        ({"DRILL_DATABASE_URL": "postgres://drill:x@10.0.0.6/drill"}, "DRILL_DATABASE_URL must use TLS"),
        (
            {"REDIS_URL": "redis://10.0.0.6:6379/0", "CELERY_BROKER_URL": "rediss://10.0.0.6/0"},
            "REDIS_URL must use TLS",
        ),
        (
            {
                "REDIS_URL": "sentinel://:x@127.0.0.1:26379,localhost:26380/mymaster",
                "CELERY_BROKER_URL": "rediss://10.0.0.6/0",
            },
            "REDIS_URL must use TLS",
        ),
        ({"CELERY_BROKER_URL": "sentinels://10.0.0.6:26379"}, "CELERY_BROKER_URL must be sentinels://"),
        ({"CELERY_BROKER_URL": "sentinels://10.0.0.6:x/mymaster"}, "CELERY_BROKER_URL must be sentinels://"),
        (
            {
                "REDIS_URL": "rediss://10.0.0.6/0?ssl_cert_reqs=none",
                "CELERY_BROKER_URL": "rediss://10.0.0.6/0",
            },
            "REDIS_URL must check the certificate",
        ),
        (
            {"CELERY_BROKER_URL": "rediss://10.0.0.6/0?ssl_cert_reqs=CERT_OPTIONAL"},
            "CELERY_BROKER_URL must check the certificate",
        ),
        (
            {"CELERY_BROKER_URL": "rediss://10.0.0.6/0?ssl_check_hostname=False"},
            "CELERY_BROKER_URL must check the certificate",
        ),
        ({"REPLICA_URL": "postgres://oqu:x@10.0.0.7/oqu"}, "REPLICA_URL must use TLS"),
        ({"POOLER_URL": "postgres://oqu:x@10.0.0.5:6432/pgbouncer"}, "POOLER_URL must use TLS"),
        (
            {"REPLICA_URL": "postgres://oqu@//run/postgresql/oqu", "REPLICA_LAG": "0"},
            "REPLICA_LAG must be seconds",
        ),
        ({"CELERY_BROKER_URL": "redis://redis.internal:6379/0"}, "CELERY_BROKER_URL must use TLS"),
        ({"WEB_QUERY_SECONDS": 0}, "WEB_QUERY_SECONDS must be at least 1"),
        ({"WORKER_LOCK_SECONDS": -1}, "WORKER_LOCK_SECONDS must be at least 1"),
        ({"WEB_QUERY_SECONDS": 60}, "WEB_QUERY_SECONDS must be below 60"),
        ({"WORKER_QUERY_SECONDS": 30}, "WORKER_QUERY_SECONDS must be below 30"),
        ({"MOBIZON_KEY": ""}, "MOBIZON_KEY must be set."),
        ({"CONNECTIONS": "{"}, "CONNECTIONS must be a JSON object"),
        ({"CONNECTIONS": "[]"}, "CONNECTIONS must be a JSON object"),
        ({"CONNECTIONS": '{"shep": {}}'}, "CONNECTIONS names «shep»"),
        ({"CONNECTIONS": '{"all": 1}'}, "CONNECTIONS.all: must be an object"),
        ({"CONNECTIONS": '{"sms": {"cA": ""}}'}, "CONNECTIONS.sms: cA is none of"),
        ({"CONNECTIONS": '{"tsp": {"ca": "/nonexistent"}}'}, "CONNECTIONS.tsp: ca names no file"),
        ({"CONNECTIONS": '{"tsp": {"key": "/etc/hosts"}}'}, "CONNECTIONS.tsp: key without cert"),
        ({"CONNECTIONS": '{"person": {"proxy": "10.0.0.5"}}'}, "CONNECTIONS.person: proxy must be"),
        ({"CONNECTIONS": '{"login": {"timeout": 0}}'}, "CONNECTIONS.login: timeout must be"),
        ({"CONNECTIONS": '{"login": {"timeout": true}}'}, "CONNECTIONS.login: timeout must be"),
        ({"FILES_STORE": "nfs"}, "FILES_STORE must be one of: disk, s3."),
        *[(STORE | {name: ""}, f"{name} must be set") for name in guard.STORE],
        (STORE | {"FILES_STORE": "disk", "S3_SECRET": ""}, "S3_SECRET must be set"),  # while files move
        (STORE | {"S3_ENDPOINT": "http://s3.example.kz"}, "S3_ENDPOINT must be an https address"),
        (STORE | {"S3_ENDPOINT": "s3.example.kz"}, "S3_ENDPOINT must be an https address"),
        (STORE | {"S3_CA": "/nonexistent"}, "S3_CA names no file"),
        (STORE | {"S3_ADDRESSING": "host"}, "S3_ADDRESSING must be one of: path, virtual."),
        (STORE | {"S3_ENCRYPTION": "aes"}, "S3_ENCRYPTION must be one of: AES256, aws:kms."),
        (STORE | {"S3_KMS_KEY": "k"}, "S3_KMS_KEY is of S3_ENCRYPTION=aws:kms alone."),
        ({"SMS_GATEWAY": "console"}, "SMS_GATEWAY must be"),
        ({"SMS_GATEWAY": "mobizone"}, "SMS_GATEWAY must be"),
        ({"EDS_CA_DIR": "/nonexistent"}, "EDS_CA_DIR must hold"),
        ({"EDS_CA_DIR": str(ROOT / "oqu")}, "EDS_CA_DIR must hold"),
        ({"DATA_KEYS": ""}, "DATA_KEYS or DATA_KEYS_FILE must hold a data key"),
        ({"DATA_KEYS": "260601:short="}, "DATA_KEYS or DATA_KEYS_FILE holds a line that is no data key."),
        *[
            ({name: str(shortest - 1)}, f"{name} must be at least {shortest} days.")
            for name, shortest in guard.SHORTEST_TERMS.items()
        ],
    ],
)
def test_production_refuses(changes: dict[str, str], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = refuse(monkeypatch, **PRODUCTION | changes)

    assert f"\n- {complaint}" in complaints
    assert complaints.count("\n- ") == 1, "nothing else is wrong"


@pytest.mark.parametrize(
    "changes",
    [
        {"EDS_GOST": "0", "NCANODE_URL": ""},
        {"DATABASE_URL": "postgres://oqu@//run/postgresql/oqu"},
        {"DATABASE_URL": "postgres://oqu@127.0.0.1/oqu"},
        {"DATABASE_URL": "postgres://oqu:x@10.0.0.5/oqu?sslmode=require"},
        {"REDIS_URL": "rediss://10.0.0.6:6379/0"},
        {"REDIS_URL": "rediss://10.0.0.6:6379/0?ssl_ca_certs=/etc/ca.pem&ssl_cert_reqs=required"},
        STORE,
        STORE | {"S3_ENDPOINT": "http://127.0.0.1:9000", "S3_ENCRYPTION": "aws:kms", "S3_KMS_KEY": "k"},
        {"REDIS_URL": "unix:///run/redis/redis.sock?db=0", "CELERY_BROKER_URL": "redis+socket:///run/r.sock"},
        {"REDIS_URL": "redis://localhost:6379/0"},
        {"REDIS_URL": "sentinels://:x@10.0.0.6:26379,10.0.0.7/mymaster?db=1"},
    ],
)
def test_production_takes(changes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environ.Env, "ENVIRON", PRODUCTION | changes)

    runpy.run_path(str(ROOT / "oqu" / "settings.py"))


@pytest.fixture(scope="module")
def sandbox_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("sandbox")
    Authority(state, now=lambda: datetime.now(UTC))
    return state / "ca"


@pytest.mark.rule("D33")
@pytest.mark.parametrize("place", ["", "retired"])
@pytest.mark.parametrize("pem", [False, True])
def test_production_refuses_the_sandboxs_authority(
    place: str, pem: bool, sandbox_authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside real ones, under another name, in either form."""
    (tmp_path / "real.cer").touch()
    (tmp_path / place).mkdir(exist_ok=True)
    content = (sandbox_authority / "issuing.cer").read_bytes()
    if pem and b"-----BEGIN" not in content:
        content = x509.load_der_x509_certificate(content).public_bytes(Encoding.PEM)
    (tmp_path / place / "nca_rsa_2022.cer").write_bytes(content)

    complaints = refuse(monkeypatch, **PRODUCTION | {"EDS_CA_DIR": str(tmp_path)})

    assert "\n- EDS_CA_DIR must not hold the sandbox's authority: nca_rsa_2022.cer." in complaints
    assert complaints.count("\n- ") == 1


@pytest.mark.rule("D33")
@pytest.mark.parametrize(("name", "file"), [("SIGNERS", "signers.pem"), ("CA", "ca.pem")])
def test_production_refuses_the_sandboxs_bus(
    name: str, file: str, sandbox_authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {f"SMARTBRIDGE_{name}": str(sandbox_authority.parent / "smartbridge" / file)}

    complaints = refuse(monkeypatch, **PRODUCTION | given)

    assert f"\n- SMARTBRIDGE_{name} must not hold the sandbox's certificates." in complaints
    assert complaints.count("\n- ") == 1


@pytest.mark.parametrize(
    ("name", "mode", "open_"),
    [("seal-1.p12", 0o600, False), ("seal-1.p12", 0o640, True), ("seal-1.p12", 0o604, True),
     ("qr-1.key", 0o644, True), ("qr-1.key", 0o400, False), ("qr-1.pub", 0o644, False)],
)  # fmt: skip
def test_production_refuses_keys_that_others_may_read(
    name: str, mode: int, open_: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).touch()
    (tmp_path / name).chmod(mode)
    monkeypatch.setattr(environ.Env, "ENVIRON", PRODUCTION | {"KEYS_DIR": str(tmp_path)})

    with pytest.raises(ImproperlyConfigured, match="KEYS_DIR must be") if open_ else nullcontext():
        runpy.run_path(str(ROOT / "oqu" / "settings.py"))


def test_production_never_prints_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = refuse(monkeypatch, **PRODUCTION | {"DEBUG": "1"})

    assert [value for name, value in PRODUCTION.items() if "SECRET" in name and value in complaints] == []


def test_guard_knows_the_gateways_and_the_certificates() -> None:
    """It runs before the apps can be imported, so it repeats two facts of theirs."""
    assert set(guard.SMS_GATEWAYS) == set(sms.GATEWAYS) - {"console"}
    assert strength.CERTIFICATES == trust.SUFFIXES
    assert all(name.startswith(strength.SANDBOX_MARK) for name in (ca.ROOT, ca.ISSUING))


@pytest.mark.parametrize(
    "address",
    [
        "rediss://10.0.0.6:6379/0",
        "rediss://10.0.0.6:6379/0?ssl_ca_certs=/etc/ca.pem",
        "sentinels://10.0.0.6/m",
    ],
)
def test_worker_believes_no_redis_without_its_certificate(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery asks for none unless it is told to."""
    monkeypatch.setattr(environ.Env, "ENVIRON", PRODUCTION | {"REDIS_URL": address})
    said = runpy.run_path(str(ROOT / "oqu" / "settings.py"))
    broker = said.get("CELERY_BROKER_READ_URL", said["CELERY_BROKER_URL"])
    asked = Connection(broker.split(";")[0], ssl=said["CELERY_BROKER_USE_SSL"]).ssl or {}

    assert str(asked.get("ssl_cert_reqs", "required")).lower() in (
        "required",
        "2",
        "verifymode.cert_required",
    )
