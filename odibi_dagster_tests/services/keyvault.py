"""Azure Key Vault as far as secrets go: challenge, tokens, versions; for Azure's own `SecretClient`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt

from odibi_dagster_tests.services.certificates import Certificate
from odibi_dagster_tests.services.http_server import Answer, Request, http_server
from odibi_dagster_tests.services.token_server import TokenServer

AUDIENCE = "https://vault.azure.net"


@dataclass
class KeyVault:
    """A running vault; secrets may be set at any time.

    Args:
        tokens: who issues tokens for it.
        url: its address; a client needs `verify_challenge_resource=False`, for it is not in vault.azure.net.
        versions: name to (version, value) pairs, oldest first.
        denied: names that the caller may not read.
        asked: how often a secret was asked for, with a good token.
    """

    tokens: TokenServer
    url: str = ""
    versions: dict[str, list[tuple[str, str]]] = field(default_factory=dict, repr=False)
    denied: set[str] = field(default_factory=set)
    asked: int = 0

    def set(self, name: str, value: str) -> str:
        """A new version of a secret; its id."""
        version = uuid.uuid4().hex
        self.versions.setdefault(name, []).append((version, value))
        return version

    def _answer(self, request: Request) -> Answer:
        if problem := self._unknown(request.headers.get("authorization", "")):
            authority = f"{self.tokens.url}/{self.tokens.tenant}"
            challenge = f'Bearer authorization="{authority}", resource="{AUDIENCE}"'
            return _error(401, "Unauthorized", problem, {"WWW-Authenticate": challenge})
        kind, name, version = [*request.path.strip("/").split("/"), "", ""][:3]
        if kind != "secrets" or request.method not in ("GET", "PUT"):
            return _error(404, "NotFound", "There is no such resource.")
        if request.method == "PUT":
            return self._secret(name, self.set(name, request.json["value"]))
        self.asked += 1
        if name in self.denied:
            return _error(403, "Forbidden", "The caller does not have secrets get permission.")
        return self._secret(name, version)

    def _unknown(self, authorization: str) -> str:
        """What is wrong with a token; nothing is wrong with ""."""
        try:
            token = jwt.decode(authorization.removeprefix("Bearer "), options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return "Request is missing a Bearer token."
        if token["aud"].rstrip("/") != AUDIENCE:
            return "AKV10022: Invalid audience."
        return "" if token["exp"] > time.time() else "AKV10000: The token has expired."

    def _secret(self, name: str, version: str) -> Answer:
        for made, value in reversed(self.versions.get(name, [])):
            if version in ("", made):
                attributes = {"enabled": True, "created": 0, "updated": 0}
                content = {"value": value, "id": f"{self.url}/secrets/{name}/{made}"}
                return Answer(200, {**content, "attributes": attributes})
        return _error(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this vault.")


def _error(status: int, code: str, message: str, headers: dict[str, Any] | None = None) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}}, headers or {})


@contextmanager
def key_vault(tokens: TokenServer, tls: Certificate) -> Iterator[KeyVault]:
    """A vault until the block ends."""
    vault = KeyVault(tokens)
    with http_server(vault._answer, tls) as url:
        vault.url = url
        yield vault
