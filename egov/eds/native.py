"""RSA signatures: ours are the limits and the order of the checks, pyHanko's the cryptography."""

import asyncio
import hashlib
from datetime import datetime

from asn1crypto import x509 as asn1
from asn1crypto.keys import RSAPublicKey
from cryptography import x509
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    RevokedError,
)
from pyhanko_certvalidator.ltv.poe import POEManager
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    NonRevokedStatusAssertion,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry
from pyhanko_certvalidator.revinfo.manager import RevinfoManager

from egov.eds import revocation, stamp, trust
from egov.eds.container import KEY_USAGE, Container, check_dates_and_usage, refusing, signer_of
from egov.eds.verdict import Refusal, SignatureRefused, Signer

DIGESTS = {"sha256", "sha384", "sha512"}
SIGNATURES = {"rsassa_pkcs1v15", "sha256_rsa", "sha384_rsa", "sha512_rsa"}
MIN_KEY_BITS, MAX_KEY_BITS = 2048, 4096
# 65537 everywhere: with 1 anything is a signature, and a long one makes verifying as dear as signing.
MIN_EXPONENT, MAX_EXPONENT = 65537, 2**32
REVOCATION_REQUIRED = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        RevocationCheckingRule.CRL_OR_OCSP_REQUIRED, RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
    )
)


def verify(
    container: Container,
    data: bytes,
    *,
    now: datetime,
    known: trust.Authorities,
    source: revocation.Source,
) -> Signer:
    """From the cheap and local to the network: a hopeless signature is refused without asking anybody."""
    with refusing(Refusal.MALFORMED):
        _check_strength(container)
        _check_integrity(container, data)
    with refusing(Refusal.UNKNOWN_CA):
        certificate = x509.load_der_x509_certificate(container.certificate.dump())
        issuer = known.issuer_of(certificate)
        if issuer is None:
            raise SignatureRefused(Refusal.UNKNOWN_CA)
        check_dates_and_usage(container.certificate, now=now)
        signer_of(container)  # NO_IIN before the network is troubled
    stamped_at = stamp.time_of(container, now=now, known=known)
    proof = source(certificate, issuer, now)
    with refusing(Refusal.UNKNOWN_CA):
        asyncio.run(_check_chain(container.certificate, known, now=now))
        return signer_of(container, proof, stamped_at=stamped_at)


def _check_strength(container: Container) -> None:
    key = container.certificate.public_key
    digest = container.signer["digest_algorithm"]["algorithm"].native
    if digest not in DIGESTS or container.signer["signature_algorithm"]["algorithm"].native not in SIGNATURES:
        raise SignatureRefused(Refusal.WEAK_ALGORITHM)
    if key.algorithm != "rsa" or not _is_sound(key["public_key"].parsed):
        raise SignatureRefused(Refusal.WEAK_ALGORITHM)
    if container.certificate.hash_algo not in DIGESTS:
        raise SignatureRefused(Refusal.WEAK_ALGORITHM)


def _is_sound(numbers: RSAPublicKey) -> bool:
    return is_sound(numbers["modulus"].native.bit_length(), numbers["public_exponent"].native)


def is_sound(bits: int, exponent: int) -> bool:
    return bool(
        MIN_KEY_BITS <= bits <= MAX_KEY_BITS
        and MIN_EXPONENT <= exponent <= MAX_EXPONENT
        and exponent % 2 == 1
    )


def check_chain(
    leaf: asn1.Certificate, known: trust.Authorities, *, now: datetime, key_usage: set[str], purpose: str
) -> None:
    """The path of another kind of key; that it is not revoked, the caller has asked. Raises
    SignatureRefused."""
    asyncio.run(_check_chain(leaf, known, now=now, key_usage=key_usage, purpose=purpose))


def _check_integrity(container: Container, data: bytes) -> None:
    digest = hashlib.new(container.signer["digest_algorithm"]["algorithm"].native, data).digest()
    with refusing(Refusal.BAD_SIGNATURE):
        intact, valid = validate_sig_integrity(
            container.signer, container.certificate, expected_content_type="data", actual_digest=digest
        )
    if not valid:
        raise SignatureRefused(Refusal.BAD_SIGNATURE)
    if not intact:
        raise SignatureRefused(Refusal.OTHER_DATA)


async def _check_chain(
    leaf: asn1.Certificate,
    known: trust.Authorities,
    *,
    now: datetime,
    key_usage: set[str] = KEY_USAGE,
    purpose: str = "email_protection",
) -> None:
    """The whole path to a root by the rules of RFC 5280. Revocation stays required: what `source`
    has established about the leaf is passed on; the authorities above it are pinned by operations."""
    context = _context(leaf, known, now=now)
    try:
        validator = CertificateValidator(leaf, validation_context=context)
        await validator.async_validate_usage(  # type: ignore[no-untyped-call]  # of a library
            key_usage=key_usage, extended_key_usage={purpose}
        )
    except (ExpiredError, NotYetValidError):
        raise SignatureRefused(Refusal.EXPIRED) from None
    except RevokedError:
        raise SignatureRefused(Refusal.REVOKED) from None
    except DisallowedAlgorithmError:
        raise SignatureRefused(Refusal.WEAK_ALGORITHM) from None
    except InvalidCertificateError:
        raise SignatureRefused(Refusal.NOT_SIGNING_KEY) from None


def _context(leaf: asn1.Certificate, known: trust.Authorities, *, now: datetime) -> ValidationContext:
    registry = CertificateRegistry(cert_fetcher=None)
    registry.register_multiple(trust.asn1_of(known.issuing))
    poe = POEManager()
    unrevoked = [NonRevokedStatusAssertion(leaf.sha256, at=now)]
    return ValidationContext(
        trust_roots=trust.asn1_of(known.roots),  # never None: that would load the system's own list
        moment=now,
        allow_fetching=False,  # the addresses come from the certificate, that is, from the attacker
        revinfo_policy=REVOCATION_REQUIRED,
        certificate_registry=registry,
        poe_manager=poe,
        revinfo_manager=RevinfoManager(registry, poe, crls=[], ocsps=[], assertions=unrevoked),
    )
