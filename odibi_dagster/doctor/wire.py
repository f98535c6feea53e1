"""The way to an endpoint, one step after another: address, connection, proxy, TLS, an answer, its clock."""

from __future__ import annotations

import base64
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from odibi_dagster.doctor.check import Said
from odibi_dagster.doctor.endpoint import Endpoint
from odibi_dagster.storage.trust import bundle

#: Seconds. The stores refuse signatures 15 minutes off; clocks that are kept do not differ by minutes.
_SKEW_FAILS, _SKEW_WARNS = 15 * 60.0, 2 * 60.0
_EXPIRES_SOON = 14 * 86_400.0


@dataclass
class Wire:
    """One endpoint. Each step opens a connection of its own and closes it.

    Args:
        endpoint: where to.
        connect_timeout: seconds for a connection to be made.
        timeout: seconds for an answer.
    """

    endpoint: Endpoint
    connect_timeout: float = 5.0
    timeout: float = 8.0
    _ahead: float | None = None

    def name(self) -> Said:
        """Whether the host, or the proxy's, has an address."""
        host, port = self.endpoint.first
        whose = "the proxy " if self.endpoint.proxy else ""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            return Said(
                "failed",
                f"{whose}{host} has no address: {error.strerror}",
                "Correct the proxy's name."
                if whose
                else "Correct the account's name or the `endpoint:`; a private one needs its DNS zone here.",
            )
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if addresses == [host]:
            return Said("ok", f"{whose}{host} is an address")
        more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        return Said("ok", f"{whose}{host} is {addresses[0]}{more}")

    def connection(self) -> Said:
        """Whether somebody listens there."""
        host, port = self.endpoint.first
        try:
            socket.create_connection((host, port), self.connect_timeout).close()
        except OSError as error:
            late = isinstance(error, TimeoutError)
            reason = f"nothing within {self.connect_timeout:g} s" if late else error.strerror or str(error)
            look = "the proxy" if self.endpoint.proxy else "the `endpoint:` and the firewall"
            also = "" if self.endpoint.proxy else "; a proxy is named in `network: {proxy: …}`"
            return Said("failed", f"{host}:{port}: {reason}", f"Look at {look}{also}.")
        return Said("ok", f"{host}:{port}" + (" (the proxy)" if self.endpoint.proxy else ""))

    def proxy(self) -> Said:
        """Whether the proxy lets requests for the host through."""
        proxy = self.endpoint.proxy
        assert proxy is not None
        if not self.endpoint.tls:
            return Said("skipped", "without TLS each request asks it; see `answer`")
        try:
            with self._opened(trust=False):
                pass
        except ssl.SSLError:
            pass  # the tunnel stands: what is at its end is the next check's
        except OSError as error:
            return Said(
                "failed",
                f"{proxy} does not let us through to {self.endpoint.host}: {error}",
                "Correct `network: {proxy: …}` or its password, let the proxy pass this host, "
                "or name the host in `no_proxy:`.",
            )
        return Said("ok", f"{proxy} lets us through to {self.endpoint.host}")

    def tls(self) -> Said:
        """Whether the certificate is one that this machine, or `ca_file`, trusts."""
        if not self.endpoint.tls:
            if _loopback(self.endpoint.host):
                return Said("ok", "none: an http:// endpoint of this machine")
            return Said("warning", "none: keys and data go in the clear", "Write https:// in `endpoint:`.")
        try:
            with self._opened() as connection:
                assert isinstance(connection.sock, ssl.SSLSocket)
                version, certificate = connection.sock.version(), connection.sock.getpeercert() or {}
        except ssl.SSLCertVerificationError as error:
            return Said(
                "failed",
                f"the certificate of {self.endpoint.host} is not trusted: {error.verify_message}",
                "Put your certificate authority's PEM file into `network: {ca_file: …}`; "
                "behind a proxy that opens connections it is the proxy's.",
            )
        except ssl.SSLError as error:
            return Said(
                "failed",
                f"{self.endpoint.host}:{self.endpoint.port} does not speak TLS as it should: {error.reason}",
                "Write http:// for an emulator, or correct the port.",
            )
        except OSError as error:
            return Said("failed", f"the connection broke off: {error}", "Look at the proxy and the firewall.")
        left = ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()
        text = f"{version}, the certificate is valid for {max(0, round(left / 86_400))} days"
        if left < _EXPIRES_SOON:
            return Said("warning", text, "Ask whoever runs the endpoint to renew it.")
        return Said("ok", text)

    def answer(self) -> Said:
        """Whether an unsigned request is answered at all; a refusal is an answer."""
        try:
            with self._opened() as connection:
                headers = {"User-Agent": "odibi-dagster"}
                target = self.endpoint.path
                if self.endpoint.proxy and not self.endpoint.tls:
                    target, headers = self.endpoint.url, {**headers, **self._authorization()}
                asked = datetime.now(UTC)
                connection.request("GET", target, headers=headers)
                response = connection.getresponse()
                self._ahead = _ahead(response.getheader("Date"), asked, datetime.now(UTC))
        except TimeoutError:
            remedy = "Look at the proxy and the firewall, and at the service's health."
            return Said("failed", f"it is connected, and no answer came within {self.timeout:g} s", remedy)
        except (OSError, HTTPException) as error:
            text = f"no answer of HTTP: {error or type(error).__name__}"
            return Said("failed", text, "Correct the `endpoint:`, or look at the proxy.")
        if response.status == 407:
            return Said(
                "failed", "the proxy asks who we are", "Write `proxy: http://user:password@host:port`."
            )
        if response.status >= 500 and response.status != 501:
            text = f"{response.status} {response.reason}"
            return Said("failed", text, "Try again; if it lasts, look at the proxy and the service's health.")
        return Said("ok", f"{response.status} to an unsigned request, as it should be")

    def clock(self) -> Said:
        """Whether this machine's clock is the store's."""
        if self._ahead is None:
            return Said("skipped", "the answer had no date")
        off = abs(self._ahead)
        text = f"{off:.0f} s {'ahead of' if self._ahead > 0 else 'behind'} the store's"
        if off < 2:
            return Said("ok", "the store's")
        remedy = "Set this machine's clock by NTP; requests are signed with the time."
        if off >= _SKEW_FAILS:
            return Said("failed", text, remedy)
        return Said("warning", text, remedy) if off >= _SKEW_WARNS else Said("ok", text)

    @contextmanager
    def _opened(self, *, trust: bool = True) -> Iterator[HTTPConnection]:
        """A connection, through the proxy, with TLS where the endpoint has it."""
        endpoint, (host, port) = self.endpoint, self.endpoint.first
        connection: HTTPConnection
        if endpoint.tls:
            trusted = bundle(endpoint.ca_file) if endpoint.ca_file else None
            context = ssl.create_default_context(cafile=trusted)
            if not trust:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = HTTPSConnection(host, port, timeout=self.timeout, context=context)
            if endpoint.proxy:
                connection.set_tunnel(endpoint.host, endpoint.port, self._authorization())
        else:
            connection = HTTPConnection(host, port, timeout=self.timeout)
        try:
            connection.connect()
            yield connection
        finally:
            connection.close()

    def _authorization(self) -> dict[str, str]:
        proxy = self.endpoint.proxy
        if not proxy or not proxy.user:
            return {}
        told = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {told}"}


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ahead(date: str | None, asked: datetime, answered: datetime) -> float | None:
    """Seconds that this machine is ahead of a Date header, which counts whole seconds; None without one."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    early, late = (asked - theirs).total_seconds() - 1.0, (answered - theirs).total_seconds()
    return early if early > 0 else late if late < 0 else 0.0
