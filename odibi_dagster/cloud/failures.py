"""What goes wrong while a file is parsed or written, told to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from odibi_dagster.engines.pandas.failures import plain
from odibi_dagster.errors import ConfigError, DataError, ResourceError, SpaceError, Where
from odibi_dagster.tables.nearest import did_you_mean


@contextmanager
def explained(what: str, where: Where, names: Mapping[str, str] | None = None) -> Iterator[None]:
    """What DuckDB raises inside becomes an error that names the place and a remedy.

    Args:
        what: the sentence, without its end.
        where: what is read or written.
        names: by a local copy's path, the file that people know; looked at after the failure.

    Raises:
        ResourceError: the memory is too small.
        SpaceError: the disk of temporary files is full.
        DataError: the bytes are not of the format, or a value is refused.
    """
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ResourceError(
            f"{what}: memory is too small.",
            where=where,
            why=plain(error),
            remedy="Name fewer `columns=`, or take as_='duckdb', which also uses the disk.",
        ) from error
    except duckdb.Error as error:
        why = plain(error)
        for local, known in (names or {}).items():
            why = why.replace(local, known)
        if isinstance(error, duckdb.IOException) and "No space left" in why:
            raise SpaceError(
                f"{what}: the disk of temporary files is full.",
                where=where,
                why=why,
                remedy="Set TMPDIR to a folder on a larger disk.",
            ) from error
        raise DataError(
            f"{what}.",
            where=where,
            why=why,
            remedy="If the format is another one, name it with format=; else correct the data.",
        ) from error


def unknown_column(name: str, there: Sequence[str], where: Where) -> ConfigError:
    """The error that says what was perhaps meant."""
    return ConfigError(f"There is no column {name!r}.", where=where, remedy=did_you_mean(name, there))
