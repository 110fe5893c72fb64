"""Years later: what was kept proves every signature again, and whatever was touched since is named (R95)."""

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as questions
from django.core.files.base import ContentFile
from django.core.management import CommandError
from django.db.models import F
from django.utils import timezone

from accounts import outside
from accounts.models import Guardianship, User
from applications import facts, lifecycle
from applications.models import (
    Application,
    Decision,
    Purpose,
    Result,
    RevocationList,
    Signature,
)
from applications.papers import audit
from applications.papers.tests.audit_cast import accepted, codes, command, filed, on_paper, signed, withdrawn
from applications.signing import batches
from applications.status import Status
from applications.tests.cast import complete
from egov import eds
from egov.eds import crl
from egov.eds.container import read, signer_of
from egov.errors import Unavailable
from egov.tests.eds_cast import (
    DIRECTOR,
    EXECUTOR,
    NOW,
    PARENT,
    STRANGER,
    Pki,
    claim_gost,
)
from sandbox import crl as lists
from sandbox import ocsp
from sandbox.people import Human
from tests.environment import undone

__all__ = ["accepted", "filed", "on_paper", "withdrawn"]

pytestmark = pytest.mark.django_db


@pytest.mark.rule("R95")
def test_every_signature_is_proven_years_later_without_asking_anybody(
    withdrawn: Application, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pki.asked

    assert codes() == {"APPLICATION": "", "DECISION": "", "WITHDRAWAL": ""}
    assert pki.asked == asked
    assert command() == (0, ["3 good, 0 failed, 0 not re-checked (GOST)"])


@pytest.mark.rule("D36")
@pytest.mark.parametrize("touched", [False, True])
def test_withdrawal_by_another_representative_is_proven_as_theirs(
    accepted: Application, parent: User, stranger: User, pki: Pki, now: datetime, touched: bool
) -> None:
    """Who that was stands in the signed bytes, so that the row cannot name somebody else afterwards."""
    Guardianship.objects.filter(user=parent).update(denied_at=now, closed_at=now)
    Guardianship.objects.create(user=stranger, child=accepted.child, answered_at=now)
    stated = facts.stated(accepted, by=stranger, as_of=None)
    signing_request = batches.open_one(
        accepted, purpose=Purpose.WITHDRAWAL, by=stranger, now=now, stated=stated
    )
    signed(signing_request, pki, STRANGER, "sign", now=now)
    if touched:
        stated["by"]["iin"] = parent.iin
        Signature.objects.filter(purpose=Purpose.WITHDRAWAL).update(stated=stated)

    found = codes()

    assert found["WITHDRAWAL"] == ("FACTS_DIFFER" if touched else "")


def tamper_payload(signature: Signature) -> None:
    """As whoever has the keys of the store can."""
    storage, name = signature.payload.storage, str(signature.payload.name)
    with storage.open(name) as file:
        content = file.read()
    storage.delete(name)
    storage.save(name, ContentFile(content + b"\n"))


def lose_payload(signature: Signature) -> None:
    signature.payload.storage.delete(str(signature.payload.name))


def rehash_payload(signature: Signature) -> None:
    """Whoever changes the file and its hash in the row still lacks the signature."""
    tamper_payload(signature)
    with signature.payload.open("rb") as file:
        signature.payload_sha256 = hashlib.sha256(file.read()).hexdigest()


def spoil_cms(signature: Signature) -> None:
    content = asn1_cms.ContentInfo.load(bytes(signature.cms))
    signer = content["content"]["signer_infos"][0]
    signer["signature"] = b"\1" * 256
    signature.cms = content.dump(force=True)


TOUCHED: list[tuple[Callable[[Signature], Any], str]] = [
    (tamper_payload, "PAYLOAD_CHANGED"),
    (lose_payload, "PAYLOAD_LOST"),
    (rehash_payload, "OTHER_DATA"),
    (spoil_cms, "BAD_SIGNATURE"),
    (lambda one: setattr(one, "cms", b"\x30\x03\x02\x01\x01"), "MALFORMED"),
    (lambda one: setattr(one, "ocsp", b""), "NO_PROOF"),
    (lambda one: setattr(one, "ocsp", bytes(one.ocsp)[:-9] + b"\0" * 9), "OCSP_FOREIGN"),
    (lambda one: setattr(one, "signer_iin", STRANGER.iin), "ROW_DIFFERS"),
    (lambda one: setattr(one, "signer_name", "БАСҚА БІРЕУ"), "ROW_DIFFERS"),
    (lambda one: setattr(one, "certificate", b"\x30\0"), "ROW_DIFFERS"),
    (lambda one: setattr(one, "signed_at", one.signed_at + timedelta(days=1)), "TIME_DIFFERS"),
]


def test_touched_evidence_is_named(filed: Application, subtests: pytest.Subtests) -> None:
    for number, (harm, code) in enumerate(TOUCHED):
        with subtests.test(code, number=number), undone():
            signature = filed.signatures.get()
            harm(signature)
            signature.save()

            assert command() == (
                1,
                [f"{filed.number} APPLICATION {code}", "0 good, 1 failed, 0 not re-checked (GOST)"],
            )


def test_kept_answer_is_of_its_moment(filed: Application) -> None:
    """A later day with the answer of another day: both the row and the application were set forward."""
    Signature.objects.update(signed_at=F("signed_at") + timedelta(days=1))
    Application.objects.update(submitted_at=F("submitted_at") + timedelta(days=1))

    assert codes() == {"APPLICATION": "OCSP_STALE"}


def test_kept_answer_is_about_its_certificate(filed: Application, pki: Pki) -> None:
    data = b"%PDF of somebody else"
    other = eds.verify(pki.sign(STRANGER, data=data), data, now=NOW)
    Signature.objects.update(ocsp=other.proof.ocsp)

    assert codes() == {"APPLICATION": "OCSP_FOREIGN"}


@pytest.mark.parametrize("lie", ["foreign", "unknown", "stale"])
def test_kept_answer_is_judged_like_a_new_one(filed: Application, pki: Pki, lie: str) -> None:
    key = pki.key()
    builder = questions.OCSPRequestBuilder().add_certificate(
        key.certificate, pki.authority.issuing.certificate, hashes.SHA256()
    )
    answer = ocsp._build(builder.build(), world=pki.world, authority=pki.authority, lie=lie)
    Signature.objects.update(ocsp=answer.public_bytes(Encoding.DER))

    assert codes() == {"APPLICATION": f"OCSP_{lie.upper()}"}


@pytest.fixture
def filed_by_list(
    make_application: Callable[..., Application], parent: User, pki: Pki, now: datetime, settings: Any
) -> Application:
    """Filed while OCSP was silent."""
    settings.EDS_CRL_URLS = ["http://crl.test/issuing.crl"]
    crl.fetch_all(now=now)
    pki.lie = "down"
    draft = complete(make_application(), now=now)
    signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)
    return signed(signing_request, pki, PARENT, "sign", now=now)


