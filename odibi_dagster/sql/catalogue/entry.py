"""One entry of the catalogue: a function or operator, what it takes and returns, how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from odibi_dagster.sql.refusal import PYTHON_INSTEAD, Refusal
from odibi_dagster.sql.typed import NOTHING, Typed, combine
from odibi_dagster.sql.types import SparkType


@dataclass(slots=True)
class Call:
    """One use of an entry: its compiled arguments, and where it stands.

    Args:
        name: the function's name in lower case, or the operator.
        args: the compiled arguments, in the order they are written.
        node: the parsed expression.
        distinct: whether the arguments stand behind DISTINCT.
        where: the compiled predicate of a FILTER clause.
        over: the DuckDB text of the OVER clause, with its Spark name and its parts, in a window.
        now: the instant of this write, aware; None while there is none.
        ignore_nulls: whether IGNORE NULLS stands behind it.
        grouping: the grouping keys, as they are written after grouping; None without grouping sets.
        within: the keys of WITHIN GROUP (ORDER BY …) with their parsed ORDER BY items.
        lambdas: the lambdas behind the arguments, to be compiled with their variables' types.
    """

    name: str
    args: list[Typed]
    node: Any = None
    distinct: bool = False
    star: bool = False
    where: Typed | None = None
    over: str | None = None
    ordered: bool = False
    now: Any = None
    ignore_nulls: bool = False
    grouping: tuple[str, ...] | None = None
    within: tuple[tuple[Typed, Any], ...] = ()
    lambdas: tuple[Lambda, ...] = ()

    def refuse(self, remedy: str = "", what: str = "") -> Refusal:
        """The refusal of these arguments' types; raise it."""
        types = ", ".join(str(arg.type) for arg in self.args)
        return Refusal(what or f"{self.name}({types}) is not supported.", remedy or PYTHON_INSTEAD)

    def result(
        self, sql: str, type: SparkType, *, name: str | None = None, nullable: bool | None = None
    ) -> Typed:
        """The compiled call; its Spark name is `name(arg, …)` unless another is given."""
        plain = name or f"{self.name}({', '.join(arg.name for arg in self.args)})"
        return combine(sql, type, plain, *self.args, nullable=nullable)

    def literal(self, at: int) -> Any:
        """The Python value of the literal argument at a position, or the one given when it is left out."""
        return self.args[at].literal if at < len(self.args) else NOTHING

    def aggregate(self, function: str) -> str:
        """An aggregate's DuckDB text with this call's FILTER and OVER clauses."""
        filtered = f"{function} FILTER (WHERE {self.where.sql})" if self.where else function
        return f"{filtered} OVER {self.over}" if self.over is not None else filtered


Emit = Callable[[Call], Typed]


@dataclass(frozen=True, slots=True)
class Lambda:
    """A lambda that is compiled once the types of its variables are known.

    Args:
        count: how many variables it has.
        first: the number of its first variable among those in sight.
        compile: makes its body, named as Spark names the lambda, from what each variable stands for.
    """

    count: int
    first: int
    compile: Callable[[Sequence[Typed]], Typed]

    def variable(self, at: int = 0) -> str:
        """A name for a variable of DuckDB's lambda, unlike those of the lambdas around it."""
        return f"spark_v{self.first + at}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the compiler knows about a function or an operator.

    Args:
        name: as it is written; functions in lower case.
        accepts: the argument types, for people.
        returns: the result type, for people.
        emit: makes the DuckDB expression; raises Refusal for argument types outside of `accepts`.
        arity: fewest and most arguments (None: any number).
        kind: scalar, aggregate, window, grouping (over the keys of ROLLUP, CUBE, GROUPING SETS) or generator.
            A generator gives `array<struct<…>>`: a struct for each row, a field for each column with its name
            and nullability. Where the struct has one field, its DuckDB text is a list of the bare values.
            It is outer (a row of NULLs for nothing) if its name ends with `_outer`.
        node: the parsed classes of an operator, None for a function.
        literals: positions (from 0) of arguments that must be literals, known when definitions load.
        aliases: other names with the same meaning.
        rule: the source of the result and its type.
        limits: what is refused or differs, for people.
        distinct, within: whether an aggregate takes DISTINCT, or WITHIN GROUP (ORDER BY …).
        lambdas: how many lambdas may stand behind the arguments.
        frame: whether a window function takes a frame.
    """

    name: str
    accepts: str
    returns: str
    emit: Emit
    arity: tuple[int, int | None] = (1, 1)
    kind: str = "scalar"
    node: Any = None
    literals: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    rule: str = "Spark SQL reference, built-in functions"
    limits: str = ""
    distinct: bool = False
    within: bool = False
    lambdas: tuple[int, ...] = ()
    frame: bool = False
    values: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """`proven`, or `limited` where some arguments that Spark takes are refused."""
        return "limited" if self.limits else "proven"

    def nodes(self) -> tuple[type, ...]:
        """The parsed classes this operator stands for."""
        return self.node if isinstance(self.node, tuple) else (self.node,)
