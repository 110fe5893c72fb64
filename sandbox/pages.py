"""Pages of the sandbox: standalone Django templates, three languages, one layout.

A module renders with `render(request, "phone.html", texts=TEXTS, person=...)`: in the template the texts
of the chosen language are `t`, so `{{ t.reply }}`. Templates extend "layout.html" (blocks: title, main).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from django.template import Context, Engine

from sandbox.texts import LANGUAGES, Text
from sandbox.world import PORTAL_URL

HERE = Path(__file__).resolve().parent
COOKIE = "sandbox-lang"  # cookies do not know ports: the portal's stand beside it

LAYOUT = {
    "title": Text("Оқу алаңы", "Песочница", "Sandbox"),
    "subtitle": Text(
        "мемлекеттік жүйелердің макеті: мұндағы адамдар мен деректер ойдан шығарылған",
        "макет государственных систем: люди и данные здесь вымышлены",
        "a mock-up of the state systems: people and data here are invented",
    ),
    "home": Text("Кім кім", "Кто есть кто", "Who is who"),
    "services": Text("Қызметтер мен ақаулар", "Сервисы и сбои", "Services and faults"),
    "phones": Text("Телефондар", "Телефоны", "Phones"),
    "portal": Text("OQU порталы", "Портал OQU", "OQU portal"),
    "skip": Text("Негізгі бөлікке өту", "Перейти к содержанию", "Skip to content"),
}

engine = Engine(dirs=[str(HERE / "templates")], builtins=["sandbox.tags"], autoescape=True)


def language(request: web.Request) -> str:
    """Of this page: asked for in the address, else chosen before, else Kazakh."""
    for wanted in (request.query.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return "kk"


def _in(lang: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: text.to(lang) if isinstance(text, Text) else text for key, text in texts.items()}


def render(
    request: web.Request,
    template: str,
    *,
    texts: Mapping[str, Text] | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """Values of the context that are `Text` come out in the language of the page, too."""
    lang = language(request)
    values = {
        "lang": lang,
        "languages": [(code, str(request.rel_url.update_query(lang=code))) for code in LANGUAGES],
        "portal_url": request.app[PORTAL_URL],
        "path": request.path,
        "layout": _in(lang, LAYOUT),
        "t": _in(lang, texts or {}),
        **_in(lang, context),
    }
    html = engine.get_template(template).render(Context(values, use_l10n=False, use_tz=False))
    response = web.Response(text=html, content_type="text/html", status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; style-src 'self'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.query.get("lang") in LANGUAGES:
        response.set_cookie(COOKIE, lang, max_age=365 * 24 * 3600, samesite="Lax", httponly=True)
    return response
