"""Set production up, once `prepare` has made the tables: shows what is there, asks for what is missing (or
takes it from a file, --from), and asks each system outside whether it answers. It may be repeated and goes on
where it stopped; what stands is left as it is. --check changes nothing. Exit code 1 while something is
missing."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from notifications import leases
from oqu import doctor, health
from oqu.doctor import findings, machine
from oqu.management.commands.doctor import in_words
from oqu.setup import answers, outside
from oqu.setup.answers import Answers, Unfit
from oqu.setup.steps import STEPS, Asked, Step
from schools import staff_lists
from schools.appointing import NotAppointed
from schools.periods import current_year

LEASE = "setup"  # of two who set up the second waits for the next time
AT_MOST = timedelta(minutes=5)
INTERRUPTED = 130  # as shells say it of ^C
WANTED = {step.name: step.wanted for step in STEPS if step.wanted}
STANDS_ON = (
    machine.texts,
    machine.static,
    machine.authorities,
    machine.certificates,
    machine.clock,
    machine.backup,
    machine.drill,
    machine.unseen,
)


class NoMoreAnswers(Exception):
    """Who is asked has gone."""


class NotAlone(CommandError):
    """Whoever thinks about an answer for longer than the lease lasts may lose it to another."""

    def __init__(self) -> None:
        super().__init__("somebody else sets up just now, or was stopped by force: wait five minutes")


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", type=Path, dest="file", metavar="FILE", help="answers in TOML")
        parser.add_argument("--year", type=int, help="first year of the academic year; else the running one")
        parser.add_argument("--check", action="store_true", help="say what is missing, change nothing")

    def handle(self, *args: Any, file: Path | None, year: int | None, check: bool, **options: Any) -> None:
        _demand_tables()
        now = timezone.now()
        try:
            said_year, said = answers.read(file, WANTED, now=now) if file else (None, Answers())
        except Unfit as error:
            raise CommandError(str(error)) from error
        asked = Asked(now, year or said_year or current_year(now), self.stdout, self.stderr)
        if asked.year not in answers.years(now):
            raise CommandError(f"--year is one of {', '.join(map(str, answers.years(now)))}")
        done: list[str] = []
        try:
            if not check:
                with _alone() as self.holder:
                    self._bring(asked, said if file else None, done)
            self._tell(asked)
        except (KeyboardInterrupt, NoMoreAnswers) as stop:
            self._say_done(done)
            sys.exit(INTERRUPTED if isinstance(stop, KeyboardInterrupt) else 1)
        except CommandError:
            self._say_done(done)
            raise

    def _tell(self, asked: Asked) -> None:
        missing = [*self._show(asked), *self._examine(asked), *self._ask_outside()]
        self.stdout.write(f"missing: {', '.join(missing)}" if missing else "nothing is missing")
        if missing:
            sys.exit(1)

    def _say_done(self, done: list[str]) -> None:
        """^C, the end of the answers and a refusal leave done what is done."""
        told = ", ".join(done) or "nothing"
        self.stdout.write(f"\nstopped; {told} brought. Run setup again: it goes on from there")

    def _bring(self, asked: Asked, said: Answers | None, done: list[str]) -> None:
        if said is None:
            self._bring_by_asking(asked, done)
        else:
            self._bring_from_file(asked, said, done)

    def _bring_from_file(self, asked: Asked, said: Answers, done: list[str]) -> None:
        """All answers that are needed, or none: every file is read before the first one is saved."""
        due = [step for step in STEPS if not step.look(asked).is_there]
        due = [step for step in due if step.wanted is None or step.wanted.needed or step.name in said]
        if lacking := [step.name for step in due if step.wanted and step.name not in said]:
            raise CommandError(f"the file says nothing of: {', '.join(lacking)}. Nothing was done")
        self._rehearse(asked, due, said)
        for step in due:
            self._take(step, asked, said.get(step.name, []), done)

    def _rehearse(self, asked: Asked, due: list[Step], said: Answers) -> None:
        """What is only rows is brought and taken back; nobody is appointed, no key is made."""
        silent = Asked(asked.now, asked.year, StringIO(), asked.err)
        with transaction.atomic():
            for step in due:
                if step.wanted and step.name != answers.OPS:
                    _refusing(step, silent, said[step.name])
            transaction.set_rollback(True)

    def _bring_by_asking(self, asked: Asked, done: list[str]) -> None:
        for step in STEPS:
            if step.look(asked).is_there:
                continue
            if step.wanted is None:
                self._take(step, asked, [], done)
                continue
            while not self._take_answer(step, asked, done):
                continue

    def _take_answer(self, step: Step, asked: Asked, done: list[str]) -> bool:
        """One question and its answer; whether the step is over."""
        assert step.wanted
        typed = _typed(f"{step.name}: {step.wanted.question}: ")
        if not typed and not step.wanted.needed:
            return True
        said = answers.BUILT_IN if not typed and step.wanted.built_in else typed
        try:
            fit = answers.fit(step.name, said, step.wanted, folder=Path(), now=asked.now)
            self._take(step, asked, fit, done)
        except NotAlone:
            raise
        except (Unfit, CommandError) as error:
            self.stderr.write(str(error))
            return False
        return True

    def _take(self, step: Step, asked: Asked, answer: Any, done: list[str]) -> None:
        """Since it was last looked somebody has thought about an answer, or files were read."""
        _hold(self.holder)
        if step.look(asked).is_there:
            self.stdout.write(f"{step.name}: brought by somebody else meanwhile, and left as it is")
            return
        self.stdout.write(f"{step.name}:")
        with transaction.atomic():  # whole or not at all, however the command of the step does it
            _refusing(step, asked, answer)
        done.append(step.name)

    def _show(self, asked: Asked) -> Iterator[str]:
        for step in STEPS:
            standing = step.look(asked)
            yield from [step.name] * standing.is_missing
            self._line("MISSING" if standing.is_missing else "ok", step.name, standing.words)

    def _examine(self, asked: Asked) -> Iterator[str]:
        """What the portal stands on, by the doctor's words."""
        for finding in doctor.examine(findings.Asked(asked.now, asked.year), STANDS_ON):
            yield from [str(finding.code)] * (finding.urgency is findings.Urgency.NOW)
            self.stdout.write(in_words(finding))

    def _ask_outside(self) -> Iterator[str]:
        for one in outside.ask():
            yield from [one.system] * outside.is_missed(one)
            self._line("SILENT" if one.why else "ok", one.system, outside.in_words(one))
        for system, words in outside.unasked():
            self._line("unknown", system, words)

    def _line(self, mark: str, name: str, words: str) -> None:
        self.stdout.write(f"{mark:8} {name:13} {words}")


def _refusing(step: Step, asked: Asked, answer: Any) -> None:
    try:
        step.bring(asked, answer)
    except CommandError as error:
        raise CommandError(f"{step.name}: {error}") from error
    except NotAppointed as refused:
        raise CommandError(f"{step.name}: {staff_lists.WORDS[refused.reason]}") from refused


def _typed(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        raise NoMoreAnswers from None


def _demand_tables() -> None:
    checks = health.examine(now=timezone.now())
    if not checks["database"]["ok"]:
        raise CommandError("the database of DATABASE_URL does not answer")
    if not health.has_tables(checks):
        raise CommandError("the tables are not made yet: `DATABASE_OWNER_URL=… manage.py prepare` first")


def _hold(holder: str) -> None:
    """From now on, for as long as one step takes. Raises NotAlone."""
    if not leases.take(LEASE, holder, lasts=AT_MOST):
        raise NotAlone


@contextmanager
def _alone() -> Iterator[str]:
    holder = leases.somebody()
    _hold(holder)
    try:
        yield holder
    finally:
        leases.end(LEASE, holder)
