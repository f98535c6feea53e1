"""Files by their exact names, and the names that Spark gives back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from odibi_dagster.engines.spark.read import url

_PATTERN = re.compile(r"([\[\]{}*?\\])")
#: What Spark leaves out of a read without a word (`HadoopFSUtils.shouldFilterOutPathName`).
_HIDDEN = re.compile(r"_[^=]*|\..*|.*\._COPYING_")


def load(reader: Any, root: str, paths: Sequence[str]) -> Any:
    """The DataFrame that a reader makes of exactly these files.

    Args:
        reader: a `DataFrameReader` with its format, schema and options.
        root: the URL that the paths are relative to.
        paths: the files; no character in them is a pattern, no `name=value` folder a column.
    """
    return reader.option("recursiveFileLookup", "true").load([exact(root, path) for path in paths])


def exact(root: str, path: str) -> str:
    """The URL of a file for Spark's readers, in which no character is a pattern."""
    return _PATTERN.sub(r"\\\1", f"{url(root)}/{path}")


def hidden(path: str) -> bool:
    """Whether Spark would leave a file out because of its name."""
    return _HIDDEN.fullmatch(path.rpartition("/")[2]) is not None


def relative(root: str, file: str = "_metadata.file_path") -> str:
    """SQL of a row's file, relative to the root, as it is named.

    Args:
        root: the URL that the files are below.
        file: SQL of the path as Spark gives it, a URI.
    """
    # Hadoop's Path spells file:/folder where the URL is file:///folder.
    home = re.sub("^file://", "file:", url(root))
    # In a URI's path a plus is a plus.
    return f"substring(url_decode(replace({file}, '+', '%2B')), {len(home) + 2})"
