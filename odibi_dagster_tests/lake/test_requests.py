"""What a publish asks of a store: it does not grow with the table's age, and nothing is read in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from odibi_dagster.errors import StateError
from odibi_dagster.lake import log as module
from odibi_dagster.lake.publish import publish
from odibi_dagster.lake.record import records
from odibi_dagster.lake.write import Identity
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.services.place import Place, Server
from odibi_dagster_tests.services.proxy import Proxy, proxy
from odibi_dagster_tests.stores import stores_of

pytestmark = pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)

ROW = "SELECT {}::BIGINT AS id, 'a' AS name"


@pytest.fixture
def network(store: Server) -> Iterator[Proxy]:
    with proxy(store) as running, using(stores_of(running.before(store))):
        yield running


@pytest.fixture
def table(store: Server, network: Proxy) -> Table:
    return Table(Place(store, store.url()))


def entries(network: Proxy) -> Counter[str]:
    """How often each entry of the log was read."""
    names = (seen.path.rpartition("/")[2] for seen in network.seen if seen.method == "GET")
    return Counter(name.removesuffix(".json").lstrip("0") or "0" for name in names if name.endswith(".json"))


def test_a_second_publish_asks_for_each_thing_once(table: Table, network: Proxy) -> None:
    table.publish(ROW.format(1))
    planned = table.write(ROW.format(2))
    network.seen.clear()
    done = publish(planned)
    assert (done.version, done.data_version, done.rows, done.repeated) == (1, 1, 1, False)
    # delta-rs reads an entry twice when it opens, moves on or commits; our own look is one.
    assert entries(network) == {"0": 3, "1": 5}
    assert len(network.seen) <= 17


def test_a_publish_begins_from_the_log_that_its_step_has_opened(table: Table, network: Proxy) -> None:
    table.publish(ROW.format(1))
    planned = table.write(ROW.format(2))
    log = table.log()
    assert log.data_version == 0
    network.seen.clear()
    assert publish(replace(planned, log=log)).version == 1
    # One look whether the table is still the same; opening it takes five more, one after another.
    assert entries(network) == {"0": 1, "1": 5} and len(network.seen) <= 12


def test_a_log_that_others_have_left_behind_is_opened_anew(table: Table) -> None:
    first = table.publish(ROW.format(1), "append")
    stale = table.log()
    assert stale.data_version == 0
    table.publish(ROW.format(2), "append")
    done = publish(replace(table.write(ROW.format(3), "append"), log=stale))
    assert (done.version, len(table.rows())) == (2, 3)
    assert first.version == 0


def test_a_log_of_a_table_that_was_made_anew_is_not_begun_from(table: Table) -> None:
    table.publish(ROW.format(1), "append", identity=Identity("odibi/batch/x", 1, 0))
    stale = table.log()
    assert stale.done("odibi/batch/x") == 1
    table.place.remove()
    table.publish(ROW.format(7), "append")
    write = table.write(ROW.format(2), "append", identity=Identity("odibi/batch/x", 2, 1))
    with pytest.raises(StateError, match="Batch 2 is due, but the table has batch 0"):
        publish(replace(write, log=stale))
    assert len(table.rows()) == 1


def test_a_log_is_begun_from_for_a_minute(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    table.publish(ROW.format(1))
    log = table.log()
    assert not log.usable(), "nothing says that it is the same table"
    assert log.data_version == 0 and log.usable()
    monkeypatch.setattr(module.time, "monotonic", lambda: log.opened + module.USABLE_SECONDS + 1)
    assert not log.usable()


def test_requests_do_not_grow_with_the_number_of_versions(table: Table, network: Proxy) -> None:
    asked = []
    for number in range(1, 26):
        planned = table.write(
            ROW.format(number), "append", identity=Identity("odibi/batch/x", number, number - 1)
        )
        network.seen.clear()
        assert publish(planned).version == number - 1
        asked.append(len(network.seen))
    # The commits of versions 9 and 19 write a checkpoint, too.
    assert asked[9] > asked[8] < 50, asked
    assert max(asked[20:]) < max(asked[:9]) + 15 and asked[19] < 1.5 * asked[9], asked
    assert len(list(records(table.log()))) == 25
    assert len(table.rows()) == 25


def test_what_a_log_has_read_it_does_not_read_again(table: Table, network: Proxy) -> None:
    for number in (1, 2, 3):
        table.publish(ROW.format(number), "append", identity=Identity("odibi/batch/x", number, number - 1))
    log = table.log()
    network.seen.clear()
    assert log.done("odibi/batch/x") == 3
    assert log.data_version == 2
    assert [version for version, _ in records(log, 1)] == [2]
    assert [version for version, _ in records(log)] == [2, 1, 0]
    assert entries(network) == {"0": 1, "1": 1, "2": 1} and len(network.seen) == 3


def test_an_old_application_is_still_found(table: Table, network: Proxy) -> None:
    table.publish(ROW.format(1), "append", identity=Identity("odibi/batch/x", 1, 0))
    table.publish(ROW.format(2), "append", identity=Identity("odibi/w/y", 1))
    log = table.log()
    assert (log.done("odibi/batch/x"), log.done("odibi/w/y"), log.done("odibi/w/z")) == (1, 1, None)
