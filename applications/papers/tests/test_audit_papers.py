"""Sealed papers that are no longer what was handed out: the audit names each (R95, D14)."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import making, seal
from applications.papers.tests.audit_cast import accepted, codes, command, filed, on_paper
from applications.papers.tests.seal_cast import other_platform, plain
from tests.environment import undone

__all__ = ["accepted", "filed", "on_paper"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]

GOOD = {"APPLICATION": "", "DECISION": ""}


@pytest.fixture
def papered(accepted: Application, now: datetime) -> Application:
    """Accepted, with both papers made."""
    for paper in making.papers_of(accepted):
        making.render(paper, now=now)
    return accepted


def paper_of(application: Application, kind: str = PaperKind.RECEIPT) -> Paper:
    return application.papers.get(kind=kind)


def content(paper: Paper) -> bytes:
    with paper.file.open("rb") as file:
        data: bytes = file.read()
    return data


def replace(paper: Paper, data: bytes) -> None:
    """The file and its hash in the row: everything that somebody with both in their hands can change."""
    paper.file.save("paper", ContentFile(data), save=False)
    paper.sha256 = hashlib.sha256(data).hexdigest()
    paper.save(update_fields=["file", "sha256"])


def append(paper: Paper) -> None:
    with paper.file.storage.open(str(paper.file.name), "ab") as file:
        file.write(b"\n")


def lose(paper: Paper) -> None:
    paper.file.storage.delete(str(paper.file.name))


def name_the_others_file(paper: Paper) -> None:
    """A paper of ours, sealed and on record, but another one."""
    replace(paper, content(paper_of(paper.application, PaperKind.NOTICE)))


def name_the_others_signature(paper: Paper) -> None:
    paper.signature = paper.application.signatures.get(purpose=Purpose.DECISION)
    paper.save(update_fields=["signature"])


SPOILED: dict[str, tuple[Callable[[Paper], Any], str]] = {
    "lost": (lose, "PAPER_LOST"),
    "changed": (append, "PAPER_CHANGED"),
    "changed with its hash": (lambda one: replace(one, content(one) + b"\n"), "PAPER_NOT_SEALED"),
    "never sealed": (lambda one: replace(one, plain()), "PAPER_NOT_SEALED"),
    "no PDF": (lambda one: replace(one, b"a page"), "PAPER_NOT_SEALED"),
    "another paper of ours": (name_the_others_file, "PAPER_DIFFERS"),
    "sealed without its original": (lambda one: replace(one, seal.put(plain())), "PAPER_DIFFERS"),
    "over another signature": (name_the_others_signature, "PAPER_DIFFERS"),
    "its row removed": (lambda one: one.delete(), "NO_PAPER"),
    "outside the store": (
        lambda one: Paper.objects.filter(pk=one.pk).update(file="/etc/passwd"),
        "UNREADABLE",
    ),
}


@pytest.mark.rule("R95")
def test_whole_papers_are_passed_over_in_silence(papered: Application) -> None:
    assert codes() == GOOD
    assert command() == (0, ["2 good, 0 failed, 0 not re-checked (GOST)"])


@pytest.mark.rule("R95")
def test_paper_that_is_not_what_was_handed_out_is_named(
    papered: Application, subtests: pytest.Subtests
) -> None:
    for name, (spoil, code) in SPOILED.items():
        with subtests.test(name), undone():
            spoil(paper_of(papered))

            exit_code, said = command("--number", papered.number or "")

            assert exit_code == 1
            assert [line for line in said if f"{papered.number} " in line] == [
                f"{papered.number} RECEIPT {code}"
            ]


def test_seal_of_another_platform_is_named(
    papered: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = other_platform(tmp_path)
    monkeypatch.setattr("applications.papers.keys.seal_signer", lambda: signer)
    replace(paper_of(papered), seal.put(plain()))

    assert codes() == GOOD | {"RECEIPT": "PAPER_NOT_SEALED"}


def test_notice_is_looked_at_like_the_receipt(papered: Application) -> None:
    append(paper_of(papered, PaperKind.NOTICE))

    assert codes() == GOOD | {"NOTICE": "PAPER_CHANGED"}


def test_paper_that_is_being_made_is_not_missed(accepted: Application) -> None:
    assert {one.rendered_at for one in making.papers_of(accepted)} == {None}
    assert codes() == GOOD


@pytest.mark.rule("D15")
def test_receipt_of_a_paper_application_has_no_signature_and_is_held_to_its_seal(
    on_paper: Application, now: datetime
) -> None:
    paper = paper_of(on_paper)
    making.render(paper, now=now)
    assert codes() == {}

    append(paper_of(on_paper))

    assert codes() == {"RECEIPT": "PAPER_CHANGED"}


def test_paper_is_ordered_over_its_own_signature(accepted: Application) -> None:
    """Also one that is being made: it would come out as the paper of another signature, or as one by hand."""
    name_the_others_signature(paper_of(accepted))
    assert codes() == GOOD | {"RECEIPT": "PAPER_DIFFERS"}

    Paper.objects.filter(kind=PaperKind.RECEIPT).update(signature=None)
    assert codes() == GOOD | {"RECEIPT": "PAPER_DIFFERS"}


def lose_original(name: str, storage: Storage) -> None:
    storage.delete(name)


def change_original(name: str, storage: Storage) -> None:
    with storage.open(name, "ab") as file:
        file.write(b"\n")


@pytest.mark.rule("R95")
@pytest.mark.parametrize("spoil", [lose_original, change_original])
def test_original_that_nobody_has_signed_is_never_sealed(
    filed: Application,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[str, Storage], None],
) -> None:
    """The paper waits, and in the end it is dead, where ops see it."""
    payload = filed.signatures.get().payload
    spoil(str(payload.name), payload.storage)

    assert making.render_next(now=now) is False

    assert paper_of(filed).rendered_at is None
    assert "Spoiled" in caplog.text
