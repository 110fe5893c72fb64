"""RSA signatures: every way to be wrong has its own code, and none is believed."""

import contextlib
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto.keys import RSAPublicKey
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from egov import eds
from egov.eds import KeyUser, Refusal, SignatureRefused, native
from egov.errors import Unavailable
from egov.http import Answer
from egov.tests.eds_cast import (
    DATA,
    DIRECTOR,
    EXECUTOR,
    NOW,
    PARENT,
    SCHOOL_BIN,
    STRANGER,
    Pki,
)
from sandbox import kalkan
from sandbox.kalkan import Key


def refusal(cms: bytes, data: bytes = DATA) -> Refusal:
    with pytest.raises(SignatureRefused) as caught:
        eds.verify(cms, data, now=NOW)
    return caught.value.code


def test_individual_signature_names_its_signer(pki: Pki) -> None:
    cms = pki.sign()

    signer = eds.verify(cms, DATA, now=NOW)

    certificate = pki.key().certificate
    assert (signer.iin, signer.bin, signer.name) == ("900708499904", "", "СӘРСЕНОВА АЙГҮЛ")
    assert signer.serial == f"{certificate.serial_number:x}"
    assert signer.key_users == {KeyUser.INDIVIDUAL}
    assert signer.algorithm == "1.2.840.113549.1.1.11"
    assert (signer.valid_from, signer.valid_to) == (
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )
    assert signer.certificate == certificate.public_bytes(Encoding.DER)
    assert signer.proof.ocsp


def test_organisation_signature_names_school_and_post(pki: Pki) -> None:
    director = eds.verify(pki.sign(DIRECTOR, "org"), DATA, now=NOW)
    executor = eds.verify(pki.sign(EXECUTOR, "org"), DATA, now=NOW)

    assert (director.iin, director.bin) == (DIRECTOR.iin, SCHOOL_BIN)
    assert director.key_users == {KeyUser.ORGANISATION, KeyUser.FIRST_HEAD}
    assert executor.key_users == {KeyUser.ORGANISATION, "1.2.398.3.3.4.1.2.5"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("auth", Refusal.NOT_SIGNING_KEY),
        ("expired", Refusal.EXPIRED),
        ("revoked", Refusal.REVOKED),
        ("foreign", Refusal.UNKNOWN_CA),  # of the very same names
    ],
)
def test_wrong_key_is_refused(pki: Pki, kind: str, code: Refusal) -> None:
    assert refusal(pki.sign(kind=kind)) == code


def test_certificate_not_yet_valid_is_refused(pki: Pki) -> None:
    with pytest.raises(SignatureRefused) as caught:
        eds.verify(pki.sign(), DATA, now=NOW - timedelta(days=2))

    assert caught.value.code == Refusal.EXPIRED


def test_other_bytes_are_refused(pki: Pki) -> None:
    assert refusal(pki.sign(), DATA + b" ") == Refusal.OTHER_DATA


def test_changed_signature_value_is_refused(pki: Pki) -> None:
    content = asn1_cms.ContentInfo.load(pki.sign())
    signer = content["content"]["signer_infos"][0]
    value = bytearray(signer["signature"].native)
    value[100] ^= 1
    signer["signature"] = bytes(value)

    assert refusal(content.dump(force=True)) == Refusal.BAD_SIGNATURE


def test_attached_content_is_refused(pki: Pki) -> None:
    assert refusal(pki.sign(attached=True)) == Refusal.ATTACHED


def test_sha1_is_refused(pki: Pki) -> None:
    assert refusal(pki.sign(algorithm="sha1")) == Refusal.WEAK_ALGORITHM


def test_number_of_signers_must_be_one(pki: Pki) -> None:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(DATA)
    value = digest.finalize()
    keys = [pki.key(), pki.key(STRANGER)]
    infos = [kalkan.signer_info(value, key, at=NOW) for key in keys]

    assert refusal(kalkan.container(infos, keys)) == Refusal.MANY_SIGNERS
    assert refusal(kalkan.container([], keys)) == Refusal.NO_SIGNER
    assert refusal(kalkan.container(infos[:1], [])) == Refusal.NO_SIGNER
    assert refusal(kalkan.container(infos[:1], keys[1:])) == Refusal.NO_SIGNER


