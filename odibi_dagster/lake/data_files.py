"""The active data files of a version, as its log has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from odibi_dagster.engines.protocol import DataFile
from odibi_dagster.errors import StateError, Where
from odibi_dagster.lake.partition_value import serialize
from odibi_dagster.sql.types import Schema

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from odibi_dagster.lake.log import Log

#: What delta-rs leaves as it is when it spells a path in the log, besides letters, digits and `_.-~`.
PLAIN = "!$&'()+,/:;=@"
#: delta-rs' names for what the Delta protocol calls ("Per-file Statistics") so.
_STATISTICS = {"num_records": "numRecords", "min": "minValues", "max": "maxValues", "null_count": "nullCount"}


def data_files(
    handle: DeltaTable, schema: Schema, partition_by: Sequence[str], *, statistics: bool = False
) -> tuple[DataFile, ...]:
    """The active files.

    Args:
        handle: the table at one version.
        schema: its columns.
        partition_by: its partition columns.
        statistics: whether they are told, too.
    """
    actions = handle.get_add_actions()
    names = ("path", "size_bytes", "num_records", *(_STATISTICS if statistics else ()))
    types = {column.name: column.type for column in schema}
    columns: dict[str, list[Any]] = {
        name: list(actions[name].to_pylist()) for name in names if name in actions.schema.names
    }
    partitions: list[Mapping[str, Any]] = (
        list(actions["partition"].to_pylist()) if partition_by else [{}] * len(columns["path"])
    )
    told = {_STATISTICS[name]: columns[name] for name in columns if statistics and name in _STATISTICS}
    return tuple(
        DataFile(
            # The log spells paths URL-encoded (Delta protocol, "Add File"); objects are named decoded.
            unquote(path),
            columns["size_bytes"][place],
            _rows(columns["num_records"][place]),
            {name: values[place] for name, values in told.items()},
            {name: serialize(partitions[place][name], types[name]) for name in partition_by},
        )
        for place, path in enumerate(columns["path"])
    )


def _rows(rows: int | None) -> int:
    # A foreign writer may leave statistics out: -1 marks "not known", the engine counts when it reads.
    return -1 if rows is None else int(rows)


def refuse_removal(log: Log, files: Iterable[DataFile]) -> None:
    """Stops before a publish that would leave rows behind that it means to remove.

    A removal counts only if it spells the path as the log does. delta-rs spells it its own way, and so a
    file that another writer spelled otherwise (Spark leaves letters such as `ä` as they are) would stay,
    beside the rows that replace it. delta-rs' own overwrite does the same.

    Raises:
        StateError: names the first such file.
    """
    spelled = {unquote(path): path for path in log.handle.get_add_actions()["path"].to_pylist()}
    for file in files:
        if spelled[file.path] != quote(file.path, safe=PLAIN):
            raise StateError(
                "A file of the table cannot be removed here; nothing was published.",
                where=Where(table=log.name, url=f"{log.url}/{file.path}"),
                why=f"the log spells it {spelled[file.path]!r}, which delta-rs cannot write",
                remedy="Let the engine that wrote the file remove it (in Spark: DELETE), or remove the "
                "table and materialize it anew.",
            )
