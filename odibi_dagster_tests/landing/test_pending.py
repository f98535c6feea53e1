from __future__ import annotations

from datetime import UTC, datetime, timedelta

from odibi_dagster.landing.pending import batches
from odibi_dagster.landing.record import failed
from odibi_dagster_tests.landing.lake import Lake


def test_counts_and_writes_nothing(lake: Lake) -> None:
    assert not lake.pending().due
    lake.land("raw/a.csv", "abc")
    lake.land("raw/b.csv", "de")
    lake.land("raw/c.csv.tmp")
    state = lake.pending(settle=3600)
    assert (state.number, state.files, state.bytes, state.unsettled, state.hidden) == (1, 0, 0, 2, 1)
    assert not state.due
    state = lake.pending(settle=3600, now=datetime.now(UTC) + timedelta(hours=2))
    assert (state.number, state.files, state.bytes, state.unsettled, state.hidden) == (1, 2, 5, 0, 1)
    assert state.due and state.open is None and state.stopped is None
    assert not lake.ledger().exists


def test_an_open_batch_is_shown_with_its_failures(lake: Lake) -> None:
    lake.land("raw/a.csv")
    batch = lake.open()
    assert batch is not None
    failed(batch, "amount is negative")
    state = lake.pending()
    assert state.due and state.open is not None and state.open.number == 1 and state.open.failures == 1
    (summary,) = batches(lake.ledger(), lake.done)
    assert (summary.number, summary.state, summary.files, summary.failures) == (1, "open", 1, 1)
    assert summary.reason == "amount is negative" and summary.opened_at <= datetime.now(UTC)
    lake.publish(batch)
    (summary,) = batches(lake.ledger(), lake.done)
    assert summary.state == "in bronze"
