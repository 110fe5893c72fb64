"""What a restored place must prove: that it knows it is a copy, how far it reaches, that keys open what lies
there, that signatures, papers and files are whole, that seats add up, that the journal holds. Changes
nothing, and says nobody's name."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.utils import timezone

from accounts import chain, copies, vault, watching
from accounts.models import Child, JournalEntry, User
from applications import seat_counts
from applications.keeping import at_rest
from applications.models import Application, Document, Paper, Signature
from applications.papers import audit, heads, keys
from notifications.models import Message
from schools.models import Intake

SHOWN = 20  # faults of one proof
COUNTED = {
    "people": User,
    "children": Child,
    "applications": Application,
    "documents": Document,
    "signatures": Signature,
    "papers": Paper,
    "messages": Message,
    "entries of the journal": JournalEntry,
}


@dataclass(frozen=True)
class Asked:
    """How many applications are looked through, 0: all; and whether it matters how old the backup is."""

    now: datetime
    sample: int
    any_age: bool = False


@dataclass
class Proof:
    """What was found, in words, and what is wrong, a line each."""

    words: str = ""
    faults: list[str] = field(default_factory=list)


def copy(asked: Asked) -> Proof:
    """D69: what takes itself for the portal would send."""
    here = copies.standing()
    if here.said is None:
        return Proof(faults=["it does not know whose it is: `prepare` at the portal, then another backup"])
    if not here.reasons:
        return Proof(faults=["it takes itself for the portal: nothing would keep it from sending"])
    return Proof("it knows that it is a copy: " + "; ".join(here.reasons))


def moment(asked: Asked) -> Proof:
    """By the last sign that the portal has left, each quarter of a minute."""
    last = copies.last_sign()
    if last is None:
        return Proof(faults=["the portal has never left a sign in it"])
    words = f"as of {timezone.localtime(last):%Y-%m-%d %H:%M:%S}"
    if asked.any_age or asked.now - last <= timedelta(hours=settings.BACKUP_MAX_HOURS):
        return Proof(words)
    return Proof(faults=[f"{words}, more than {settings.BACKUP_MAX_HOURS} hours ago"])


def rows(asked: Asked) -> Proof:
    return Proof(", ".join(counted()))


def counted() -> list[str]:
    return [f"{model._base_manager.count()} {name}" for name, model in COUNTED.items()]


def opening(asked: Asked) -> Proof:
    """The keys of the seal and of the QR line, and those under which data lie."""
    return Proof("they are there and open the data", vault.faults() + at_rest.faults() + keys.broken())


def files(asked: Asked) -> Proof:
    """Each file that a row names; what is in it is looked at with the applications."""
    lost = sum(1 for _name in at_rest.lost())
    return Proof("none is missing", [f"{lost} that rows name are not there"] if lost else [])


def signatures(asked: Asked) -> Proof:
    """With the documents and papers of the same applications: their hashes, and the seals."""
    found: Counter[str] = Counter()
    faults = []
    for outcome in audit.examine(audit.filed(sample=asked.sample), now=asked.now):
        found[outcome.code] += 1
        if outcome.code not in (audit.GOOD, audit.NOT_RECHECKED):
            faults.append(f"{outcome.number} {outcome.purpose} {outcome.code}")
    return Proof(f"{found[audit.GOOD]} good, {found[audit.NOT_RECHECKED]} not re-checked (GOST)", faults)


def seats(asked: Asked) -> Proof:
    words = f"{Intake.objects.count()} intakes agree with their applications"
    return Proof(words, seat_counts.disagreements())


def journal(asked: Asked) -> Proof:
    """What was written after the backup is known by the heads that were carried away, and is no fault."""
    try:
        words = f"{chain.check()} links hold"
    except chain.Broken as broken:
        return Proof(faults=[f"chain broken at {broken}"])
    against = heads.faults()
    if later := max((one.missing for one in against), default=0):
        words += f", {later} were written after it"
    faults = [f"{one.name} {one.code}" for one in against if one.code != heads.MISSING]
    faults += [f"{name} NOT_WATCHED" for name in watching.asleep()]
    faults += [f"{model} {key} {code}" for model, key, code in watching.differing()]
    return Proof(words, faults)


PROOFS: dict[str, Callable[[Asked], Proof]] = {
    "copy": copy,
    "moment": moment,
    "rows": rows,
    "keys": opening,
    "files": files,
    "signatures": signatures,
    "seats": seats,
    "journal": journal,
}


def lines(name: str, proof: Proof) -> Iterator[str]:
    """A line where all is well, else one for each of the first faults."""
    if not proof.faults:
        yield f"ok       {name}: {proof.words}"
    yield from (f"FAILED   {name}: {fault}" for fault in islice(proof.faults, SHOWN))
    if (more := len(proof.faults) - SHOWN) > 0:
        yield f"         and {more} more"
