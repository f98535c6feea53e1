"""Texts that were found right are not parsed again; wrong ones are, and nothing gets through by it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from odibi_dagster.errors import ConfigError, SqlError
from odibi_dagster.sql import compile_query
from odibi_dagster.sql import known as module
from odibi_dagster.sql import parse as parsing
from odibi_dagster.sql.known import Known

TEXT = "SELECT id, :partition_key AS k FROM bronze.orders JOIN bronze.customers USING (id)"
WHERE = {"file": "orders.sql", "first_line": 3, "table": "silver.orders"}


def forbid_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*args: object, **values: object) -> object:
        raise AssertionError("a known text was parsed")

    monkeypatch.setattr(parsing, "parse_one", parse)


def test_a_known_text_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Known(tmp_path)
    query = first.query(TEXT, **WHERE)
    first.predicate("id > 0", file="orders.sql", line=1, table="silver.orders")
    first.save()
    forbid_parsing(monkeypatch)
    again = Known(tmp_path)
    assert again.query(TEXT, **WHERE) == query
    assert query.inputs == ("bronze.orders", "bronze.customers")
    again.predicate("id > 0", file="orders.sql", line=1, table="silver.orders")


def test_a_wrong_text_is_told_every_time(tmp_path: Path) -> None:
    for _ in range(2):
        known = Known(tmp_path)
        with pytest.raises(SqlError, match=r"orders\.sql:3"):
            known.query("SELECT read_csv('/etc/passwd') AS x FROM bronze.orders", **WHERE)
        known.save()
    assert not list(tmp_path.iterdir())


def test_a_forged_file_lets_nothing_through(tmp_path: Path) -> None:
    hostile = "SELECT * FROM read_csv('/etc/passwd')"
    known = Known(tmp_path)
    known.query(TEXT, **WHERE)
    known.save()
    file = next(tmp_path.iterdir())
    entry = {"inputs": [], "parameters": [], "fingerprint": "x"}
    file.write_text(json.dumps({module._key("query", hostile): entry}))
    query = Known(tmp_path).query(hostile, **WHERE)
    with pytest.raises(ConfigError):
        compile_query(query, {}, now=datetime.now(UTC))


@pytest.mark.parametrize("content", ["", "[1", "[]", '{"a": 1'])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    known = Known(tmp_path)
    known.query(TEXT, **WHERE)
    known.save()
    next(tmp_path.iterdir()).write_text(content)
    assert Known(tmp_path).query(TEXT, **WHERE).inputs == ("bronze.orders", "bronze.customers")


def test_another_compiler_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known(tmp_path)
    known.query(TEXT, **WHERE)
    known.save()
    monkeypatch.setattr(module, "_stamp", lambda: "another")
    forbid_parsing(monkeypatch)
    with pytest.raises(AssertionError, match="parsed"):
        Known(tmp_path).query(TEXT, **WHERE)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    known = Known(tmp_path / "file")
    known.query(TEXT, **WHERE)
    known.save()
