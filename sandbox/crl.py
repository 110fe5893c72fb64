"""The authority's list of revoked certificates: GET /crl/issuing.crl.

Set to "refuse" it lies, by the code: stale (the default) | foreign | empty (nobody is revoked).
"""

from datetime import datetime, timedelta

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPCertStatus

from sandbox.ca import AUTHORITY, Authority
from sandbox.ocsp import status_of
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import WORLD, World

LIFE = timedelta(days=1)

register(
    Service(
        name="crl",
        title=Text(
            "Кері қайтарылған куәліктер тізімі (CRL)",
            "Список отозванных сертификатов (CRL)",
            "List of revoked certificates (CRL)",
        ),
        about=Text(
            "Портал оны алдын ала жүктеп қояды: OCSP жауап бермесе, тізімге қарайды.",
            "Портал загружает его заранее: если OCSP не отвечает, смотрит в список.",
            "The portal fetches it beforehand and looks into it when OCSP does not answer.",
        ),
        refusal=Text(
            "ескірген тізім береді; код бойынша: stale, foreign, empty",
            "даёт устаревший список; по коду: stale, foreign, empty",
            "gives an old list; by code: stale, foreign, empty",
        ),
        codes=("stale", "foreign", "empty"),
    )
)


def build(world: World, authority: Authority, *, lie: str = "") -> bytes:
    """DER of the list as of now."""
    made = world.now() - (timedelta(days=30) if lie == "stale" else timedelta())
    signer = authority.foreign() if lie == "foreign" else authority.issuing
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.subject)
        .last_update(made)
        .next_update(made + LIFE)
        .add_extension(x509.CRLNumber(int(made.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.private.public_key()), critical=False
        )
    )
    for serial in [] if lie == "empty" else map(_number, authority.issued):
        status, since, _reason = status_of(serial, world=world, authority=authority)
        if status is OCSPCertStatus.REVOKED and since is not None:
            builder = builder.add_revoked_certificate(_entry(serial, since))
    return builder.sign(signer.private, hashes.SHA256()).public_bytes(Encoding.DER)


def _number(serial: str) -> int:
    return int(serial, 16)


def _entry(serial: int, since: datetime) -> x509.RevokedCertificate:
    reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
    return builder.add_extension(reason, critical=False).build()


async def give(request: web.Request) -> web.Response:
    world, authority = request.app[WORLD], request.app[AUTHORITY]
    fault = await world.fault("crl")
    der = build(world, authority, lie=(fault.code or "stale") if fault else "")
    return web.Response(body=der, content_type="application/pkix-crl")


def routes(app: web.Application) -> None:
    app.router.add_get("/crl/issuing.crl", give)
