"""Keys with certificates of their own making, to be believed by whom a test tells to."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"


def certified(file: Path, *hosts: str, begins: int = -1, ends: int = 1) -> Path:
    """A key and its own certificate for these hosts, in one file; valid between these days from today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{file.stem} {x509.random_serial_number()}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begins))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([_named(host) for host in hosts or (HERE,)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + certificate.public_bytes(encoding))
    file.chmod(0o600)
    return file


def _named(host: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(HERE)) if host == HERE else x509.DNSName(host)
