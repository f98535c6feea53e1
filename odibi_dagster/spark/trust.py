"""`network: {ca_file: …}` for a JVM: a trust store with the machine's authorities and that one."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path

from odibi_dagster.storage.trust import bundle

#: A trust store has one; there is nothing secret in it.
_PASSWORD = "changeit"


def java_options(ca_file: str) -> str:
    """The options of a JVM on this machine that trusts the file's authority beside the machine's own.

    Raises:
        StorageError: the file cannot be read, or holds no certificate.
    """
    named = {"trustStore": trust_store(bundle(ca_file)), "trustStorePassword": _PASSWORD}
    return " ".join(f"-Djavax.net.ssl.{name}={value}" for name, value in named.items())


@lru_cache(maxsize=8)
def trust_store(pem: str) -> str:
    """The path of a PKCS#12 trust store with all certificates of a PEM file."""
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import (
        PKCS12Certificate,
        serialize_java_truststore,
    )
    from cryptography.x509 import load_pem_x509_certificates

    text = Path(pem).read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some old authorities have odd serial numbers
        found = [PKCS12Certificate(each, None) for each in load_pem_x509_certificates(text)]
    content = serialize_java_truststore(found, BestAvailableEncryption(_PASSWORD.encode()))
    name = f"odibi-trust-{os.getuid()}-{hashlib.sha256(text).hexdigest()[:16]}.p12"
    path = Path(tempfile.gettempdir()) / name
    part, written = tempfile.mkstemp(prefix=name, dir=path.parent)  # 0600, and not somebody else's file
    with os.fdopen(part, "wb") as out:
        out.write(content)
    os.replace(written, path)
    return str(path)
