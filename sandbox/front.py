"""The first page: what this is, whom to be, and the first walk in six steps; and a page for each person."""

from datetime import date

from aiohttp import web

from sandbox.cast import SCHOOL_63, enrolled
from sandbox.front_texts import HOME, PERSON
from sandbox.pages import render
from sandbox.people import FORMS, Human
from sandbox.registry import SERVICES
from sandbox.world import WORLD, World

LOST_SECONDS = 60.0
RELATIONS = ("PARENT", "GUARDIAN")


async def home(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    adults = world.adults()
    return render(
        request,
        "home.html",
        texts=HOME,
        parents=[(human, children(world, human)) for human in adults if human.job is None],
        staff=[human for human in adults if human.job],
        services=SERVICES,
        broken=bool(world.part("faults")),
    )


def children(world: World, human: Human) -> list[Human]:
    return [world.people[tie.iin] for tie in human.children if tie.iin in world.people]


def _human(request: web.Request) -> Human:
    human = request.app[WORLD].people.get(request.match_info["iin"])
    if human is None:
        raise web.HTTPNotFound(text="no such person")
    return human


async def person(request: web.Request) -> web.Response:
    world, human = request.app[WORLD], _human(request)
    homes = list({each.address: None for each in world.adults()})
    return render(
        request,
        "person.html",
        texts=PERSON,
        human=human,
        children=children(world, human),
        ties=[(tie, world.people[tie.iin]) for tie in human.children if tie.iin in world.people],
        others=_others(world, human),
        now=world.time(),
        turning=world.part("turns").get(human.iin, []),
        parents=[each for each in world.adults() if any(tie.iin == human.iin for tie in each.children)],
        forms=FORMS,
        homes=list(enumerate(homes)),
    )


def _others(world: World, human: Human) -> list[Human]:
    """Children whom the adult may adopt or take into care."""
    own = {tie.iin for tie in human.children}
    return [each for each in world.people.values() if not each.sim and each.iin not in own]


async def change(request: web.Request) -> web.Response:
    """The registers learn something new about a person."""
    world, human, form = request.app[WORLD], _human(request), await request.post()
    facts: dict[str, object] = {}
    if human.sim:
        facts["in_base"] = "in_base" in form
    else:
        facts["papers"] = form.getall("papers", [])
        grade = str(form.get("grade", ""))
        facts["enrolment"] = enrolled(SCHOOL_63, int(grade), "А") if grade in ("0", "1") else None
        if grade == "keep":
            del facts["enrolment"]
    names = {part: str(form.get(part, "")).strip() for part in ("surname", "name", "patronymic")}
    facts |= {
        part: value for part, value in names.items() if part in form and (value or part == "patronymic")
    }
    homes = list({each.address: None for each in world.adults()})
    chosen = str(form.get("address", ""))
    if chosen.isascii() and chosen.isdigit() and int(chosen) < len(homes):
        facts["address"] = homes[int(chosen)]
    if "turn" in form:
        world.turn(human.iin, facts, after="person" if human.sim else "children")
    else:
        world.set_facts(human.iin, facts)
    raise web.HTTPSeeOther(f"/people/{human.iin}/")


async def hide(request: web.Request) -> web.Response:
    """A court hides the child's whereabouts from some of the adults, or from nobody any more."""
    world, human, form = request.app[WORLD], _human(request), await request.post()
    barred = [str(iin) for iin in form.getall("hidden_from", []) if str(iin) in world.people]
    number = str(form.get("hidden_by", "")).strip()
    world.set_facts(human.iin, {"hidden_from": barred, "hidden_by": number})
    raise web.HTTPSeeOther(f"/people/{human.iin}/")


async def add_child(request: web.Request) -> web.Response:
    """As a parent refreshes the data about their children on eGov (R56)."""
    human, form = _human(request), await request.post()
    name, surname = str(form.get("name", "")).strip(), str(form.get("surname", "")).strip()
    try:
        born = date.fromisoformat(str(form.get("birth_date", "")))
    except ValueError:
        born = None
    if not name or born is None or form.get("sex") not in ("M", "F"):
        raise web.HTTPBadRequest(text="a name, a birth date and a sex are needed")
    facts = {"surname": surname} if surname else {}
    request.app[WORLD].add_child(human.iin, birth_date=born, name=name, sex=str(form["sex"]), **facts)
    raise web.HTTPSeeOther(f"/people/{human.iin}/")


async def change_tie(request: web.Request) -> web.Response:
    """A court, an adoption, a decree, or a register that loses a child for a minute."""
    world, human, form = request.app[WORLD], _human(request), await request.post()
    child, relation = str(form.get("child", "")), str(form.get("relation", ""))
    if child not in world.people or relation not in ("", *RELATIONS):
        raise web.HTTPBadRequest(text="a child and a relation are needed")
    if "lose" in form:
        world.lose_child(human.iin, child, seconds=LOST_SECONDS)
    else:
        document = str(form.get("document", "")).strip()
        world.set_tie(human.iin, child, relation=relation, document=document)
    raise web.HTTPSeeOther(f"/people/{human.iin}/")


def routes(app: web.Application) -> None:
    app.router.add_get("/", home)
    app.router.add_get("/people/{iin}/", person)
    app.router.add_post("/people/{iin}/", change)
    app.router.add_post("/people/{iin}/hidden", hide)
    app.router.add_post("/people/{iin}/children", add_child)
    app.router.add_post("/people/{iin}/ties", change_tie)
