"""A file of certificates that ops have given: when it has changed, and what it holds."""

from pathlib import Path

from cryptography import x509

from egov.wss.names import Unsound

MAX_FILE_BYTES = 64 * 1024
CLOSED = "its file cannot be read by the portal's user"


def changed(path: Path, setting: str) -> int:
    """By which a file that was put in place of another is read anew. Raises Unsound."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        raise Unsound(f"{setting} names no file that can be read", ours=True) from None


def certificates(path: Path, setting: str) -> list[x509.Certificate]:
    """Raises Unsound."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes()[:MAX_FILE_BYTES])
    except OSError:
        raise Unsound(f"{setting}: {CLOSED}", ours=True) from None
    except ValueError:
        raise Unsound(f"{setting}: holds no certificate in PEM", ours=True) from None
