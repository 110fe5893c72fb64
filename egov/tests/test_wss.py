"""SmartBridge's signatures: an answer counts as its bus has signed it, a short while ago, or not at all."""

import logging
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from egov import persons, smartbridge, wss
from egov.eds import trust
from egov.errors import EgovError, Misconfigured, Unavailable, Unbelieved
from egov.tests.cast import AIGUL
from egov.tests.certified import certified
from egov.tests.eds_cast import PARENT
from egov.tests.odd_server import odd_server, ok
from egov.wss import authorities, certificates, checking, form, keys
from sandbox import ca
from sandbox import certificates as sandbox_certificates
from sandbox import wss as bus
from sandbox.ca import Authority
from sandbox.kalkan import Key
from tests.sandbox import Sandbox, keys_of

pytestmark = pytest.mark.rule("D78")

FAULT = (
    f'<s:Fault xmlns:s="{bus.SOAP}"><faultcode>s:Client</faultcode><detail><errorCode>E1</errorCode></detail>'
    "</s:Fault>"
)
CHANNEL = "http://bip.bee.kz/SyncChannel/v10/Types"
MOMENTS = count(1)  # of files that change faster than a clock tells
Bend = Callable[[etree._Element], object]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("bus"), now=lambda: datetime.now(UTC))


@pytest.fixture(autouse=True)
def _given(authority: Authority, settings: Any) -> None:
    settings.EDS_CA_DIR = authority.folder
    for name, value in keys_of(authority.folder.parent).items():
        setattr(settings, name, value)


def answer(*, at: datetime | None = None) -> etree._Element:
    """An envelope about somebody, not signed yet."""
    date = (at or datetime.now(UTC)).isoformat()
    return etree.fromstring(
        f'<s:Envelope xmlns:s="{bus.SOAP}"><s:Header/><s:Body><m:SendMessageResponse xmlns:m="{CHANNEL}">'
        f"<response><responseInfo><messageId>1</messageId><responseDate>{date}</responseDate><status>"
        f"<code>SCSS001</code></status></responseInfo><responseData><data><iin>{AIGUL}</iin></data>"
        "</responseData></response></m:SendMessageResponse></s:Body></s:Envelope>"
    )


def sent(envelope: etree._Element) -> etree._Element:
    """As it is read from the wire."""
    return etree.fromstring(etree.tostring(envelope))


def verdict(envelope: etree._Element, *, now: datetime | None = None) -> str:
    try:
        body = wss.body_of(sent(envelope), now=now or datetime.now(UTC))
    except wss.Unsound as unsound:
        return unsound.words
    return f"read: {body.findtext('.//iin')}"


GOOD = f"read: {AIGUL}"


# --- What the sandbox's switch knows ------------------------------------------------------------------
LIES = {
    "unsigned": form.UNSIGNED,
    "foreign": checking.UNKNOWN_SIGNER,
    "person": checking.UNKNOWN_SIGNER,
    "expired": certificates.ENDED,
    "altered": checking.ALTERED,
    "wrapped": form.OTHER_PART,
    "twice": form.ENVELOPE,
    "duplicate": form.REFERENCE,
    "stale": checking.STALE,
    "weak": form.WEAK,
    "other": GOOD,  # by its signature; to which message it is, is asked of what was signed
}
OURS = {checking.UNKNOWN_SIGNER, certificates.ENDED}


def test_what_the_bus_has_signed_is_read_and_no_lie_of_it_is(
    authority: Authority, subtests: pytest.Subtests
) -> None:
    assert set(LIES) == set(bus.LIES)
    for lie, words in {"": GOOD, **LIES}.items():
        with subtests.test(lie or "none"):
            envelope = answer()
            bus.seal(envelope, authority, lie=lie, citizen=authority.key(PARENT))

            assert verdict(envelope) == words


# --- What nobody's switch knows -------------------------------------------------------------------------
def _at(envelope: etree._Element, name: str) -> etree._Element:
    return next(envelope.iter(f"{{*}}{name}"))


def _set(name: str, attribute: str, value: str) -> Bend:
    return lambda envelope: _at(envelope, name).set(attribute, value)


def _put(name: str, xml: str) -> Bend:
    return lambda envelope: _at(envelope, name).append(etree.fromstring(xml))


def _take(name: str) -> Bend:
    def bend(envelope: etree._Element) -> None:
        found = _at(envelope, name)
        found.getparent().remove(found)

    return bend


