"""What a commit says of itself."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odibi_dagster.errors import StateError
from odibi_dagster.lake.record import InputVersion, Record, records
from odibi_dagster.lake.write import Identity
from odibi_dagster_tests.lake.table import Table

ONE = "SELECT 1::BIGINT AS id"
FULL = Record(
    "silver.t",
    "append",
    "staged-1",
    "run",
    "code",
    ("odibi/w/x", 1),
    {"bronze.u": InputVersion("id", 4, 3)},
    ['{"day": null}'],
    7,
    {"checks": [{"name": "c", "violations": 0}]},
)


def test_a_record_comes_back_as_it_was() -> None:
    assert Record.from_json(FULL.to_json()) == FULL
    plain = Record("silver.t", "full", "staged-1")
    assert Record.from_json(plain.to_json()) == plain


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.booleans()))
def test_any_text_survives(text: str, details: dict[str, object]) -> None:
    record = Record(text, "full", text, details=details)
    assert Record.from_json(record.to_json()) == record


def test_a_newer_format_is_refused() -> None:
    newer = json.dumps({**json.loads(FULL.to_json()), "format": 2, "what": "ever"})
    with pytest.raises(StateError, match=r"silver\.t was written in format 2") as caught:
        Record.from_json(newer)
    assert "Upgrade" in str(caught.value)


def test_records_are_the_platforms_own_newest_first(table: Table) -> None:
    table.publish(ONE, details={"n": 'ä\n"'})
    table.set_properties({"delta.checkpointInterval": "50"})
    table.delta.optimize.compact()
    table.publish(ONE, "append", identity=Identity("a", 1), run="r")
    found = list(records(table.log()))
    assert [version for version, _ in found] == [table.log().version, 0]
    assert (found[0][1].run, found[0][1].identity, found[1][1].details) == ("r", ("a", 1), {"n": 'ä\n"'})
    assert [version for version, _ in records(table.log(), 1)] == [table.log().version]
    assert list(records(table.log(), 0)) == []
