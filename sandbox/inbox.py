"""What a person's phone has received: SMS to the SIM card and notices of Digital ID to the person."""

from typing import Any

from sandbox.people import Human
from sandbox.world import World

KEPT = 3000  # messages in all; the oldest go first
DIGITAL_ID = "Digital ID"


def put(world: World, *, to: str, sender: str, text: str) -> dict[str, Any]:
    """`to` is a number in E.164, or `iin:<IIN>` for a notice of Digital ID."""
    box = world.part("inbox")
    number = box["last"] = box.get("last", 0) + 1
    message = {"id": number, "to": to, "from": sender, "text": text, "at": world.now().isoformat()}
    messages = box.setdefault("messages", [])
    messages.append(message)
    del messages[:-KEPT]
    world.changed()
    return message


def notify(world: World, human: Human, text: str) -> None:
    put(world, to=f"iin:{human.iin}", sender=DIGITAL_ID, text=text)


def of(world: World, human: Human) -> list[dict[str, Any]]:
    """Newest first."""
    mine = (human.sim, f"iin:{human.iin}")
    return [message for message in reversed(world.part("inbox").get("messages", [])) if message["to"] in mine]
