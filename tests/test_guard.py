"""Production starts only when it is fit for production; the demo always starts."""

import atexit
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from egov.eds import trust
from notifications import sms
from oqu import guard

ROOT = Path(__file__).resolve().parent.parent
AUTHORITIES = Path(tempfile.mkdtemp(prefix="oqu-ca-"))
(AUTHORITIES / "root.cer").touch()
atexit.register(shutil.rmtree, AUTHORITIES, ignore_errors=True)
PRODUCTION = {
    "SECRET_KEY": "k" * 30 + "0123456789" * 3,
    "PUBLIC_URL": "https://oqu.example.kz",
    "DATABASE_URL": "postgres://oqu:secret@db.example.kz/oqu",
    "EGOV_CLIENT_ID": "oqu",
    "EGOV_CLIENT_SECRET": "real-secret",
    "SMARTBRIDGE_URL": "https://shep.example.kz/bip-sync-wss-gost/",
    "SMARTBRIDGE_SENDER": "oqu",
    "SMARTBRIDGE_PASSWORD": "real-password",
    "MOBIZON_KEY": "real-key",
    "MOBIZON_WEBHOOK_SECRET": "real-webhook",
    "SEAL_PASSWORD": "real-seal",
    "PORTAL_BIN": "123456789012",
    "EDS_CA_DIR": str(AUTHORITIES),
    "TRUSTED_PROXIES": "1",
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
        ({"EGOV_IDP_URL": "http://127.0.0.1:8090/idp"}, "EGOV_IDP_URL must be"),
        ({"EGOV_IDP_URL": "https://localhost:8090/idp"}, "EGOV_IDP_URL must be"),
        ({"SMARTBRIDGE_URL": "http://shep.example.kz/"}, "SMARTBRIDGE_URL must be"),
        ({"MOBIZON_URL": "http://127.0.0.1:8090/mobizon"}, "MOBIZON_URL must be"),
        ({"EDS_CRL_URLS": "http://crl.example.kz/a.crl,http://127.0.0.1:8090/b"}, "EDS_CRL_URLS must"),
        ({"EGOV_URL": "http://127.0.0.1:8090"}, "EGOV_URL must be"),
        ({"EGOV_MOBILE_LINK": "http://127.0.0.1:8090/phone/"}, "EGOV_MOBILE_LINK must be"),
        ({"OCSP_URL": "http://127.0.0.1:8090/ocsp/"}, "OCSP_URL must not"),
        ({"NCALAYER_URL": "ws://127.0.0.1:13579/"}, "NCALAYER_URL must be"),
        ({"EGOV_CLIENT_SECRET": "sandbox-secret"}, "EGOV_CLIENT_SECRET must not be"),
        ({"SEAL_PASSWORD": "demo"}, "SEAL_PASSWORD must not be"),
        ({"MOBIZON_KEY": ""}, "MOBIZON_KEY must be set."),
        ({"SMS_GATEWAY": "console"}, "SMS_GATEWAY must be"),
        ({"SMS_GATEWAY": "mobizone"}, "SMS_GATEWAY must be"),
        ({"EDS_CA_DIR": "/nonexistent"}, "EDS_CA_DIR must hold"),
        ({"EDS_CA_DIR": str(ROOT / "oqu")}, "EDS_CA_DIR must hold"),
    ],
)
def test_production_refuses(changes: dict[str, str], complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = refuse(monkeypatch, **PRODUCTION | changes)

    assert f"\n- {complaint}" in complaints
    assert complaints.count("\n- ") == 1, "nothing else is wrong"


def test_production_never_prints_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = refuse(monkeypatch, **PRODUCTION | {"DEBUG": "1"})

    assert [value for name, value in PRODUCTION.items() if "SECRET" in name and value in complaints] == []


def test_guard_knows_the_gateways_and_the_certificates() -> None:
    """It runs before the apps can be imported, so it repeats two facts of theirs."""
    assert set(guard.SMS_GATEWAYS) == set(sms.GATEWAYS) - {"console"}
    assert guard.CERTIFICATES == trust.SUFFIXES