def _text(name: str, text: str) -> Bend:
    return lambda envelope: setattr(_at(envelope, name), "text", text)


def _again(name: str, *, into: str) -> Bend:
    return lambda envelope: _at(envelope, into).append(deepcopy(_at(envelope, name)))


def _keep(number: int, name: str) -> Bend:
    def bend(envelope: etree._Element) -> None:
        del _at(envelope, name)[number:]

    return bend


def _body_first(envelope: etree._Element) -> None:
    envelope.insert(0, envelope[-1])


def _signature_aside(envelope: etree._Element) -> None:
    etree.SubElement(envelope[0], "aside").append(_at(envelope, "Signature"))


def _other_spelling(envelope: etree._Element) -> None:
    """Another element of the same id, by an attribute that others read ids from."""
    body = envelope[-1]
    etree.SubElement(envelope[0], "aside", ID=body.get(bus.ID) or "")


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
EXTERNAL = "http://127.0.0.1:9/x"
DS = bus.DS
BENDS: dict[str, tuple[Bend, str]] = {
    "nothing": (lambda _envelope: None, GOOD),
    "comment in the data": (lambda envelope: _at(envelope, "iin").append(etree.Comment("x")), GOOD),
    "other headers": (lambda envelope: etree.SubElement(envelope[0], "traceId"), GOOD),
    "value of the signature": (_text("SignatureValue", "QUFB"), checking.UNKNOWN_SIGNER),
    "value that is none": (_text("SignatureValue", "%"), checking.UNKNOWN_SIGNER),
    "digest": (_text("DigestValue", "QUFB"), checking.UNKNOWN_SIGNER),
    "time moved": (_text("Created", "2030-01-01T00:00:00Z"), checking.ALTERED),
    "without Timestamp": (_take("Timestamp"), form.REFERENCE),
    "second Timestamp": (_again("Timestamp", into="Security"), form.FORM),
    "second signature": (_again("Signature", into="Security"), form.FORM),
    "second Security": (_again("Security", into="Header"), form.FORM),
    "signature elsewhere": (_signature_aside, form.FORM),
    "object in the signature": (_put("Signature", f'<Object xmlns="{DS}"/>'), form.FORM),
    "manifest": (_set("Reference", "Type", DS + "Manifest"), form.FORM),
    "Body before Header": (_body_first, form.ENVELOPE),
    "Body of another SOAP": (lambda e: setattr(e[-1], "tag", "{urn:x}Body"), form.ENVELOPE),
    "the whole document": (_set("Reference", "URI", ""), form.REFERENCE),
    "an address": (_set("Reference", "URI", EXTERNAL), form.REFERENCE),
    "a file": (_set("Reference", "URI", "file:///etc/passwd"), form.REFERENCE),
    "xpointer": (_set("Reference", "URI", "#xpointer(/)"), form.REFERENCE),
    "nothing of that id": (_set("Reference", "URI", "#nothing"), form.REFERENCE),
    "id of another spelling": (_other_spelling, form.REFERENCE),
    "one reference twice": (_again("Reference", into="SignedInfo"), form.REFERENCE),
    "nothing that is signed": (lambda envelope: _at(envelope, "SignedInfo").clear(), form.FORM),
    "canonicalization alone": (_keep(1, "SignedInfo"), form.FORM),
    "no reference": (_keep(2, "SignedInfo"), form.FORM),
    "many references": (
        lambda envelope: [_again("Reference", into="SignedInfo")(envelope) for _ in range(5)],
        form.FORM,
    ),
    "without transforms": (lambda envelope: _at(envelope, "Transforms").clear(), form.TRANSFORM),
    "enveloped": (_set("Transform", "Algorithm", DS + "enveloped-signature"), form.TRANSFORM),
    "base64": (_set("Transform", "Algorithm", DS + "base64"), form.TRANSFORM),
    "XPath": (_set("Transform", "Algorithm", XPATH), form.TRANSFORM),
    "another transform": (_again("Transform", into="Transforms"), form.TRANSFORM),
    "filter": (_put("Transform", f'<XPath xmlns="{DS}">self::x</XPath>'), form.TRANSFORM),
    "with comments": (
        _set("CanonicalizationMethod", "Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        form.TRANSFORM,
    ),
    "SHA-1": (_set("DigestMethod", "Algorithm", DS + "sha1"), form.WEAK),
    "shared secret": (_set("SignatureMethod", "Algorithm", DS + "hmac-sha1"), form.WEAK),
    "shortened": (_put("SignatureMethod", f'<HMACOutputLength xmlns="{DS}">8</HMACOutputLength>'), form.FORM),
    "key of its own": (
        _put("KeyInfo", f'<KeyValue xmlns="{DS}"><RSAKeyValue><Modulus>AQ==</Modulus>'
             "<Exponent>AQ==</Exponent></RSAKeyValue></KeyValue>"),
        form.FORM,
    ),
}  # fmt: skip


def test_answer_that_is_bent_in_one_place_is_not_read(
    authority: Authority, subtests: pytest.Subtests, caplog: pytest.LogCaptureFixture
) -> None:
    whole = answer()
    bus.seal(whole, authority)
    caplog.set_level(logging.INFO)
    for name, (bend, words) in BENDS.items():
        with subtests.test(name):
            envelope = sent(whole)
            bend(envelope)

            assert verdict(envelope) == words
    assert AIGUL not in caplog.text


def test_signature_covers_the_body_and_any_timestamp(authority: Authority, subtests: pytest.Subtests) -> None:
    now = datetime.now(UTC)
    for covering, made, words in (
        (("Timestamp",), now, form.NOT_BODY),
        (("Timestamp", "Token"), now, form.NOT_BODY),
        (("Body",), now, form.NOT_STAMP),
        (("Body", "Timestamp", "Token"), now, GOOD),
        (("Body",), None, GOOD),  # the day of the answer stands in the Body
    ):
        with subtests.test(covering=covering):
            envelope = answer()
            bus.sign(envelope, authority.bus(), made=made, covering=covering)

            assert verdict(envelope) == words


def test_answer_is_of_now_by_its_timestamp_or_by_its_body(
    authority: Authority, subtests: pytest.Subtests
) -> None:
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    stamped, dated = answer(at=now - 60 * minute), answer(at=now)
    bus.sign(stamped, authority.bus(), made=now)
    bus.sign(dated, authority.bus(), made=None)
    for name, envelope, at, words in (
        ("of now", stamped, now, GOOD),
        ("of before", stamped, now + 6 * minute, checking.STALE),
        ("of later", stamped, now - 6 * minute, checking.STALE),
        ("within five minutes before", stamped, now - 4 * minute, GOOD),
        ("by its body", dated, now + 4 * minute, GOOD),
        ("of before by its body", dated, now + 6 * minute, checking.STALE),
    ):
        with subtests.test(name):
            assert verdict(envelope, now=at) == words
    for text in ("", "yesterday"):
        timeless = answer()
        _at(timeless, "responseDate").text = text
        bus.sign(timeless, authority.bus(), made=None)

        assert verdict(timeless) == checking.NO_TIME


def test_bus_is_believed_by_its_own_authority_and_people_by_theirs(
    authority: Authority, tmp_path: Path, settings: Any, subtests: pytest.Subtests
) -> None:
    """A certificate among the bus's is not enough, nor is an authority that is believed of people."""
    settings.SMARTBRIDGE_SIGNERS = tmp_path / "signers.pem"
    for key in (authority.foreign_bus(), authority.bus_among_people(), authority.key(PARENT)):
        with subtests.test(key.certificate.issuer.rfc4514_string()):
            write(settings.SMARTBRIDGE_SIGNERS, key.certificate)
            envelope = answer()
            bus.sign(envelope, key, made=datetime.now(UTC))

            assert verdict(envelope) == certificates.UNBELIEVED
            serial = f"serial {key.certificate.serial_number:X}"
            told = f"SMARTBRIDGE_SIGNERS: {certificates.UNBELIEVED}: {serial}"
            assert keys.faults(now=datetime.now(UTC)) == [told]
    people = trust.authorities()
    assert people.path_of(authority.bus_among_people().certificate)
    assert people.path_of(authority.bus().certificate) is None


def write(path: Path, *given: x509.Certificate) -> None:
    path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in given))
    os.utime(path, ns=(0, next(MOMENTS)))


