"""Files that landed, as one step reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from odibi_dagster.sql.types import Schema

#: Columns that a landed relation has in addition to its files' own.
LANDED_COLUMNS = ("_file", "_batch", "_landed_at")


@dataclass(frozen=True)
class LandedFile:
    """One file that landed, as the ledger recorded it.

    Args:
        path: relative to the source's URL.
        size: bytes.
        modified: the store's modification time, with a zone.
        etag: the store's entity tag, or None where it has none that lasts.
        folder_values: the values of hive-style folders in the path, decoded: {"region": "north"}.
    """

    path: str
    size: int
    modified: datetime
    etag: str | None = None
    folder_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """Landed files that one step reads: a batch of the ledger, or a whole source.

    Args:
        name: the table that reads them, "bronze.orders".
        url: the folder that the paths are relative to.
        files: exactly the files to read; nothing is listed again.
        format: "parquet", "csv" or "json" (one object a line).
        options: delimiter, header (bool), quote, encoding, compression ("gzip", "zstd", "none"; by the file's
            suffix when it is not given).
        schema: declared, or the table's so far: every file must then have exactly these columns, by name
            (hive folders and the added columns aside). None: a CSV's columns are STRING, Parquet's and
            JSON's types are the files' own.
        batch: the ledger's number, or None when the source is read whole.
        landed_at: the instant for `_landed_at`, the same on every retry.
    """

    name: str
    url: str
    files: tuple[LandedFile, ...]
    format: Literal["parquet", "csv", "json"]
    options: Mapping[str, Any]
    schema: Schema | None
    batch: int | None
    landed_at: datetime
