"""What an engine computes with: nothing of it is computed yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from odibi_dagster.sql.types import Schema

#: The forms in which a function's parameter may ask for a relation.
Wanted = Literal["narwhals", "pandas", "duckdb", "pyspark"]
#: Output column -> the (input, column) pairs that its values come from.
Lineage = Mapping[str, tuple[tuple[str, str], ...]]


class Relation(Protocol):
    """An engine's lazy result: nothing has been computed yet.

    `schema` has Spark's types. `lineage` maps each output column to the (input, column) pairs its values come
    from, or is None when nobody knows (a Python function). `native` is the engine's own object.
    """

    @property
    def schema(self) -> Schema: ...

    @property
    def lineage(self) -> Lineage | None: ...

    @property
    def native(self) -> Any: ...
