"""Links that give data files paths DuckDB can read partition values from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from odibi_dagster.engines.pandas import quote
from odibi_dagster.engines.protocol import DataFile

#: Hive's name for NULL in a folder's name.
NULL = "__HIVE_DEFAULT_PARTITION__"
#: Ends every link, after the file's number.
SUFFIX = ".link"
_GLOB = frozenset("*?[]{}\\")


def needed(root: str, files: Sequence[DataFile], partition_by: Sequence[str]) -> bool:
    """Whether the files' own paths would be misread: they say other partition values than the log.

    True when a path holds characters that DuckDB takes for a pattern, when its `column=value` folders are
    not exactly the partition columns with the log's values, or when the table's own folder looks like one.

    Args:
        root: the table's folder.
        files: files of the table's log.
        partition_by: the partition columns.
    """
    if is_pattern(root) or any(is_pattern(file.path) for file in files):
        return True
    if not partition_by:
        return False
    if any("=" in folder for folder in root.split("/")):
        return True
    return any(_values(file.path) != _expected(file, partition_by) for file in files)


def make(folder: str, root: str, files: Sequence[DataFile], partition_by: Sequence[str]) -> list[str]:
    """One link a file, `column=value/…/n.link` by the log's values; the links' paths in the files' order.

    Args:
        folder: an empty folder of this session, whose own path holds no '='.
        root: the table's folder.
        files: files of the table's log.
        partition_by: the partition columns.
    """
    paths = []
    for number, file in enumerate(files):
        path = place(folder, number, file, partition_by)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.path.realpath(os.path.join(root, file.path)), path)
        paths.append(path)
    return paths


def place(folder: str, number: int, file: DataFile, partition_by: Sequence[str]) -> str:
    """The path of a file's link, by the log's values."""
    values = _expected(file, partition_by)
    parts = [f"{column}={encode(value)}" for column, value in values.items()]
    return os.path.join(folder, *parts, f"{number}{SUFFIX}")


def is_pattern(path: str) -> bool:
    """Whether DuckDB would take the path for a pattern."""
    return bool(_GLOB & set(path))


def original(column: str, root: str, files: Sequence[DataFile], paths: Sequence[str]) -> str:
    """SQL for a file's path relative to the root, from the path that DuckDB read it by.

    Args:
        column: SQL for DuckDB's file name.
        root: the table's or source's folder.
        files: the files.
        paths: what `locate` gave for them.
    """
    if not paths or not paths[0].endswith(SUFFIX):
        return f"substr({column}, {len(root) + 2})"
    number = f"CAST(regexp_extract({column}, '([0-9]+){SUFFIX}$', 1) AS INTEGER)"
    return f"list_extract({quote.texts(file.path for file in files)}, {number} + 1)"


def encode(value: str | None) -> str:
    """A value as a folder's name: every byte but letters and digits as %XX, NULL as Hive's name for it."""
    if value is None:
        return NULL
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
    return "".join(chr(b) if chr(b) in plain else f"%{b:02X}" for b in value.encode())


def _values(path: str) -> dict[str, str | None]:
    folders = [part.partition("=") for part in path.split("/")[:-1] if "=" in part]
    # DuckDB decodes the values and not the names.
    return {key: None if value == NULL else unquote(value) for key, _, value in folders}


def _expected(file: DataFile, partition_by: Sequence[str]) -> dict[str, str | None]:
    values: Mapping[str, str | None] = file.partition
    # Delta's protocol: an empty string is a NULL partition value.
    return {column: values.get(column) or None for column in partition_by}