def test_list_that_stood_in_for_the_answer_is_kept_once_and_proves_it(
    filed_by_list: Application, director: User, pki: Pki, now: datetime
) -> None:
    decision = lifecycle.prepare(filed_by_list, by=director, now=now, result=Result.ACCEPT)
    signing_request = batches.open_one(
        filed_by_list, purpose=Purpose.DECISION, by=director, now=now, decision=decision
    )
    signed(signing_request, pki, DIRECTOR, "org", now=now)

    assert codes() == {"APPLICATION": "", "DECISION": ""}
    kept = RevocationList.objects.get()
    assert kept.signatures.count() == 2
    with kept.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == kept.sha256


def test_touched_list_is_named(filed_by_list: Application, pki: Pki) -> None:
    kept = RevocationList.objects.get()
    name, storage = str(kept.file.name), kept.file.storage

    storage.delete(name)
    assert codes() == {"APPLICATION": "LIST_LOST"}
    storage.save(name, ContentFile(lists.build(pki.world, pki.authority, lie="foreign")))
    assert codes() == {"APPLICATION": "CRL_FOREIGN"}
    Signature.objects.update(crl=None)
    assert codes() == {"APPLICATION": "NO_PROOF"}


def test_changed_facts_are_named(accepted: Application) -> None:
    accepted.snapshot["child"]["name"] = "Басқа Бала"
    accepted.save(update_fields=["snapshot"])

    assert codes() == {"APPLICATION": "FACTS_DIFFER", "DECISION": "FACTS_DIFFER"}


def test_rewritten_reason_of_a_decision_is_named(accepted: Application) -> None:
    Decision.objects.update(reason="кейін жазылған")

    assert codes() == {"APPLICATION": "", "DECISION": "FACTS_DIFFER"}


def test_missing_signature_is_named(withdrawn: Application) -> None:
    withdrawn.papers.all().delete()
    withdrawn.signatures.all().delete()

    missing = dict.fromkeys(["APPLICATION", "DECISION", "WITHDRAWAL"], "NO_SIGNATURE")
    assert codes() == missing | dict.fromkeys(["RECEIPT", "NOTICE"], "NO_PAPER")


def test_status_without_its_decision_is_named(filed: Application, now: datetime) -> None:
    Application.objects.update(status=Status.ACCEPTED, decided_at=now)

    assert codes() == {"APPLICATION": "", "DECISION": "NO_SIGNATURE"}


def test_paper_application_needs_no_electronic_signature(on_paper: Application) -> None:
    assert codes() == {}


def test_turned_decision_is_named(accepted: Application) -> None:
    Application.objects.update(status=Status.REFUSED)

    assert codes()["DECISION"] == "DECISION_DIFFERS"


def test_another_signer_in_the_row_is_named(accepted: Application, executor: User, parent: User) -> None:
    Decision.objects.update(signed_by=executor)
    assert codes()["DECISION"] == "DECISION_DIFFERS"

    Signature.objects.filter(purpose=Purpose.DECISION).update(signer=executor)
    assert codes()["DECISION"] == "OTHER_PERSON"