def test_file_of_the_authorities_is_read_anew_and_its_fault_is_named(
    authority: Authority, tmp_path: Path, settings: Any, subtests: pytest.Subtests
) -> None:
    root, issuing = authority.root.certificate, authority.issuing.certificate
    theirs, leaf = authority.bus_root().certificate, authority.bus().certificate
    now, day = datetime.now(UTC), timedelta(days=1)
    envelope = answer()
    bus.seal(envelope, authority)
    settings.SMARTBRIDGE_CA = tmp_path / "ca.pem"
    for name, given, words in (
        ("missing", (), "SMARTBRIDGE_CA names no file that can be read"),
        ("of people", (root, issuing), certificates.UNBELIEVED),
        ("no authority", (leaf,), authorities.NO_ROOT),
        ("no root", (issuing,), authorities.NO_ROOT),
        ("beside others", (leaf, root, theirs), GOOD),
    ):
        with subtests.test(name):
            if given:
                write(settings.SMARTBRIDGE_CA, *given)

            assert verdict(envelope) == words
            told = keys.faults(now=now)
            assert bool(told) is (words != GOOD) and all(words in line for line in told)
            known = words == GOOD or words == certificates.UNBELIEVED
            assert (keys.ends()["smartbridge authority"] is None) is not known
    settings.SMARTBRIDGE_CA.write_text("garbage")
    assert verdict(envelope) == "SMARTBRIDGE_CA: holds no certificate in PEM"
    write(settings.SMARTBRIDGE_CA, theirs)
    (ending,) = [one for one in keys.faults(now=theirs.not_valid_after_utc - 59 * day) if "_CA" in one]
    assert ending.startswith("SMARTBRIDGE_CA: CN=OQU SANDBOX SHEP ROOT (RSA),C=KZ ends on")


