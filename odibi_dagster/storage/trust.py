"""Which certificate authorities are trusted: the machine's, and what `network: {ca_file: …}` names."""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
from functools import lru_cache
from pathlib import Path

from odibi_dagster.errors import StorageError, Where


def authority(ca_file: str) -> str:
    """The PEM text of a file with one or more certificates.

    Raises:
        StorageError: it cannot be read, or holds no certificate.
    """
    where = Where(file=ca_file)
    try:
        text = Path(ca_file).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise StorageError(
            "The file of `network: ca_file` cannot be read.",
            where=where,
            why=error.strerror or str(error),
            remedy="Correct the path, or make the file readable for this user.",
        ) from error
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise StorageError(
            "The file of `network: ca_file` holds no certificate.",
            where=where,
            remedy="Name a PEM file: it has lines like -----BEGIN CERTIFICATE-----.",
        )
    return text


def bundle(ca_file: str) -> str:
    """The path of a PEM file with the machine's authorities and this one, for clients that take one file.

    Raises:
        StorageError: the file cannot be read, or holds no certificate.
    """
    text, machine = authority(ca_file), _machine()
    return machine if text in _read(machine) else _bundle(text, machine)


def trust(ca_file: str) -> None:
    """From here on the process and its children trust it beside the machine's authorities, where OpenSSL's
    variable SSL_CERT_FILE is asked: in Python, and in delta-rs (1.6.6), which takes no other setting.

    Raises:
        StorageError: the file cannot be read, or holds no certificate.
    """
    os.environ["SSL_CERT_FILE"] = bundle(ca_file)


@lru_cache(maxsize=8)
def _bundle(text: str, machine: str) -> str:
    whole = "\n".join((_read(machine), text))
    name = f"odibi-trust-{os.getuid()}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}.pem"
    path = Path(tempfile.gettempdir()) / name
    part, written = tempfile.mkstemp(prefix=name, dir=path.parent)  # 0600, and not somebody else's file
    with os.fdopen(part, "w", encoding="ascii", errors="replace") as out:
        out.write(whole)
    os.replace(written, path)
    return str(path)


def _machine() -> str:
    """The file of what this machine trusts; the one that requests brings along where it has none."""
    file = ssl.get_default_verify_paths().cafile
    if not file:
        import certifi

        file = certifi.where()
    return file


def _read(file: str) -> str:
    return Path(file).read_text(encoding="ascii", errors="replace")
