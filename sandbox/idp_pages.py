"""The pages of eGov's login: who you are, the code from the SMS, what the portal may know (R34-R36)."""

import secrets

from aiohttp import web

from sandbox import inbox
from sandbox.idp import DESK, Login, grant_code, open_login
from sandbox.pages import language, render
from sandbox.people import Human
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import PORTAL_URL, WORLD, World

CODE_LIFE, TRIES = 180, 5
SENDS, SENDS_IN = 3, 600  # three codes in ten minutes

TEXTS = {
    "title": Text("eGov жүйесіне кіру", "Вход в eGov", "Sign in to eGov"),
    "service": Text("OQU порталына кіру үшін", "Чтобы войти на портал OQU", "To sign in to the OQU portal"),
    "who": Text("Кім болып кіресіз?", "Кем войти?", "Who are you?"),
    "who_hint": Text(
        "Оқу алаңында құпиясөз жоқ: адамды таңдаңыз, код оның телефонына келеді.",
        "В песочнице нет паролей: выберите человека, код придёт на его телефон.",
        "The sandbox has no passwords: choose a person, the code comes to their phone.",
    ),
    "parents": Text("Ата-аналар", "Родители", "Parents"),
    "staff": Text("Мектеп пен басқарма қызметкерлері", "Сотрудники школ и управления", "Staff"),
    "iin": Text("немесе ЖСН теріңіз", "или введите ИИН", "or type an IIN"),
    "go_on": Text("Жалғастыру", "Продолжить", "Continue"),
    "unknown": Text("Мұндай ЖСН табылмады", "Такой ИИН не найден", "No such IIN"),
    "code": Text("SMS коды", "Код из SMS", "Code from the SMS"),
    "code_sent": Text(
        "Бес таңбалы код мына нөмірге жіберілді:",
        "Пятизначный код отправлен на номер:",
        "A five-digit code was sent to:",
    ),
    "code_by_id": Text(
        "Нөміріңіз Мобильді азаматтар базасында жоқ. Код Digital ID хабарламасымен келді.",
        "Вашего номера нет в Базе мобильных граждан. Код пришёл уведомлением Digital ID.",
        "Your number is not in the Mobile Citizens Database. The code came as a Digital ID notice.",
    ),
    "phone": Text("Телефонды ашу", "Открыть телефон", "Open the phone"),
    "enter": Text("Жүйеге кіру", "Войти в систему", "Sign in"),
    "resend": Text("Кодты қайта жіберу", "Отправить код ещё раз", "Send another code"),
    "wrong": Text(
        "Код дұрыс емес. Қалған талпыныс:", "Код неверен. Осталось попыток:", "Wrong code. Tries left:"
    ),
    "spent": Text(
        "Бұл код енді жарамсыз. Жаңасын сұраңыз.",
        "Этот код больше не действует. Запросите новый.",
        "This code is no longer good. Ask for a new one.",
    ),
    "often": Text(
        "Код тым жиі сұралды. Біраз күтіңіз.",
        "Код запрашивали слишком часто. Подождите немного.",
        "Too many codes were asked for. Wait a little.",
    ),
    "consent": Text("Деректерге рұқсат", "Доступ к данным", "Access to your data"),
    "consent_lead": Text(
        "OQU порталы мына деректерді сұрайды:",
        "Портал OQU запрашивает данные:",
        "The OQU portal asks for:",
    ),
    "basic": Text("ЖСН, Т.А.Ә., туған күні", "ИИН, Ф.И.О., дата рождения", "IIN, names, birth date"),
    "number": Text("телефон нөмірі", "номер телефона", "phone number"),
    "allow": Text("Рұқсат беру", "Разрешить", "Allow"),
    "deny": Text("Бас тарту", "Отказать", "Refuse"),
    "gone": Text(
        "Бұл кіру беті ескірген",
        "Эта страница входа устарела",
        "This sign-in page is out of date",
    ),
    "gone_lead": Text(
        "Порталға оралып, «Кіру» батырмасын қайта басыңыз.",
        "Вернитесь на портал и нажмите «Войти» ещё раз.",
        "Go back to the portal and press «Кіру» again.",
    ),
    "invalid": Text(
        "Кіру сұрауы қате",
        "Неверный запрос на вход",
        "The sign-in request is wrong",
    ),
}

register(
    Service(
        "login-sms",
        Text("eGov: кіру SMS-і", "eGov: SMS для входа", "eGov: sign-in SMS"),
        Text("Бес таңбалы кодты жібереді.", "Отправляет пятизначный код.", "Sends the five-digit code."),
        Text("SMS жіберілмейді", "SMS не отправляется", "no SMS is sent"),
    )
)