def test_authorities_of_the_bus_may_stand_one_above_the_other(
    authority: Authority, tmp_path: Path, settings: Any
) -> None:
    """Where the country's authority certifies the bus it stands in both places; of two of one key the newer
    counts."""
    old = sandbox_certificates.root(
        authority.root.private, ca.ROOT, datetime.now(UTC) - timedelta(days=1), timedelta()
    )
    settings.SMARTBRIDGE_SIGNERS, settings.SMARTBRIDGE_CA = tmp_path / "signers.pem", tmp_path / "ca.pem"
    write(settings.SMARTBRIDGE_SIGNERS, authority.bus_among_people().certificate)
    write(settings.SMARTBRIDGE_CA, old, authority.issuing.certificate, authority.root.certificate)
    envelope = answer()
    bus.sign(envelope, authority.bus_among_people(), made=datetime.now(UTC))

    assert verdict(envelope) == GOOD
    assert [line.partition(" has ended")[1] for line in keys.faults(now=datetime.now(UTC))] == [" has ended"]
    write(settings.SMARTBRIDGE_CA, authority.root.certificate)
    assert verdict(envelope) == certificates.UNBELIEVED, "who has issued it is missing"
    write(settings.SMARTBRIDGE_CA, old, authority.issuing.certificate)
    assert verdict(envelope) == certificates.ENDED


