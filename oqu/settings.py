"""All settings, read from the environment. `.env.example` names every one of them.

Without DEMO the portal is in production: it refuses to start with the sandbox, with a default
key, or with an address that is not https (see oqu/guard.py).
"""

import os
from pathlib import Path
from typing import Any

import environ

from accounts import sentinels
from oqu import logs, routes

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

DEMO = env.bool("DEMO", False)  # demo data and the sandbox of the state systems are allowed
DEBUG = env.bool("DEBUG", False)
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))  # everything the portal writes to disk

DEMO_SECRET_KEY = "demo-only-" + "0" * 50  # known to everybody: production refuses it
SECRET_KEY = env.str("SECRET_KEY", DEMO_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# The one address of the portal, as people and papers know it. Never taken from the Host header.
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = environ.urlparse(PUBLIC_URL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_public.hostname or "127.0.0.1"])
if DEMO:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost"]
SECURE = _public.scheme == "https"
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)  # how many of ours stand in front and write X-Forwarded-For

INSTALLED_APPS = [
    "oqu",  # before Django's own: its `createsuperuser` stands in for theirs
    "django.contrib.admin.apps.SimpleAdminConfig",  # its machinery alone: the pages are oqu/reference
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "accounts",
    "egov",
    "schools",
    "notifications",
    "applications",
]

MIDDLEWARE = [
    "oqu.metrics.requests.Counted",
    "oqu.traces.Traced",
    "oqu.middleware.SecurityHeaders",
    "oqu.metrics.page.Scraped",
    "django.middleware.security.SecurityMiddleware",
    "oqu.middleware.StaticFiles",
    "oqu.middleware.Compressed",
    "oqu.work.Watched",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "accounts.waiting.middleware.WaitingRoom",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.journal.Spoken",
    "accounts.session.SessionLimit",
    "oqu.middleware.ReadOnlyCopy",
    "oqu.middleware.Written",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "oqu.middleware.Refusals",
    "oqu.middleware.Cases",
    "oqu.middleware.NotAllowedPage",
]

