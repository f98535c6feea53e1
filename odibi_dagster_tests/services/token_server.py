"""Where tokens come from: Entra's endpoint and the metadata service of a machine (IMDS), on 127.0.0.1."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import jwt

from odibi_dagster_tests.services.certificates import Certificate
from odibi_dagster_tests.services.http_server import Answer, Request, http_server

STORAGE = "https://storage.azure.com"
ENTRA, IMDS = "/oauth2/v2.0/token", "/metadata/identity/oauth2/token"


@dataclass
class TokenServer:
    """A running token server; everything but its address may be changed while it runs.

    Args:
        url: its address: the authority for clients, and the machine's metadata endpoint.
        tenant: the only tenant it knows.
        client_id: the only application, and the only user-assigned identity.
        client_secret: the application's secret.
        assertion: the federated token it takes for the application (workload identity).
        lifetime: how many seconds a token is valid; negative: expired, whatever the answer says.
        audience: what tokens are for; None means what is asked for.
        requests: every token request: the path, and its parameters without secrets.
    """

    url: str = ""
    tenant: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    assertion: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    lifetime: int = 3600
    audience: str | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def token(self, audience: str) -> str:
        """A token, made as the server makes them."""
        now = int(time.time())
        begin = min(now, now + self.lifetime) - 60
        claims = {
            "aud": self.audience or audience,
            "iss": f"https://sts.windows.net/{self.tenant}/",
            "iat": begin,
            "nbf": begin,
            "exp": now + self.lifetime,
            "tid": self.tenant,
            "oid": self.client_id,
            "appid": self.client_id,
            "ver": "1.0",
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, "nobody checks the signature, and it is long enough", algorithm="HS256")

    def _answer(self, request: Request) -> Answer:
        if request.path == IMDS:
            return self._metadata(request)
        tenant, _, rest = request.path.removeprefix("/").partition("/")
        if rest == "v2.0/.well-known/openid-configuration":
            base = f"{self.url}/{tenant}"
            issuer = f"{base}/v2.0"
            endpoints = {"token_endpoint": base + ENTRA, "authorization_endpoint": f"{base}/authorize"}
            return Answer(200, {"issuer": issuer, "jwks_uri": f"{base}/keys", **endpoints})
        if f"/{rest}" == ENTRA and request.method == "POST":
            return self._entra(tenant, request.form)
        return Answer(404, {"error": "not_found"})

    def _entra(self, tenant: str, form: dict[str, str]) -> Answer:
        hidden = ("client_secret", "client_assertion")
        self.requests.append((ENTRA, {key: value for key, value in form.items() if key not in hidden}))
        if tenant != self.tenant:
            return _refused("invalid_request", f"AADSTS90002: Tenant '{tenant}' not found.")
        if form.get("client_id") != self.client_id:
            what = f"AADSTS700016: Application with identifier '{form.get('client_id')}' was not found."
            return _refused("unauthorized_client", what)
        if "client_assertion" in form:
            if form["client_assertion"] != self.assertion:
                return _refused("invalid_client", "AADSTS700213: No matching federated identity record.")
        elif form.get("client_secret") != self.client_secret:
            return _refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        return Answer(200, {"token_type": "Bearer", **self._issued(form["scope"].removesuffix("/.default"))})

    def _metadata(self, request: Request) -> Answer:
        self.requests.append((IMDS, dict(request.query)))
        if request.headers.get("metadata", "").lower() != "true":
            return Answer(400, {"error": "invalid_request", "error_description": "Required metadata header"})
        if request.query.get("client_id", self.client_id) != self.client_id:
            return Answer(400, {"error": "invalid_request", "error_description": "Identity not found"})
        issued = self._issued(request.query["resource"])
        issued["expires_in"] = str(issued["expires_in"])  # the real service writes numbers as text
        return Answer(200, {"token_type": "Bearer", "client_id": self.client_id, **issued})

    def _issued(self, audience: str) -> dict[str, object]:
        seconds = self.lifetime if self.lifetime > 0 else 3600
        until = int(time.time()) + seconds
        lifetime = {"expires_in": seconds, "ext_expires_in": seconds, "expires_on": str(until)}
        return {"access_token": self.token(audience), "resource": audience, **lifetime}


def _refused(error: str, description: str, status: int = 400) -> Answer:
    return Answer(status, {"error": error, "error_description": description, "error_codes": []})


@contextmanager
def token_server(tls: Certificate | None = None) -> Iterator[TokenServer]:
    """A token server until the block ends; azure-identity wants https."""
    server = TokenServer()
    with http_server(server._answer, tls) as url:
        server.url = url
        yield server
