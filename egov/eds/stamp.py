"""Time stamps (RFC 3161): asked of the authority at the configured address, and judged, whoever has asked.

A stamp says that bytes existed at a moment, by somebody else's clock. One is believed when it is over the
very bytes, signed by a time stamping authority under EDS_CA_DIR, and of the moment at which it should be.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from django.conf import settings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from egov import http
from egov.eds import structure, trust
from egov.eds.container import GOST, Container, is_named
from egov.eds.verdict import Refusal, SignatureRefused
from egov.errors import EgovError, Misconfigured, Unavailable, Unreadable

logger = logging.getLogger(__name__)

SYSTEM = "tsp"
OLDER = timedelta(
    minutes=10
)  # of a stamp that is made while one signs or seals; the same as of an OCSP answer
AHEAD = timedelta(minutes=5)  # how far the authority's clock may be ahead of ours
MAX_BYTES = 16 * 1024  # of a token; a real one takes 3-6 KB
MAX_TOKENS = 3
SECONDS = 3.0  # of one question; a paper asks four, within the worker's limit of one task
DIGEST = "sha256"
STRONG = {"sha256", "sha384", "sha512"}
# Of a stamp's own certificate nobody is asked here: `evidence.gather` keeps what its authority says of it.
UNASKED = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)


Imprint = Callable[[str], bytes]  # name of a hash function -> the hash of the stamped bytes by it


class Fault(StrEnum):
    """Why a stamp is not believed."""

    UNREADABLE = "UNREADABLE"
    OTHER_DATA = "OTHER_DATA"  # it is over other bytes
    BROKEN = "BROKEN"  # its own signature does not fit
    WEAK = "WEAK"
    WRONG_TIME = "WRONG_TIME"  # long ago, or yet to come
    NOT_AUTHORITY = "NOT_AUTHORITY"  # by a key that makes no stamps, or made none at that moment
    FOREIGN = "FOREIGN"  # of an authority that we do not know
    GOST = "GOST"  # in the country's own algorithm, which only NCANode reads


# What nobody can judge here; anything else is wrong, whoever made it.
UNJUDGED = {Fault.FOREIGN, Fault.GOST}


class StampRefused(EgovError):
    def __init__(self, fault: Fault) -> None:
        super().__init__(SYSTEM, fault)
        self.fault = fault


@dataclass(frozen=True)
class Stamp:
    at: datetime  # by the authority's clock
    certificate: asn1.Certificate  # of the authority
    token: cms.ContentInfo


def check(token: cms.ContentInfo, data: bytes, *, now: datetime, known: trust.Authorities) -> Stamp:
    """The stamp over `data`, made about `now`, by an authority that we know. Raises StampRefused."""
    return asyncio.run(_check(token, _over(data), now=now, known=known))


def read(token: cms.ContentInfo, data: bytes, *, known: trust.Authorities) -> Stamp:
    """The same of any time: its authority's certificate is judged as of the stamp's own moment."""
    return asyncio.run(_read(token, _over(data), known=known))


def of_digest(der: bytes, digest: bytes, *, known: trust.Authorities) -> Stamp:
    """A stamp of the document in a PDF, over bytes of which the SHA-256 is known. Raises StampRefused."""
    with _refusing():
        structure.check(der)
        token = cms.ContentInfo.load(der, strict=True)
    return asyncio.run(_read(token, lambda name: digest if name == DIGEST else b"", known=known))


def _over(data: bytes) -> Imprint:
    return lambda algorithm: hashlib.new(algorithm, data).digest()


async def _check(
    token: cms.ContentInfo, imprint: Imprint, *, now: datetime, known: trust.Authorities
) -> Stamp:
    stamp = await _read(token, imprint, known=known)
    if not now - OLDER <= stamp.at <= now + AHEAD:
        raise StampRefused(Fault.WRONG_TIME)
    return stamp


async def _read(token: cms.ContentInfo, imprint: Imprint, *, known: trust.Authorities) -> Stamp:
    with _refusing():
        signed = token["content"]
        info = _info(signed)
        _check_algorithms(signed, info)
        _check_authority(token, known)
        at: datetime = info["gen_time"].native
        status = await validate_tst_signed_data(signed, _context(known, at=at), imprint)
    if not status["valid"]:
        raise StampRefused(Fault.BROKEN)
    if not status["intact"]:
        raise StampRefused(Fault.OTHER_DATA)
    if status["trust_problem_indic"] is not None:
        raise StampRefused(Fault.NOT_AUTHORITY)
    return Stamp(at, status["signing_cert"], token)


@contextmanager
def _refusing() -> Iterator[None]:
    """Libraries throw anything at hostile bytes: it all means that nobody can read them."""
    try:
        yield
    except EgovError:
        raise
    except Exception:
        raise StampRefused(Fault.UNREADABLE) from None


def _info(signed: cms.SignedData) -> tsp.TSTInfo:
    content = signed["encap_content_info"]["content"]
    info = content.parsed if isinstance(content, core.ParsableOctetString) else None
    if not isinstance(info, tsp.TSTInfo) or len(signed["signer_infos"]) != 1:
        raise StampRefused(Fault.UNREADABLE)
    return info


def _check_algorithms(signed: cms.SignedData, info: tsp.TSTInfo) -> None:
    signer = signed["signer_infos"][0]
    if signer["signature_algorithm"]["algorithm"].dotted.startswith(GOST):
        raise StampRefused(Fault.GOST)
    used = info["message_imprint"]["hash_algorithm"], signer["digest_algorithm"]
    if any(one["algorithm"].native not in STRONG for one in used):
        raise StampRefused(Fault.WEAK)


def signer_of(token: cms.ContentInfo) -> asn1.Certificate | None:
    """The certificate that a token names, unjudged."""
    signed = token["content"]
    sid = signed["signer_infos"][0]["sid"]
    certificates = [] if isinstance(signed["certificates"], core.Void) else signed["certificates"]
    own = [one.chosen for one in certificates if one.name == "certificate" and is_named(one.chosen, sid)]
    return own[0] if len(own) == 1 else None


def _check_authority(token: cms.ContentInfo, known: trust.Authorities) -> None:
    """Before any cryptography with a stranger's key: its certificate is of an authority that we know."""
    own = signer_of(token)
    if own is None or known.issuer_of(x509.load_der_x509_certificate(own.dump())) is None:
        raise StampRefused(Fault.FOREIGN)


