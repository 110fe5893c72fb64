"""Namespaces, algorithms, and what an answer is refused for."""

from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = _OASIS + "wssecurity-secext-1.0.xsd"
WSU = _OASIS + "wssecurity-utility-1.0.xsd"
X509 = _OASIS + "x509-token-profile-1.0#X509v3"
BASE64 = _OASIS + "soap-message-security-1.0#Base64Binary"

CANONICAL = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
METHODS = frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512})
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


class Unsound(Exception):
    """An envelope that cannot be signed, or a signature that is not believed: why, without a value of it."""

    def __init__(self, words: str, *, ours: bool = False) -> None:
        super().__init__(words)
        self.words, self.ours = words, ours  # ours: no waiting mends it


def tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"
