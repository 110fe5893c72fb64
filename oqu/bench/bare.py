"""The units: what Django, WeasyPrint and PostgreSQL cost before the portal has done anything of its own."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import DjangoTemplates
from django.test.utils import override_settings
from weasyprint import HTML

from accounts.models import User
from oqu.bench.walk import Visitor
from schools.models import Intake

# As `startproject` gives it, with the one of languages, which a portal of two cannot be without.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SESSIONS, BACKEND = "django.contrib.sessions.backends.db", "django.contrib.auth.backends.ModelBackend"
PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
PAGE = """<!DOCTYPE html><html lang="{{ request.LANGUAGE_CODE }}"><head><meta charset="utf-8">
<title>Bare</title></head><body><p>{{ user.full_name }}</p><table>
{% for row in rows %}<tr><td>{{ row.number }}</td>
<td>{{ row.name }}</td><td><a href="/{{ row.number }}/">{{ row.state }}</a></td></tr>{% endfor %}</table>
<form method="post">{% csrf_token %}<button>Sign out</button></form></body></html>"""
ROWS = [{"number": number, "name": f"Row {number}", "state": "open"} for number in range(10)]
ADDRESS = "/bare/"


def page(user: User) -> Callable[[], HttpResponse]:
    """One asks for a page of ten rows as a logged-in person, with a session in PostgreSQL."""
    engine = DjangoTemplates(
        {"NAME": "bare", "DIRS": [], "APP_DIRS": False, "OPTIONS": {"context_processors": PROCESSORS}}
    )
    template = engine.from_string(PAGE)

    def view(request: HttpRequest) -> HttpResponse:
        assert request.user.is_authenticated
        return HttpResponse(template.render({"rows": ROWS}, request))

    with override_settings(MIDDLEWARE=MIDDLEWARE, SESSION_ENGINE=SESSIONS):
        handler = _Bare(view)
    visitor = Visitor(user, handler, backend=BACKEND)
    return lambda: visitor.get(ADDRESS)


class _Bare(WSGIHandler):
    """Without addresses: one view answers them all."""

    def __init__(self, view: Callable[[HttpRequest], HttpResponse]) -> None:
        self.view = view
        super().__init__()

    def resolve_request(self, request: HttpRequest) -> Any:
        return self.view, (), {}


def drawing(html: str) -> bytes:
    """The same words by WeasyPrint alone: no stylesheet and no fonts of ours, no seal."""
    pdf: bytes = HTML(string=html).write_pdf()
    return pdf


def locked_row(intake: Intake) -> None:
    """One row locked, read and written by its key."""
    with transaction.atomic(), connection.cursor() as cursor:
        table = connection.ops.quote_name(Intake._meta.db_table)
        cursor.execute(f"SELECT seats FROM {table} WHERE id = %s FOR UPDATE", [intake.pk])  # noqa: S608 - a constant
        (seats,) = cursor.fetchone()
        cursor.execute(f"UPDATE {table} SET seats = %s WHERE id = %s", [seats, intake.pk])  # noqa: S608 - the same
