"""By which door somebody began to sign in, and whether it is theirs once eGov has said who they are (D68)."""

from enum import StrEnum

from accounts.models import User
from accounts.waiting import room as waiting


class Door(StrEnum):
    PASS = "pass"  # noqa: S105  (a word, not a password): let in from the line, or counted while there is none
    STAFF = "staff"  # for who works here
    SAME = "same"  # for who was in a moment ago, and nobody else


def way(door: Door, of: str | int = "") -> str:
    """As a sign-in under way remembers it; "" is a sign-in that began when there was no room."""
    return f"{door}:{of}"


def may_come_in(user: User, begun_by: str) -> bool:
    """A pass lets in one person, the lane of staff who has a post, the third way who has just been in."""
    door, _, of = begun_by.partition(":")
    if door == Door.PASS:
        return waiting.room.lets_in(of, user.pk)
    if door == Door.STAFF:
        return user.posts.exists() or not waiting.room.is_on()
    return door != Door.SAME or of == str(user.pk) or not waiting.room.is_on()
