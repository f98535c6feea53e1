"""An HTTP proxy that opens tunnels (CONNECT), as companies have them; any host may lead to a server here."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

_CHUNK = 65536


@dataclass
class Tunnel:
    """A running proxy.

    Args:
        port: where it listens on 127.0.0.1.
        to: for a host's name, the local port that it leads to.
        user: "name:password" that it asks for; "" for none.
        seen: the hosts that were asked for.
    """

    port: int
    to: Mapping[str, int]
    user: str = field(default="", repr=False)
    seen: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.user + '@' if self.user else ''}127.0.0.1:{self.port}"


@contextmanager
def tunnel(to: Mapping[str, int], user: str = "") -> Iterator[Tunnel]:
    """A new proxy until the block ends; arguments as of `Tunnel`."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                _serve(running, self.request)

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        running = Tunnel(server.server_address[1], to, user)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield running
        finally:
            server.shutdown()


def _serve(tunnel: Tunnel, client: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        if not (more := client.recv(_CHUNK)):
            return
        head += more
    first, *lines = head.decode("latin-1").split("\r\n")
    host = first.split(" ")[1].rpartition(":")[0]
    tunnel.seen.append(host)
    told = dict(line.lower().split(": ", 1) for line in lines if ": " in line).get("proxy-authorization", "")
    wanted = f"Basic {base64.b64encode(tunnel.user.encode()).decode()}".lower()
    if tunnel.user and told != wanted:
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    elif host not in tunnel.to:
        client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    else:
        with socket.create_connection(("127.0.0.1", tunnel.to[host])) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
