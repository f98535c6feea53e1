"""What DuckDB raises, told to people."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

from odibi_dagster.errors import DataError, OdibiError, ResourceError, SqlError, StorageError, Where
from odibi_dagster.storage.failures import explain

#: Begins the names by which DuckDB knows streams out of a store: what fails there is the store's matter.
STREAM = "odibi_stream_"
_SPILL_FULL = re.compile(r"max_temp_directory_size|temporary director|temp_directory", re.IGNORECASE)
_NOISE = re.compile(r"\n\s*LINE \d+:.*|\nPossible (fixes|solutions?):.*|\n\s*\^+\s*$", re.DOTALL)


@contextmanager
def explained(doing: str, *, table: str, url: str | None = None) -> Iterator[None]:
    """Turns DuckDB's exceptions and the system's into errors that name the table and a remedy.

    Args:
        doing: what failed, as a sentence without its end: "The result cannot be written".
        table: the table being computed.
        url: the folder or file concerned.

    Raises:
        StorageError: a full disk, the spill limit, a missing or forbidden file.
        ResourceError: the memory limit.
        DataError: a value that the query refuses: a cast, an overflow, a division by zero.
        SqlError: the query names something it may not, or that is not there.
    """
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise translate(error, doing, table=table, url=url) from error


def translate(error: Exception, doing: str, *, table: str, url: str | None = None) -> OdibiError:
    """The error for people that stands for what DuckDB or the system raised."""
    import duckdb

    where, message = Where(table=table, url=url), plain(error)
    if STREAM in message:
        return explain(Where(table=table), error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return _exhausted(doing, where, str(error))
    if isinstance(error, (duckdb.IOException, OSError)):
        return _storage(doing, where, error, message)
    if isinstance(error, duckdb.PermissionException):
        return SqlError(
            f"{doing}: it reaches outside of its inputs.",
            where=where,
            why=message,
            remedy="A table reads its inputs by their names, layer.table, and nothing else.",
        )
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)):
        return SqlError(f"{doing}: the query does not fit its inputs.", where=where, why=message)
    if isinstance(error, (duckdb.DataError, duckdb.InvalidInputException, duckdb.ProgrammingError)):
        return DataError(
            f"{doing}: a value is refused.",
            where=where,
            why=message,
            remedy="Find the rows with the value in the message; TRY_CAST or CASE gives NULL instead.",
        )
    return OdibiError(f"{doing}.", where=where, why=message)


def plain(error: Exception) -> str:
    """The exception's message without the parts that speak to DuckDB's own users."""
    return _NOISE.sub("", str(error)).strip()


def _exhausted(doing: str, where: Where, message: str) -> OdibiError:
    if _SPILL_FULL.search(message.partition("Possible solutions")[0]):
        return StorageError(
            f"{doing}: the spill limit is reached.",
            where=where,
            why=_NOISE.sub("", message).strip(),
            remedy="Raise `spill_limit` of the engine, or `memory_limit`, or move `spill` to a larger disk.",
        )
    return ResourceError(
        f"{doing}: the memory limit is reached.",
        where=where,
        why=_NOISE.sub("", message).strip(),
        remedy="Raise `memory_limit` of the engine or lower `threads`; see that `spill` has room "
        "(`spill_limit`), so that sorts, joins and groups can go to disk.",
    )


def _storage(doing: str, where: Where, error: Exception, message: str) -> OdibiError:
    number = getattr(error, "errno", None)
    full = number in (errno.ENOSPC, errno.EFBIG) or '"errno":"28"' in message
    if full or "No space left" in message or "File too large" in message:
        return StorageError(
            f"{doing}: the disk is full.",
            where=where,
            why=message,
            remedy="Free some space, or put the table (`location`) or the engine's `spill` on a larger disk.",
        )
    if number == errno.ENAMETOOLONG or "File name too long" in message:
        return DataError(
            f"{doing}: a partition value is too long for a folder's name.",
            where=where,
            why=message[:300],
            remedy="Partition by a shorter value, such as a date or a code.",
        )
    refused = number in (errno.EACCES, errno.EPERM, errno.EROFS)
    if refused or "ermission denied" in message or "Read-only file system" in message:
        return StorageError(
            f"{doing}: the folder may not be written or read.",
            where=where,
            why=message,
            remedy="Give the process's user the right to this folder.",
        )
    if number == errno.ENOENT or "No such file" in message or "No files found" in message:
        return StorageError(
            f"{doing}: a file is missing.",
            where=where,
            why=message,
            remedy="Files of a table are removed by vacuum only; see whether somebody cleaned the folder.",
        )
    return StorageError(f"{doing}.", where=where, why=message)
