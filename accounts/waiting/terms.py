"""How long each thing of the waiting room lasts, in seconds, and what ops have set (D68)."""

from enum import StrEnum

from django.conf import settings

MINUTE = 60
# A page reloads itself this often, rarer the further from the door, up to a quarter later by chance.
SOONEST, LATEST, JITTER = 10, 120, 0.25
ABSENT = 4 * MINUTE  # who has not reloaded for so long holds nobody up; longer than any reload
CALLED = 3 * MINUTE  # for which a place is held for who is called and has not yet reloaded
GRACE = 30 * MINUTE  # in which who was absent comes back to the place they had
SIGNING_IN = 2 * MINUTE  # for which who was let in counts as inside before they have signed in
# From when it was given: in which a sign-in may begin with a pass, and in which one that has begun may end.
PASS, PASS_KEPT = 15 * MINUTE, 25 * MINUTE
ACTIVE = 5 * MINUTE  # who has asked for a page within it is inside
LATELY = 5 * MINUTE  # over which it is measured how many are let in
CALM = 0.9  # of the places: below it, with nobody waiting, `auto` takes the room away again
# Of a minute's rate what one network gets while others wait, and how much more, again and again, where none
# but these wait: none of the rate is lost, and a network with robots takes no more than one with people.
SHARE, FURTHER = 1 / 3, 1 / 12
BURST = 10  # seconds of the rate that may be let in at once after a pause
# Signatures opened a minute as a region opens (D79), for each person that the door lets in: who has a draft
# costs a sixth of who begins with nothing, so that these keep half of the cores busy (docs/operations.md).
SIGNATURES = 5
# Who waits to sign and has not looked for so long, or so long for each minute until their turn, holds nobody
# up: twice what their page lets pass. ABSENT at the most.
UNSEEN, UNSEEN_A_MINUTE = 30, 20
MOST = 500  # changes of places that one request makes for others


class Mode(StrEnum):
    OFF = "off"
    AUTO = "auto"
    ON = "on"


def rules() -> dict[str, int | float | str]:
    """What the line goes by, as `line.lua` reads it."""
    return {
        "mode": settings.WAITING_ROOM,
        "rate": settings.WAITING_ROOM_RATE,
        "places": settings.WAITING_ROOM_PLACES,
        "before": settings.WAITING_ROOM_BEFORE * MINUTE,
        "after": settings.WAITING_ROOM_AFTER * MINUTE,
        "absent": ABSENT,
        "called": CALLED,
        "grace": GRACE,
        "signing_in": SIGNING_IN,
        "pass": PASS,
        "pass_kept": PASS_KEPT,
        "active": ACTIVE,
        "lately": LATELY,
        "calm": CALM,
        "burst": BURST,
        "share": SHARE,
        "further": FURTHER,
        "most": MOST,
    }
