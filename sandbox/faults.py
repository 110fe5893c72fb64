"""The switches: every service's fault on one page, and the check of what may be set."""

from aiohttp import web

from sandbox.pages import render
from sandbox.registry import SERVICES, Service
from sandbox.texts import Text
from sandbox.world import WORLD, Fault, World

MODES = {
    "slow": Text(
        "баяу: күтеді, сосын жауап береді", "медленно: ждёт, потом отвечает", "slow: waits, then answers"
    ),
    "fail": Text("істен шыққан: 500", "сбой: 500", "failing: answers 500"),
    "drop": Text("байланыс үзіледі", "обрывает соединение", "drops the connection"),
    "refuse": Text("бас тартады", "отказывает", "refuses"),
    "late": Text(
        "кеш: ісін істейді, жауабы кешігеді",
        "поздно: дело делает, ответ опаздывает",
        "late: does its work, answers too late",
    ),
    "other": Text(
        "басқа адам туралы жауап береді", "отвечает о другом человеке", "answers about somebody else"
    ),
    "disagree": Text(
        "басқа тізілімдермен қайшы: тегі мен туған күні басқа",
        "расходится с другими: иная фамилия и дата рождения",
        "disagrees with the others: another surname and birth date",
    ),
}

TEXTS = {
    "title": Text("Қызметтер мен ақаулар", "Сервисы и сбои", "Services and faults"),
    "lead": Text(
        "Әр жүйені баяу, істен шыққан, бас тартатын не кешігетін етуге болады. "
        "Ауыстырғыш өшірілгенше не көрсетілген рет біткенше жұмыс істейді.",
        "Любую систему можно сделать медленной, сбойной, отказывающей или опаздывающей. "
        "Переключатель действует, пока его не снимут или не кончатся заданные разы.",
        "Any system can be made slow, failing, refusing or late. "
        "A switch stays until it is taken off, or until the given number of calls is used up.",
    ),
    "works": Text("жұмыс істейді", "работает", "works"),
    "mode": Text("Ақау", "Сбой", "Fault"),
    "seconds": Text("Секунд", "Секунд", "Seconds"),
    "times": Text("Неше рет (0 — әрқашан)", "Сколько раз (0 — всегда)", "How many calls (0: always)"),
    "code": Text("Бас тарту коды", "Код отказа", "Code of the refusal"),
    "set": Text("Қосу", "Включить", "Set"),
    "clear": Text("Түзету", "Починить", "Repair"),
    "clear_all": Text("Бәрін түзету", "Починить всё", "Repair everything"),
    "refusal": Text("Бас тартқанда:", "При отказе:", "When refusing:"),
    "reset": Text(
        "Оқу алаңын бастапқы күйге қайтару",
        "Вернуть песочницу в начальное состояние",
        "Put the sandbox back to its first day",
    ),
}


def switch(
    world: World, name: str, *, mode: str, seconds: float = 10.0, times: int = 0, code: str = ""
) -> None:
    """Raises ValueError for what no service has."""
    service = next((each for each in SERVICES if each.name == name), None)
    if service is None:
        raise ValueError(f"no such service: {name}")
    if mode not in service.modes:
        raise ValueError(f"{name} knows no mode {mode!r}, only {', '.join(service.modes)}")
    if service.codes and code and code not in service.codes:
        raise ValueError(f"{name} knows no code {code!r}, only {', '.join(service.codes)}")
    world.set_fault(name, Fault(mode, max(0.0, float(seconds)), max(0, int(times)), str(code)))


async def services(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    lang_rows = [_row(world, service) for service in SERVICES]
    return render(
        request, "services.html", texts=TEXTS, services=lang_rows, broken=bool(world.part("faults"))
    )


def _row(world: World, service: Service) -> dict[str, object]:
    fault = world.fault_of(service.name)
    return {
        "name": service.name,
        "title": service.title,
        "about": service.about,
        "refusal": service.refusal,
        "url": service.url,
        "fault": fault,
        "now": MODES[fault.mode] if fault else None,
        "codes": service.codes,
        "modes": [(mode, MODES[mode]) for mode in service.modes],
    }


async def change(request: web.Request) -> web.Response:
    """An empty mode repairs the service."""
    world, name, form = request.app[WORLD], request.match_info["service"], await request.post()
    try:
        if form.get("mode"):
            values = {key: str(form.get(key) or 0) for key in ("seconds", "times")}
            switch(
                world,
                name,
                mode=str(form["mode"]),
                seconds=float(values["seconds"]),
                times=int(values["times"]),
                code=str(form.get("code") or ""),
            )
        else:
            world.set_fault(name, None)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    raise web.HTTPSeeOther(f"/services/#{name}")


async def repair_all(request: web.Request) -> web.Response:
    for name in list(request.app[WORLD].part("faults")):
        request.app[WORLD].set_fault(name, None)
    raise web.HTTPSeeOther("/services/")


async def reset(request: web.Request) -> web.Response:
    request.app[WORLD].reset()
    raise web.HTTPSeeOther("/")


def routes(app: web.Application) -> None:
    app.router.add_get("/services/", services)
    app.router.add_post("/services/repair", repair_all)
    app.router.add_post("/services/reset", reset)
    app.router.add_post("/services/set/{service}", change)
