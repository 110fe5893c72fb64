"""CAdES-LT: what the worker makes of a person's signature, judged by others two years on."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from egov import eds
from egov.eds import container, lasting, revocation, stamp, trust
from egov.eds.verdict import Unrevoked
from egov.errors import Unavailable
from egov.tests.eds_cast import DATA, DIRECTOR, NOW, Pki, claim_gost

LATER = NOW + timedelta(days=2 * 365)


def long_of(pki: Pki, der: bytes, *, stamped: bool = False) -> bytes:
    proof = eds.verify(der, DATA, now=NOW).proof
    return lasting.lengthen(container.read(der), proof, tools=lasting.kit(now=NOW), stamped=stamped)


def openssl(*arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


@pytest.fixture
def roots(pki: Pki, tmp_path: Path) -> Path:
    """The one file that a stranger has to be given: the national root."""
    path = tmp_path / "root.pem"
    done, said = openssl("x509", "-inform", "DER", "-in", pki.authority.folder / "root.cer", "-out", path)
    assert done == 0, said
    return path


@pytest.mark.rule("R95")
@pytest.mark.parametrize("brought", [False, True])
def test_openssl_proves_it_two_years_on(pki: Pki, roots: Path, tmp_path: Path, brought: bool) -> None:
    """The stamp is proven two years on and says when the signature was there; then, at that moment, the
    signature is good, though its certificate has ended since."""
    der = pki.stamped(pki.sign()) if brought else pki.sign()
    (tmp_path / "data").write_bytes(DATA)
    made = long_of(pki, der, stamped=brought)
    (tmp_path / "long.p7s").write_bytes(made)
    signer = cms.ContentInfo.load(made)["content"]["signer_infos"][0]
    token = signer["unsigned_attrs"][0]["values"][0]
    (tmp_path / "token").write_bytes(token.dump())
    (tmp_path / "signature").write_bytes(signer["signature"].native)

    stamp_there = openssl(
        "ts", "-verify", "-token_in", "-in", tmp_path / "token", "-data", tmp_path / "signature",
        "-CAfile", roots, "-untrusted", _issuing(pki, tmp_path), "-attime", seconds(LATER),
    )  # fmt: skip
    assert stamp_there[0] == 0, stamp_there[1]

    dated = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    assert dated == NOW
    verify: list[str | Path] = ["cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "long.p7s"]
    verify += ["-content", tmp_path / "data", "-out", tmp_path / "out", "-CAfile", roots]
    verify += ["-purpose", "any", "-attime"]
    assert openssl(*verify, seconds(dated))[0] == 0, openssl(*verify, seconds(dated))[1]
    ended = openssl(*verify, seconds(LATER))
    assert ended[0] != 0
    assert "expired" in ended[1]


def _issuing(pki: Pki, tmp_path: Path) -> Path:
    path = tmp_path / "issuing.pem"
    openssl("x509", "-inform", "DER", "-in", pki.authority.folder / "issuing.cer", "-out", path)
    return path


@pytest.mark.parametrize("brought", [False, True])
def test_chain_and_answers_are_inside_and_what_was_signed_stays(pki: Pki, brought: bool) -> None:
    der = pki.stamped(pki.sign()) if brought else pki.sign()

    made = cms.ContentInfo.load(long_of(pki, der, stamped=brought))["content"]

    before = cms.ContentInfo.load(der)["content"]["signer_infos"][0]
    after = made["signer_infos"][0]
    for name in ("sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature"):
        assert after[name].dump() == before[name].dump(), name
    assert [one["type"].native for one in after["unsigned_attrs"]] == ["signature_time_stamp_token"]
    names = {one.chosen.subject.native["common_name"] for one in made["certificates"]}
    assert {"OQU SANDBOX ROOT (RSA)", "OQU SANDBOX CA (RSA)", "OQU SANDBOX TSA (RSA)"} < names
    assert len(names) == 4
    assert [one.chosen["other_rev_info_format"].native for one in made["crls"]] == ["ocsp_response"] * 2


def test_portal_itself_still_takes_it(pki: Pki) -> None:
    made = long_of(pki, pki.sign())

    assert eds.verify(made, DATA, now=NOW).iin == "900708499904"


def test_proof_beside_a_signature_leaves_it_the_same_and_another_signature_does_not(pki: Pki) -> None:
    der = pki.sign()
    made = long_of(pki, der)

    assert lasting.is_same(der, made)
    assert not lasting.is_same(der, long_of(pki, pki.sign(DIRECTOR, "org")))
    assert not lasting.is_same(der, made[:-1])
    assert not lasting.is_same(der, b"")


def test_gost_signature_gets_a_stamp_and_the_chain_too(pki: Pki) -> None:
    der = claim_gost(pki.sign())

    made = lasting.lengthen(container.read(der), Unrevoked(), tools=lasting.kit(now=NOW), stamped=False)

    assert lasting.is_same(der, made)
    found = container.read(made)
    assert found.gost
    assert stamp.time_of(found, now=NOW, known=trust.authorities()) == NOW


def test_heavy_list_is_not_carried_along() -> None:
    heavy = Unrevoked(crl=b"\0" * (lasting.MAX_LIST + 1))

    assert list(lasting._choices(heavy)) == []


def revoke_stamper(pki: Pki) -> None:
    pki.world.part("revoked")[f"{pki.authority.tsa().certificate.serial_number:x}"] = 0


def forgetful() -> lasting.Kit:
    """To which the stamper's certificate is one that it was not asked about yet."""
    tools = lasting.kit(now=NOW)
    tools.proofs.clear()
    tools.proven.clear()
    return tools


