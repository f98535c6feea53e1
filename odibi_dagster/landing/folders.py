"""Values that a file's folders carry."""

from __future__ import annotations

from urllib.parse import unquote


def folder_values(path: str) -> dict[str, str]:
    """The values of the hive-style folders of a path: `region=north/day=1/x.csv` has region and day.

    Names and values are decoded as Hive and Spark encode them (%XX). Values are strings;
    `__HIVE_DEFAULT_PARTITION__`, which they write for NULL, is kept as it is: the reader knows the column.

    Args:
        path: '/'-separated; its last step, the file's name, is not a folder.
    """
    values: dict[str, str] = {}
    for step in path.split("/")[:-1]:
        name, equals, value = step.partition("=")
        if name and equals:
            values[_decode(name)] = _decode(value)
    return values


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
