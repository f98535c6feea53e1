"""What a file holds, by its name or by what somebody says."""

from __future__ import annotations

from collections.abc import Iterable

from odibi_dagster.errors import ConfigError
from odibi_dagster.tables.nearest import did_you_mean

FORMATS = ("parquet", "csv", "json", "delta")
_SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
_PACKED = (".gz", ".zst")


def suffix_of(path: str) -> str:
    """The end of a file's name that says what it holds: ".parquet", ".csv.gz"; "" if nothing does."""
    name = path.rpartition("/")[2].lower()
    packed = next((each for each in _PACKED if name.endswith(each)), "")
    inner = name.removesuffix(packed)
    found = next((each for each in _SUFFIXES if inner.endswith(each) and inner != each), "")
    return found + packed if found and not (packed and _SUFFIXES[found] == "parquet") else ""


def known(format: str | None) -> str | None:
    """The format, if one is given.

    Raises:
        ConfigError: there is no such format.
    """
    if format is not None and format not in FORMATS:
        raise ConfigError(f"There is no format {format!r}.", remedy=did_you_mean(str(format), FORMATS))
    return format


def format_of(paths: Iterable[str], what: str) -> str:
    """The one format of some files, by their names.

    Args:
        paths: the files.
        what: where they are, for messages.

    Raises:
        ConfigError: a name says nothing, or they are of several formats.
    """
    found: dict[str, str] = {}
    for path in paths:
        suffix = suffix_of(path)
        if not suffix:
            raise ConfigError(
                f"{what}: the name {path.rpartition('/')[2]!r} does not say what is in the file.",
                remedy="Add format='parquet', 'csv', 'json' or 'delta'.",
            )
        found.setdefault(_SUFFIXES[suffix.removesuffix(".gz").removesuffix(".zst")], path)
    if len(found) != 1:
        examples = ", ".join(f"{path} ({format})" for format, path in found.items())
        raise ConfigError(
            f"{what}: its files are of several formats.",
            why=examples,
            remedy="Choose files with a pattern, such as '*.parquet'.",
        )
    return next(iter(found))
