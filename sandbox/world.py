"""The state of the sandbox: people and what has happened to them, faults, a clock. One JSON file."""

import asyncio
import contextvars
import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import people
from sandbox.cast import cast
from sandbox.people import Human

# The wait a "late" service owes after its work is done, and whether the connection is to be dropped:
# the middleware of app.py pays both.
late: contextvars.ContextVar[list[float] | None] = contextvars.ContextVar("late", default=None)


class Dropped(Exception):
    """The connection is to be closed without an answer."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a service. `times` calls are hit, 0 means until it is cleared."""

    mode: str  # slow | fail | drop | refuse | late | other | disagree
    seconds: float = 10.0
    times: int = 0
    code: str = ""  # for services with several refusals


class World:
    def __init__(self, state_dir: Path) -> None:
        self.dir = state_dir
        self.dir.mkdir(parents=True, exist_ok=True)
        self._file = state_dir / "state.json"
        self._flush: asyncio.TimerHandle | None = None
        self.data: dict[str, Any] = {}
        if self._file.is_file():
            self.data = json.loads(self._file.read_text("utf-8"))
        self.people: dict[str, Human] = {}
        self._load_people()

    def part(self, name: str) -> dict[str, Any]:
        """A module's own corner of the state; call `changed()` after writing to it."""
        answer: dict[str, Any] = self.data.setdefault(name, {})
        return answer

    def changed(self) -> None:
        """Write the state soon; many changes in a row are written once."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self.save()
        if self._flush is None:
            self._flush = loop.call_later(0.1, self.save)
        return None

    def save(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        draft = self._file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as out:
            json.dump(self.data, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._file)

    def reset(self) -> None:
        """As on the first day. Keys and certificates (files beside the state) stay."""
        self.data.clear()
        self._load_people()
        self.save()

    # --- time -----------------------------------------------------------------------------------
    def time(self) -> float:
        return time.time() + float(self.data.get("clock", 0))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    # --- people ---------------------------------------------------------------------------------
    def _load_people(self) -> None:
        self.people = cast(people.academic_year(datetime.now(people.ALMATY).date()))
        for record in self.part("added").values():
            self.people[record["iin"]] = people.from_record(record)
        for iin, facts in self.part("facts").items():
            if iin in self.people:
                self.people[iin] = people.with_facts(self.people[iin], facts)

    def set_facts(self, iin: str, facts: dict[str, Any]) -> Human:
        """Change what the registers say of a person; see `people.with_facts` for the names."""
        human = people.with_facts(self.people[iin], facts)
        record = people.to_record(human)
        self.part("facts").setdefault(iin, {}).update({name: record[name] for name in facts})
        self.people[iin] = human
        self.changed()
        return human

    def add_child(self, parent_iin: str, **facts: Any) -> Human:
        """A new child of this adult; its IIN is issued here. facts: name, birth_date, sex, ..."""
        parent = self.people[parent_iin]
        relation = facts.pop("relation", "PARENT")
        born = facts.pop("birth_date")
        born = born if isinstance(born, date) else date.fromisoformat(born)
        child = people.newborn(parent, born=born, taken=self.people, **facts)
        self.part("added")[child.iin] = people.to_record(child)
        self.people[child.iin] = child
        ties = [asdict(tie) for tie in parent.children] + [{"iin": child.iin, "relation": relation}]
        self.set_facts(parent_iin, {"children": ties})
        return child

    def set_tie(self, adult_iin: str, child_iin: str, *, relation: str, document: str = "") -> Human:
        """Whose child it is by the register from now on; without a relation the adult's no more."""
        ties = [asdict(tie) for tie in self.people[adult_iin].children if tie.iin != child_iin]
        if relation:
            ties.append({"iin": child_iin, "relation": relation, "document": document})
        return self.set_facts(adult_iin, {"children": ties})

    def lose_child(self, adult_iin: str, child_iin: str, *, seconds: float) -> Human:
        """The register of births forgets this tie for a while, and knows it again by itself."""
        until = self.time() + seconds
        ties = [
            asdict(replace(tie, lost_until=until) if tie.iin == child_iin else tie)
            for tie in self.people[adult_iin].children
        ]
        return self.set_facts(adult_iin, {"children": ties})

    def turn(self, iin: str, facts: dict[str, Any], *, after: str) -> None:
        """The facts change in the very moment after this register has answered about the person once more."""
        record = people.to_record(people.with_facts(self.people[iin], facts))
        told = {name: record[name] for name in facts}
        self.part("turns").setdefault(iin, []).append({"after": after, "facts": told})
        self.changed()

    def turn_after(self, register: str, asked: Iterable[str]) -> None:
        """The register has answered about these people; that of births, about their children too."""
        about = list(asked)
        if register == "children":
            about += [tie.iin for iin in about if iin in self.people for tie in self.people[iin].children]
        for iin in about:
            waiting = self.part("turns").pop(iin, [])
            for change in waiting:
                if change["after"] == register:
                    self.set_facts(iin, change["facts"])
            if left := [change for change in waiting if change["after"] != register]:
                self.part("turns")[iin] = left

    def stranger_to(self, iin: str) -> str:
        """Somebody else, for a register that answers another question than it was asked."""
        like = bool(self.people[iin].sim) if iin in self.people else True
        order = [human.iin for human in self.people.values() if bool(human.sim) == like]
        return order[(order.index(iin) + 1) % len(order)] if iin in order else order[0]

    def adults(self) -> list[Human]:
        return [human for human in self.people.values() if human.sim]

    def by_number(self, number: str) -> Human | None:
        """Whose SIM card this is; the number is matched by its last ten digits."""
        tail = "".join(filter(str.isdigit, number))[-10:]
        return next((human for human in self.adults() if human.sim.endswith(tail)), None) if tail else None

    # --- faults ---------------------------------------------------------------------------------
    def set_fault(self, service: str, fault: Fault | None) -> None:
        if fault is None:
            self.part("faults").pop(service, None)
        else:
            self.part("faults")[service] = asdict(fault)
        self.changed()

    def fault_of(self, service: str) -> Fault | None:
        record = self.part("faults").get(service)
        return Fault(**record) if record else None

    def _take_fault(self, service: str) -> Fault | None:
        fault = self.fault_of(service)
        if fault and fault.times:
            left = fault.times - 1
            self.set_fault(service, Fault(**{**asdict(fault), "times": left}) if left else None)
        return fault

    async def fault(self, service: str) -> Fault | None:
        """Suffer what is wrong with the service; to be called first in every handler.

        Waits when slow, raises when failing or dropping, arranges the wait when late. The fault is
        returned when the service must refuse or tell of somebody else: how that looks is its own business.
        """
        fault = self._take_fault(service)
        if fault is None:
            return None
        if fault.mode == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.mode == "fail":
            raise web.HTTPInternalServerError(text="sandbox: this service is set to fail")
        elif fault.mode == "drop":
            raise Dropped
        elif fault.mode == "late":
            owed = late.get()
            if owed is not None:
                owed.append(fault.seconds)
        return fault if fault.mode in ("refuse", "other", "disagree") else None


WORLD = web.AppKey("world", World)
PORTAL_URL = web.AppKey("portal_url", str)
NCALAYER_PORT = web.AppKey("ncalayer_port", int)
