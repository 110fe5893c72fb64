"""The phones of the cast: an inbox where one reads codes and answers 511, and the way to the scanner."""

from datetime import datetime

from aiohttp import web

from sandbox import inbox, kdp
from sandbox.pages import render
from sandbox.people import ALMATY, Human
from sandbox.texts import Text
from sandbox.world import WORLD

TEXTS = {
    "title": Text("Телефондар", "Телефоны", "Phones"),
    "lead": Text(
        "Кімнің телефонын қолға аласыз?", "Чей телефон взять в руки?", "Whose phone do you pick up?"
    ),
    "parents": Text("Ата-аналар", "Родители", "Parents"),
    "staff": Text("Қызметкерлер", "Сотрудники", "Staff"),
    "inbox": Text("Хабарламалар", "Сообщения", "Messages"),
    "empty": Text(
        "Әзірге хабарлама жоқ. Олар осы жерде өзі пайда болады.",
        "Пока сообщений нет. Они появятся здесь сами.",
        "No messages yet. They appear here by themselves.",
    ),
    "reply": Text("1414 нөміріне жауап", "Ответ на номер 1414", "Answer to 1414"),
    "send": Text("Жіберу", "Отправить", "Send"),
    "yes": Text("511 деп жауап беру", "Ответить 511", "Answer 511"),
    "waiting": Text("1414 жауап күтіп тұр", "1414 ждёт ответа", "1414 is waiting for an answer"),
    "scanner": Text("eGov Mobile: QR сканерлеу", "eGov Mobile: сканировать QR", "eGov Mobile: scan a QR"),
    "not_in_base": Text(
        "Бұл нөмір Мобильді азаматтар базасында жоқ.",
        "Этого номера нет в Базе мобильных граждан.",
        "This number is not in the Mobile Citizens Database.",
    ),
    "register": Text("Базаға тіркеу", "Зарегистрировать в базе", "Register it"),
    "refresh": Text("Жаңарту", "Обновить", "Refresh"),
    "facts": Text("Деректері", "Данные", "Facts"),
    "others": Text("Басқа телефондар", "Другие телефоны", "Other phones"),
}


def human_of(request: web.Request) -> Human:
    human = request.app[WORLD].people.get(request.match_info["iin"])
    if human is None or not human.sim:
        raise web.HTTPNotFound(text="no such phone")
    return human


async def phones(request: web.Request) -> web.Response:
    """With a `link` in the address (eGov Mobile's own link) the phone opens on its scanner."""
    adults = request.app[WORLD].adults()
    link = request.query.get("link", "")
    return render(
        request,
        "phones.html",
        texts=TEXTS,
        parents=[human for human in adults if human.job is None],
        staff=[human for human in adults if human.job],
        link=link,
    )


async def phone(request: web.Request) -> web.Response:
    world, human = request.app[WORLD], human_of(request)
    messages = [
        {**message, "at": f"{datetime.fromisoformat(message['at']).astimezone(ALMATY):%H:%M:%S}"}
        for message in inbox.of(world, human)[:50]
    ]
    return render(
        request,
        "phone.html",
        texts=TEXTS,
        human=human,
        messages=messages,
        waiting=len(kdp.pending(world, human)),
    )


async def reply(request: web.Request) -> web.Response:
    human = human_of(request)
    text = str((await request.post()).get("text", "")).strip()
    if text:
        kdp.reply(request.app[WORLD], human, text)
    raise web.HTTPSeeOther(f"/phone/{human.iin}/")


async def register_sim(request: web.Request) -> web.Response:
    human = human_of(request)
    request.app[WORLD].set_facts(human.iin, {"in_base": True})
    raise web.HTTPSeeOther(f"/phone/{human.iin}/")


def routes(app: web.Application) -> None:
    app.router.add_get("/phone/", phones)
    app.router.add_get("/phone/{iin}/", phone)
    app.router.add_post("/phone/{iin}/reply", reply)
    app.router.add_post("/phone/{iin}/register", register_sim)
