"""The Body of an answer as it was signed: by a certificate of the bus that we were given, under an
authority of its own, a short while ago. signxml verifies, and only what it has verified is read (D78)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from egov.wss import certificates, form, keys
from egov.wss.names import DIGESTS, METHODS, SOAP, WSSE, WSU, Unsound, tag

AGE = timedelta(minutes=5)  # of an answer, before and after
ALMATY = ZoneInfo("Asia/Almaty")
RESPONSE_DATE = "{*}SendMessageResponse/{*}response/{*}responseInfo/{*}responseDate"
_PLACE = f"./{tag(SOAP, 'Header')}/{tag(WSSE, 'Security')}/"

ALTERED = "the answer is another than was signed"
UNKNOWN_SIGNER = "the signature is of none of the certificates of SMARTBRIDGE_SIGNERS"
STALE = "the answer is not of now, by its time and the clock of this machine"
NO_TIME = "the answer says no time of its own"


def body_of(envelope: etree._Element, *, now: datetime) -> etree._Element:
    """Raises Unsound."""
    signed = _read(envelope)
    certificate, parts = _verified(envelope, references=signed.references)
    _check_certificate(certificate, now=now)
    bodies = [part for part in parts if part.tag == tag(SOAP, "Body")]
    stamps = [part for part in parts if part.tag == tag(WSU, "Timestamp")]
    if len(bodies) != 1 or len(stamps) != signed.stamped:
        raise Unsound(form.NOT_BODY)
    _check_time(*bodies, *stamps, now=now)
    return bodies[0]


def _read(envelope: etree._Element) -> form.Signed:
    try:
        return form.read(envelope)
    except Unsound:
        raise
    except Exception:  # of hostile bytes, whatever they make of it
        raise Unsound(form.FORM) from None


def _verified(envelope: etree._Element, *, references: int) -> tuple[x509.Certificate, list[etree._Element]]:
    """Whose signature it is, and the elements that it covers, read anew from the very bytes that were
    signed."""
    for certificate in keys.signers():
        if certificates.key_of(certificate) is None:  # the others are asked all the same
            continue
        try:
            found = XMLVerifier().verify(
                envelope, x509_cert=certificate, expect_config=_expected(certificate, references)
            )
        except InvalidDigest:
            raise Unsound(ALTERED) from None
        except (InvalidSignature, UnsupportedAlgorithm):
            continue
        except Exception:  # whatever a library throws at hostile bytes
            raise Unsound(form.FORM) from None
        results = [found] if isinstance(found, VerifyResult) else found
        return certificate, [one.signed_xml for one in results if one.signed_xml is not None]
    raise Unsound(UNKNOWN_SIGNER, ours=True)


def _expected(certificate: x509.Certificate, references: int) -> SignatureConfiguration:
    """Whether it is valid now is asked when it is known whose signature it is."""
    return SignatureConfiguration(
        location=_PLACE,
        expect_references=references,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=certificate.not_valid_before_utc,
    )


def _check_certificate(certificate: x509.Certificate, *, now: datetime) -> None:
    """Any that we were given of its key will do: one to come may stand before the one of today."""
    key = certificates.key_of(certificate)
    found = [_doubt(one, now) for one in keys.signers() if certificates.key_of(one) == key]
    if all(found):
        raise Unsound(found[0], ours=True)


def _doubt(certificate: x509.Certificate, now: datetime) -> str:
    ended = "" if certificates.is_valid(certificate, now=now) else certificates.ENDED
    return certificates.flaw(certificate) or ended


def _check_time(body: etree._Element, stamp: etree._Element | None = None, *, now: datetime) -> None:
    """By the Timestamp; where the bus sends none, by the day of the answer inside the Body."""
    made = _texts(body, RESPONSE_DATE) if stamp is None else _texts(stamp, tag(WSU, "Created"))
    ends = [] if stamp is None else _texts(stamp, tag(WSU, "Expires"))
    if len(made) != 1 or len(ends) > 1:
        raise Unsound(NO_TIME)
    if not abs(now - _moment(made[0])) <= AGE or any(_moment(end) < now for end in ends):
        raise Unsound(STALE)


def _texts(parent: etree._Element, path: str) -> list[str]:
    return [one.text or "" for one in parent.findall(path)]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unsound(NO_TIME) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ALMATY)
