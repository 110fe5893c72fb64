"""Papers that last: made with stamps where an authority answers, without where none does, and stamped later;
the copy of before stays known (R95, D44)."""

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import outside
from applications.models import Application, Paper, PaperCopy, PaperKind, Signature
from applications.papers import checking, drawing, making, seal, stamping
from applications.papers.lengthening import Press
from applications.papers.seal import Verdict
from applications.papers.tests.audit_cast import codes, filed
from egov import http
from egov.eds import lasting
from egov.errors import Unasked
from egov.tests.eds_cast import NOW, Pki

__all__ = ["filed"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


@pytest.fixture
def paper(filed: Application) -> Paper:
    return filed.papers.get(kind=PaperKind.RECEIPT)


def fresh(paper: Paper) -> Paper:
    return Paper.objects.select_related("signature").get(pk=paper.pk)


def content(paper: Paper) -> bytes:
    with fresh(paper).file.open("rb") as file:
        data: bytes = file.read()
    return data


def enclosed(pdf: bytes) -> Iterator[cms.SignedData]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        der = opened.attachments[f"{drawing.ORIGINAL}.p7s"].get_file().read_bytes()
    yield cms.ContentInfo.load(der)["content"]


@pytest.mark.rule("R95", "D44")
def test_paper_is_made_with_stamps_and_holds_the_long_signature(paper: Paper, now: datetime) -> None:
    assert making.render_next(now=now) is True

    made = fresh(paper)
    assert (made.stamped_at, made.renew_by is not None) == (now, True)
    pdf = content(paper)
    assert (seal.examine(pdf), seal.stamped_at(pdf)) == (Verdict.GOOD, NOW)
    assert made.signature is not None
    (signed,) = enclosed(pdf)
    assert signed["signer_infos"][0]["unsigned_attrs"][0]["type"].native == "signature_time_stamp_token"
    assert len(signed["crls"]) == 2
    assert bytes(made.signature.cms) != bytes(made.signature.long_cms)  # what came is kept as it came
    assert codes() == {"APPLICATION": ""}


@pytest.mark.rule("R95")
@pytest.mark.parametrize("other", [b"", b"no signature"])
def test_audit_names_proof_that_is_of_another_signature(
    paper: Paper, now: datetime, pki: Pki, other: bytes
) -> None:
    making.render_next(now=now)
    long = other or pki.sign(data=b"other bytes")
    Signature.objects.update(long_cms=long)

    assert codes() == {"APPLICATION": "LONG_DIFFERS"}


LIES = ["down", "rejected", "nonce", "imprint", "foreign", "broken", "back", "ahead", "garbage"]


@pytest.mark.rule("R95")
@pytest.mark.parametrize("lie", LIES)
def test_without_a_good_stamp_the_paper_is_made_and_stamped_later(
    paper: Paper, pki: Pki, now: datetime, lie: str, client: Client
) -> None:
    pki.tsa_lie = lie
    assert making.render_next(now=now) is True

    made = fresh(paper)
    assert (made.rendered_at, made.stamped_at) == (now, None)
    first = content(paper)
    assert (seal.examine(first), seal.stamped_at(first)) == (Verdict.GOOD, None)
    assert outside.trouble("tsp") is not None
    assert "әлі қойылмаған, кейін қойылады" in client.get(f"/check/{paper.token}/").content.decode()
    assert stamping.stamp_next(now=now, press=Press()) is None  # nobody is asked within the pause

    pki.tsa_lie = ""
    assert stamping.stamp_next(now=now + outside.LONGEST_STOP, press=Press()) is True
    assert stamping.stamp_next(now=now + outside.LONGEST_STOP, press=Press()) is None

    made, second = fresh(paper), content(paper)
    assert made.stamped_at == now + outside.LONGEST_STOP
    assert seal.stamped_at(second) == NOW
    assert outside.trouble("tsp") is None
    assert (made.token, made.rendered_at) == (paper.token, now)
    assert checking.of_file(first, expected=paper)[0] == checking.File.EARLIER
    assert checking.of_file(second, expected=paper)[0] == checking.File.SAME


def test_authority_that_falls_silent_in_the_middle_costs_the_stamp_and_not_the_paper(
    paper: Paper, pki: Pki, now: datetime
) -> None:
    press = Press()
    assert press.tools(now=now) is not None
    pki.tsa_lie = "down"

    making.render(paper, now=now, press=press)

    assert fresh(paper).rendered_at == now
    assert fresh(paper).stamped_at is None
    assert press.tools(now=now) is None  # the next paper of this run asks nobody


@pytest.mark.rule("D77")
def test_paused_responder_is_not_asked_about_a_stamp(
    pki: Pki, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the authority that gives stamps has not failed for it."""
    outside.begin_pause("ocsp", why="x", until=timezone.now() + timedelta(hours=1), now=timezone.now())

    def call(method: str, url: str, *, system: str, **more: Any) -> http.Answer:
        if outside.is_paused(system):
            raise Unasked(system, "paused by ops")
        return pki.call(method, url, system=system, **more)

    monkeypatch.setattr(http, "call", call)

    assert Press().tools(now=now) is None
    assert (pki.asked, outside.trouble("tsp")) == (0, None)


def test_long_run_asks_anew(pki: Pki, now: datetime) -> None:
    press = Press()
    first = press.tools(now=now)

    assert press.tools(now=now + timedelta(minutes=1)) is first
    assert press.tools(now=now + timedelta(minutes=1, seconds=1)) is not first


def test_revoked_key_of_the_authority_stamps_no_paper(paper: Paper, pki: Pki, now: datetime) -> None:
    serial = f"{pki.authority.tsa().certificate.serial_number:x}"
    pki.world.part("revoked")[serial] = 0

    assert making.render_next(now=now) is True

    assert fresh(paper).stamped_at is None
    trouble = outside.trouble("tsp")
    assert trouble is not None
    assert "REVOKED" in trouble.reason


def test_paper_whose_original_is_lost_waits_and_stands(paper: Paper, pki: Pki, now: datetime) -> None:
    pki.tsa_lie = "down"
    making.render_next(now=now)
    pki.tsa_lie, before = "", content(paper)
    signature = fresh(paper).signature
    assert signature is not None
    signature.payload.storage.delete(str(signature.payload.name))

    for _ in range(12):  # more often than a paper is tried: it is never given up
        Paper.objects.update(next_try_at=now)
        assert stamping.stamp_next(now=now + outside.LONGEST_STOP, press=Press()) is False

    assert content(paper) == before
    assert fresh(paper).dead is False


def test_without_an_address_nothing_is_stamped(paper: Paper, pki: Pki, now: datetime, settings: Any) -> None:
    settings.TSP_URL = ""

    assert making.render_next(now=now) is True
    assert stamping.stamp_next(now=now, press=Press()) is None
    assert outside.trouble("tsp") is None


@pytest.mark.rule("R95")
def test_copy_taken_before_a_paper_was_ordered_again_reads_as_an_earlier_one(
    paper: Paper, pki: Pki, now: datetime, client: Client
) -> None:
    making.render_next(now=now)
    first = content(paper)
    making.order_again(fresh(paper), now=now)
    assert checking.of_file(first, expected=paper)[0] == checking.File.EARLIER  # while it is being made, too
    assert making.render_next(now=now) is True
    making.order_again(fresh(paper), now=now)
    assert making.render_next(now=now) is True

    assert PaperCopy.objects.filter(paper=paper).count() == 2
    assert checking.of_file(first, expected=None)[0] == checking.File.EARLIER
    said = client.post(f"/check/{paper.token}/", {"file": io.BytesIO(first)}).content.decode()
    assert "бұрынғы көшірмесі" in said
    assert "өзгертілген немесе ауыстырылған" not in said
    changed = first.replace(b"%%EOF", b"%%EOG", 1)
    assert checking.of_file(changed, expected=paper)[0] == checking.File.CHANGED


def test_earlier_copy_of_another_paper_is_another_paper(paper: Paper, pki: Pki, now: datetime) -> None:
    making.render_next(now=now)
    first = content(paper)
    making.order_again(fresh(paper), now=now)

    assert checking.of_file(first, expected=Paper(pk=paper.pk + 1))[0] == checking.File.OTHER


def test_row_alone_makes_no_file_an_earlier_copy(paper: Paper, now: datetime) -> None:
    """Who can write into the table and not seal: the seal is looked at, too."""
    forged = b"%PDF-1.7 never sealed"
    PaperCopy.objects.create(
        paper=paper, sha256=hashlib.sha256(forged).hexdigest(), rendered_at=now, replaced_at=now
    )

    assert checking.of_file(forged, expected=paper)[0] == checking.File.CHANGED


@pytest.mark.rule("R95")
def test_stamp_that_ends_soon_is_renewed_over_the_whole(
    paper: Paper, pki: Pki, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    making.render_next(now=now)
    first, ends = content(paper), fresh(paper).renew_by
    assert ends is not None
    assert list(stamping.ageing(now=ends - stamping.RENEW_BEFORE - timedelta(seconds=1))) == []
    assert list(stamping.ageing(now=ends - stamping.RENEW_BEFORE)) == [paper]

    assert stamping.extend(fresh(paper), now=now, press=Press()) == ""

    second = content(paper)
    assert second.startswith(first)  # nothing of what was sealed and stamped is touched
    assert seal.examine(second) == Verdict.GOOD
    assert checking.of_file(first, expected=paper)[0] == checking.File.EARLIER
    assert stamping.extend(fresh(paper), now=now, press=Press()) == ""
    assert seal.examine(content(paper)) == Verdict.GOOD


def test_command_extends_a_batch_and_changes_nothing_when_dry(
    paper: Paper, pki: Pki, now: datetime, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    making.render_next(now=now)
    Paper.objects.update(renew_by=now)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    before = fresh(paper).sha256

    call_command("papers", "--extend", "--dry-run")
    assert "stamps that end soon 1\nstamped anew 0" in capsys.readouterr().out
    assert fresh(paper).sha256 == before

    call_command("papers", "--extend", "5")
    assert "stamped anew 1" in capsys.readouterr().out
    assert fresh(paper).sha256 != before

    Paper.objects.update(renew_by=now)
    pki.tsa_lie = "down"
    with pytest.raises(SystemExit):
        call_command("papers", "--extend")
    assert "no time stamping authority answers" in capsys.readouterr().out


def test_ops_hear_of_what_waits_and_of_what_grows_old(paper: Paper, pki: Pki, now: datetime) -> None:
    pki.tsa_lie = "down"
    making.render_next(now=now)

    assert stamping.faults(now=now + stamping.LATE) == []
    assert stamping.faults(now=now + stamping.LATE + timedelta(seconds=1)) == [
        "1 papers wait for a time stamp for more than a day"
    ]
    Paper.objects.update(stamped_at=now, renew_by=now)
    assert "papers --extend" in stamping.faults(now=now)[0]


def test_signature_without_room_for_its_proof_costs_no_paper_its_stamp(
    paper: Paper, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting, "is_same", lambda *_: False)

    assert making.render_next(now=now) is True

    made = fresh(paper)
    assert made.signature is not None
    assert (made.stamped_at, bytes(made.signature.long_cms)) == (now, b"")
    assert outside.trouble("tsp") is None


def test_old_stamp_that_is_not_good_keeps_no_other_paper_from_its_stamp(
    paper: Paper, pki: Pki, now: datetime
) -> None:
    making.render_next(now=now)
    before, press = content(paper), Press()
    tools = press.tools(now=now)
    assert tools is not None
    tools.proven.clear()
    pki.world.part("revoked")[f"{pki.authority.tsa().certificate.serial_number:x}"] = 0

    assert "REVOKED" in stamping.extend(fresh(paper), now=now, press=press)

    assert press.tools(now=now) is tools
    assert outside.trouble("tsp") is None
    assert content(paper) == before


def test_paper_that_cannot_be_extended_stops_no_other(
    paper: Paper, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.render_next(now=now)
    press = Press()

    def broken(*_: Any) -> bytes:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(seal, "extend", broken)
        assert stamping.extend(fresh(paper), now=now, press=press) == "ZeroDivisionError"
    assert stamping.extend(fresh(paper), now=now, press=press) == ""


@pytest.mark.rule("D34")
def test_names_corrected_while_a_paper_is_drawn_are_on_it(
    paper: Paper, filed: Application, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = making.sealed
    drawn: list[Any] = []

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        made = sealed(*arguments, **named)
        if not drawn:
            making.renew(filed, told_at=now, now=now)
        drawn.append(made)
        return made

    monkeypatch.setattr(making, "sealed", meanwhile)

    making.render_next(now=now)
    assert (fresh(paper).rendered_at, fresh(paper).file.name) == (None, "")

    making.render_next(now=now)
    assert fresh(paper).rendered_at == now
    assert len(drawn) == 2
