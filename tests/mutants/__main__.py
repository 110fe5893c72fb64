"""`./run mutants`: break each rule module in small ways, and report what no test has noticed."""

import argparse
import os
import random
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from tests.mutants import proof
from tests.mutants.changes import Mutant, mutants
from tests.mutants.plan import RULES
from tests.mutants.proof import ROOT, Sound
from tests.mutants.results import KILLED, SURVIVED, TIMEOUT, Results

HEAD = f"{'module':<42}{'mutants':>8}{'killed':>8}{'survived':>9}{'timeouts':>9}{'open':>6}{'%':>7}"


def main(arguments: list[str]) -> int:
    asked = _asked(arguments)
    folder = Path(os.environ["VAR_DIR"]) / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    report = []
    for path in asked.modules or RULES:
        wanted = list(mutants((ROOT / path).read_text()))
        results = Results(folder / f"{path.replace('/', '.')}.results")
        chosen = _sample(wanted, asked.sample, seed=path)
        waiting = [one for one in chosen if results.of(one.key) is None]
        if asked.survivors:
            waiting += [one for one in chosen if results.of(one.key) == SURVIVED]
        if waiting and not asked.report and not _run(path, waiting, results, folder):
            return 2
        report.append(_row(path, chosen, results))
        _show_survivors(path, chosen, results)
        print(f"\n{HEAD}\n{report[-1]}", flush=True)
    if len(report) > 1:
        print("\n" + "\n".join([HEAD, *report]))
    return 0


def _sample(wanted: list[Mutant], size: int | None, *, seed: str) -> list[Mutant]:
    if size is None or size >= len(wanted):
        return wanted
    return sorted(random.Random(seed).sample(wanted, size), key=wanted.index)


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run mutants")
    parser.add_argument("modules", nargs="*", metavar="module", help="of tests/mutants/plan.py; all without")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="only so many of each module, always the same"
    )
    parser.add_argument("--survivors", action="store_true", help="try those once more that have survived")
    parser.add_argument("--report", action="store_true", help="only say what is known")
    asked = parser.parse_args(arguments)
    if strangers := set(asked.modules) - set(RULES):
        parser.error(f"not in tests/mutants/plan.py: {', '.join(sorted(strangers))}")
    return asked


def _run(path: str, waiting: list[Mutant], results: Results, folder: Path) -> bool:
    """False when the tests do not pass over the sound module: then nothing can be said of a mutant."""
    log = folder / f"{path.replace('/', '.')}.log"
    sound = _sound(tuple(RULES[path]), folder / "sound.log")
    if not sound.passed or proof.judge(path, (ROOT / path).read_text(), sound.tests, log) != SURVIVED:
        print(f"The tests of {path} fail without any change; see {folder}", file=sys.stderr)
        return False
    for number, one in enumerate(waiting, 1):
        tests = sound.of(path, one.lines)
        verdict = proof.judge(path, one.code, tests, log) if tests else SURVIVED
        results.note(one.key, verdict)
        print(f"{path} {number}/{len(waiting)} {verdict}", flush=True)
    return True


@cache
def _sound(tests: tuple[str, ...], log: Path) -> Sound:
    """Once for all modules with the same tests."""
    paths = [path for path, wanted in RULES.items() if tuple(wanted) == tests]
    print(f"The tests of {', '.join(paths)} over the sound modules", flush=True)
    sound = proof.sound(paths, list(tests), log)
    proof.warm(sound.foreign)
    return sound


def _row(path: str, chosen: list[Mutant], results: Results) -> str:
    count = Counter(results.of(one.key) for one in chosen)
    known = len(chosen) - count[None]
    percent = f"{100 * (count[KILLED] + count[TIMEOUT]) / known:.1f}" if known else "-"
    row = f"{path:<42}{len(chosen):>8}{count[KILLED]:>8}{count[SURVIVED]:>9}{count[TIMEOUT]:>9}"
    return f"{row}{count[None]:>6}{percent:>7}"


def _show_survivors(path: str, chosen: list[Mutant], results: Results) -> None:
    for one in chosen:
        if results.of(one.key) == SURVIVED:
            print(f"\n{path}:{one.diff}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