async def authorize(request: web.Request) -> web.StreamResponse:
    try:
        name = open_login(request.app, dict(request.query))
    except web.HTTPBadRequest as error:
        return render(
            request, "idp_error.html", texts=TEXTS, title=TEXTS["invalid"], detail=error.text, status=400
        )
    if await request.app[WORLD].fault("idp"):
        raise request.app[DESK].logins.pop(name).back(error="access_denied")
    raise web.HTTPFound(f"/idp/login/{name}?lang={language(request)}")


def _login(request: web.Request) -> Login:
    login = request.app[DESK].logins.get(request.match_info["name"])
    if login is None:
        gone = render(request, "idp_error.html", texts=TEXTS, title=TEXTS["gone"], detail=TEXTS["gone_lead"])
        raise web.HTTPNotFound(text=gone.text, content_type="text/html")
    return login


def _step(request: web.Request, step: str) -> web.HTTPFound:
    return web.HTTPFound(f"/idp/login/{request.match_info['name']}{step}")


def _choose(request: web.Request, *, status: int = 200, **context: object) -> web.Response:
    adults = request.app[WORLD].adults()
    return render(
        request,
        "idp_person.html",
        texts=TEXTS,
        parents=[human for human in adults if human.job is None],
        staff=[human for human in adults if human.job],
        status=status,
        **context,
    )


async def choose(request: web.Request) -> web.Response:
    _login(request)
    return _choose(request)


async def chosen(request: web.Request) -> web.Response:
    login, world = _login(request), request.app[WORLD]
    form = await request.post()
    iin = str(form.get("typed") or form.get("iin") or "").strip()
    human = world.people.get(iin)
    if human is None or not human.sim:
        return _choose(request, status=422, error=TEXTS["unknown"])
    login.iin, login.proven = iin, False
    await send_code(world, login, human)
    raise _step(request, "/code")


async def send_code(world: World, login: Login, human: Human) -> bool:
    """False when too many were sent lately."""
    now = world.time()
    login.sent = [at for at in login.sent if at > now - SENDS_IN]
    if len(login.sent) >= SENDS:
        return False
    login.sent.append(now)
    login.code, login.code_at, login.tries = f"{secrets.randbelow(100_000):05d}", now, 0
    if await world.fault("login-sms"):
        return True
    text = Text(f"eGov: кіру коды {login.code}", f"eGov: код входа {login.code}", "").to(human.lang)
    if human.phone:
        inbox.put(world, to=human.phone, sender="eGov", text=text)
    else:
        inbox.notify(world, human, text)
    return True


def _ask(request: web.Request, login: Login, *, status: int = 200, **context: object) -> web.StreamResponse:
    human = request.app[WORLD].people.get(login.iin)
    if human is None:
        raise _step(request, "")
    hidden = f"{human.phone[:5]} ••• •• {human.phone[-2:]}" if human.phone else ""
    name = request.match_info["name"]
    return render(
        request,
        "idp_code.html",
        texts=TEXTS,
        human=human,
        hidden=hidden,
        path_name=name,
        status=status,
        **context,
    )


async def ask(request: web.Request) -> web.StreamResponse:
    return _ask(request, _login(request))


async def answer(request: web.Request) -> web.StreamResponse:
    login, world = _login(request), request.app[WORLD]
    given = str((await request.post()).get("code", "")).strip()
    if not login.code or login.code_at + CODE_LIFE < world.time() or login.tries >= TRIES:
        return _ask(request, login, error=TEXTS["spent"], status=422)
    login.tries += 1
    if not secrets.compare_digest(given.encode(), login.code.encode()):
        left = TRIES - login.tries
        return _ask(request, login, error=TEXTS["wrong" if left else "spent"], left=left, status=422)
    login.code, login.proven = "", True
    raise _step(request, "/consent")


async def resend(request: web.Request) -> web.StreamResponse:
    login, world = _login(request), request.app[WORLD]
    human = world.people.get(login.iin)
    if human is not None and not await send_code(world, login, human):
        return _ask(request, login, error=TEXTS["often"], status=429)
    raise _step(request, "/code")


async def consent(request: web.Request) -> web.StreamResponse:
    login = _login(request)
    if not login.proven:
        raise _step(request, "/code")
    human = request.app[WORLD].people[login.iin]
    return render(request, "idp_consent.html", texts=TEXTS, human=human, portal=request.app[PORTAL_URL])


async def consented(request: web.Request) -> web.StreamResponse:
    login = _login(request)
    if not login.proven:
        raise _step(request, "/code")
    allowed = (await request.post()).get("answer") == "allow"
    del request.app[DESK].logins[request.match_info["name"]]
    raise grant_code(request.app, login) if allowed else login.back(error="access_denied")


def routes(app: web.Application) -> None:
    app.router.add_get("/idp/oauth/authorize", authorize)
    for step, show, take in (("", choose, chosen), ("/code", ask, answer), ("/consent", consent, consented)):
        app.router.add_get("/idp/login/{name}" + step, show)
        app.router.add_post("/idp/login/{name}" + step, take)
    app.router.add_post("/idp/login/{name}/resend", resend)
