"""The OCSP responder: POST /ocsp/. Echoes the nonce, gives no nextUpdate, signs with a delegated key.

Set to "refuse" it lies, by the code: stale | nonce | foreign | unknown | try_later (the default).
"""

from datetime import datetime, timedelta

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from sandbox.ca import AUTHORITY, Authority
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import WORLD, World

register(
    Service(
        name="ocsp",
        title=Text("Куәліктерді тексеру (OCSP)", "Проверка сертификатов (OCSP)", "Certificate status (OCSP)"),
        about=Text(
            "Қолтаңба тексерілгенде порталдан сұрау келеді: куәлік күшінде ме?",
            "Когда подпись проверяется, портал спрашивает: действует ли сертификат?",
            "When a signature is checked, the portal asks whether the certificate still holds.",
        ),
        refusal=Text(
            "«кейінірек келіңіз» деп жауап береді; код бойынша: stale, nonce, foreign, unknown",
            "отвечает «позже»; по коду: stale, nonce, foreign, unknown",
            "answers “try later”; by code: stale, nonce, foreign, unknown",
        ),
        codes=("try_later", "stale", "nonce", "foreign", "unknown"),
    )
)

LATER = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
Status = tuple[ocsp.OCSPCertStatus, datetime | None, x509.ReasonFlags | None]


def status_of(serial: int, *, world: World, authority: Authority) -> Status:
    """Known and not revoked is good; one never issued here is unknown."""
    name = f"{serial:x}"
    record = authority.issued.get(name)
    if record is None:
        return ocsp.OCSPCertStatus.UNKNOWN, None, None
    revoked = world.part("revoked").get(name)
    if revoked is None and record["kind"] != "revoked":
        return ocsp.OCSPCertStatus.GOOD, None, None
    since = world.time() - 3600 if revoked is None else float(revoked)
    moment = datetime.fromtimestamp(since, world.now().tzinfo)
    return ocsp.OCSPCertStatus.REVOKED, moment, x509.ReasonFlags.key_compromise


async def answer(request: web.Request) -> web.Response:
    world, authority = request.app[WORLD], request.app[AUTHORITY]
    fault = await world.fault("ocsp")
    lie = fault.code or "try_later" if fault else ""
    try:
        question = ocsp.load_der_ocsp_request(await request.read())
    except ValueError:
        wrong = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        return _respond(wrong)
    if lie == "try_later":
        return _respond(LATER)
    return _respond(_build(question, world=world, authority=authority, lie=lie))


def _build(question: ocsp.OCSPRequest, *, world: World, authority: Authority, lie: str) -> ocsp.OCSPResponse:
    status, since, reason = status_of(question.serial_number, world=world, authority=authority)
    if lie == "unknown":
        status, since, reason = ocsp.OCSPCertStatus.UNKNOWN, None, None
    signer = authority.foreign() if lie == "foreign" else authority.responder
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=question.issuer_name_hash,
        issuer_key_hash=question.issuer_key_hash,
        serial_number=question.serial_number,
        algorithm=question.hash_algorithm,
        cert_status=status,
        this_update=world.now() - (timedelta(days=2) if lie == "stale" else timedelta()),
        next_update=None,
        revocation_time=since,
        revocation_reason=reason,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer.certificate)
    builder = _with_nonce(builder.certificates([signer.certificate]), question, lie=lie)
    return builder.sign(signer.private, hashes.SHA256())


def _with_nonce(
    builder: ocsp.OCSPResponseBuilder, question: ocsp.OCSPRequest, *, lie: str
) -> ocsp.OCSPResponseBuilder:
    try:
        nonce = question.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return builder
    return builder.add_extension(x509.OCSPNonce(b"\0" * 16 if lie == "nonce" else nonce), critical=False)


def _respond(response: ocsp.OCSPResponse) -> web.Response:
    return web.Response(body=response.public_bytes(Encoding.DER), content_type="application/ocsp-response")


async def revoke(request: web.Request) -> web.Response:
    """POST /control/revoke {"iin", "kind": "sign", "revoked": true}: the state of a person's certificate."""
    world, authority = request.app[WORLD], request.app[AUTHORITY]
    wanted = await request.json()
    key = authority.key(world.people[wanted["iin"]], wanted.get("kind", "sign"))
    name = f"{key.certificate.serial_number:x}"
    if wanted.get("revoked", True):
        world.part("revoked")[name] = world.time()
    else:
        world.part("revoked").pop(name, None)
    world.changed()
    return web.json_response({"serial": name, "revoked": name in world.part("revoked")})


def routes(app: web.Application) -> None:
    app.router.add_post("/ocsp/", answer)
    app.router.add_post("/ocsp", answer)
    app.router.add_post("/control/revoke", revoke)
