"""Rows made of a row: LATERAL VIEW, and explode and its like in the SELECT list."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from .catalogue import FUNCTIONS
from .env import Env
from .expression import Expressions
from .relation import Compiling
from .scope import Field, Scope
from .typed import text
from .types import Array, Column, Struct, quote


@dataclass(frozen=True)
class From:
    """FROM as far as it is compiled: its DuckDB text ('' for none) and the columns it brings into scope."""

    sql: str
    fields: tuple[Field, ...]


class Generators(Compiling):
    """Compiles generators: the catalogue's entries of the kind `generator`.

    Such an entry gives a list of structs, one struct for a row and one field for a column; where there is one
    column only, a list of its values. A NULL and an empty list give no row, or, with OUTER, one of NULLs.
    """

    def _lateral_views(self, node: exp.Select, expressions: Expressions, found: From) -> From:
        for lateral in node.args.get("laterals") or []:
            alias = lateral.args.get("alias")
            qualifier = alias.name.lower() if alias is not None and alias.this is not None else ""
            names = [name.name for name in (alias.args.get("columns") or [] if alias is not None else [])]
            if qualifier and any(field.qualifier == qualifier for field in found.fields):
                raise self.problems.error(lateral, f"The name {qualifier} stands twice in FROM.")
            found, made = self._generated(
                lateral, lateral.this, names, expressions, found, outer=bool(lateral.args.get("outer"))
            )
            found = replace(
                found, fields=(*found.fields, *(replace(field, qualifier=qualifier) for field in made))
            )
        return found

    def _exploded(
        self, node: exp.Select, expressions: Expressions, found: From
    ) -> tuple[From, dict[int, tuple[Field, ...]]]:
        """The generator of the SELECT list, with its columns by the `id` of its item."""
        made: dict[int, tuple[Field, ...]] = {}
        for item in node.expressions:
            call = item.this if isinstance(item, exp.Alias | exp.Aliases) else item
            if not is_generator(call):
                continue
            if made:
                raise self.problems.error(
                    item, "Two generators in one SELECT.", remedy="Use LATERAL VIEW for one of them."
                )
            if node.args.get("group") is not None:
                raise self.problems.error(
                    item, f"{call.name} in a SELECT with GROUP BY.", remedy="Group in a subquery."
                )
            names = [item.alias] if isinstance(item, exp.Alias) else []
            names = [name.name for name in item.expressions] if isinstance(item, exp.Aliases) else names
            found, fields = self._generated(item, call, names, expressions, found, outer=False)
            made[id(item)] = fields
        return found, made

    def _generated(
        self,
        at: exp.Expr,
        call: exp.Expr,
        names: list[str],
        expressions: Expressions,
        found: From,
        *,
        outer: bool,
    ) -> tuple[From, tuple[Field, ...]]:
        env = Env(Scope(found.fields), clause=f"The generator {call.name}", windows=False)
        typed = expressions.compile(call, env)
        assert isinstance(typed.type, Array)
        assert isinstance(typed.type.element, Struct)
        columns: tuple[Column, ...] = typed.type.element.fields
        if names and len(names) != len(columns):
            raise self.problems.error(at, f"{len(names)} names are given to {len(columns)} columns.")
        outer = outer or call.name.lower().endswith("_outer")
        rows = f"CASE WHEN len({typed.sql}) > 0 THEN {typed.sql} ELSE [NULL] END" if outer else typed.sql
        own = quote(self.fresh("rows"))
        kept = [f"{field.sql} AS c{number}" for number, field in enumerate(found.fields)]
        body = f"SELECT {', '.join([*kept, f'UNNEST({rows}) AS g'])}"
        sql = f"({body} FROM {found.sql}) AS {own}" if found.sql else f"({body}) AS {own}"
        fields = tuple(replace(field, sql=f"{own}.c{number}") for number, field in enumerate(found.fields))
        made = tuple(
            Field(
                name=names[number] if names else column.name,
                sql=f"{own}.g" if len(columns) == 1 else f"struct_extract({own}.g, {text(column.name)})",
                type=column.type,
                nullable=outer or column.nullable,
                qualifier="",
                lineage=typed.lineage,
            )
            for number, column in enumerate(columns)
        )
        return From(sql, fields), made


def is_generator(node: exp.Expr) -> bool:
    """Whether a node is the call of a generator."""
    if type(node) is not exp.Anonymous:
        return False
    entry = FUNCTIONS.get(str(node.this).lower())
    return entry is not None and entry.kind == "generator"
