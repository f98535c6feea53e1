"""A publish over a bad network: nothing is lost or doubled, and whoever waits is told in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from odibi_dagster.errors import StorageError, TransientError
from odibi_dagster.lake import publish as module
from odibi_dagster.lake.publish import publish
from odibi_dagster.lake.write import Identity, Write
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.fault import CutAnswer, CutUpload, Fault, Hang, LoseAnswer, Refuse, Seen
from odibi_dagster_tests.services.place import Place, Server
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.proxy import Proxy, proxy
from odibi_dagster_tests.stores import stores_of

pytestmark = pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)

ONE, TWO = "SELECT 1::BIGINT AS id, 'a' AS name", "SELECT 2::BIGINT AS id, 'b' AS name"


@pytest.fixture
def network(store: Server) -> Iterator[Proxy]:
    """The network between the platform and the store; the test itself has a good one."""
    with proxy(store) as running, using(stores_of(running.before(store))):
        yield running


@pytest.fixture
def table(store: Server, network: Proxy) -> Table:
    return Table(Place(store, store.url()))


def write(table: Table, sql: str, kind: str) -> Write:
    number = 1 if sql == ONE else 2
    identity = Identity("odibi/batch/x", number, number - 1) if kind == "append" else None
    return table.write(sql, kind, ["name"] if kind == "partition" else [], identity=identity)


def expected(kind: str) -> list[tuple[int, str]]:
    """What is in the table when both are published."""
    return [(2, "b")] if kind == "full" else [(1, "a"), (2, "b")]


def commits(seen: Seen) -> bool:
    return seen.is_commit


# Not `CutUpload(0)`: SeaweedFS 4.48 keeps an empty object when the connection breaks behind the headers.
NOT_DONE = [Refuse(429, retry_after=1), CutUpload(50), Hang(0.1)]


@pytest.mark.parametrize("fault", NOT_DONE, ids=str)
def test_a_commit_that_did_not_arrive_is_made(table: Table, network: Proxy, fault: Fault) -> None:
    """By a repetition below, or by whoever is told that it failed."""
    for sql in (ONE, TWO):
        planned = write(table, sql, "append")
        rule = network.on(commits, fault)
        try:
            done = publish(planned)
        except TransientError as error:
            assert table.url in str(error)
            done = publish(planned)
        assert (rule.hits, done.repeated) == (1, False)
    assert table.rows() == [(1, "a"), (2, "b")]
    assert table.log().version == 1


# A gateway that says 503 makes the client try again: then it meets its own commit.
LOST = [LoseAnswer(), LoseAnswer(503), CutAnswer()]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [*((fault, "append") for fault in LOST), (LOST[1], "full"), (LOST[0], "partition")],
    ids=str,
)
def test_a_commit_whose_answer_was_lost_is_recognized(
    table: Table, network: Proxy, fault: Fault, kind: str
) -> None:
    for version, sql in enumerate((ONE, TWO)):
        rule = network.on(commits, fault)
        done = publish(write(table, sql, kind))
        assert (rule.hits, done.version, done.repeated) == (1, version, False)
    assert table.rows("id, name") == expected(kind)
    assert table.log().version == 1


def test_the_guard_is_to_look_what_became_of_it(
    table: Table, network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(write(table, ONE, "full"))
    monkeypatch.setattr(module, "settle", lambda *args: None)
    network.on(commits, LoseAnswer())
    with pytest.raises(TransientError):
        publish(write(table, TWO, "full"))
    assert table.rows() == [(2, "b")], "it was done, and nobody knows"


def test_a_lost_answer_and_no_way_to_ask_is_an_error_and_the_next_run_finds_it(
    table: Table, network: Proxy
) -> None:
    publish(write(table, ONE, "append"))
    planned = write(table, TWO, "append")
    commit = network.on(commits, LoseAnswer())
    network.on(lambda seen: commit.hits > 0, Hang(0), times=None)
    with pytest.raises((TransientError, StorageError)) as caught:
        publish(planned)
    assert table.url in str(caught.value)
    network.calm()
    done = publish(planned)
    assert (done.version, done.repeated) == (1, True)
    assert table.rows() == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("fault", [Refuse(503), CutAnswer(20), LoseAnswer()], ids=str)
def test_reads_are_repeated(table: Table, network: Proxy, fault: Fault) -> None:
    """Every third one breaks off, or is refused; a listing that breaks off is left to whoever tries again."""
    publish(write(table, ONE, "full"))
    dice = random.Random(1)
    rule = network.on(lambda seen: seen.method == "GET" and dice.random() < 0.3, fault, times=None)
    planned = write(table, TWO, "full")
    for _ in range(20):
        try:
            publish(planned)
        except TransientError:
            continue
        break
    assert rule.hits > 2
    assert table.rows() == [(2, "b")]


IMPATIENT = Network(connect_timeout=1.0, timeout=1.0, attempts=2)


@pytest.mark.parametrize(
    ("match", "fault"), [(commits, Hang()), (lambda seen: True, Refuse(503))], ids=["commits", "everything"]
)
def test_who_waits_is_told_in_time(
    store: Server, table: Table, network: Proxy, match: Callable[[Seen], bool], fault: Fault
) -> None:
    """As long as the environment says: so many attempts of so many seconds for each request."""
    publish(write(table, ONE, "append"))
    planned = write(table, TWO, "append")
    network.on(match, fault, times=None)
    began = time.monotonic()
    with using(stores_of(network.before(store), IMPATIENT)), pytest.raises(TransientError) as caught:
        publish(planned)
    assert time.monotonic() - began < 15
    assert table.url in str(caught.value)
    assert caught.value.kind != "transient", "it says what it was"
    network.calm()
    assert publish(planned).version == 1
    assert table.rows() == [(1, "a"), (2, "b")]


def test_a_server_that_is_gone_is_told_in_time(store: Server, table: Table) -> None:
    planned = write(table, ONE, "append")
    gone = replace(store, endpoint=f"http://127.0.0.1:{free_port()}/{'x' * (store.provider == 'azure')}")  # type: ignore[type-var,call-arg]
    began = time.monotonic()
    with using(stores_of(gone, IMPATIENT)), pytest.raises(TransientError) as caught:
        publish(planned)
    assert time.monotonic() - began < 15
    assert table.url in str(caught.value) and "connection" in str(caught.value).lower()
