"""eGov's login at its real paths: authorize, token, and what a token opens. The pages are in idp_pages.py.

Plain OAuth2, authorization code. Everything here lives a few minutes at most, so it is kept in memory.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from sandbox.people import Human
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import PORTAL_URL, WORLD, World

CLIENT_ID, CLIENT_SECRET = "oqu", "sandbox-secret"
SCOPES = ("user:basic:read", "user:phone:read")
CALLBACK = "/auth/egov/"
LOGIN_SECONDS, CODE_SECONDS, TOKEN_SECONDS = 15 * 60, 60, 600

register(
    Service(
        "idp",
        Text("eGov: кіру беттері", "eGov: страницы входа", "eGov: sign-in pages"),
        Text(
            "Адамды таңдау, бес таңбалы SMS код, «Рұқсат беру».",
            "Выбор человека, пятизначный код из SMS, «Разрешить».",
            "Choosing a person, the five-digit SMS code, the consent page.",
        ),
        Text(
            "кіру error=access_denied жауабымен аяқталады",
            "вход завершается error=access_denied",
            "the sign-in ends with error=access_denied",
        ),
    ),
    Service(
        "token",
        Text("eGov: токен", "eGov: токен", "eGov: token"),
        Text("Кодты токенге айырбастайды.", "Меняет код на токен.", "Exchanges the code for a token."),
        Text("400 invalid_grant", "400 invalid_grant", "400 invalid_grant"),
    ),
    Service(
        "user-basic",
        Text("eGov: азамат деректері", "eGov: данные гражданина", "eGov: the citizen"),
        Text("ЖСН, Т.А.Ә., туған күні.", "ИИН, Ф.И.О., дата рождения.", "IIN, names, birth date."),
        Text("403", "403", "403"),
    ),
    Service(
        "user-phone",
        Text("eGov: телефон", "eGov: телефон", "eGov: the phone"),
        Text(
            "Мобильді азаматтар базасындағы нөмір.",
            "Номер из Базы мобильных граждан.",
            "The number in the Mobile Citizens Database.",
        ),
        Text("нөмірсіз жауап", "ответ без номера", "an answer without a number"),
    ),
)


@dataclass
class Login:
    """A sign-in under way, from the authorize address to the code."""

    redirect_uri: str
    state: str
    scope: str
    started: float
    iin: str = ""
    code: str = ""  # the five digits of the SMS
    code_at: float = 0
    tries: int = 0
    sent: list[float] = field(default_factory=list)
    proven: bool = False

    def back(self, **answer: str) -> web.HTTPFound:
        """To the portal, with the state it gave."""
        if self.state:
            answer["state"] = self.state
        return web.HTTPFound(f"{self.redirect_uri}?{urlencode(answer)}")


@dataclass(frozen=True)
class Grant:
    iin: str
    redirect_uri: str
    scope: str
    until: float


@dataclass
class Desk:
    """What the IdP remembers."""

    logins: dict[str, Login] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)

    def forget_old(self, now: float) -> None:
        for name, login in list(self.logins.items()):
            if login.started + LOGIN_SECONDS < now:
                del self.logins[name]
        for grants in (self.codes, self.tokens):
            for name, grant in list(grants.items()):
                if grant.until < now:
                    del grants[name]


DESK = web.AppKey("idp_desk", Desk)


def open_login(app: web.Application, query: dict[str, str]) -> str:
    """The name of a new sign-in. Raises HTTPBadRequest when there is nowhere safe to answer to."""
    desk, now = app[DESK], app[WORLD].time()
    desk.forget_old(now)
    if query.get("client_id") != CLIENT_ID:
        raise web.HTTPBadRequest(text="invalid client_id")
    if query.get("redirect_uri") != app[PORTAL_URL] + CALLBACK:
        raise web.HTTPBadRequest(text="invalid redirect_uri")
    login = Login(query["redirect_uri"], query.get("state", ""), query.get("scope", ""), started=now)
    if query.get("response_type") != "code":
        raise login.back(error="unsupported_response_type")
    if not set(login.scope.split()) or not set(login.scope.split()) <= set(SCOPES):
        raise login.back(error="invalid_scope")
    name = secrets.token_urlsafe(16)
    desk.logins[name] = login
    return name


def grant_code(app: web.Application, login: Login) -> web.HTTPFound:
    code = secrets.token_urlsafe(32)
    until = app[WORLD].time() + CODE_SECONDS
    app[DESK].codes[code] = Grant(login.iin, login.redirect_uri, login.scope, until)
    return login.back(code=code)


def _error(name: str, status: int = 400) -> web.Response:
    return web.json_response({"error": name, "error_description": f"sandbox: {name}"}, status=status)


def _client_is_known(request: web.Request) -> bool:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme == "Basic" and hmac.compare_digest(given, f"{CLIENT_ID}:{CLIENT_SECRET}".encode())


async def token(request: web.Request) -> web.Response:
    world, desk = request.app[WORLD], request.app[DESK]
    if await world.fault("token"):
        return _error("invalid_grant")
    if not _client_is_known(request):
        return _error("invalid_client", 401)
    form = await request.post()
    if form.get("grant_type") != "authorization_code":
        return _error("unsupported_grant_type")
    grant = desk.codes.pop(str(form.get("code", "")), None)  # good once, rightly used or not
    if grant is None or grant.until < world.time() or form.get("redirect_uri") != grant.redirect_uri:
        return _error("invalid_grant")
    if form.get("client_id", CLIENT_ID) != CLIENT_ID:
        return _error("invalid_client", 401)
    access = secrets.token_urlsafe(32)
    desk.tokens[access] = Grant(grant.iin, "", grant.scope, world.time() + TOKEN_SECONDS)
    body = {"access_token": access, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": grant.scope}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _bearer(request: web.Request, world: World, scope: str) -> Human:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    grant = request.app[DESK].tokens.get(given)
    if scheme != "Bearer" or grant is None or grant.until < world.time() or scope not in grant.scope.split():
        raise web.HTTPForbidden(text='{"error":"invalid_token"}', content_type="application/json")
    return world.people[grant.iin]


async def basic(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    if await world.fault("user-basic"):
        raise web.HTTPForbidden(text="{}", content_type="application/json")
    human = _bearer(request, world, SCOPES[0])
    person = {
        "iin": human.iin,
        "surname": human.surname,
        "name": human.name,
        "patronymic": human.patronymic,
        "birthDate": human.birth_date.isoformat(),
    }
    return web.json_response(
        {"person": {name: value for name, value in person.items() if value}, "type": "INDIVIDUAL"}
    )


async def phone(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    fault = await world.fault("user-phone")
    human = _bearer(request, world, SCOPES[1])
    return web.json_response({} if fault else {"phone": human.phone or None})


def routes(app: web.Application) -> None:
    app[DESK] = Desk()
    app.router.add_post("/idp/oauth/token", token)
    app.router.add_get("/idp/resource/user/basic", basic)
    app.router.add_get("/idp/resource/user/phone", phone)
