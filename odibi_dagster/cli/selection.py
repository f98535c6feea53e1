"""SELECTION on the command line: Dagster's asset selection, or plainly a table's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from odibi_dagster.cli.code import Code
from odibi_dagster.errors import ConfigError
from odibi_dagster.tables.nearest import did_you_mean

if TYPE_CHECKING:
    import dagster as dg

_TABLE = re.compile(r"(\d*\+)?([A-Za-z_]\w*)[./]([A-Za-z_]\w*)(\+\d*)?")
_KEY = re.compile(r"key:\"?([\w./]+)\"?")
_REMEDY = (
    "Write a table (silver.orders), a layer (group:silver), a table with everything upstream "
    "(+gold.customer_metrics), or '*'."
)


def select(code: Code, text: str) -> Mapping[str, dg.AssetKey]:
    """The tables that a selection means, inputs before the tables that read them.

    Args:
        code: the definitions.
        text: Dagster's asset selection syntax; a table may also be written `silver.orders` or
            `silver/orders`, with `+` before or behind it, and several parts are separated by commas.

    Raises:
        ConfigError: the text does not parse, or selects nothing that can be materialized.
    """
    from dagster import AssetSelection, DagsterError

    wanted: set[dg.AssetKey] = set()
    for part in text.split(","):
        part = part.strip()
        plain = _TABLE.fullmatch(part)
        named = plain or _KEY.search(part)
        try:
            selection = AssetSelection.from_string(_as_key(plain) if plain else part)
            found = selection.resolve(code.graph, allow_missing=True) & set(code.tables.values())
        except (DagsterError, ValueError) as error:
            raise ConfigError(
                f"The selection {part!r} cannot be read.",
                why=str(error).strip().splitlines()[0] if str(error).strip() else "",
                remedy=_REMEDY,
            ) from error
        if not found:
            name = named.group(0).removeprefix("key:").strip('"+').replace("/", ".") if named else ""
            raise ConfigError(
                f"There is no table {name}." if name else f"The selection {part!r} selects no table.",
                remedy=(did_you_mean(name, code.tables) if name else _REMEDY)
                + " `odibi-dagster tables` lists all tables.",
            )
        wanted |= found
    return {name: key for name, key in code.tables.items() if key in wanted}


def _as_key(table: re.Match[str]) -> str:
    before, layer, name, behind = table.groups(default="")
    return f'{before}key:"{layer}/{name}"{behind}'
