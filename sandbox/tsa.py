"""The time stamping authority (RFC 3161): POST /tsp/. Signs with a key of its own, which
the sandbox's authority has certified.

Set to "refuse" it lies, by the code: rejected (the default) | nonce (an answer of before) | imprint (over
other bytes) | foreign (signed by another authority) | broken (the signature does not fit) | back (its clock
is set back by two days) | ahead (two days forward) | garbage (a page of a proxy).
"""

import hashlib
from datetime import datetime, timedelta

from aiohttp import web
from asn1crypto import algos, cms, core, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from sandbox.ca import AUTHORITY, Authority
from sandbox.kalkan import Key
from sandbox.registry import Service, register
from sandbox.texts import Text
from sandbox.world import WORLD, World

LIES = ("rejected", "nonce", "imprint", "foreign", "broken", "back", "ahead", "garbage")

register(
    Service(
        name="tsp",
        title=Text("Уақыт белгісі (TSP)", "Метка времени (TSP)", "Time stamps (TSP)"),
        about=Text(
            "Қолтаңба мен мөрдің уақытын куәландырады: портал сұрауды қағаз дайындағанда жібереді.",
            "Удостоверяет время подписи и печати: портал спрашивает, когда готовит документ.",
            "Vouches for the time of signatures and seals: the portal asks when it makes a paper.",
        ),
        refusal=Text(
            "белгі бермейді; төмендегі код бойынша жалған белгі береді",
            "метку не даёт; по коду ниже даёт неверную",
            "gives no stamp; by the code below gives a wrong one",
        ),
        codes=LIES,
    )
)

POLICY = "1.2.398.3.3.2.6.2"  # of stamps by RSA with SHA-256
KNOWN = ("sha1", "sha224", "sha256", "sha384", "sha512")
ASIDE = timedelta(days=2)
OTHER_NONCE = 0x7E57


class Response(tsp.TimeStampResp):  # type: ignore[misc]  # asn1crypto has no types
    """A refusal holds no stamp, which the library's own demands."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def stamp(
    world: World,
    authority: Authority,
    imprint: bytes,
    *,
    algorithm: str = "sha256",
    nonce: int | None = None,
    lie: str = "",
) -> cms.ContentInfo:
    """A token over the hash, as programs that sign put into a CMS; `lie`: see LIES."""
    at = world.now() + {"back": -ASIDE, "ahead": ASIDE}.get(lie, timedelta())
    signer = authority.foreign_tsa() if lie == "foreign" else authority.tsa()
    if lie == "imprint":
        imprint = hashlib.new(algorithm, b"other bytes").digest()
    count = world.part("tsp").get("given", 0) + 1
    world.part("tsp")["given"] = count
    world.changed()
    facts = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint},
        "serial_number": int(at.timestamp()) << 24 | count,
        "gen_time": at.replace(microsecond=0),
        "accuracy": {"seconds": 1},
    }
    if nonce is not None:
        facts["nonce"] = OTHER_NONCE if lie == "nonce" else nonce
    return _token(tsp.TSTInfo(facts), signer, at=at, broken=lie == "broken")


def _token(info: tsp.TSTInfo, key: Key, *, at: datetime, broken: bool) -> cms.ContentInfo:
    content, certificate = info.dump(), key.asn1
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at)})]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [_named(key)]},
        ]
    )
    signature = key.private.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.issuer, "serial_number": certificate.serial_number,
            }
        },
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
        "signed_attrs": attributes,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
        "signature": bytes(signature[:-1] + bytes([signature[-1] ^ 1])) if broken else signature,
    }  # fmt: skip
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _named(key: Key) -> tsp.SigningCertificateV2:
    digest = hashlib.sha256(key.asn1.dump()).digest()
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": digest}]})


def attach(der: bytes, token: cms.ContentInfo) -> bytes:
    """The CMS with the token beside its signature (CAdES-T), as NCALayer and eGov Mobile give it out."""
    content = cms.ContentInfo.load(der)
    content["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [{"type": "signature_time_stamp_token", "values": [token]}]
    )
    answer: bytes = content.dump()  # by force it takes minutes: each level writes what is below it twice
    return answer


def stamped(world: World, authority: Authority, der: bytes) -> bytes:
    """What a program on the person's side makes of a signature: it asks the same authority, and goes on
    without a stamp when there is none to be had."""
    fault = world.fault_of("tsp")
    lie = (fault.code or "rejected") if fault and fault.mode == "refuse" else ""
    if (fault and fault.mode in ("fail", "drop")) or lie in ("rejected", "garbage"):
        return der
    signature = cms.ContentInfo.load(der)["content"]["signer_infos"][0]["signature"].native
    return attach(der, stamp(world, authority, hashlib.sha256(signature).digest(), lie=lie))


async def answer(request: web.Request) -> web.Response:
    world, authority = request.app[WORLD], request.app[AUTHORITY]
    fault = await world.fault("tsp")
    lie = (fault.code or "rejected") if fault else ""
    if lie == "garbage":
        return web.Response(body=b"<html>502</html>", content_type="text/html")
    return _respond(reply(world, authority, await request.read(), lie=lie))


def reply(world: World, authority: Authority, body: bytes, *, lie: str = "") -> Response:
    try:
        question = tsp.TimeStampReq.load(body, strict=True)
        imprint = question["message_imprint"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        if algorithm not in KNOWN or len(digest) != hashlib.new(algorithm).digest_size:
            return _no("bad_alg")
    except (ValueError, TypeError):
        return _no("bad_data_format")
    if lie == "rejected":
        return _no("system_failure")
    token = stamp(world, authority, digest, algorithm=algorithm, nonce=question["nonce"].native, lie=lie)
    return Response({"status": {"status": "granted"}, "time_stamp_token": token})


def _no(why: str) -> Response:
    return Response({"status": {"status": "rejection", "fail_info": {why}}})


def _respond(response: Response) -> web.Response:
    return web.Response(body=response.dump(), content_type="application/timestamp-reply")


def routes(app: web.Application) -> None:
    app.router.add_post("/tsp/", answer)
    app.router.add_post("/tsp", answer)