def test_list_too_long_to_be_carried_is_no_answer(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = forgetful()
    assert tools.stamper.certificate is not None
    lists = iter([b"\0" * (lasting.MAX_LIST + 1), b"\0" * lasting.MAX_LIST])
    monkeypatch.setattr(revocation, "ask", lambda *_: Unrevoked(crl=next(lists)))

    with pytest.raises(Unavailable, match="long list"):
        tools.prove(tools.stamper.certificate)
    assert (tools.proofs, tools.proven) == ([], set())

    tools.prove(tools.stamper.certificate)
    assert len(tools.proofs) == len(tools.proven) == 1


def test_certificate_that_is_not_good_is_no_silence_of_the_authority(pki: Pki) -> None:
    tools = forgetful()
    assert tools.stamper.certificate is not None
    revoke_stamper(pki)

    for _ in range(2):
        with pytest.raises(lasting.NotGood, match="REVOKED") as raised:
            tools.prove(tools.stamper.certificate)
        assert not isinstance(raised.value, Unavailable)
    with pytest.raises(Unavailable, match="REVOKED"):  # the one that would stamp everything
        lasting.kit(now=NOW)


@pytest.mark.parametrize("lie", ["", "foreign", "imprint"])
def test_stamp_that_a_signer_brings_costs_nobody_else_theirs(pki: Pki, lie: str) -> None:
    der = pki.stamped(pki.sign(), lie=lie)
    tools = forgetful()
    revoke_stamper(pki)

    made = lasting.lengthen(container.read(der), Unrevoked(), tools=tools, stamped=True)

    assert lasting.is_same(der, made)
    assert tools.proofs == []


def long_list() -> bytes:
    key, issuer = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    builder = x509.CertificateRevocationListBuilder(issuer, NOW, NOW + timedelta(days=1))
    for serial in range(1, 2500):
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, NOW).build())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_list_that_our_own_reader_would_refuse_stays_beside(pki: Pki) -> None:
    der, listed = pki.sign(), long_list()
    assert len(listed) < lasting.MAX_LIST

    made = lasting.lengthen(
        container.read(der), Unrevoked(crl=listed), tools=lasting.kit(now=NOW), stamped=False
    )

    assert lasting.is_same(der, made)
    signed = cms.ContentInfo.load(made)["content"]
    assert [one.name for one in signed["crls"]] == ["other"]
    assert len(signed["signer_infos"][0]["unsigned_attrs"]) == 1


def test_signature_without_room_for_its_proof_is_told(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    found, tools = container.read(pki.sign()), lasting.kit(now=NOW)
    monkeypatch.setattr(container, "MAX_CMS_BYTES", len(found.der))

    with pytest.raises(lasting.NotGood, match="no room"):
        lasting.lengthen(found, Unrevoked(), tools=tools, stamped=False)