def _context(known: trust.Authorities, *, at: datetime) -> ValidationContext:
    return ValidationContext(
        trust_roots=trust.asn1_of(known.roots),  # never None: that would load the system's own list
        other_certs=trust.asn1_of(known.issuing),
        moment=at,
        best_signature_time=at,
        allow_fetching=False,
        revinfo_policy=UNASKED,
    )


def tokens(container: Container) -> list[cms.ContentInfo]:
    """What a signature brings along, unjudged. Raises StampRefused when it is too much."""
    with _refusing():
        unsigned = container.signer["unsigned_attrs"]
        if isinstance(unsigned, core.Void):
            return []
        named = [one for one in unsigned if one["type"].native == "signature_time_stamp_token"]
        found = [value for one in named for value in one["values"]]
        if len(found) > MAX_TOKENS or any(len(one.dump()) > MAX_BYTES for one in found):
            raise StampRefused(Fault.UNREADABLE)
        return found


def time_of(container: Container, *, now: datetime, known: trust.Authorities) -> datetime | None:
    """D44: when a signature was made by the stamp that it brings along; None where it brings none, or only
    such as nobody here can judge. Raises SignatureRefused for a wrong one: STAMP_WRONG, STAMP_TIME."""
    found = None
    try:
        for token in tokens(container):
            try:
                stamp = check(token, container.signer["signature"].native, now=now, known=known)
                found = found or stamp.at
            except StampRefused as refused:
                if refused.fault not in UNJUDGED:
                    raise
                logger.warning("eds: a time stamp that cannot be judged: %s", refused.fault)
    except StampRefused as refused:
        late = refused.fault == Fault.WRONG_TIME
        raise SignatureRefused(Refusal.STAMP_TIME if late else Refusal.STAMP_WRONG) from None
    return found


class Response(tsp.TimeStampResp):  # type: ignore[misc]  # asn1crypto has no types
    """A refusal holds no stamp, which the library's own demands."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class Stamper(TimeStamper):
    """pyHanko's, with our seam to the network and our doubts about the answer. One serves a run of the
    worker: its first stamp also tells whose certificate will sign the others."""

    def __init__(self, *, now: datetime, known: trust.Authorities) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # of a library
        self._now, self._known = now, known
        self.certificate: asn1.Certificate | None = None

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = http.call(
            "POST",
            settings.TSP_URL + "/",
            system=SYSTEM,
            data=req.dump(),
            headers={"Content-Type": "application/timestamp-query"},
            max_bytes=MAX_BYTES,
            timeout=min(SECONDS, settings.EGOV_TIMEOUT),
            repeat=True,
        )
        structure.check(answer.content)
        return Response.load(answer.content, strict=True)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Raises Unavailable; Unreadable for an answer that is not the stamp that was asked for."""
        if not settings.TSP_URL:
            raise Misconfigured(SYSTEM, "no TSP_URL")
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
        except EgovError:
            raise
        except TimestampRequestError:
            raise Unavailable(SYSTEM, "refused, or with another nonce") from None
        except Exception:  # what its bytes make a library throw
            raise Unreadable(SYSTEM, "not a stamp") from None
        try:
            stamp = await _check(token, lambda _: message_digest, now=self._now, known=self._known)
        except StampRefused as refused:
            raise Unreadable(SYSTEM, refused.fault) from None
        if self.certificate is not None and self.certificate.dump() != stamp.certificate.dump():
            raise Unavailable(SYSTEM, "its certificate has just changed")
        self.certificate = stamp.certificate
        return token


def ask(data: bytes, *, stamper: Stamper) -> cms.ContentInfo:
    """A new stamp over the bytes. Raises Unavailable."""
    token: cms.ContentInfo = asyncio.run(stamper.async_timestamp(hashlib.sha256(data).digest(), DIGEST))
    return token
