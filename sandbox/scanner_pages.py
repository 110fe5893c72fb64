"""The scanner's screens: read a QR, look at the document, sign or refuse."""

from urllib.parse import quote

from aiohttp import web

from sandbox import scanner
from sandbox.certificates import KINDS, kinds_of
from sandbox.pages import render
from sandbox.phone import human_of
from sandbox.scanner import SCANS, Scan, Unreadable
from sandbox.texts import Text
from sandbox.world import WORLD

TEXTS = {
    "title": Text("eGov Mobile: QR сканері", "eGov Mobile: сканер QR", "eGov Mobile: QR scanner"),
    "lead": Text(
        "Нағыз телефон QR-ды камерамен оқиды. Мұнда порталдағы QR астындағы мәтінді көшіріп қойыңыз.",
        "Настоящий телефон читает QR камерой. Здесь вставьте текст, который на портале стоит под QR.",
        "A real phone reads the QR with its camera. Here, paste the text that the portal shows below the QR.",
    ),
    "qr": Text("QR мәтіні", "Текст QR", "Text of the QR"),
    "scan": Text("Сканерлеу", "Сканировать", "Scan"),
    "unreadable": Text("QR оқылмады:", "QR не прочитан:", "The QR could not be read:"),
    "asks": Text("Сізден қол қоюды сұрайды", "Просит вас подписать", "Asks you to sign"),
    "until": Text("Осы уақытқа дейін жарамды", "Действительно до", "Valid until"),
    "document": Text("Құжатты ашу", "Открыть документ", "Open the document"),
    "other": Text("Басқа кілтпен (қателерді көру үшін)", "Другим ключом (чтобы увидеть ошибки)",
                  "With another key (to see what fails)"),
    "key": Text("Қай кілтпен", "Каким ключом", "With which key"),
    "signer": Text("Кімнің кілті", "Чей ключ", "Whose key"),
    "sign": Text("Қол қою", "Подписать", "Sign"),
    "refuse": Text("Бас тарту", "Отказаться", "Refuse"),
    "done": Text(
        "Портал қабылдады. Компьютердегі бетке оралыңыз.",
        "Портал принял. Вернитесь к странице на компьютере.",
        "The portal has accepted it. Go back to the page on the computer.",
    ),
    "failed": Text("Портал қабылдамады:", "Портал не принял:", "The portal did not accept it:"),
    "again": Text("Тағы бір QR оқу", "Прочитать другой QR", "Scan another QR"),
    "phone": Text("Телефонға оралу", "Назад к телефону", "Back to the phone"),
    "portal": Text("OQU порталына оралу", "Назад на портал OQU", "Back to the OQU portal"),
}  # fmt: skip


async def screen(request: web.Request) -> web.Response:
    """Where one comes to with a QR's text, or by eGov Mobile's link (then it opens at once)."""
    link = request.query.get("link", "")
    return await _open(request, link) if link else _screen(request)


async def read(request: web.Request) -> web.Response:
    return await _open(request, str((await request.post()).get("qr", "")))


async def _open(request: web.Request, text: str) -> web.Response:
    human = human_of(request)
    try:
        if await request.app[WORLD].fault("egov_mobile"):
            raise Unreadable("eGov Mobile is set to refuse")
        found = await scanner.scan(request.app, human, text)
    except Unreadable as error:
        return _screen(request, problem=str(error), text=text)
    raise web.HTTPSeeOther(f"/phone/{human.iin}/scan/{quote(found.id)}/")


def _screen(request: web.Request, *, problem: str = "", text: str = "") -> web.Response:
    return render(
        request, "scanner.html", texts=TEXTS, human=human_of(request), problem=problem, text=text,
        status=409 if problem else 200,
    )  # fmt: skip


def _scan(request: web.Request) -> Scan:
    found = request.app[SCANS].get(request.match_info["scan"])
    if found is None or found.iin != human_of(request).iin:
        raise web.HTTPNotFound(text="no such request: scan the QR again")
    answer: Scan = found
    return answer


async def document(request: web.Request) -> web.Response:
    found, human = _scan(request), human_of(request)
    return render(
        request,
        "scanner_document.html",
        texts=TEXTS,
        human=human,
        scan=found,
        documents=found.package["documentsToSign"],
        kinds=[(kind, KINDS[kind].title) for kind in kinds_of(human)],
        until=str(found.about.get("expiry_date", ""))[11:16],
        usual="org" if human.job else "sign",
        people=request.app[WORLD].adults(),
    )


async def file(request: web.Request) -> web.Response:
    found = _scan(request)
    try:
        content = found.files[int(request.match_info["number"])]
    except (IndexError, ValueError):
        raise web.HTTPNotFound from None
    return web.Response(body=content, content_type="application/pdf")


async def answer(request: web.Request) -> web.Response:
    found, form, people = _scan(request), await request.post(), request.app[WORLD].people
    signer = people.get(str(form.get("signer") or found.iin))
    kind = str(form.get("key", "sign"))
    if form.get("action") == "refuse":
        await scanner.refuse(found)
    elif signer is None or kind not in kinds_of(signer):
        raise web.HTTPBadRequest(text="this person has no such key")
    else:
        await scanner.sign(request.app, found, signer, kind)
    raise web.HTTPSeeOther(f"/phone/{found.iin}/scan/{quote(found.id)}/")


def routes(app: web.Application) -> None:
    app.router.add_get("/phone/{iin}/scan/", screen)
    app.router.add_post("/phone/{iin}/scan/", read)
    app.router.add_get("/phone/{iin}/scan/{scan}/", document)
    app.router.add_post("/phone/{iin}/scan/{scan}/", answer)
    app.router.add_get("/phone/{iin}/scan/{scan}/{number}.pdf", file)
