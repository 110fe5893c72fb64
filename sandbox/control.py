"""The control API: everything the pages can do, as JSON. docs/sandbox.md lists it."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from sandbox import inbox, kdp
from sandbox.faults import switch
from sandbox.people import Human, to_record
from sandbox.registry import SERVICES
from sandbox.world import WORLD


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json() if request.can_read_body else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object is expected")
    return body


def _human(request: web.Request) -> Human:
    human = request.app[WORLD].people.get(request.match_info["iin"])
    if human is None:
        raise web.HTTPNotFound(text="no such person")
    return human


def _facts(human: Human) -> dict[str, Any]:
    job = asdict(human.job) if human.job else None
    return {**to_record(human), "phone": human.phone, "job": job}


async def state(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return web.json_response(
        {
            "now": world.now().isoformat(),
            "services": [service.name for service in SERVICES],
            "faults": world.part("faults"),
            "people": [_facts(human) for human in world.people.values()],
        }
    )


async def reset(request: web.Request) -> web.Response:
    request.app[WORLD].reset()
    return web.json_response({})


async def set_fault(request: web.Request) -> web.Response:
    body, name = await _body(request), request.match_info["service"]
    try:
        switch(request.app[WORLD], name, **body)
    except (ValueError, TypeError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    return web.json_response(request.app[WORLD].part("faults").get(name))


async def clear_fault(request: web.Request) -> web.Response:
    request.app[WORLD].set_fault(request.match_info["service"], None)
    return web.json_response({})


async def clear_faults(request: web.Request) -> web.Response:
    for name in list(request.app[WORLD].part("faults")):
        request.app[WORLD].set_fault(name, None)
    return web.json_response({})


async def clock(request: web.Request) -> web.Response:
    """{"offset": seconds} between the sandbox's clock and the machine's."""
    world = request.app[WORLD]
    world.data["clock"] = float((await _body(request)).get("offset", 0))
    world.changed()
    return web.json_response({"now": world.now().isoformat()})


async def person(request: web.Request) -> web.Response:
    return web.json_response(_facts(_human(request)))


async def change_person(request: web.Request) -> web.Response:
    human = _human(request)
    try:
        changed = request.app[WORLD].set_facts(human.iin, await _body(request))
    except (ValueError, TypeError) as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    return web.json_response(_facts(changed))


async def add_child(request: web.Request) -> web.Response:
    human = _human(request)
    try:
        child = request.app[WORLD].add_child(human.iin, **await _body(request))
    except (ValueError, TypeError, KeyError) as error:
        raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from None
    return web.json_response(_facts(child))


async def lose_child(request: web.Request) -> web.Response:
    """{"child": IIN, "seconds": 60}: the register has the child again by itself."""
    human, body = _human(request), await _body(request)
    seconds, child = float(body.get("seconds", 60)), str(body.get("child", ""))
    return web.json_response(_facts(request.app[WORLD].lose_child(human.iin, child, seconds=seconds)))


async def turn(request: web.Request) -> web.Response:
    """{"facts": {…}, "after": "person"}: they change in the moment after that register has answered about
    the person once more."""
    human, body = _human(request), await _body(request)
    try:
        request.app[WORLD].turn(human.iin, dict(body["facts"]), after=str(body.get("after", "person")))
    except (KeyError, ValueError, TypeError) as error:
        raise web.HTTPBadRequest(text=f"{type(error).__name__}: {error}") from None
    return web.json_response(_facts(human))


async def read_inbox(request: web.Request) -> web.Response:
    return web.json_response(inbox.of(request.app[WORLD], _human(request)))


async def reply(request: web.Request) -> web.Response:
    kdp.reply(request.app[WORLD], _human(request), str((await _body(request)).get("text", kdp.YES)))
    return web.json_response({})


async def revoke(request: web.Request) -> web.Response:
    return web.json_response({"revoked": kdp.revoke(request.app[WORLD], _human(request).iin)})


async def sms(request: web.Request) -> web.Response:
    """What the SMS gateway has taken, oldest first."""
    return web.json_response(request.app[WORLD].part("mobizon").get("messages", []))


def routes(app: web.Application) -> None:
    app.router.add_routes(
        [
            web.get("/control/state", state),
            web.post("/control/reset", reset),
            web.put("/control/faults/{service}", set_fault),
            web.delete("/control/faults/{service}", clear_fault),
            web.delete("/control/faults", clear_faults),
            web.put("/control/clock", clock),
            web.get("/control/people/{iin}", person),
            web.patch("/control/people/{iin}", change_person),
            web.post("/control/people/{iin}/children", add_child),
            web.post("/control/people/{iin}/lose", lose_child),
            web.post("/control/people/{iin}/turn", turn),
            web.get("/control/people/{iin}/inbox", read_inbox),
            web.post("/control/people/{iin}/reply", reply),
            web.post("/control/people/{iin}/revoke", revoke),
            web.get("/control/sms", sms),
        ]
    )