ROOT_URLCONF = "oqu.urls"
WSGI_APPLICATION = "oqu.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oqu.context.portal",
            ],
            "builtins": ["oqu.templatetags.still", "oqu.templatetags.scripted"],
            "libraries": {"i18n": "oqu.templatetags.translated"},
        },
    }
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # one library in place of another, which is meant
FORM_RENDERER = "oqu.forms.PortalRenderer"

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://oqu@127.0.0.1/oqu")}
# Who makes the tables, where `prepare` runs; the portal's own role can only add to the journal.
DATABASE_OWNER = env.db_url("DATABASE_OWNER_URL") if env.str("DATABASE_OWNER_URL", "") else {}
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
# A pooler in transaction mode may stand in between: nothing stays in a session (tests/test_pooler.py).
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)  # seconds, not minutes
# Seconds for which one question may take, and wait for a lock, by the kind of process.
DATABASE_LIMITS = {
    "web": {"query": env.int("WEB_QUERY_SECONDS", 10), "lock": env.int("WEB_LOCK_SECONDS", 5)},
    "worker": {"query": env.int("WORKER_QUERY_SECONDS", 25), "lock": env.int("WORKER_LOCK_SECONDS", 10)},
}
DATABASE_POOLED = env.bool("DATABASE_POOLED", False)  # a pooler has a database for each kind, with its limits
POOLER_URL = env.str("POOLER_URL", "")  # its console, which says who waits (oqu/pools.py)
# A replica, for pages whose reader loses nothing by a few seconds (accounts/replica.py): off without it.
REPLICA_LAG = env.float("REPLICA_LAG", 5.0)  # seconds behind; beyond it the primary is read
if env.str("REPLICA_URL", ""):
    DATABASES["replica"] = env.db_url("REPLICA_URL") | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "TEST": {"MIRROR": "default"},
    }
    # Found out to be gone soon, and read-only whatever it becomes.
    DATABASES["replica"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)
    DATABASES["replica"]["OPTIONS"].setdefault("tcp_user_timeout", 5000)
    DATABASES["replica"]["OPTIONS"].setdefault("options", "-c default_transaction_read_only=on")
    DATABASE_ROUTERS = ["accounts.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
# Only what may be lost lives here, and no page waits for it: a dead Redis costs 0.2 s at most.
CACHES = {
    "default": {
        "BACKEND": "accounts.sentinels.RedisCache"
        if sentinels.is_named_by(REDIS_URL)
        else "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
}

# Private files: on the disk, or in a store that speaks S3.
FILES_STORE = env.str("FILES_STORE", "disk")  # disk | s3
S3_ENDPOINT = env.str("S3_ENDPOINT", "").rstrip("/")
S3_BUCKET = env.str("S3_BUCKET", "")
S3_REGION = env.str("S3_REGION", "us-east-1")
S3_KEY = env.str("S3_KEY", "")
S3_SECRET = env.str("S3_SECRET", "")
S3_CA = env.str("S3_CA", "")  # roots that are believed instead of the world's
S3_ADDRESSING = env.str("S3_ADDRESSING", "path")  # path | virtual: the bucket is a part of the host's name
S3_ENCRYPTION = env.str("S3_ENCRYPTION", "")  # by the store, over our own: AES256 | aws:kms
S3_KMS_KEY = env.str("S3_KMS_KEY", "")
PRIVATE_STORES: dict[str, dict[str, Any]] = {
    "disk": {
        "BACKEND": "accounts.storage.LockedStorage",
        "OPTIONS": {"location": VAR_DIR / "files", "base_url": None},
    },
    "s3": {
        "BACKEND": "accounts.object_store.ObjectStore",
        "OPTIONS": {
            "endpoint_url": S3_ENDPOINT,
            "bucket_name": S3_BUCKET,
            "region_name": S3_REGION,
            "access_key": S3_KEY,
            "secret_key": S3_SECRET,
            "verify": S3_CA or None,
            "addressing_style": S3_ADDRESSING,
            "object_parameters": {
                name: value
                for name, value in {"ServerSideEncryption": S3_ENCRYPTION, "SSEKMSKeyId": S3_KMS_KEY}.items()
                if value
            },
        },
    },
}
STORAGES: dict[str, dict[str, Any]] = {
    "default": PRIVATE_STORES.get(FILES_STORE, PRIVATE_STORES["disk"]),
    "staticfiles": {
        "BACKEND": "oqu.collected.Storage",
        "OPTIONS": {
            "code": BASE_DIR,
            "file_permissions_mode": 0o644,  # public
            "directory_permissions_mode": 0o755,
        },
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Ours alone: the admin, whose machinery is used, brings hundreds of files that no page asks for.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

# --- People, sessions, browsers -----------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.signed_in.Person",
    "django.contrib.auth.backends.ModelBackend",  # of sessions that an earlier version has begun
]
LOGIN_URL = "accounts:login"
SESSION_ENGINE = "accounts.signed_in"
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", 30 * 60)
SESSION_MAX_SECONDS = env.int("SESSION_MAX_SECONDS", 12 * 60 * 60)
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-oqu" if SECURE else "oqu"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "__Host-lang" if SECURE else "lang"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "oqu.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 60  # the documents of an in-person application in one form, in shots of each
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Children's medical documents are for the portal's own user alone, whatever the umask.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# --- The waiting room (D68) ----------------------------------------------------------------------
WAITING_ROOM = env.str("WAITING_ROOM", "auto")  # off | auto | on; ops may order another without a restart
WAITING_ROOM_RATE = env.int("WAITING_ROOM_RATE", 60)  # people let in a minute, by all machines together
WAITING_ROOM_PLACES = env.int("WAITING_ROOM_PLACES", 600)  # people inside at once
# `auto` by the clock: so many minutes before and after a region opens.
WAITING_ROOM_BEFORE = env.int("WAITING_ROOM_BEFORE", 30)
WAITING_ROOM_AFTER = env.int("WAITING_ROOM_AFTER", 180)

# --- Language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["oqu.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Almaty"

# --- Worker -------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", REDIS_URL)
REDIS_PREFIX = env.str("CELERY_QUEUE", "oqu")  # of all keys: two portals may share one Redis
CELERY_TASK_QUEUES = routes.queues()
CELERY_TASK_DEFAULT_QUEUE = routes.DEFAULT
CELERY_TASK_ROUTES = routes.ROUTES
QUEUE_PATIENCE = {name: lane.patience for name, lane in routes.LANES.items()}  # seconds, for a sign of life
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # attempts are counted in rows, so a poison task cannot loop
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 30
CELERY_TASK_TIME_LIMIT = 45
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "global_keyprefix": f"{REDIS_PREFIX}:",
    "visibility_timeout": 60,  # above the hard time limit: a lost worker's task is done again
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "health_check_interval": 10,
    "retry_on_timeout": True,
}
if sentinels.is_well_named(CELERY_BROKER_URL):  # else the guard says so
    _watched = sentinels.read(CELERY_BROKER_URL)
    # These two: Celery takes an environment's CELERY_BROKER_URL as it is.
    CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = _watched.broker
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": "required"} if _watched.tls else None
    CELERY_BROKER_TRANSPORT_OPTIONS |= _watched.broker_options({"socket_timeout": 1})
elif CELERY_BROKER_URL.startswith("rediss://"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": "required"}  # else Celery believes any certificate
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "oqu.beat:Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay": {"task": "notifications.relay", "schedule": 2.0, "options": {"expires": 10}},
    "missed": {"task": "notifications.find_missed", "schedule": 60.0, "options": {"expires": 60}},
    "originals": {"task": "applications.draw_originals", "schedule": 2.0, "options": {"expires": 10}},
    "ahead": {"task": "applications.draw_ahead", "schedule": 2.0, "options": {"expires": 2}},
    "papers": {"task": "applications.render_papers", "schedule": 2.0, "options": {"expires": 10}},
    "stamps": {"task": "applications.stamp_papers", "schedule": 60.0, "options": {"expires": 60}},
    "medical": {"task": "applications.fetch_medical", "schedule": 2.0, "options": {"expires": 10}},
    "term": {"task": "applications.remind_overdue", "schedule": 60.0, "options": {"expires": 60}},
    "digests": {"task": "applications.send_digests", "schedule": 60.0, "options": {"expires": 60}},
    "eve": {"task": "applications.remind_openings", "schedule": 60.0, "options": {"expires": 60}},
    "behind": {"task": "applications.ask_behind", "schedule": 60.0, "options": {"expires": 60}},
    "superseded": {"task": "applications.ask_superseded", "schedule": 60.0, "options": {"expires": 60}},
    "ties": {"task": "applications.close_denied", "schedule": 60.0, "options": {"expires": 60}},
    "store": {"task": "accounts.knock_at_store", "schedule": 60.0, "options": {"expires": 60}},
    "again": {"task": "oqu.ask_again", "schedule": 600.0, "options": {"expires": 600}},
    "crls": {"task": "egov.fetch_crls", "schedule": 900.0, "options": {"expires": 900}},
    "openings": {"task": "schools.tell_openings", "schedule": 60.0, "options": {"expires": 60}},
    "journal": {"task": "accounts.link_journal", "schedule": 5.0, "options": {"expires": 10}},
    "journal_head": {
        "task": "applications.export_journal_head",
        "schedule": 300.0,  # written once an hour; the hour in which the worker was down gets its head later
        "options": {"expires": 300},
    },
    "whole_journal": {
        "task": "accounts.link_whole_journal",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "exports": {"task": "applications.make_exports", "schedule": 10.0, "options": {"expires": 10}},
    "tables": {"task": "applications.make_tables", "schedule": 5.0, "options": {"expires": 5}},
    "erase": {"task": "applications.erase_old", "schedule": 3600.0, "options": {"expires": 3600}},
    "sessions": {"task": "accounts.clear_sessions", "schedule": 24 * 3600.0, "options": {"expires": 3600}},
} | routes.heartbeats()

# --- The state systems (protocols: docs/protocols.md) --------------------------------------------
# In the demo every address below points to the sandbox; in production each is given.
SANDBOX_URL = env.str("SANDBOX_URL", "http://127.0.0.1:8090").rstrip("/") if DEMO else ""


def _service(name: str, sandbox_path: str, default: str = "") -> str:
    return str(env.str(name, SANDBOX_URL + sandbox_path if DEMO else default).rstrip("/"))


EGOV_URL = env.str("EGOV_URL", SANDBOX_URL or "https://egov.kz")  # where people update their own data
EGOV_IDP_URL = _service("EGOV_IDP_URL", "/idp", "https://idp.egov.kz/idp")
EGOV_CLIENT_ID = env.str("EGOV_CLIENT_ID", "oqu" if DEMO else "")
EGOV_CLIENT_SECRET = env.str("EGOV_CLIENT_SECRET", "sandbox-secret" if DEMO else "")
EGOV_TIMEOUT = env.float("EGOV_TIMEOUT", 5.0)  # seconds; every call to a state system gives up after it

# By name of a system: {"ca": …, "cert": …, "key": …, "proxy": …, "timeout": …} (egov/connections.py).
try:
    CONNECTIONS = env.json("CONNECTIONS", {})
except ValueError:
    CONNECTIONS = None  # the guard says so

# Addresses of servers whose certificates are looked at beside those that the portal itself goes to.
WATCHED_SERVERS = env.list("WATCHED_SERVERS", default=[])
PUBLIC_CERTIFICATE = env.str("PUBLIC_CERTIFICATE", "")  # the file that nginx shows, so that its end is told

SMARTBRIDGE_URL = _service("SMARTBRIDGE_URL", "/shep/bip-sync-wss-gost/")
SMARTBRIDGE_SENDER = env.str("SMARTBRIDGE_SENDER", "oqu" if DEMO else "")
SMARTBRIDGE_PASSWORD = env.str("SMARTBRIDGE_PASSWORD", "sandbox-secret" if DEMO else "")
# D78: WS-Security. Off only where something of the organisation's own stands before the bus and does both.
SMARTBRIDGE_WSS = env.bool("SMARTBRIDGE_WSS", True)
_signing = VAR_DIR / "sandbox" / "smartbridge" if DEMO else Path("/etc/oqu/smartbridge")
SMARTBRIDGE_KEY = Path(env.str("SMARTBRIDGE_KEY", str(_signing / "key.p12")))
SMARTBRIDGE_KEY_PASSWORD = env.str("SMARTBRIDGE_KEY_PASSWORD", "sandbox-key" if DEMO else "")
SMARTBRIDGE_SIGNERS = Path(env.str("SMARTBRIDGE_SIGNERS", str(_signing / "signers.pem")))
SMARTBRIDGE_CA = Path(env.str("SMARTBRIDGE_CA", str(_signing / "ca.pem")))  # apart from EDS_CA_DIR
SMARTBRIDGE_SERVICES = {  # service ids are given with each service's passport; here stand the sandbox's
    "person": env.str("SERVICE_PERSON", "GBDFLUniversal_token" if DEMO else ""),
    "children": env.str("SERVICE_CHILDREN", "OQU_CHILDREN" if DEMO else ""),
    "address": env.str("SERVICE_ADDRESS", "OQU_REGISTERED_ADDRESS" if DEMO else ""),
    "enrolment": env.str("SERVICE_ENROLMENT", "OQU_ENROLMENT" if DEMO else ""),
    "medical": env.str("SERVICE_MEDICAL", "OQU_MEDICAL" if DEMO else ""),
    "consent": env.str("SERVICE_CONSENT", "KDP_SERVICE" if DEMO else ""),
    "notice": env.str("SERVICE_NOTICE", "OQU_NOTICE" if DEMO else ""),  # off without a name
}
CONSENT_LIFETIME_SECONDS = env.int("CONSENT_LIFETIME_SECONDS", 180 * 24 * 3600)
CONSENT_ANSWER_SECONDS = env.int("CONSENT_ANSWER_SECONDS", 600)  # how long 1414 waits for 511
# D34: seconds for which an answer of the registers is good for what is shown and for what is signed; and how
# old the last one may be while they keep silent.
REGISTER_FRESH_SHOWN = env.int("REGISTER_FRESH_SHOWN", 24 * 3600)
REGISTER_FRESH_SIGNED = env.int("REGISTER_FRESH_SIGNED", 15 * 60)
REGISTER_LAST_ANSWER = env.int("REGISTER_LAST_ANSWER", 72 * 3600)
# For so many seconds after a region opens a signature waits for no register: it leans on the last answer.
OPENING_RUSH = env.int("OPENING_RUSH", 3600)

PORTAL_BIN = env.str("PORTAL_BIN", "990540099902" if DEMO else "")
NCALAYER_URL = env.str("NCALAYER_URL", "ws://127.0.0.1:13579/" if DEMO else "wss://127.0.0.1:13579/")
NCALAYER_ANY_CA = DEMO  # sandbox keys come from a test CA, which NCALayer hides unless told otherwise
EDS_GOST = env.bool("EDS_GOST", True)  # are people with the country's own algorithm to be served
EDS_GOST_CRL = env.bool("EDS_GOST_CRL", False)  # may NCANode's own lists decide where OCSP is silent
NCANODE_URL = env.str("NCANODE_URL", "").rstrip("/") if EDS_GOST else ""
EDS_CA_DIR = Path(env.str("EDS_CA_DIR", str(VAR_DIR / "sandbox" / "ca" if DEMO else "/etc/oqu/ca")))
OCSP_URL = _service("OCSP_URL", "/ocsp/", "http://ocsp.pki.gov.kz")
# Lists of revoked certificates, for when OCSP does not answer: off without an address.
EDS_CRL_URLS = env.list("EDS_CRL_URLS", default=[SANDBOX_URL + "/crl/issuing.crl"] if DEMO else [])
EDS_CRL_MAX_AGE = env.int("EDS_CRL_MAX_AGE", 24 * 3600)  # seconds; an older list decides nothing
EDS_CRL_DIR = VAR_DIR / "crl"
# Time stamps (RFC 3161) of signatures and papers: without an address papers go without, and say so.
TSP_URL = _service("TSP_URL", "/tsp/", "http://tsp.pki.gov.kz")
EGOV_MOBILE_MIME = env.str("EGOV_MOBILE_MIME", "@file/pdf")
# D45: how a phone comes to the documents. Token: with what the QR leads to; Eds: with the person's own key.
EGOV_MOBILE_AUTH = env.str("EGOV_MOBILE_AUTH", "Token")
EGOV_MOBILE_LINK = env.str(
    "EGOV_MOBILE_LINK", SANDBOX_URL + "/phone/" if DEMO else "https://m.egov.kz/mobileSign/"
)
SIGNING_SECONDS = 5 * 60  # life of one signing request

SMS_GATEWAY = env.str("SMS_GATEWAY", "mobizon")
SMS_SENDER = env.str("SMS_SENDER", "OQU")
MOBIZON_URL = _service("MOBIZON_URL", "/mobizon", "https://api.mobizon.kz")
MOBIZON_KEY = env.str("MOBIZON_KEY", "sandbox-key" if DEMO else "")
SMS_REPORT_HOURS = env.int("SMS_REPORT_HOURS", 6)  # no word of its arrival for so long: another way is tried
# D58: hours of Almaty between which only what answers a signature is sent; the same hour twice: none.
QUIET_FROM = env.int("QUIET_FROM", 0 if DEMO else 22)
QUIET_TO = env.int("QUIET_TO", 0 if DEMO else 8)
MOBIZON_WEBHOOK_SECRET = env.str("MOBIZON_WEBHOOK_SECRET", "sandbox-webhook" if DEMO else "")

# E-mail to people whom no SMS has reached, who allowed it: off without a sender.
globals().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "")
EMAIL_TIMEOUT = 5

# --- Papers -------------------------------------------------------------------------------------
KEYS_DIR = Path(env.str("KEYS_DIR", str(VAR_DIR / "keys" if DEMO else "/etc/oqu/keys")))
KEYS = env.list("KEYS", default=[])  # or in the environment: what `manage.py keys pack` writes
SEAL_PASSWORD = env.str("SEAL_PASSWORD", "demo" if DEMO else "")

# Under which files and tokens lie: lines `id:base64`, the newest id locks. Apart from data and backups.
DATA_KEYS_FILE = Path(env.str("DATA_KEYS_FILE", str(KEYS_DIR / "data.keys")))
DATA_KEYS = env.list("DATA_KEYS", default=[])  # or in the environment, separated by commas

# Heads of the journal's chain, to be carried to a place that the portal cannot change.
JOURNAL_EXPORT_DIR = Path(env.str("JOURNAL_EXPORT_DIR", str(VAR_DIR / "journal")))

# --- Rules with a choice (docs/rules.md) ----------------------------------------------------------
OUTSIDE_RATIO = env.int("OUTSIDE_RATIO", 3)  # D3: so many microdistrict seats for one outside
MICRODISTRICT_ADDRESS = env.str("MICRODISTRICT_ADDRESS", "applicant")  # D5: applicant | child | either
PHOTO_MIN_FILES = env.int("PHOTO_MIN_FILES", 1)  # D6
DRAFTS_BEFORE_OPENING = env.bool("DRAFTS_BEFORE_OPENING", True)  # only signing waits for the opening
ACADEMIC_YEAR = env.int("ACADEMIC_YEAR", 0)  # first year, e.g. 2026; 0: by the calendar
LOOK_UPS_A_DAY = env.int("LOOK_UPS_A_DAY", 60)  # D51: of citizens by IIN, by one person of a school
ESCALATE_AFTER_DAYS = env.int("ESCALATE_AFTER_DAYS", 3)  # D56: working days after the end of a term
CORRECTION_DAYS = env.int("CORRECTION_DAYS", 3)  # D54: working days, against the child's favour
DOCUMENT_DAYS = env.int("DOCUMENT_DAYS", 3)  # D55: working days in which a parent adds a document
PHONE_FRESH_DAYS = env.int("PHONE_FRESH_DAYS", 30)  # R103: an older number is shown with its age
UPLOAD_MAX_BYTES = 5 * 1024 * 1024  # D9, inclusive
CLAMD_URL = env.str("CLAMD_URL", "")  # tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl; off without it
CELL_PLACES = env.int("CELL_PLACES", max(2, os.cpu_count() or 2))  # files examined at once on a machine

# --- Terms of what is kept, in days (docs/keeping.md) ----------------------------------------------
ERASE_DRAFTS_DAYS = env.int("ERASE_DRAFTS_DAYS", 90)
ERASE_SIGNING_DAYS = env.int("ERASE_SIGNING_DAYS", 7)
ERASE_DESK_DAYS = env.int("ERASE_DESK_DAYS", 2)
ERASE_CLOSED_FILES_DAYS = env.int("ERASE_CLOSED_FILES_DAYS", 100)
ERASE_ACCEPTED_FILES_DAYS = env.int("ERASE_ACCEPTED_FILES_DAYS", 365)
ERASE_CLOSED_DAYS = env.int("ERASE_CLOSED_DAYS", 5 * 365)
ERASE_ACCEPTED_DAYS = env.int("ERASE_ACCEPTED_DAYS", 15 * 365)
ERASE_CONSENT_REQUESTS_DAYS = env.int("ERASE_CONSENT_REQUESTS_DAYS", 90)
ERASE_TOKENS_DAYS = env.int("ERASE_TOKENS_DAYS", 1)
ERASE_CONSENTS_DAYS = env.int("ERASE_CONSENTS_DAYS", 3 * 365)
ERASE_TEXTS_DAYS = env.int("ERASE_TEXTS_DAYS", 100)
ERASE_MESSAGES_DAYS = env.int("ERASE_MESSAGES_DAYS", 3 * 365)
ERASE_REPORTS_DAYS = env.int("ERASE_REPORTS_DAYS", 30)
ERASE_LOOK_UPS_DAYS = env.int("ERASE_LOOK_UPS_DAYS", 3 * 365)
ERASE_REMINDERS_DAYS = env.int("ERASE_REMINDERS_DAYS", 3 * 365)
ERASE_LIST_DRAFTS_DAYS = env.int("ERASE_LIST_DRAFTS_DAYS", 30)
ERASE_ADDRESS_REQUESTS_DAYS = env.int("ERASE_ADDRESS_REQUESTS_DAYS", 365)
ERASE_LISTS_DAYS = env.int("ERASE_LISTS_DAYS", 30)
ERASE_TIES_DAYS = env.int("ERASE_TIES_DAYS", 365)
ERASE_PROTECTIONS_DAYS = env.int("ERASE_PROTECTIONS_DAYS", 3 * 365)
ERASE_PEOPLE_DAYS = env.int("ERASE_PEOPLE_DAYS", 365)
ERASE_EXPORTS_DAYS = env.int("ERASE_EXPORTS_DAYS", 1)
ERASE_TABLES_DAYS = env.int("ERASE_TABLES_DAYS", 1)
TABLE_EXPORT_HOURS = env.int("TABLE_EXPORT_HOURS", 24)  # for which a large table may be fetched
FAMILY_EXPORT_HOURS = env.int("FAMILY_EXPORT_HOURS", 72)  # for which an ordered file may be fetched
ERASE_REMOVED_DAYS = env.int("ERASE_REMOVED_DAYS", 1)  # for which a removed file may be brought back
ERASE_LOOSE_FILES_DAYS = env.int("ERASE_LOOSE_FILES_DAYS", 2)

# --- Watched by `manage.py health` ----------------------------------------------------------------
DISK_FREE_MB = env.int("DISK_FREE_MB", 1024)
BACKUP_STAMP = env.str("BACKUP_STAMP", "")  # the file that the backup touches when it has ended well
BACKUP_MAX_HOURS = env.int("BACKUP_MAX_HOURS", 26)
DRILL_DATABASE_URL = env.str("DRILL_DATABASE_URL", "")  # where `drill` restores: never the portal's own
DRILL_MAX_DAYS = env.int("DRILL_MAX_DAYS", 0)  # how old the last good drill may be; 0: nothing is said
UNDELIVERED_PERCENT = env.int("UNDELIVERED_PERCENT", 20)  # of the newest SMS; a twentieth never arrives

# --- Metrics, for Prometheus ------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # who shows it reads /metrics; off without it
# Where the processes of one machine count: in memory, for a full disk under it kills a process that counts.
METRICS_DIR = Path(env.str("METRICS_DIR", str(VAR_DIR / "metrics" if DEMO else "/run/oqu/metrics")))

# --- Traces, for a collector of OpenTelemetry --------------------------------------------------------
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/")  # off without it
OTEL_SHARE = env.float("OTEL_SHARE", 1.0)  # of the requests and tasks that are told of

# --- Log ----------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", "line" if DEMO else "json")
LOGGING = logs.config(LOG_FORMAT, env.str("LOG_LEVEL", "INFO"))

from oqu import guard  # noqa: E402  (reads the settings above)

guard.check(globals())
