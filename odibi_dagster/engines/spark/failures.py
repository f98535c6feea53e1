"""What Spark raises, told to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from odibi_dagster.engines.partitions import empty_value
from odibi_dagster.engines.spark.stage import EMPTY
from odibi_dagster.errors import (
    DataError,
    OdibiError,
    ResourceError,
    SqlError,
    StorageError,
    TransientError,
    Where,
)
from odibi_dagster.storage.failures import explain

#: SQLSTATE classes: 22 data exception, 21 cardinality violation, P0 raised by raise_error.
_DATA = re.compile(r"SQLSTATE: (22|21|P0)\w{3}")
#: 42 syntax error or access rule violation, 0A feature not supported, 54 program limit.
_SQL = re.compile(r"SQLSTATE: (42|0A|54)\w{3}")
_GONE = re.compile(
    r"FileNotFoundException|FILE_NOT_EXIST|FAILED_READ_FILE\.FILE_NOT_EXIST|Path does not exist"
)
#: What ABFS says of a path that Azure's storage would cut.
_DOT = "ABFS does not allow files or directories to end with a dot"
_FULL = re.compile(r"No space left on device|Disk quota exceeded")
_DENIED = re.compile(r"Permission denied|AccessControlException|Read-only file system|Mkdirs failed")
_MEMORY = re.compile(
    r"OutOfMemoryError|SparkOutOfMemoryError|maxResultSize|exceeds? (?:physical|memory) limits?"
)
_LOST = re.compile(
    r"ExecutorLostFailure|SparkContext was shut down|SparkContext is stopped|UNAVAILABLE|DEADLINE_EXCEEDED"
    r"|SESSION_CHANGED|SESSION_CLOSED|server side session identifier"
)
_PLACE = re.compile(r"\n== SQL.*|\n?JVM stacktrace:.*|(?<=;)\n'.*|;? line \d+,? pos \d+;?\n.*", re.DOTALL)
_HINT = re.compile(r" If necessary set \"?spark\.sql\.ansi\.enabled.*?bypass this error\.")


@contextmanager
def explained(
    doing: str, *, table: str, url: str | None = None, file: str | None = None, line: int | None = None
) -> Iterator[None]:
    """Turns Spark's exceptions into errors that name the table and a remedy.

    Args:
        doing: what failed, as a sentence without its end: "The result cannot be written".
        table: the table being computed.
        url: the folder or file concerned.
        file, line: of the project, where the SQL stands.

    Raises:
        StorageError, TransientError: a store or a disk refused, or did not answer; a lost cluster.
        ResourceError: memory.
        DataError: a value that the query refuses: a cast, an overflow, a division by zero.
        SqlError: the query names something that is not there, or is wrong.
    """
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise translate(error, doing, Where(table, file, line, url)) from error


def translate(error: Exception, doing: str, where: Where) -> OdibiError:
    """The error for people that stands for what Spark raised."""
    text, why = str(error), plain(error)
    if EMPTY in text:
        column = text.partition(EMPTY)[2].split(maxsplit=1)[0]
        return empty_value(column, where)
    if _DOT in text:
        return DataError(
            f"{doing}: the value of a partition column ends with a dot.",
            where=where,
            why="Azure's storage takes no folder of such a name",
            remedy="Turn such values into others, or partition by another column.",
        )
    if _DATA.search(text):
        return DataError(
            f"{doing}: a value is refused.",
            where=where,
            why=why,
            remedy="Find the rows with the value in the message; TRY_CAST or CASE gives NULL instead.",
        )
    if _MEMORY.search(text):
        return ResourceError(
            f"{doing}: memory is not enough.",
            where=where,
            why=why,
            remedy="Raise spark.driver.memory or spark.executor.memory under `spark:`, `config:`.",
        )
    if _FULL.search(text):
        return StorageError(
            f"{doing}: the disk is full.",
            where=where,
            why=why,
            remedy="Free some space, or put the table (`location`) or spark.local.dir on a larger disk.",
        )
    if _GONE.search(text):
        return StorageError(
            f"{doing}: a file is missing.",
            where=where,
            why=why,
            remedy="Files of a table are removed by vacuum only; see whether somebody cleaned the folder.",
        )
    if _DENIED.search(text):
        return StorageError(
            f"{doing}: the folder may not be written or read.",
            where=where,
            why=why,
            remedy="Give the user of Spark's processes the right to this folder.",
        )
    if _SQL.search(text):
        return SqlError(f"{doing}: the query does not fit its inputs.", where=where, why=why)
    if _LOST.search(text):
        return TransientError(
            f"{doing}: Spark went away.", where=where, why=why, remedy="See whether the cluster is there."
        )
    return explain(where, error)


def plain(error: Exception) -> str:
    """The exception's first words, without what speaks to Spark's own developers."""
    text = str(error)
    if "\nCaused by: " in text:  # the last is the first that went wrong
        text = text.rpartition("\nCaused by: ")[2].partition("\n\tat ")[0]
        text = re.sub(r"^[\w.$]+: ", "", text)
    text = _HINT.sub("", _PLACE.sub("", text)).strip()
    return text if len(text) <= 600 else text[:597] + "..."