def test_certificate_swapped_for_another_of_its_number_is_refused(pki: Pki) -> None:
    """The signer is named by issuer and number only: the signature must be of the key in it."""
    real, name = pki.key(), pki.key().certificate
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = (
        x509.CertificateBuilder(extensions=list(name.extensions))
        .subject_name(name.subject)
        .issuer_name(name.issuer)
        .public_key(private.public_key())
        .serial_number(name.serial_number)
        .not_valid_before(name.not_valid_before_utc)
        .not_valid_after(name.not_valid_after_utc)
        .sign(private, hashes.SHA256())
    )
    swapped = asn1_cms.ContentInfo.load(pki.sign())
    swapped["content"]["certificates"] = [Key(private, forged).asn1]
    both = asn1_cms.ContentInfo.load(pki.sign())
    both["content"]["certificates"] = [Key(private, forged).asn1, real.asn1]

    assert refusal(swapped.dump(force=True)) == Refusal.BAD_SIGNATURE
    assert refusal(both.dump(force=True)) == Refusal.MALFORMED
    assert refusal(kalkan.sign(DATA, Key(private, forged), at=NOW)) == Refusal.UNKNOWN_CA


def test_certificate_issued_by_a_person_is_refused(pki: Pki) -> None:
    """A person's key can sign a certificate, but it is no authority."""
    parent = pki.key()
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    issued = (
        x509.CertificateBuilder(extensions=list(parent.certificate.extensions))
        .subject_name(pki.key(DIRECTOR, "org").certificate.subject)
        .issuer_name(parent.certificate.subject)
        .public_key(private.public_key())
        .serial_number(77)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(parent.private, hashes.SHA256())
    )
    key = Key(private, issued)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(DATA)
    info = kalkan.signer_info(digest.finalize(), key, at=NOW)

    assert refusal(kalkan.container([info], [key, parent])) == Refusal.UNKNOWN_CA


def test_small_key_is_refused(pki: Pki) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    key = Key(private, pki.authority.issue(PARENT, "sign", private))

    assert refusal(kalkan.sign(DATA, key, at=NOW)) == Refusal.WEAK_ALGORITHM


@pytest.mark.parametrize(
    ("bits", "exponent", "sound"),
    [
        (2047, 65537, False),
        (2048, 65537, True),
        (4096, 65537, True),
        (4097, 65537, False),
        (2048, 3, False),
        (2048, 65535, False),
        (2048, 65538, False),
        (2048, 2**32 - 1, True),
        (2048, 2**32 + 1, False),
    ],
)
def test_key_is_neither_weak_nor_dear(bits: int, exponent: int, sound: bool) -> None:
    numbers = RSAPublicKey({"modulus": 2 ** (bits - 1) + 1, "public_exponent": exponent})

    assert native._is_sound(numbers) == sound


def test_authority_without_its_root_is_the_end_of_no_chain(pki: Pki, settings: Any, tmp_path: Path) -> None:
    """The issuing authority is known, and a root is: of somebody else."""
    pki.authority.foreign()
    root = pki.authority._read("foreign-root")
    assert root is not None
    for name, key in (("root", root), ("issuing", pki.authority.issuing)):
        (tmp_path / f"{name}.cer").write_bytes(key.certificate.public_bytes(Encoding.DER))
    settings.EDS_CA_DIR = tmp_path

    assert refusal(pki.sign()) == Refusal.UNKNOWN_CA


def test_signature_without_signed_attributes_is_refused(pki: Pki) -> None:
    content = asn1_cms.ContentInfo.load(pki.sign())
    signer = content["content"]["signer_infos"][0]
    fields = {name: signer[name] for name in ("version", "sid", "digest_algorithm", "signature_algorithm")}
    content["content"]["signer_infos"] = [asn1_cms.SignerInfo(fields | {"signature": signer["signature"]})]

    assert refusal(content.dump(force=True)) == Refusal.MALFORMED


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ("stale", Refusal.OCSP_STALE),
        ("nonce", Refusal.OCSP_NONCE),
        ("foreign", Refusal.OCSP_FOREIGN),
        ("unknown", Refusal.OCSP_UNKNOWN),
    ],
)
def test_ocsp_answer_that_proves_nothing_is_refused(pki: Pki, lie: str, code: Refusal) -> None:
    pki.lie = lie

    assert refusal(pki.sign()) == code


