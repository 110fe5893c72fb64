"""`python -m tests.load.national`: the sandbox as the systems of the state, with an authority and secrets of
other names, for production refuses the sandbox's; its phone goes by the proxy of its environment. CROWD: so
many families more, each with one child who goes to school."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

import aiohttp

from sandbox import ca, cast, idp, mobizon, shep, world
from sandbox.__main__ import main
from sandbox.people import Human, issue_iin

SENDER, SECRET = "oqu", "x7Qm-2pLk9Vt5Rw1Yc"
CHILD = "Бақыт"
_cast = cast.cast


def crowd(year: int, families: int) -> Iterator[list[Human]]:
    """A parent and their child, neighbours in Сәтбаев көшесі."""
    for number in range(families):
        day = timedelta(days=number)
        born = date(1985, 1, 1) + day
        parent = Human(
            issue_iin(born, "F"), "Көпова", "Ана", "", "F", born, sim=f"+7702{number:07d}",
            address=cast.satbaev("13", str(number + 1)),
        )  # fmt: skip
        child = cast.kid(parent, f"Көпов {CHILD}", date(year - 6, 1, 2) + day, "M")
        yield cast.family([parent], [child])


def cast_with_crowd(year: int) -> dict[str, Human]:
    more = crowd(year, int(os.environ.get("CROWD", "0")))
    return _cast(year) | {one.iin: one for family in more for one in family}


if __name__ == "__main__":
    ca.ROOT, ca.ISSUING, ca.BUS_ROOT = "NATIONAL ROOT (RSA)", "NATIONAL CA (RSA)", "SHEP ROOT (RSA)"
    idp.CLIENT_SECRET = shep.PASSWORD = mobizon.KEY = mobizon.WEBHOOK_SECRET = ca.KEY_PASSWORD = SECRET
    vars(world)["cast"] = cast_with_crowd
    aiohttp.ClientSession = partial(aiohttp.ClientSession, trust_env=True)  # type: ignore[assignment, misc]  # made as the class makes
    main()
