"""Folds the ledger's small files into one."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from odibi_dagster.landing.events import COLUMNS
from odibi_dagster.landing.ledger import Conflict, Ledger, commit_properties
from odibi_dagster.landing.ledger_failures import explained
from odibi_dagster.storage.objects import open_objects

if TYPE_CHECKING:
    from odibi_dagster.storage.objects import Objects

#: A ledger with more data files than this is folded: reading 5,000 small files takes three times as long.
MOST_FILES = 100


def compact(ledger: Ledger, most_files: int = MOST_FILES) -> bool:
    """Fold a ledger's data files into one, in one commit that changes no event.

    The commit is compare-and-swap on the version that was read: if anybody has written meanwhile nothing
    happens, and the next opened batch folds it. Old versions stay readable until they are vacuumed.

    Args:
        ledger: seen at its newest version; afterwards too.
        most_files: up to this many are left as they are.

    Returns:
        Whether the ledger was folded.

    Raises:
        StorageError, TransientError: the store refused or did not answer; the ledger is as it was.
    """
    if ledger.handle is None:
        return False
    actions = ledger.handle.get_add_actions()
    old = [
        (unquote(path), size)
        for path, size in zip(actions["path"].to_pylist(), actions["size_bytes"].to_pylist(), strict=True)
    ]
    if len(old) <= most_files:
        return False
    objects = open_objects(ledger.url)
    folder = f"staged-{uuid.uuid4()}"
    try:
        _swap(ledger, old, folder, objects)
    except Conflict:
        _remove(objects, folder)
        ledger.reload()
        return False
    # The staged log has done its work; the data files are the ledger's now.
    _remove(objects, f"{folder}/_delta_log")
    ledger.reload()
    return True


def _swap(ledger: Ledger, old: list[tuple[str, int]], folder: str, objects: Objects) -> None:
    """Write all events into a table of its own below the ledger's, and adopt its files."""
    from deltalake import DeltaTable, write_deltalake
    from deltalake.exceptions import CommitFailedError
    from deltalake.transaction import AddAction, RemoveAction

    assert ledger.handle is not None
    staged_url = f"{ledger.url}/{folder}"
    with explained(ledger.where):
        events = ledger.query(f"SELECT {', '.join(COLUMNS)} FROM ledger ORDER BY batch")
        write_deltalake(staged_url, events, mode="error", storage_options=ledger.options)
        staged = DeltaTable(staged_url, storage_options=ledger.options)
    now = int(time.time() * 1000)
    adds = [
        AddAction(f"{folder}/{unquote(row['path'])}", row["size_bytes"], {}, now, False, _stats(row))
        for row in _rows(staged.get_add_actions(flatten=False))
    ]
    removes = [RemoveAction(path, False, now, size) for path, size in old]
    try:
        with explained(ledger.where):
            ledger.handle.create_write_transaction(
                [*removes, *adds], "append", ledger.handle.schema(), commit_properties=commit_properties()
            )
    except CommitFailedError as error:
        raise Conflict(str(error)) from error


def _rows(actions: Any) -> list[dict[str, Any]]:
    names = ("path", "size_bytes", "num_records", "min", "max", "null_count")
    columns = [actions[name].to_pylist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _stats(row: dict[str, Any]) -> str:
    return json.dumps(
        {
            "numRecords": row["num_records"],
            "minValues": {name: value for name, value in row["min"].items() if value is not None},
            "maxValues": {name: value for name, value in row["max"].items() if value is not None},
            "nullCount": row["null_count"],
        }
    )


def _remove(objects: Objects, folder: str) -> None:
    for batch in objects.list(folder):
        objects.delete(batch["path"].to_pylist())
