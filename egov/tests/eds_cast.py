"""Keys, certificates and an OCSP responder for the tests of signatures: the sandbox's own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as x509_ocsp

from egov.errors import Unavailable
from egov.http import Answer
from sandbox import crl, ocsp, tsa
from sandbox.ca import Authority
from sandbox.kalkan import Key, sign
from sandbox.people import Human, Job
from sandbox.world import World

NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
DATA = "1-сыныпқа қабылдау туралы өтінім".encode()
SCHOOL_BIN = "990540099902"

PARENT = Human("900708499904", "Сәрсенова", "Айгүл", "Маратқызы", "F", date(1990, 7, 8))
STRANGER = Human("880120399905", "Ахметов", "Данияр", "Болатұлы", "M", date(1988, 1, 20))
DIRECTOR = Human(
    "750312499106",
    "Қасымова",
    "Нұргүл",
    "Серікқызы",
    "F",
    date(1975, 3, 12),
    job=Job(SCHOOL_BIN, "«№63 жалпы білім беретін мектеп» КММ", "КГУ «ОШ №63»", "director"),
)
EXECUTOR = Human(
    "850905499202",
    "Бекова",
    "Жанар",
    "",
    "F",
    date(1985, 9, 5),
    job=Job(SCHOOL_BIN, "«№63 жалпы білім беретін мектеп» КММ", "КГУ «ОШ №63»", "executor"),
)


GOST_KEY, GOST_SIGNATURE = "1.2.398.3.10.1.1.2.2", "1.2.398.3.10.1.1.2.3.2"
RSA_KEY_DER = bytes.fromhex("06092a864886f70d010101")
GOST_KEY_DER = bytes.fromhex("06092a830e030a01010202")  # of the same length: the certificate stays whole


def claim_gost(cms: bytes, *, key_too: bool = True) -> bytes:
    """The CMS as one whose signature claims GOST, and whose certificate's key does, too."""
    content = asn1_cms.ContentInfo.load(cms)
    signer = content["content"]["signer_infos"][0]
    signer["signature_algorithm"] = {"algorithm": GOST_SIGNATURE}
    der = content.dump(force=True)
    return der.replace(RSA_KEY_DER, GOST_KEY_DER, 1) if key_too else der


@dataclass
class Pki:
    """The authority, and what its responder does: `lie` as in sandbox/ocsp.py, "down" for silence."""

    authority: Authority
    world: World
    lie: str = ""
    crl_lie: str = ""  # as in sandbox/crl.py
    tsa_lie: str = ""  # as in sandbox/tsa.py, "down" for silence
    asked: int = 0

    def key(self, human: Human = PARENT, kind: str = "sign") -> Key:
        return self.authority.key(human, kind)

    def sign(self, human: Human = PARENT, kind: str = "sign", data: bytes = DATA, **more: Any) -> bytes:
        return sign(data, self.key(human, kind), at=NOW, **more)

    def stamped(self, cms: bytes, *, lie: str = "") -> bytes:
        """The CMS with a time stamp, as NCALayer and eGov Mobile give it out."""
        signature = asn1_cms.ContentInfo.load(cms)["content"]["signer_infos"][0]["signature"].native
        digest = hashlib.sha256(signature).digest()
        return tsa.attach(cms, tsa.stamp(self.world, self.authority, digest, lie=lie))

    def call(self, method: str, url: str, *, system: str, data: bytes = b"", **_: Any) -> Answer:
        """Stands in for egov.http.call; nobody but the responder answers."""
        if system == "crl":
            return Answer("crl", 200, crl.build(self.world, self.authority, lie=self.crl_lie))
        if system == "tsp" and self.tsa_lie not in ("down", "garbage"):
            answer = tsa.reply(self.world, self.authority, data, lie=self.tsa_lie)
            return Answer("tsp", 200, answer.dump())
        if system == "tsp" and self.tsa_lie == "garbage":
            return Answer("tsp", 200, b"<html>502</html>")
        if system != "ocsp":
            raise Unavailable(system, "ConnectionError")
        assert (method, url) == ("POST", "http://ocsp.test/")
        self.asked += 1
        if self.lie == "down":
            raise Unavailable("ocsp", "ConnectionError")
        question = x509_ocsp.load_der_ocsp_request(data)
        if self.lie == "try_later":
            return Answer("ocsp", 200, ocsp.LATER.public_bytes(Encoding.DER))
        if self.lie == "garbage":
            return Answer("ocsp", 200, b"<html>502</html>")
        said = ocsp._build(question, world=self.world, authority=self.authority, lie=self.lie)
        return Answer("ocsp", 200, said.public_bytes(Encoding.DER))


class StillWorld(World):
    """At NOW, whatever the machine's clock says."""

    def time(self) -> float:
        return NOW.timestamp()


@pytest.fixture(scope="session")
def _authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("sandbox"), now=lambda: NOW)


@pytest.fixture
def pki(
    _authority: Authority, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pki]:
    found = Pki(_authority, StillWorld(tmp_path / "world"))
    settings.EDS_CA_DIR = _authority.folder
    settings.OCSP_URL = "http://ocsp.test"
    settings.TSP_URL = "http://tsp.test"
    settings.EDS_CRL_URLS = []
    monkeypatch.setattr("egov.http.call", found.call)
    yield found