@pytest.mark.parametrize("lie", ["down", "try_later", "garbage"])
def test_ocsp_silence_is_never_taken_for_good(pki: Pki, lie: str) -> None:
    pki.lie = lie

    with pytest.raises(Unavailable):
        eds.verify(pki.sign(), DATA, now=NOW)


def test_ocsp_answer_about_another_certificate_is_refused(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorded "good" of one certificate does not serve for another, even with the nonce."""
    monkeypatch.setattr("os.urandom", lambda count: b"n" * count)
    recorded: list[Answer] = []

    def replay(*args: Any, **more: Any) -> Answer:
        recorded.append(pki.call(*args, **more))
        return recorded[0]

    monkeypatch.setattr("egov.http.call", replay)
    eds.verify(pki.sign(STRANGER), DATA, now=NOW)

    assert refusal(pki.sign()) == Refusal.OCSP_FOREIGN


def test_ocsp_answer_signed_by_a_person_is_refused(pki: Pki) -> None:
    """A certificate of the right authority, but without the right to answer for it."""
    pki.authority.responder, responder = pki.key(STRANGER), pki.authority.responder
    try:
        assert refusal(pki.sign()) == Refusal.OCSP_FOREIGN
    finally:
        pki.authority.responder = responder


def test_hopeless_signature_asks_nobody(pki: Pki) -> None:
    for cms in (pki.sign(kind="foreign"), pki.sign(kind="expired"), pki.sign(kind="auth")):
        refusal(cms)

    assert pki.asked == 0


def test_no_address_of_a_certificate_is_visited(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate names hosts for OCSP, CRL and CA; `Pki.call` refuses any address but the setting's."""

    def connect(*_args: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr("socket.socket.connect", connect)

    assert eds.verify(pki.sign(), DATA, now=NOW).iin == PARENT.iin


def test_empty_trust_folder_accepts_nobody(pki: Pki, settings: Any, tmp_path: Any) -> None:
    settings.EDS_CA_DIR = tmp_path / "nothing"

    with pytest.raises(Unavailable):
        eds.verify(pki.sign(), DATA, now=NOW)


def test_broken_container_is_malformed(pki: Pki) -> None:
    good = pki.sign()
    for cms in (b"", b"\x30", b"not asn.1", good[:-1], good + b"\0", good[:700], b"\x30\x80" * 20_000):
        assert refusal(cms) == Refusal.MALFORMED
    assert refusal(b"\0" * (64 * 1024 + 1)) == Refusal.MALFORMED


def test_mutants_end_in_a_refusal_or_the_same_signer(pki: Pki) -> None:
    """Parts outside the signature may change; the signer may not."""
    good = pki.sign()
    for position in range(0, len(good), 7):
        mutant = bytearray(good)
        mutant[position] ^= 0x41
        with contextlib.suppress(SignatureRefused):
            assert eds.verify(bytes(mutant), DATA, now=NOW).iin == PARENT.iin


def test_logs_hold_no_name_and_no_iin(pki: Pki, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in ("sign", "auth", "expired", "revoked", "foreign"):
        with contextlib.suppress(SignatureRefused):
            eds.verify(pki.sign(kind=kind), DATA, now=NOW)

    assert PARENT.iin not in caplog.text
    assert "СӘРСЕНОВА" not in caplog.text.upper()


def test_decode_takes_armour_and_bare_base64(pki: Pki) -> None:
    der = pki.sign()

    armoured = kalkan.armour(der)
    bare = "".join(armoured.splitlines()[1:-1])

    assert eds.decode(armoured) == eds.decode(bare) == eds.decode(armoured.replace("\n", "\r\n")) == der
    for text in ("", "өтінім", "-----BEGIN CMS-----", "AAA", "A" * 200_000):
        with pytest.raises(SignatureRefused) as caught:
            eds.decode(text)
        assert caught.value.code == Refusal.MALFORMED
