"""The first page: what this is, whom to be, what each service does and its switches."""

from aiohttp import web

from egov.sandbox.pages import render


async def home(request: web.Request) -> web.Response:
    return render(request, "home.html")


def routes(app: web.Application) -> None:
    app.router.add_get("/", home)
