"""The part of the compiler that needs no schemas: only what the catalogue and this page list may appear."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from sqlglot import exp

from .catalogue import FUNCTIONS, OPERATORS
from .problems import Problems
from .refusal import SPARK_INSTEAD

LAYERS = ("bronze", "silver", "gold")
PARAMETERS = ("partition_key", "partition_start", "partition_end")

_BINARY = ("this", "expression")
_QUERY = ("with_", "order", "limit", "offset")
# The parser's classes that are structure and so not in the catalogue, with the clauses known of each.
_STRUCTURE: dict[type, tuple[str, ...]] = {
    exp.Select: ("expressions", "from_", "joins", "where", "group", "having", "qualify", "distinct", *_QUERY),
    exp.Union: ("this", "expression", "distinct", *_QUERY),
    exp.Intersect: ("this", "expression", "distinct", *_QUERY),
    exp.Except: ("this", "expression", "distinct", *_QUERY),
    exp.Subquery: ("this", "alias", *_QUERY),
    exp.With: ("expressions",),
    exp.CTE: ("this", "alias"),
    exp.TableAlias: ("this", "columns"),
    exp.From: ("this",),
    exp.Table: ("this", "db", "catalog", "alias"),
    exp.Join: ("this", "side", "kind", "on", "using"),
    exp.Where: ("this",),
    exp.Group: ("expressions", "all"),
    exp.Having: ("this",),
    exp.Qualify: ("this",),
    exp.Distinct: ("expressions",),
    exp.Order: ("expressions",),
    exp.Ordered: ("this", "desc", "nulls_first"),
    exp.Limit: ("expression",),
    exp.Offset: ("expression",),
    exp.Alias: ("this", "alias"),
    exp.Column: ("this", "table"),
    exp.Identifier: ("this", "quoted"),
    exp.Star: ("except_",),
    exp.Literal: ("this", "is_string"),
    exp.Boolean: ("this",),
    exp.Null: (),
    exp.Paren: ("this",),
    exp.Anonymous: ("this", "expressions"),
    exp.CurrentTimestamp: (),
    exp.CurrentDate: (),
    exp.Placeholder: ("this",),
    exp.DataType: ("this", "expressions", "nested"),
    exp.DataTypeParam: ("this",),
    exp.Cast: ("this", "to"),
    exp.TryCast: ("this", "to", "safe"),
    exp.Case: ("this", "ifs", "default"),
    exp.If: ("this", "true", "false"),
    exp.In: ("this", "expressions", "query"),
    exp.Exists: ("this",),
    exp.Between: ("this", "low", "high"),
    exp.Like: (*_BINARY, "negate"),
    exp.Is: _BINARY,
    exp.Not: ("this",),
    exp.Neg: ("this",),
    exp.Filter: _BINARY,
    exp.Window: ("this", "partition_by", "order", "spec", "over"),
    exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side"),
    exp.DPipe: (*_BINARY, "safe"),
    exp.Div: (*_BINARY, "typed", "safe"),
}
_IGNORED = {"_type"}
_NAMES = {
    "HexString": "a binary literal", "Interval": "INTERVAL", "Lateral": "LATERAL", "Hint": "a hint",
    "JSONExtract": "the path operator", "Bracket": "indexing with [ ]", "Escape": "ESCAPE",
    "Lambda": "a lambda",
    "RegexpLike": "RLIKE", "ILike": "ILIKE", "Tuple": "a row in brackets", "Values": "VALUES", "Any": "ANY",
    "Dot": "a field of a struct", "IgnoreNulls": "IGNORE NULLS", "RespectNulls": "RESPECT NULLS",
    "TableSample": "TABLESAMPLE", "Pivot": "PIVOT", "Version": "time travel (VERSION/TIMESTAMP AS OF)",
    "Cube": "CUBE", "Rollup": "ROLLUP", "GroupingSets": "GROUPING SETS", "Kwarg": "a named argument",
}  # fmt: skip
_REMEDIES = {
    "INTERVAL": "Use date_add, add_months or datediff.",
    "JSONExtract": "",
    "ILIKE": "Use lower(x) LIKE 'pattern'.",
    "a hint": "Leave it out: hints change no result.",
    "VALUES": "Put the rows into a landed file or a Python table.",
}
_CLAUSES = {
    "laterals": "LATERAL VIEW", "pivots": "PIVOT", "windows": "the WINDOW clause", "into": "INTO",
    "locks": "FOR UPDATE",
    "sort": "SORT BY", "cluster": "CLUSTER BY", "distribute": "DISTRIBUTE BY", "hint": "a hint",
    "sample": "TABLESAMPLE",
    "version": "time travel (VERSION/TIMESTAMP AS OF)", "method": "NATURAL or another join method",
    "recursive": "RECURSIVE",
    "on": "DISTINCT ON", "exclude": "EXCLUDE in a window frame", "alias": "a named window",
    "replace": "* REPLACE", "rename": "* RENAME", "by_name": "BY NAME", "rollup": "ROLLUP", "cube": "CUBE",
    "grouping_sets": "GROUPING SETS", "db": "a field of a struct", "catalog": "a field of a struct",
    "collate": "COLLATE", "format": "CAST … FORMAT", "symmetric": "BETWEEN SYMMETRIC", "widget": "{{ }}",
    "jdbc": "{? }", "materialized": "MATERIALIZED", "ordinality": "WITH ORDINALITY",
}  # fmt: skip


CASTABLE = {
    exp.DType.TIMESTAMPTZ: "timestamp", exp.DType.TIMESTAMPLTZ: "timestamp", exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPNTZ: "timestamp_ntz", exp.DType.TEXT: "string", exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint", exp.DType.SMALLINT: "smallint", exp.DType.INT: "int",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "float", exp.DType.DOUBLE: "double", exp.DType.DATE: "date",
    exp.DType.DECIMAL: "decimal",
}  # fmt: skip


def check_tree(root: exp.Expr, problems: Problems, *, predicate: bool = False) -> None:
    """Record everything in the tree that the compiler does not know, with its line and a remedy."""
    for node in root.walk(prune=_is_unknown):  # what is refused whole is not refused in parts again
        _check_clauses(node, problems)
        kind = type(node)
        if kind is exp.Anonymous:
            _check_function(node, problems)
        elif kind is exp.Filter or kind is exp.Window:
            _check_call(node, problems)
        elif kind is exp.Distinct:
            _check_distinct(node, problems)
        elif kind is exp.Placeholder and node.name not in PARAMETERS:
            names = ", ".join(f":{name}" for name in PARAMETERS)
            problems.add(
                node, f"The parameter :{node.name or '?'} is unknown.", remedy=f"Parameters are {names}."
            )
        elif predicate and (isinstance(node, exp.Query) or kind in (exp.Window, exp.Placeholder, exp.Star)):
            word = "a parameter" if kind is exp.Placeholder else "*" if kind is exp.Star else \
                "a window" if kind is exp.Window else "a subquery"  # fmt: skip
            problems.add(
                node, f"An expectation cannot use {word}.", remedy="Write a condition over the columns."
            )
        elif kind is exp.Like and not (
            isinstance(node.expression, exp.Literal) and node.expression.is_string
        ):
            problems.add(
                node, "LIKE needs a literal pattern.", remedy="Use contains, startswith or endswith."
            )
        elif kind is exp.DataType and node.this not in CASTABLE:
            problems.add(node.parent or node, f"CAST to {node.sql()} is not in the SQL catalogue.",
                         remedy=SPARK_INSTEAD)  # fmt: skip
        elif kind is exp.Subquery and not isinstance(node.this, exp.Query):
            problems.add(node, "Brackets in FROM hold a query.", remedy="Leave them out.")
        elif kind is exp.In and node.args.get("query") is not None:
            _check_in_query(node, problems)
        elif kind in (exp.Limit, exp.Offset):
            _check_limit(node, problems)


def _is_unknown(node: exp.Expr) -> bool:
    return type(node) not in _STRUCTURE and type(node) not in OPERATORS


def _check_clauses(node: exp.Expr, problems: Problems) -> None:
    kind = type(node)
    allowed = _STRUCTURE.get(kind)
    if allowed is None:
        if kind in OPERATORS:
            allowed = _BINARY
        else:
            word = _NAMES.get(kind.__name__, kind.__name__.upper())
            remedy = _REMEDIES.get(word, "")
            problems.add(node, f"{word} is not in the SQL catalogue.",
                         remedy=" ".join(filter(None, (remedy, SPARK_INSTEAD))))  # fmt: skip
            return
    for key, value in node.args.items():
        if value and key not in allowed and key not in _IGNORED:
            word = _CLAUSES.get(key, key.strip("_").upper())
            problems.add(node, f"{word} is not in the SQL catalogue.", remedy=SPARK_INSTEAD)


def _check_function(node: exp.Expr, problems: Problems) -> None:
    if isinstance(node.this, exp.Expr):
        problems.add(
            node, f"The function {node.name} is quoted.", remedy="Write its name without backquotes."
        )
        return
    name = str(node.this).lower()
    entry = FUNCTIONS.get(name)
    if entry is None:
        near = nearest(name, FUNCTIONS)
        remedy = (f"Did you mean {near}? " if near else "") + SPARK_INSTEAD
        problems.add(node, f"The function {name} is not in the SQL catalogue.", remedy=remedy)
        return
    args = node.expressions
    if len(args) == 1 and isinstance(args[0], exp.Distinct):
        args = args[0].expressions
        if not entry.distinct:
            problems.add(node, f"{name}(DISTINCT …) is not in the SQL catalogue.", remedy=SPARK_INSTEAD)
    if name != "count" and any(isinstance(arg, exp.Star) for arg in args):
        problems.add(node, f"{name}(*) is not in the SQL catalogue.", remedy="Name a column.")
    least, most = entry.arity
    if len(args) < least or (most is not None and len(args) > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        problems.add(node, f"{name} takes {wanted} arguments, not {len(args)}.", remedy=SPARK_INSTEAD)
        return
    for at in entry.literals:
        if at < len(args) and not is_literal(args[at]):
            problems.add(node, f"Argument {at + 1} of {name} has to be a literal.", remedy=SPARK_INSTEAD)
    parent = node.parent.parent if isinstance(node.parent, exp.Filter) else node.parent
    windowed = isinstance(parent, exp.Window) and parent.this in (node, node.parent)
    if entry.kind == "window" and not windowed:
        problems.add(node, f"{name} needs an OVER clause.", remedy=f"Write {name}(…) OVER (ORDER BY …).")


def _check_call(node: exp.Expr, problems: Problems) -> None:
    inner = node.this.this if isinstance(node.this, exp.Filter) else node.this
    entry = FUNCTIONS.get(inner.name.lower()) if type(inner) is exp.Anonymous else None
    word = "FILTER" if isinstance(node, exp.Filter) else "OVER"
    if entry is None:
        if type(inner) is not exp.Anonymous:
            problems.add(
                node, f"{word} stands behind something that is not a function.", remedy=SPARK_INSTEAD
            )
        return
    allowed = ("aggregate",) if isinstance(node, exp.Filter) else ("aggregate", "window")
    if entry.kind not in allowed:
        problems.add(node, f"{entry.name} takes no {word}.", remedy="Only aggregates do.")
    if isinstance(node, exp.Filter):
        return
    if inner.expressions and isinstance(inner.expressions[0], exp.Distinct):
        problems.add(
            node, f"{entry.name}(DISTINCT …) OVER is not in the SQL catalogue.", remedy=SPARK_INSTEAD
        )
    spec = node.args.get("spec")
    if spec is not None:
        _check_frame(spec, entry.kind, problems)


def _check_frame(spec: exp.Expr, kind: str, problems: Problems) -> None:
    if kind == "window":
        problems.add(spec, "A ranking function takes no frame.", remedy="Leave the frame out.")
    for end in ("start", "end"):
        value = spec.args.get(end)
        if value is None or value in ("UNBOUNDED", "CURRENT ROW"):
            continue
        rows = str(spec.args.get("kind")).upper() == "ROWS"
        if not (rows and isinstance(value, exp.Literal) and value.this.isdigit()):
            problems.add(spec, "This window frame is not in the SQL catalogue.",
                         remedy="Use ROWS with literal numbers, UNBOUNDED or CURRENT ROW.")  # fmt: skip


def _check_distinct(node: exp.Expr, problems: Problems) -> None:
    if isinstance(node.parent, exp.Select) and node.expressions:
        problems.add(
            node, "DISTINCT ON is not in the SQL catalogue.", remedy="Use ROW_NUMBER() in a subquery."
        )


def _check_in_query(node: exp.Expr, problems: Problems) -> None:
    """Elsewhere than as a condition of WHERE, Spark answers FALSE where the standard says NULL."""
    at = node.parent
    while isinstance(at, exp.Paren):
        at = at.parent
    at = at.parent if isinstance(at, exp.Not) else at
    while isinstance(at, exp.And | exp.Paren):
        at = at.parent
    if not isinstance(at, exp.Where):
        problems.add(node, "IN with a subquery stands outside of WHERE, or under OR.",
                     remedy="Use EXISTS, or join with SELECT DISTINCT.")  # fmt: skip


def _check_limit(node: exp.Expr, problems: Problems) -> None:
    word = type(node).__name__.upper()
    if not (isinstance(node.expression, exp.Literal) and str(node.expression.this).isdigit()):
        problems.add(node, f"{word} needs a literal number.", remedy="Write the number.")
    if node.parent is not None and not node.parent.args.get("order"):
        problems.add(
            node, f"{word} without ORDER BY gives other rows on every run.", remedy="Add an ORDER BY."
        )


def is_literal(node: exp.Expr) -> bool:
    """Whether an argument is written as a literal, with or without a sign."""
    return isinstance(node, exp.Literal) or (isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like the given one."""
    found = difflib.get_close_matches(name.lower(), [k.lower() for k in known], n=1, cutoff=0.7)
    if not found:
        return None
    return next(k for k in known if k.lower() == found[0])


