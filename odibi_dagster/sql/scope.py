"""Names in a query: which column a name means, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .nearest import nearest
from .refusal import Refusal
from .typed import Origin
from .types import SparkType


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a relation in FROM.

    Args:
        name: Spark's name of it.
        sql: DuckDB's reference to it, with the relation's alias.
        qualifier: the relation's name in lower case, '' for a merged USING column.
        hidden: reachable with its qualifier only (the single sides of a USING column).
        outer: belongs to an enclosing query.
    """

    name: str
    sql: str
    type: SparkType
    nullable: bool
    qualifier: str
    lineage: tuple[Origin, ...]
    hidden: bool = False
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The columns a query's expressions may name; `outer` are those of the query around it."""

    fields: tuple[Field, ...]
    outer: Scope | None = None

    def find(self, name: str, qualifier: str = "") -> Field | None:
        """The only column of that name, of any case; the enclosing query's if there is none here.

        Raises:
            Refusal: several columns have it.
        """
        low, of = name.lower(), qualifier.lower()
        found = [
            field
            for field in self.fields
            if field.name.lower() == low and (field.qualifier == of if of else not field.hidden)
        ]
        if len(found) > 1:
            sides = ", ".join(f"{field.qualifier or '?'}.{field.name}" for field in found)
            raise Refusal(
                f"The column {name} is ambiguous: it could be {sides}.", "Put the table's alias in front."
            )
        if found:
            return found[0]
        if self.outer is not None and (field := self.outer.find(name, qualifier)):
            return replace(field, outer=True)
        return None

    def has(self, name: str) -> bool:
        """Whether one column or several have the name."""
        low = name.lower()
        return any(field.name.lower() == low and not field.hidden for field in self.fields) or (
            self.outer is not None and self.outer.has(name)
        )

    def resolve(self, name: str, qualifier: str = "", aliases: Sequence[str] = ()) -> Field:
        """As `find`.

        Raises:
            Refusal: no column has the name, with the nearest one.
        """
        if (field := self.find(name, qualifier)) is not None:
            return field
        spelled = f"{qualifier}.{name}" if qualifier else name
        known = {field.qualifier for field in self.fields if field.qualifier}
        if qualifier and qualifier.lower() not in known:
            names = ", ".join(sorted(known)) or "none"
            raise Refusal(f"{spelled}: there is no table or alias {qualifier} here.", f"Known here: {names}.")
        names_here = dict.fromkeys(
            field.name for field in self.fields if not qualifier or field.qualifier == qualifier.lower()
        )
        near = nearest(name, [*names_here, *aliases])
        remedy = f"Did you mean {near}?" if near else f"Columns here: {', '.join(names_here) or 'none'}."
        raise Refusal(f"The column {spelled} does not exist.", remedy)
