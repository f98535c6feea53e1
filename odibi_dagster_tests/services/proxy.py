"""A bad network: a proxy before a store that counts requests, waits, breaks off, refuses and forgets."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import h11

from odibi_dagster_tests.services.fault import (
    CutAnswer,
    CutUpload,
    Fault,
    Hang,
    LoseAnswer,
    Refuse,
    Rule,
    Seen,
)

CHUNK = 65536
Server = TypeVar("Server")


@dataclass
class Proxy:
    """A running proxy; everything but its port may be changed while it runs.

    Args:
        port: where it listens on 127.0.0.1.
        server_port: where it passes requests on to.
        latency: seconds that each request waits before it is passed on.
        seen: every request so far.
        rules: faults; the first that matches and is not used up applies.
    """

    port: int
    server_port: int
    latency: float = 0.0
    seen: list[Seen] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def on(self, match: Callable[[Seen], bool], fault: Fault, times: int | None = 1) -> Rule:
        """From now on, do this to such requests."""
        rule = Rule(fault, match, times)
        self.rules.append(rule)
        return rule

    def calm(self) -> None:
        """A good network again, and nothing seen."""
        self.latency = 0.0
        self.rules.clear()
        self.seen.clear()

    def count(self, match: Callable[[Seen], bool] = lambda seen: True) -> int:
        """How many requests came."""
        return sum(match(seen) for seen in self.seen)

    def before(self, server: Server) -> Server:
        """The same server, reached through this proxy."""
        parts = urlsplit(server.endpoint)  # type: ignore[attr-defined]
        endpoint = urlunsplit(parts._replace(netloc=f"127.0.0.1:{self.port}"))
        return replace(server, endpoint=endpoint)  # type: ignore[type-var]

    def _fault(self, seen: Seen) -> Fault | None:
        self.seen.append(seen)
        for rule in self.rules:
            if (rule.times is None or rule.hits < rule.times) and rule.match(seen):
                rule.hits += 1
                return rule.fault
        return None


@contextmanager
def proxy(server: Any) -> Iterator[Proxy]:
    """A proxy before a server with an `endpoint` over http, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    running = Proxy(listening.getsockname()[1], urlsplit(server.endpoint).port or 80)

    async def serve() -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: _serve(running, r, w), sock=listening)

    started = asyncio.run_coroutine_threadsafe(serve(), loop).result()
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(_stop(started), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Broken(Exception):
    """The connection is to be broken now."""


@dataclass
class _Side:
    """One side's connection: bytes on a socket, events of HTTP."""

    http: h11.Connection
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def receive(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            self.http.receive_data(await self.reader.read(CHUNK))
        return event

    async def send(self, event: Any) -> None:
        if data := self.http.send(event):
            self.writer.write(data)
            await self.writer.drain()


async def _serve(proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One client's connection: its requests, one after another, over one connection to the server."""
    client = _Side(h11.Connection(h11.SERVER), reader, writer)
    server: _Side | None = None
    try:
        while True:
            request = await client.receive()
            if not isinstance(request, h11.Request):
                return
            server = await _exchange(proxy, client, server, request)
            if client.http.our_state is not h11.DONE or client.http.their_state is not h11.DONE:
                return
            client.http.start_next_cycle()
    except _Broken:
        # A reset, and not a polite end.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    except (OSError, h11.ProtocolError, asyncio.CancelledError):
        pass  # somebody hung up, or the proxy ends
    finally:
        for side in (client, server):
            if side:
                side.writer.transport.abort() if side is client else side.writer.close()


async def _exchange(proxy: Proxy, client: _Side, server: _Side | None, request: h11.Request) -> _Side | None:
    headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
    fault = proxy._fault(Seen(request.method.decode(), request.target.decode(), headers))
    if proxy.latency:
        await asyncio.sleep(proxy.latency)
    if isinstance(fault, Hang):
        await asyncio.sleep(fault.seconds)
        raise _Broken
    if isinstance(fault, Refuse):
        await _refuse(client, fault)
        return server
    server = await _connected(proxy, server)
    await _upload(client, server, request, fault.after if isinstance(fault, CutUpload) else None)
    await _answer(client, server, fault)
    return server


async def _connected(proxy: Proxy, server: _Side | None) -> _Side:
    """The connection to the server, if the last exchange left it fit for another; else a new one."""
    if server and server.http.our_state is h11.DONE and server.http.their_state is h11.DONE:
        server.http.start_next_cycle()
        if not server.reader.at_eof():
            return server
    if server:
        server.writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.server_port)
    return _Side(h11.Connection(h11.CLIENT), reader, writer)


async def _upload(client: _Side, server: _Side, request: h11.Request, limit: int | None) -> None:
    # We have answered "100 Continue" ourselves.
    kept = [(name, value) for name, value in request.headers.raw_items() if name.lower() != b"expect"]
    await server.send(h11.Request(method=request.method, target=request.target, headers=kept))
    sent = 0
    while True:
        event = await client.receive()
        if isinstance(event, h11.Data):
            data = bytes(event.data)
            if limit is not None and sent + len(data) >= limit:
                await server.send(h11.Data(data=data[: limit - sent]))
                server.writer.transport.abort()
                raise _Broken
            await server.send(h11.Data(data=data))
            sent += len(data)
        elif isinstance(event, h11.EndOfMessage):
            if limit is not None:
                raise _Broken
            await server.send(event)
            return
        else:
            raise _Broken


async def _answer(client: _Side, server: _Side, fault: Fault | None) -> None:
    lost = isinstance(fault, LoseAnswer)
    while isinstance(response := await server.receive(), h11.InformationalResponse):
        pass
    if not isinstance(response, h11.Response):
        raise _Broken
    if not lost:
        await client.send(response)
    sent = 0
    while isinstance(event := await server.receive(), h11.Data):
        data = bytes(event.data)
        if isinstance(fault, CutAnswer) and sent + len(data) >= fault.after:
            await client.send(h11.Data(data=data[: fault.after - sent]))
            raise _Broken
        if not lost:
            await client.send(h11.Data(data=data))
        sent += len(data)
    if isinstance(fault, LoseAnswer) and fault.status:
        await _say(client, fault.status)
    elif lost or isinstance(fault, CutAnswer) or not isinstance(event, h11.EndOfMessage):
        raise _Broken
    else:
        await client.send(event)


async def _refuse(client: _Side, fault: Refuse) -> None:
    while not isinstance(event := await client.receive(), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            raise _Broken
    await _say(client, fault.status, fault.retry_after)


async def _say(client: _Side, status: int, retry_after: int | None = None) -> None:
    headers = [("Content-Length", "0")]
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    await client.send(h11.Response(status_code=status, headers=headers))
    await client.send(h11.EndOfMessage())
