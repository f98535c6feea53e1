"""The proxy before a small server of its own."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from odibi_dagster_tests.services.fault import CutAnswer, CutUpload, Hang, LoseAnswer, Refuse, Seen
from odibi_dagster_tests.services.http_server import Answer, Request, http_server
from odibi_dagster_tests.services.proxy import Proxy, proxy


@dataclass(frozen=True)
class Echo:
    endpoint: str


asked: list[Request] = []


@pytest.fixture
def echo() -> Iterator[Proxy]:
    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(200, {"path": request.path, "length": len(request.body)})

    asked.clear()
    with http_server(answer) as url, proxy(Echo(url)) as running:
        assert running.before(Echo(url)).endpoint == f"http://127.0.0.1:{running.port}"
        yield running


def put(running: Proxy, path: str, body: bytes = b"", timeout: float = 10) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=timeout)
    try:
        connection.request("PUT", path, body)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def anything(seen: Seen) -> bool:
    return True


def test_requests_pass_and_are_counted_on_one_connection(echo: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", echo.port, timeout=10)
    for size in (0, 10, 300_000):
        connection.request("PUT", f"/a?size={size}", b"x" * size, {"Expect": "100-continue"})
        assert f'"length": {size}' in connection.getresponse().read().decode()
    connection.close()
    assert echo.count() == 3
    assert echo.count(lambda seen: seen.target.endswith("=10")) == 1
    echo.latency = 0.2
    began = time.monotonic()
    put(echo, "/b")
    assert time.monotonic() - began >= 0.2


def test_a_refusal_comes_so_often_and_the_server_hears_nothing(echo: Proxy) -> None:
    rule = echo.on(lambda seen: seen.path == "/a", Refuse(503, retry_after=1), times=2)
    assert [put(echo, "/a")[0] for _ in range(3)] == [503, 503, 200]
    assert (rule.hits, len(asked)) == (2, 1)


@pytest.mark.parametrize("fault", [CutUpload(), CutUpload(1000), Hang(0.1)])
def test_what_breaks_before_the_server_leaves_it_in_peace(echo: Proxy, fault: CutUpload | Hang) -> None:
    echo.on(anything, fault)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        put(echo, "/a", b"x" * 5000)
    time.sleep(0.1)
    assert [len(request.body) for request in asked if len(request.body) == 5000] == []


@pytest.mark.parametrize("fault", [LoseAnswer(), CutAnswer(), CutAnswer(5)])
def test_what_breaks_behind_the_server_is_done(echo: Proxy, fault: LoseAnswer | CutAnswer) -> None:
    echo.on(anything, fault)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        put(echo, "/a", b"x" * 5000)
    assert [len(request.body) for request in asked] == [5000]
    assert put(echo, "/a")[0] == 200


def test_a_gateway_between_may_say_something_else(echo: Proxy) -> None:
    echo.on(anything, LoseAnswer(status=504))
    assert put(echo, "/a", b"x" * 5000) == (504, "")
    assert [len(request.body) for request in asked] == [5000]
