"""pyHanko's signer with a key that is loaded once. The library's own reads and checks the private key at
every signature, and signs twice to learn how long the signature will be: nine tenths of a seal's time.
"""

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.signers import SimpleSigner


class HeldKeySigner(SimpleSigner):
    """The seal's own kind only: RSA, SHA-256, PKCS #1 v1.5."""

    held: RSAPrivateKey

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise NotImplementedError(digest_algorithm)
        if dry_run:  # only the length is asked for
            return bytes(self.held.key_size // 8)
        return self.held.sign(data, PKCS1v15(), SHA256())


def load(bundle: bytes, password: bytes) -> HeldKeySigner:
    """Raises ValueError when the bundle does not open with the password, or holds no RSA key."""
    key, _certificate, _others = pkcs12.load_key_and_certificates(bundle, password)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the seal's key is no RSA key")
    plain = SimpleSigner.load_pkcs12_data(bundle, [], passphrase=password)
    signer = HeldKeySigner(plain.signing_cert, plain.signing_key, plain.cert_registry)
    signer.held = key
    return signer
