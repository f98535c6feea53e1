"""VALUES: rows written into the query."""

from __future__ import annotations

from sqlglot import exp

from . import coerce
from .env import Env
from .refusal import Refusal
from .relation import Compiling, Output
from .scope import Scope
from .types import VOID


class ValuesClause(Compiling):
    """Compiles VALUES in FROM: each column has the common type of its values."""

    def _values(self, node: exp.Values) -> tuple[str, tuple[Output, ...]]:
        """The DuckDB text in brackets, and the columns `col1`, `col2`, …."""
        expressions, env = self.expressions({}), Env(Scope(()), clause="VALUES", windows=False)
        rows = []
        for item in node.expressions:
            cells = item.expressions if isinstance(item, exp.Tuple) else [item]
            rows.append([expressions.compile(cell, env) for cell in cells])
        if len({len(row) for row in rows}) != 1:
            raise self.problems.error(node, "The rows of VALUES have not the same number of columns.")
        outputs, columns = [], []
        for number, column in enumerate(zip(*rows, strict=True), 1):
            try:
                type = coerce.common(list(column))
                columns.append([coerce.to(cell, type) for cell in column])
            except Refusal as refusal:
                raise self.problems.error(
                    node, f"VALUES, column {number}: {refusal.what}", remedy=refusal.remedy
                ) from None
            if type == VOID:
                raise self.problems.error(
                    node, f"Column {number} of VALUES is always NULL.", remedy="Write CAST(NULL AS STRING)."
                )
            name = f"col{number}"
            outputs.append(Output(name, name, type, any(cell.nullable for cell in column), ()))
        written = ", ".join(f"({', '.join(row)})" for row in zip(*columns, strict=True))
        names = ", ".join(output.key for output in outputs)
        return f"(SELECT * FROM (VALUES {written}) AS v({names}))", tuple(outputs)