def again(old: x509.Certificate, by: Key, *, begins: int = -1) -> x509.Certificate:
    """Another certificate of the same key, from so many days on, which outlasts the others."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(old.subject).issuer_name(by.certificate.subject)
    builder = builder.public_key(old.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now + timedelta(days=begins))
    builder = builder.not_valid_after(now + timedelta(days=20_000))
    for one in old.extensions:
        builder = builder.add_extension(one.value, one.critical)
    return builder.sign(by.private, hashes.SHA256())


def test_any_way_up_that_is_whole_and_valid_will_do(
    authority: Authority, tmp_path: Path, settings: Any, subtests: pytest.Subtests
) -> None:
    """A successor that is put in beforehand stops nothing, nor does a certificate of the authority by a root
    that we were not given."""
    root, issuing, leaf = authority.root, authority.issuing, authority.bus_among_people()
    other, today = authority.foreign(), (root.certificate, issuing.certificate)
    next_root = again(root.certificate, root, begins=30)
    next_issuing = again(issuing.certificate, root, begins=30)
    next_leaf = again(leaf.certificate, issuing, begins=30)
    crossed = again(issuing.certificate, other)
    round_it = again(other.certificate, issuing)  # either is certified by the other
    settings.SMARTBRIDGE_SIGNERS, settings.SMARTBRIDGE_CA = tmp_path / "signers.pem", tmp_path / "ca.pem"
    envelope = answer()
    bus.sign(envelope, leaf, made=datetime.now(UTC))
    of_today = (leaf.certificate,)
    for name, signers, given, words in (
        ("the root's successor", of_today, (next_root, *today), GOOD),
        ("the issuing one's", of_today, (next_issuing, *today), GOOD),
        ("the bus's own, first", (next_leaf, *of_today), today, GOOD),
        ("the bus's own, last", (*of_today, next_leaf), today, GOOD),
        ("by a root that is absent", of_today, (crossed, *today), GOOD),
        ("round and round", of_today, (crossed, round_it, *today), GOOD),
        ("successors alone", of_today, (next_root, next_issuing), certificates.ENDED),
        ("the bus's alone", (next_leaf,), today, certificates.ENDED),
        ("no root above", of_today, (crossed, round_it, root.certificate), certificates.UNBELIEVED),
    ):
        with subtests.test(name):
            write(settings.SMARTBRIDGE_SIGNERS, *signers)
            write(settings.SMARTBRIDGE_CA, *given)

            assert verdict(envelope) == words
            assert bool(keys.faults(now=datetime.now(UTC))) is (words != GOOD)


def ask() -> str:
    return smartbridge.text(smartbridge.send("person", {"iin": AIGUL}), "person/iin")


# --- Over the wire --------------------------------------------------------------------------------------
def test_messages_are_signed_and_a_lie_of_the_bus_names_whose_fault_it_is(
    sandbox: Sandbox, settings: Any, subtests: pytest.Subtests, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask() == AIGUL
    for lie in ("unsigned", "altered", "person"):
        with subtests.test(lie):
            sandbox.fault("smartbridge", "refuse", code=lie, times=1)
            with pytest.raises(Unavailable) as caught:
                ask()

            assert caught.value.detail == f"signature: {LIES[lie]}"
            assert isinstance(caught.value, Misconfigured) is (LIES[lie] in OURS)
            assert f"person: signature: {LIES[lie]}" in caplog.text
            assert isinstance(caught.value, Unbelieved) is isinstance(caught.value, Misconfigured)
    sandbox.fault("smartbridge", "refuse", code="other", times=1)
    with pytest.raises(Unavailable, match="the answer to another message"):
        ask()
    settings.SMARTBRIDGE_WSS = False
    with pytest.raises(Misconfigured, match="SCE005") as believed:
        ask()
    assert not isinstance(believed.value, Unbelieved), "who checks for us has let it through"
    assert AIGUL not in caplog.text


def test_signed_answer_that_names_no_message_says_nothing_of_silence(
    authority: Authority, settings: Any, subtests: pytest.Subtests
) -> None:
    """An answer of another service, of a minute ago, would be "no children" and "registered nowhere"."""
    envelope = answer()
    bus.seal(envelope, authority)
    with odd_server(ok(etree.tostring(envelope))) as server:
        settings.SMARTBRIDGE_URL = server.url.rstrip("/")
        for system in sorted(smartbridge.NAMED):
            with subtests.test(system), pytest.raises(Unavailable, match="names no message"):
                smartbridge.send(system, {"iin": AIGUL})
        assert smartbridge.text(smartbridge.send("enrolment", {"iin": AIGUL}), "iin") == AIGUL
        with pytest.raises(Unavailable, match="names no message"):
            persons.children(AIGUL)


def test_fault_that_is_not_signed_proves_not_that_nothing_was_done(
    authority: Authority, settings: Any, subtests: pytest.Subtests
) -> None:
    for signed in (False, True):
        fault = answer()
        fault[1].clear()
        fault[1].append(etree.fromstring(FAULT))
        if signed:
            bus.seal(fault, authority)
        with subtests.test(signed=signed), odd_server(ok(etree.tostring(fault))) as server:
            settings.SMARTBRIDGE_URL = server.url.rstrip("/")
            with pytest.raises(Misconfigured, match="fault E1") as caught:
                ask()

            assert isinstance(caught.value, Unbelieved) is not signed


# --- The bus's certificates -----------------------------------------------------------------------------
def test_file_of_signers_may_hold_more_than_those_who_sign(
    authority: Authority, tmp_path: Path, settings: Any
) -> None:
    """The chain that a certificate came with is nobody's signature; what is of no use is told at once, and
    stands in nobody's way."""
    theirs, issuing = authority.bus().certificate, authority.issuing.certificate
    foreign, elliptic = authority.foreign_bus().certificate, elliptic_leaf()
    settings.SMARTBRIDGE_SIGNERS = tmp_path / "signers.pem"
    written = [elliptic, issuing, foreign, theirs, authority.root.certificate]
    write(settings.SMARTBRIDGE_SIGNERS, *written)
    envelope, now = answer(), datetime.now(UTC)
    bus.seal(envelope, authority)

    assert verdict(envelope) == GOOD
    assert keys.faults(now=now) == [
        f"SMARTBRIDGE_SIGNERS: {words}: serial {one.serial_number:X}"
        for words, one in ((certificates.WEAK_KEY, elliptic), (certificates.UNBELIEVED, foreign))
    ]
    ended = keys.faults(now=theirs.not_valid_after_utc + timedelta(days=1))
    assert [line for line in ended if line.startswith("SMARTBRIDGE_SIGNERS") and "has ended" in line]
    assert keys.faults(now=theirs.not_valid_before_utc - timedelta(days=1))[-1].endswith("valid at this time")
    assert keys.ends()["smartbridge signer"] == max(
        one.not_valid_after_utc for one in (theirs, foreign, elliptic)
    )

    settings.SMARTBRIDGE_SIGNERS = tmp_path / "chain.pem"
    write(settings.SMARTBRIDGE_SIGNERS, issuing)
    assert keys.faults(now=now) == ["SMARTBRIDGE_SIGNERS: holds certificates of authorities alone"]