def check_tables(root: exp.Expr, problems: Problems) -> tuple[str, ...]:
    """The inputs of a query, `layer.table`, by first appearance; anything else in FROM is recorded."""
    inputs: dict[str, int] = {}
    _walk_tables(root, frozenset(), inputs, problems)
    return tuple(sorted(inputs, key=inputs.__getitem__))


def _walk_tables(node: exp.Expr, names: frozenset[str], inputs: dict[str, int], problems: Problems) -> None:
    """Names of CTEs are known in the query that defines them and below, each from its own definition on."""
    with_ = node.args.get("with_")
    if isinstance(with_, exp.With):
        for cte in with_.expressions:
            _walk_tables(cte.this, names, inputs, problems)
            names = names | {cte.alias.lower()}
    if isinstance(node, exp.Table):
        _check_table(node, names, inputs, problems)
        return
    for key, value in node.args.items():
        if key == "with_":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expr):
                _walk_tables(child, names, inputs, problems)


def _check_table(table: exp.Expr, names: frozenset[str], inputs: dict[str, int], problems: Problems) -> None:
    assert isinstance(table, exp.Table)
    layers = ", ".join(LAYERS)
    if not isinstance(table.this, exp.Identifier):
        inner = table.this.name if isinstance(table.this, exp.Expr) else str(table.this)
        problems.add(
            table, f"The table function {inner} cannot be used in FROM.", remedy="Read a table: layer.table."
        )
    elif table.catalog:
        problems.add(
            table, f"{table.catalog}.{table.db}.{table.name} has three parts.", remedy="Write layer.table."
        )
    elif not table.db:
        if table.name.lower() not in names:
            problems.add(table, f"{table.name} in FROM is neither a table nor a name from WITH.",
                         remedy=f"Write layer.table with a layer of {layers}.")  # fmt: skip
    elif table.db.lower() not in LAYERS or not plain_name(table.name):
        problems.add(
            table,
            f"{table.db}.{table.name} in FROM is not a table of this project.",
            remedy=f"Write layer.table with a layer of {layers}; files and URLs are read by sources.",
        )
    else:
        name, start = f"{table.db.lower()}.{table.name.lower()}", int(table.this.meta.get("start", 0))
        inputs[name] = min(inputs.get(name, start), start)


def plain_name(name: str) -> bool:
    """Whether a table's name is made of ASCII letters, digits and underscores."""
    return name.isascii() and name.replace("_", "a").isalnum()
