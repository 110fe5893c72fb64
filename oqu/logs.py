"""How log lines are written: JSON for machines (`LOG_FORMAT=json`), or one line to be read (`line`)."""

import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from kombu.exceptions import OperationalError as BrokerAway
from pythonjsonlogger.json import JsonFormatter
from redis.exceptions import RedisError

from accounts import speaker
from accounts.speaker import Speaker
from egov.errors import Unavailable

FORMATS = ("json", "line")
PARTS = ("level", "logger", "message", "exception")
AWAY = (OperationalError, InterfaceError, RedisError, BrokerAway, Unavailable)
OF_TASKS = "celery.app.trace"
AGAIN = 60.0  # seconds after which a known fault of a task is told again
ZONE = ZoneInfo("Asia/Almaty")
# PostgreSQL prints the values of a row that breaks a constraint, names and IINs among them.
DETAIL = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)
# Whoever knows one of these addresses may open it. What stands there as a number of a row is no secret.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TOKEN = re.compile(rf"(/(?:sign|check|egov-sign/\w+)/)(?!{UUID})[^/?#\s\"'<>]+")
# An IIN, also as certificates write it; a phone.
NUMBERS = re.compile(r"(?:(?<![\w.-])|(?<=\bIIN)|(?<=\bBIN))(?:\d{12}|(?:\+?7|8)\d{10})(?![\w-])")


def config(form: str, level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` wants; the same for pages, workers and commands.
    Raises ImproperlyConfigured."""
    if form not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT must be one of {', '.join(FORMATS)}.")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "oqu.logs.Json"}, "line": {"()": "oqu.logs.Line"}},
        "filters": {name: {"()": f"oqu.logs.{name}"} for name in ("Brief", "Facts")},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["Brief", "Facts"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Both write the signer's name and IIN at WARNING.
            "pyhanko": {"level": "CRITICAL"},
            "pyhanko_certvalidator": {"level": "CRITICAL"},
            # Whole answers at DEBUG.
            "signxml": {"level": "CRITICAL"},
            "fontTools": {"level": "WARNING"},
            "pikepdf": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
            # Addresses of the SMS gateway carry its key.
            "urllib3": {"level": "WARNING"},
            # Two lines for each tick of every two seconds; what fails is still written.
            "celery.worker.strategy": {"level": "WARNING"},
            OF_TASKS: {"level": "WARNING"},
            # Lines of a page's process; those of its parent stay as gunicorn writes them.
            "gunicorn.error": {"handlers": [], "propagate": True},
        },
    }


class Facts(logging.Filter):
    """Puts beside each line which request it is about, the case that is told 1414 of it (D75), whose, and in
    which post, without asking anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        who = speaker.current() or _asker(record)
        case = speaker.case_number() or None
        record.told = {"request": speaker.request_number(), "case": case} | (who.known if who else {})
        return True


class Brief(logging.Filter):
    """A page that says "busy" is a known state, met by a thousand people at once: one line each, what has
    failed by its name. So is a task that finds database, Redis or a system outside away, every two seconds:
    of each task and fault a line a minute. A defect of ours keeps its traceback."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        failed = record.exc_info[1] if record.exc_info else None
        of_page = getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE
        of_work = record.name.startswith("celery.") and _is_of_outage(record.name, failed)
        if failed is None or not (of_page or of_work):
            return True
        record.msg, record.args = f"{_said(record)} ({named(failed)})", ()
        record.exc_info = record.exc_text = None
        return of_page or self._is_news(record.msg)

    def _is_news(self, said: str) -> bool:
        now = monotonic()
        self._told = {known: at for known, at in self._told.items() if now - at < AGAIN}
        known = said in self._told
        self._told.setdefault(said, now)
        return not known


def _is_of_outage(logger: str, failed: BaseException | None) -> bool:
    """Of a task the error itself counts, since what it does about one may be a defect; Celery's own parts
    stumble over what is away."""
    if logger == OF_TASKS:
        return isinstance(failed, AWAY)
    while failed is not None and not isinstance(failed, AWAY):
        failed = failed.__cause__ or failed.__context__
    return failed is not None


def _said(record: logging.LogRecord) -> str:
    """Celery's line of a task that failed has the error's own words and a number that no other has."""
    facts = record.args
    return f"Task {facts['name']} failed" if isinstance(facts, dict) else record.getMessage()


def named(failed: BaseException | None) -> str:
    """By its kind alone, and of the driver's errors by theirs: a text may hold a row."""
    kinds = dict.fromkeys(type(one).__name__ for one in (failed, failed and failed.__cause__) if one)
    return ": ".join(kinds)


def _asker(record: logging.LogRecord) -> Speaker | None:
    """Django writes its line about a request when the request has been answered."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return None
    page = request.resolver_match
    return Speaker(f"page {page.view_name if page else ''}", user=getattr(request, "user", None))


def withhold(text: str) -> str:
    """What no line may say, whoever wrote it."""
    return NUMBERS.sub("…", TOKEN.sub(r"\1…", text))


class WithoutRows(logging.Formatter):
    """A traceback without the rows of the database."""

    def formatException(self, ei: Any) -> str:
        return DETAIL.sub(r"\1: withheld", super().formatException(ei))


def _time(record: logging.LogRecord) -> str:
    """Almaty's, with its offset."""
    return datetime.fromtimestamp(record.created, UTC).astimezone(ZONE).isoformat(timespec="milliseconds")


class Line(WithoutRows):
    """One line, to be read."""

    withhold = staticmethod(withhold)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return _time(record)

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", {})
        marks = f" [{told['request']}] case {told['case']}" if told.get("request") else ""
        return self.withhold(super().format(record)) + marks


class Json(WithoutRows, JsonFormatter):
    """One object a line: time, level, logger, message, what is known of the request, what a security event
    adds, and a traceback as `exception`. What a library hangs on a line besides is left out."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "exception"}
        super().__init__(["levelname", "name", "message"], rename_fields=names, json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        said: dict[str, Any] = {}
        super().add_fields(said, record, message_dict)
        log_data["time"] = _time(record)
        log_data |= {name: withhold(str(said[name])) for name in PARTS if name in said}
        log_data |= {name: value for name, value in getattr(record, "told", {}).items() if value is not None}
        event: dict[str, Any] = getattr(record, "event", {})
        log_data |= {
            name: withhold(value) if isinstance(value, str) else value for name, value in event.items()
        }