def elliptic_leaf() -> x509.Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bus")])
    plain = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = plain.not_valid_before(now).not_valid_after(now + timedelta(days=1)).serial_number(0xEC)
    return dated.sign(key, hashes.SHA256())


# --- Our key --------------------------------------------------------------------------------------------
@pytest.fixture
def wrong_keys(authority: Authority, tmp_path: Path) -> Iterator[dict[str, tuple[Path, str, str]]]:
    """By what is wrong: the file, the password, the words."""
    ours, theirs = authority.portal(), authority.bus()
    good = authority.folder.parent / "smartbridge" / "key.p12"
    mixed, garbage = tmp_path / "mixed.pem", tmp_path / "garbage.p12"
    private = ours.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    mixed.write_bytes(private + theirs.certificate.public_bytes(Encoding.PEM))
    garbage.write_bytes(b"\x30\x03garbage")
    elliptic = certified(tmp_path / "elliptic.pem")
    yield {
        "missing": (tmp_path / "none", "", "names no file"),
        "another password": (good, "other", "cannot be opened"),
        "no password": (good, "", "cannot be opened"),
        "garbage": (garbage, "", "cannot be opened"),
        "another's certificate": (mixed, "", "do not belong together"),
        "another algorithm": (elliptic, "", keys.OTHER_ALGORITHM),
    }


def test_key_that_cannot_sign_is_named_and_nothing_is_sent(
    settings: Any, wrong_keys: dict[str, tuple[Path, str, str]], subtests: pytest.Subtests
) -> None:
    settings.SMARTBRIDGE_URL = "http://127.0.0.1:9"
    now = datetime.now(UTC)
    for name, (path, password, words) in wrong_keys.items():
        with subtests.test(name):
            settings.SMARTBRIDGE_KEY, settings.SMARTBRIDGE_KEY_PASSWORD = path, password
            with pytest.raises(EgovError, match=words) as caught:
                ask()

            assert isinstance(caught.value, Misconfigured)
            assert [line for line in keys.faults(now=now) if words in line]
            assert keys.ends()["smartbridge key"] is None


def test_end_of_either_certificate_is_told_in_time_and_a_new_file_is_read(
    authority: Authority, settings: Any, tmp_path: Path
) -> None:
    ours, theirs = authority.portal().certificate, authority.bus().certificate
    day = timedelta(days=1)

    assert keys.faults(now=datetime.now(UTC)) == []
    assert len(keys.faults(now=ours.not_valid_after_utc - 59 * day)) == 2
    assert "has ended" in keys.faults(now=theirs.not_valid_after_utc + day)[1]
    assert keys.ends() == {
        "smartbridge key": ours.not_valid_after_utc,
        "smartbridge signer": theirs.not_valid_after_utc,
        "smartbridge authority": authority.bus_root().certificate.not_valid_after_utc,
    }
    assert keys.begins() == {"smartbridge": ours.not_valid_before_utc}

    settings.SMARTBRIDGE_SIGNERS = tmp_path / "signers.pem"
    settings.SMARTBRIDGE_SIGNERS.write_text("not yet")
    assert keys.faults(now=datetime.now(UTC)) == ["SMARTBRIDGE_SIGNERS: holds no certificate in PEM"]
    write(settings.SMARTBRIDGE_SIGNERS, theirs)
    assert keys.faults(now=datetime.now(UTC)) == []
    settings.SMARTBRIDGE_WSS = False
    assert (keys.ends(), keys.begins()) == ({}, {})