def test_application_of_another_person_is_named(filed: Application, stranger: User) -> None:
    Application.objects.update(applicant=stranger)

    assert codes() == {"APPLICATION": "OTHER_PERSON"}


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "a\0b", ""])
def test_name_outside_the_store_is_no_way_out_of_the_audit(filed: Application, name: str) -> None:
    signature = filed.signatures.get()
    signature.payload.name = name

    assert audit._code(filed, signature, now=NOW) in ("UNREADABLE", "PAYLOAD_LOST")


@pytest.mark.rule("R108")
@pytest.mark.parametrize(
    ("human", "kind", "code"),
    [(DIRECTOR, "sign", "OTHER_ORGANISATION"), (EXECUTOR, "org", "OTHER_PERSON")],
)
def test_decision_by_a_key_without_authority_is_named(
    accepted: Application, pki: Pki, human: Human, kind: str, code: str
) -> None:
    """Even when every row agrees with the signature."""
    signature = Signature.objects.get(purpose=Purpose.DECISION)
    with signature.payload.open("rb") as file:
        payload = file.read()
    cms = pki.sign(human, kind, data=payload)
    signer = eds.verify(cms, payload, now=NOW)
    Signature.objects.filter(pk=signature.pk).update(
        cms=cms, certificate=signer.certificate, ocsp=signer.proof.ocsp, signer_iin=signer.iin,
        signer_bin=signer.bin, signer_name=signer.name, serial=signer.serial,
        valid_from=signer.valid_from, valid_to=signer.valid_to,
    )  # fmt: skip

    assert codes()["DECISION"] == code


def test_gost_without_ncanode_is_counted_apart(filed: Application, pki: Pki, settings: Any) -> None:
    """What can be told without NCANode is told all the same: the columns, the person, the facts."""
    settings.NCANODE_URL = ""
    kept = filed.signatures.get()
    cms = claim_gost(bytes(kept.cms))
    signer = signer_of(read(cms))
    changes = {"cms": cms, "certificate": signer.certificate, "algorithm": signer.algorithm, "ocsp": b""}
    Signature.objects.update(**changes)

    outside.begin_pause("ncanode", why="x", until=timezone.now() + timedelta(hours=1), now=timezone.now())
    assert codes() == {"APPLICATION": "NOT_RECHECKED"}
    assert outside.is_paused("ncanode"), "this process knows that it is asked nothing (D77)"
    assert command() == (0, ["0 good, 0 failed, 1 not re-checked (GOST)"])
    assert command("-v", "2")[1][0] == f"{filed.number} APPLICATION NOT_RECHECKED"
    Signature.objects.update(serial="77")
    assert codes() == {"APPLICATION": "ROW_DIFFERS"}


def test_row_written_by_hand_does_not_stop_the_rest(filed: Application) -> None:
    Application.objects.update(snapshot={"applicant": 1})

    assert codes() == {"APPLICATION": "FACTS_DIFFER"}


def test_retired_authority_still_proves_what_it_issued(
    filed: Application, settings: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "ca"
    shutil.copytree(settings.EDS_CA_DIR, folder)
    settings.EDS_CA_DIR = folder
    (folder / "retired").mkdir()
    for name in ("root.cer", "issuing.cer"):
        (folder / name).rename(folder / "retired" / name)

    assert codes() == {"APPLICATION": ""}
    with pytest.raises(Unavailable):  # a new signature finds no authority
        eds.verify(bytes(filed.signatures.get().cms), b"", now=NOW)


def test_removed_authority_is_said_aloud(filed: Application, settings: Any, tmp_path: Path) -> None:
    """With none at all nothing is proven, and that is no success."""
    settings.EDS_CA_DIR = tmp_path / "none"

    with pytest.raises(CommandError, match="no certification authorities"):
        command()


def test_one_application_a_day_or_a_sample_may_be_asked_for(accepted: Application, now: datetime) -> None:
    assert command("--number", accepted.number or "") == (0, ["2 good, 0 failed, 0 not re-checked (GOST)"])
    assert command("--since", f"{now:%Y-%m-%d}")[1] == ["2 good, 0 failed, 0 not re-checked (GOST)"]
    assert command("--since", "2027-01-01")[1] == ["0 good, 0 failed, 0 not re-checked (GOST)"]
    assert command("--sample", "5")[1] == ["2 good, 0 failed, 0 not re-checked (GOST)"]
    with pytest.raises(CommandError, match="no filed application"):
        command("--number", "2026-999999")
    with pytest.raises(CommandError):
        command("--since", "yesterday")


def test_report_names_nobody(accepted: Application) -> None:
    Decision.objects.update(reason="x")
    Signature.objects.update(signer_name="y")

    said = "\n".join(command("-v", "2")[1])

    for secret in (PARENT.iin, DIRECTOR.iin, PARENT.surname, DIRECTOR.surname, PARENT.name):
        assert secret.upper() not in said.upper()
