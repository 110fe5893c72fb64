"""What no page would ever send, to every address, by those who are let in: a clear answer, never a crash."""

from urllib.parse import urlencode

import pytest

from tests.access import cast
from tests.access.asking import address_of, ask
from tests.access.cast import World
from tests.access.doors import DOORS, OPEN

FIELDS = (
    "child", "route", "school", "language", "transport", "other", "region", "district", "okrug", "village",
    "line", "extra_phone", "applicant_phone", "special_needs", "valid_until", "data_correct", "external_data",
    "second_phone", "email", "allowed", "locality", "sort",
    "remove", "save", "refresh", "result", "reason_code", "reason", "transport_reason", "applicant_iin",
    "child_iin", "intake", "consent", "shown", "way", "fresh", "cms", "next", "page", "view", "number", "q",
    "document", "sheet", "turn", "zoom",
    "back", "state", "code", "error", "nowait", "photo", "f065", "scan", "file",
)  # fmt: skip
NONSENSE = ("\0", "-1", "9" * 30, "٣", "9999-12-31", "Ғ" * 3000, "<b>%s{{x}}")


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: ascii(value)[:20])
def test_nonsense_ends_in_a_clear_answer(world: World, value: str) -> None:
    typed = dict.fromkeys(FIELDS, value)
    crashed = []
    for door in DOORS:
        address = f"{address_of(world, door)}?{urlencode(typed)}"
        for who in (cast.ANONYMOUS,) if door.kind == OPEN else door.for_[1:2] or door.for_:
            world.clients[who].raise_request_exception = False
            answers = [ask(world.clients[who], method, address, typed).answer for method in ("GET", "POST")]
            if any(isinstance(one, int) and one >= 500 for one in answers):
                crashed.append((door.name, door.ids, who, *answers))

    assert crashed == []
