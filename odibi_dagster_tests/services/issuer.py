"""An OpenID Connect issuer, as a Kubernetes cluster is one: it signs tokens, and its keys are public."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt

from odibi_dagster_tests.services.http_server import Answer, Request, http_server

KEYS = "/openid/v1/jwks"
_KEY_ID = "tests"


@dataclass(frozen=True)
class Issuer:
    """Makes tokens of a service account. It can be pickled: children of a test make the same ones.

    Args:
        url: its address, which tokens name, and where its public keys are.
        audience: whom tokens are for.
        key: the private key, PEM.
        foreign_key: somebody else's.
    """

    url: str
    audience: str
    key: str = field(repr=False)
    foreign_key: str = field(repr=False)

    def token(self, **claims: Any) -> str:
        """A token that is good for an hour; `claims` change it: `aud`, `iss`, `exp` (seconds since 1970)."""
        return self._signed(self.key, claims)

    def forged(self) -> str:
        """The same token, signed by somebody else in this issuer's name."""
        return self._signed(self.foreign_key, {})

    def _signed(self, key: str, claims: dict[str, Any]) -> str:
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": self.audience,
            "sub": "system:serviceaccount:lake:runner",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
        }
        return jwt.encode({**usual, **claims}, key, algorithm="RS256", headers={"kid": _KEY_ID})


@contextmanager
def issuer(audience: str) -> Iterator[Issuer]:
    """An issuer until the block ends, with keys of its own."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from jwt.algorithms import RSAAlgorithm

    key = _private_key()
    public: Any = load_pem_private_key(key.encode(), None).public_key()
    jwk = RSAAlgorithm.to_jwk(public, as_dict=True) | {"kid": _KEY_ID, "use": "sig", "alg": "RS256"}

    def answer(request: Request) -> Answer:
        return Answer(200, {"keys": [jwk]}) if request.path == KEYS else Answer(404, {"error": "not_found"})

    with http_server(answer) as url:
        yield Issuer(url, audience, key, _private_key())


def _private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
