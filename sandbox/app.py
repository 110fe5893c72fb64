"""The sandbox as one aiohttp application. Every module brings its routes and registers its services."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox import (
    ca,
    control,
    crl,
    faults,
    front,
    idp,
    idp_pages,
    mobizon,
    ncalayer,
    ncalayer_page,
    ocsp,
    phone,
    registers,
    scanner,
    scanner_pages,
    tsa,
)
from sandbox.pages import HERE
from sandbox.world import NCALAYER_PORT, PORTAL_URL, WORLD, Dropped, World, late

MODULES = (
    front,
    idp,
    idp_pages,
    registers,
    mobizon,
    phone,
    scanner,
    scanner_pages,
    ncalayer,
    ncalayer_page,
    ca,
    ocsp,
    crl,
    tsa,
    faults,
    control,
)

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _suffer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pay what a late service owes, and close the connection of one that drops it."""
    owed: list[float] = []
    late.set(owed)
    try:
        response = await handler(request)
    except Dropped:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    if owed:
        await asyncio.sleep(sum(owed))
    return response


def build(state_dir: Path, *, portal_url: str, ncalayer_port: int) -> web.Application:
    app = web.Application(middlewares=[_suffer], client_max_size=16 * 1024 * 1024)
    app[WORLD] = World(state_dir)
    app[PORTAL_URL] = portal_url.rstrip("/")
    app[NCALAYER_PORT] = ncalayer_port
    app.router.add_static("/static/", HERE / "static")
    for module in MODULES:
        module.routes(app)
    app.on_shutdown.append(_save)
    return app


async def _save(app: web.Application) -> None:
    app[WORLD].save()
