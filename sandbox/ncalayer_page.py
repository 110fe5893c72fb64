"""The desk where NCALayer runs: whose card is in the reader, and what the program answers next."""

from typing import Any

from aiohttp import web

from sandbox.certificates import KINDS
from sandbox.ncalayer import card, set_card
from sandbox.pages import render
from sandbox.texts import Text
from sandbox.world import NCALAYER_PORT, WORLD

TEXTS = {
    "lead": Text(
        "Порталда «ҚР ҰКО ЭЦҚ» тәсілін таңдағанда осы бағдарлама қол қояды: "
        "портал адамның ЖСН-ін айтады, сондықтан кілтті таңдаудың қажеті жоқ.",
        "Когда на портале выбирают «ЭЦП НУЦ РК», подписывает эта программа: "
        "портал называет ИИН человека, поэтому выбирать ключ не нужно.",
        "When «ҚР ҰКО ЭЦҚ» is chosen on the portal, this program signs: "
        "the portal names the person's IIN, so there is no key to choose.",
    ),
    "next": Text("Келесі жауап", "Следующий ответ", "The next answer"),
    "next_hint": Text(
        "Бір рет орындалады, сосын бәрі қалпына келеді.",
        "Сработает один раз, потом всё как обычно.",
        "Given once; then everything is as usual.",
    ),
    "card": Text("Картаоқырдағы карта", "Карта в считывателе", "The card in the reader"),
    "card_hint": Text(
        "Портал ЖСН-ді айтпаған кезде ғана керек (ескі NCALayer).",
        "Нужна, только когда портал не называет ИИН (старый NCALayer).",
        "Only used when the page names no IIN (the older NCALayer).",
    ),
    "none": Text("карта жоқ", "карты нет", "no card"),
    "kind": Text("Карта кілті", "Ключ карты", "Key of the card"),
    "old": Text(
        "Ескі нұсқа (basics модулі жоқ)",
        "Старая (без модуля basics)",
        "Older (no basics module)",
    ),
    "save": Text("Сақтау", "Сохранить", "Save"),
    "signed": Text("Қол қойылған құжат саны", "Подписано документов", "Documents signed"),
    "address": Text("Мекенжайы", "Адрес", "Address"),
}
NEXT_TEXTS = {
    "": Text("әдеттегідей қол қояды", "подпишет как обычно", "signs as usual"),
    "cancel": Text("адам бас тартады", "человек откажется", "the person cancels"),
    "error": Text("бағдарлама қате береді", "программа выдаст ошибку", "the program fails"),
    "other": Text("басқа адамның кілті", "ключ другого человека", "another person's key"),
    **{kind: shape.title for kind, shape in KINDS.items()},
}


async def desk(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    lang_items = list(NEXT_TEXTS.items())
    return render(
        request,
        "ncalayer.html",
        texts=TEXTS,
        card=card(world),
        people=world.adults(),
        answers=lang_items,
        kinds=[(kind, shape.title) for kind, shape in KINDS.items()],
        address=f"ws://127.0.0.1:{request.app[NCALAYER_PORT]}/",
    )


async def change(request: web.Request) -> web.Response:
    form = await request.post()
    try:
        set_card(
            request.app[WORLD],
            iin=str(form.get("iin", "")),
            kind=str(form.get("kind", "sign")),
            next=str(form.get("next", "")),
            old=bool(form.get("old")),
        )
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    raise web.HTTPSeeOther("/ncalayer/")


async def control(request: web.Request) -> web.Response:
    """PUT /control/ncalayer {"iin", "kind", "next", "old"}: any of them; GET reads them."""
    world = request.app[WORLD]
    if request.method == "GET":
        return web.json_response(card(world))
    wanted: dict[str, Any] = await request.json()
    known = {name: wanted[name] for name in ("iin", "kind", "next", "old") if name in wanted}
    try:
        return web.json_response(set_card(world, **known))
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def routes(app: web.Application) -> None:
    app.router.add_get("/ncalayer/", desk)
    app.router.add_post("/ncalayer/", change)
    app.router.add_get("/control/ncalayer", control)
    app.router.add_put("/control/ncalayer", control)
