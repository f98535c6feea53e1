"""A Databricks workspace as far as reading secrets goes: /api/2.0/secrets/get, with a bearer token."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from odibi_dagster_tests.services.certificates import Certificate
from odibi_dagster_tests.services.http_server import Answer, Request, http_server


@dataclass
class Workspace:
    """A running workspace; its secrets may be changed at any time.

    Args:
        url: its address.
        token: the only token it takes.
        secrets: (scope, key) to value.
        failing: keys that are answered with this status; 302 leads to `/elsewhere`.
        elsewhere: the Authorization header of each request that came to `/elsewhere`.
    """

    url: str = ""
    token: str = field(default_factory=lambda: f"dapi{secrets.token_hex(16)}", repr=False)
    secrets: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    failing: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str | None] = field(default_factory=list)

    def _answer(self, request: Request) -> Answer:
        if request.path == "/elsewhere":
            self.elsewhere.append(request.headers.get("authorization"))
            return Answer(200, {"key": "x", "value": ""})
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(403, "PERMISSION_DENIED", "Invalid access token.")
        if request.path != "/api/2.0/secrets/get":
            return _error(404, "ENDPOINT_NOT_FOUND", f"No API found for '{request.method} {request.path}'")
        scope, key = request.query["scope"], request.query["key"]
        if status := self.failing.get(key):
            return Answer(status, headers={"Location": f"{self.url}/elsewhere"})
        if (scope, key) not in self.secrets:
            return _error(
                404, "RESOURCE_DOES_NOT_EXIST", f"Secret does not exist with scope: {scope} and key: {key}"
            )
        value = base64.b64encode(self.secrets[scope, key].encode()).decode()
        return Answer(200, {"key": key, "value": value})


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error_code": code, "message": message})


@contextmanager
def workspace(tls: Certificate | None = None) -> Iterator[Workspace]:
    """A workspace until the block ends."""
    made = Workspace()
    with http_server(made._answer, tls) as url:
        made.url = url
        yield made
