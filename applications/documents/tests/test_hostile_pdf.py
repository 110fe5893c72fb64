"""A hundred and more hostile files and lines: none is ours, none is dear, whatever it does to a parser."""

import tracemalloc
from functools import partial
from pathlib import Path

import pytest
from django.test import override_settings

from applications.documents.tests.hostile_files import corpus
from applications.papers import qr_line, seal
from applications.papers.seal import Verdict
from applications.papers.tests.seal_cast import other_platform, plain, sealed
from applications.papers.tests.test_proof import FACTS
from tests.cpu import cost

__all__ = ["sealed"]

pytestmark = pytest.mark.usefixtures("portal_keys")
CPU_SECONDS = 0.1
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
MEMORY_BYTES = 50 * 1024 * 1024


@pytest.fixture(scope="module")
def attacks(sealed: bytes, keys_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    other = other_platform(tmp_path_factory.mktemp("other"))
    with override_settings(KEYS_DIR=keys_folder, SEAL_PASSWORD="test"):
        return corpus(sealed, plain(), other=other)


def test_no_hostile_file_is_ours(sealed: bytes, attacks: dict[str, bytes]) -> None:
    assert seal.examine(sealed) == Verdict.GOOD

    verdicts = {name: seal.examine(content) for name, content in attacks.items()}

    assert [name for name, verdict in verdicts.items() if verdict == Verdict.GOOD] == []
    assert len(attacks) >= 140
    for name in (
        "update: an annotation",
        "a second signature by another",
        "a second signature by our key",
        "our key, not certified",
        "contents of another paper of ours",
        "our certificate, another key",
    ):
        assert verdicts[name] == Verdict.CHANGED, name
    for name in ("seal of another platform", "seal of another platform in our field"):
        assert verdicts[name] == Verdict.FOREIGN, name


def test_no_hostile_file_reaches_the_parser(
    sealed: bytes, attacks: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for those that our own key has signed from end to end, to show what else it takes."""
    opened: list[bytes] = []
    monkeypatch.setattr(seal, "_check_rules", lambda pdf, _ours: opened.append(pdf))
    for content in (sealed, *attacks.values()):
        seal.examine(content)

    names = {content: name for name, content in attacks.items()} | {sealed: "sealed"}
    assert {names[content] for content in opened} == {
        "sealed", "our key, not certified", "our key, another field", "sealed with changes allowed",
    }  # fmt: skip


def test_no_hostile_file_is_dear(sealed: bytes, attacks: dict[str, bytes]) -> None:
    for content in (sealed, attacks["our key, not certified"]):
        seal.examine(content)
    costs = {
        name: cost(partial(seal.examine, content), limit=CPU_SECONDS) for name, content in attacks.items()
    }

    assert {name: spent for name, spent in costs.items() if spent > CPU_SECONDS} == {}


def test_no_hostile_file_takes_much_memory(sealed: bytes, attacks: dict[str, bytes]) -> None:
    seal.examine(sealed)
    greedy = {}
    tracemalloc.start()
    try:
        for name, content in attacks.items():
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            seal.examine(content)
            if (taken := tracemalloc.get_traced_memory()[1] - before) > MEMORY_BYTES:
                greedy[name] = taken
    finally:
        tracemalloc.stop()

    assert greedy == {}


def forged_lines() -> dict[str, str]:
    line = qr_line.line(FACTS)
    mark, key_id, body, signature = line.split(".")
    other = qr_line.line(qr_line.Facts(FACTS.number, "REFUSE", FACTS.day, FACTS.school_bin, FACTS.initials))
    another_body, another_signature = other.split(".")[2:]
    return {
        "another key": f"{mark}.991231.{body}.{signature}",
        "a key that is a path": f"{mark}.../../{key_id}.{body}.{signature}",
        "a key with a tail": f"{mark}.{key_id}b.{body}.{signature}",
        "a key in other digits": f"{mark}.{key_id.translate(ARABIC)}.{body}.{signature}",
        "another mark": f"OQU2.{key_id}.{body}.{signature}",
        "other facts": f"{mark}.{key_id}.{another_body}.{signature}",
        "another signature": f"{mark}.{key_id}.{body}.{another_signature}",
        "facts and signature exchanged": f"{mark}.{key_id}.{signature}.{body}",
        "no signature": f"{mark}.{key_id}.{body}.",
        "signature of zeros": f"{mark}.{key_id}.{body}.{'A' * len(signature)}",
        "small letters": line.lower(),
        "small letters of the facts": f"{mark}.{key_id}.{body.lower()}.{signature}",
        "padding": f"{line}=",
        "padding of the facts": f"{mark}.{key_id}.{body}======.{signature}",
        "digits for letters": line.replace("O", "0").replace("I", "1"),
        "the last letter's spare bits": line[:-1] + spare(line[-1]),
        "a letter more": line + "A",
        "a part more": line + ".A",
        "a part less": line.rpartition(".")[0],
        "twice": line + line,
        "twice, with a dot": f"{line}.{line}",
        "a zero byte": line[:40] + "\0" + line[40:],
        "a mark of direction": line[:40] + "\u202e" + line[40:],
        "letters of another alphabet": line.replace("A", "А"),
        "half a character": line[:40] + "\ud800" + line[40:],
        "very long": line + "A" * 2_000_000,
        "very many parts": "." * 2_000_000,
        "very much blank": line[:40] + " " * 2_000_000 + line[40:],
        "very many addresses": "#" * 2_000_000 + line,
        "only the mark": mark,
    }


def spare(letter: str) -> str:
    """Another letter for the same bytes: 64 bytes end in one letter with three bits of use."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return alphabet[alphabet.index(letter) ^ 1]


def test_no_forged_line_is_ours() -> None:
    assert qr_line.read(qr_line.line(FACTS)) == FACTS

    def refuse(name: str, text: str) -> None:
        with pytest.raises(qr_line.Unproven):
            qr_line.read(text)
            raise AssertionError(name)

    for name, text in forged_lines().items():
        spent = cost(partial(refuse, name, text), limit=CPU_SECONDS)
        assert spent <= CPU_SECONDS, name
