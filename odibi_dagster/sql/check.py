"""The part of the compiler that needs no schemas: only what the catalogue and this page list may appear."""

from __future__ import annotations

from sqlglot import exp

from .catalogue import FUNCTIONS, OPERATORS
from .catalogue.refused import REFUSED
from .grammar import BINARY, CASTABLE, CLAUSES, IGNORED, JOINS, NAMES, REMEDIES, STRUCTURE
from .nearest import nearest
from .problems import Problems
from .refusal import PYTHON_INSTEAD

PARAMETERS = ("partition_key", "partition_start", "partition_end")


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
        elif kind in (exp.Like, exp.ILike, exp.RegexpLike) and not (
            isinstance(node.expression, exp.Literal) and node.expression.is_string
        ):
            problems.add(
                node, "LIKE needs a literal pattern.", remedy="Use contains, startswith or endswith."
            )
        elif kind is exp.DataType and node.this not in CASTABLE:
            problems.add(node.parent or node, f"CAST to {node.sql()} is not in the SQL catalogue.",
                         remedy=PYTHON_INSTEAD)  # fmt: skip
        elif kind is exp.Subquery and not isinstance(node.this, exp.Query):
            problems.add(node, "Brackets in FROM hold a query.", remedy="Leave them out.")
        elif kind is exp.In and node.args.get("query") is not None:
            _check_in_query(node, problems)
        elif kind is exp.Dot and not isinstance(node.expression, exp.Identifier):
            problems.add(node, "Only a field's name stands behind a point.", remedy=PYTHON_INSTEAD)
        elif kind in _PLACES:
            _check_place(node, problems)
        elif kind is exp.Join:
            _check_join(node, problems)
        elif kind in (exp.Limit, exp.Offset):
            _check_limit(node, problems)


def _is_unknown(node: exp.Expr) -> bool:
    return type(node) not in STRUCTURE and type(node) not in OPERATORS


def _check_clauses(node: exp.Expr, problems: Problems) -> None:
    kind = type(node)
    allowed = STRUCTURE.get(kind)
    if allowed is None:
        if kind in OPERATORS:
            allowed = BINARY
        else:
            word = NAMES.get(kind.__name__, kind.__name__.upper())
            remedy = REMEDIES.get(word, "")
            problems.add(node, f"{word} is not in the SQL catalogue.",
                         remedy=" ".join(filter(None, (remedy, PYTHON_INSTEAD))))  # fmt: skip
            return
    for key, value in node.args.items():
        if value and key not in allowed and key not in IGNORED:
            word = CLAUSES.get(key, key.strip("_").upper())
            problems.add(node, f"{word} is not in the SQL catalogue.", remedy=PYTHON_INSTEAD)


def _check_function(node: exp.Expr, problems: Problems) -> None:
    if isinstance(node.this, exp.Expr):
        problems.add(
            node, f"The function {node.name} is quoted.", remedy="Write its name without backquotes."
        )
        return
    name = str(node.this).lower()
    entry = FUNCTIONS.get(name)
    if entry is None:
        if reason := REFUSED.get(name):
            problems.add(
                node,
                f"The function {name} is not in the SQL catalogue.",
                why=f"{reason}.",
                remedy=PYTHON_INSTEAD,
            )
            return
        near = nearest(name, FUNCTIONS)
        remedy = (f"Did you mean {near}? " if near else "") + PYTHON_INSTEAD
        problems.add(node, f"The function {name} is not in the SQL catalogue.", remedy=remedy)
        return
    args = node.expressions
    if len(args) == 1 and isinstance(args[0], exp.Distinct):
        args = args[0].expressions
        if not entry.distinct:
            problems.add(node, f"{name}(DISTINCT …) is not in the SQL catalogue.", remedy=PYTHON_INSTEAD)
    if name != "count" and any(isinstance(arg, exp.Star) for arg in args):
        problems.add(node, f"{name}(*) is not in the SQL catalogue.", remedy="Name a column.")
    least, most = entry.arity
    if len(args) < least or (most is not None and len(args) > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        problems.add(node, f"{name} takes {wanted} arguments, not {len(args)}.", remedy=PYTHON_INSTEAD)
        return
    for at in entry.literals:
        if at < len(args) and not is_literal(args[at]):
            problems.add(node, f"Argument {at + 1} of {name} has to be a literal.", remedy=PYTHON_INSTEAD)
    lambdas = sum(isinstance(arg, exp.Lambda) for arg in args)
    if lambdas and lambdas not in entry.lambdas:
        problems.add(node, f"{name} with a lambda is not in the SQL catalogue.", remedy=PYTHON_INSTEAD)
    if isinstance(node.parent, exp.WithinGroup) and not entry.within:
        problems.add(
            node, f"{name} takes no WITHIN GROUP.", remedy="listagg, mode and the percentile_ functions do."
        )
    inner, parent = node, node.parent
    while isinstance(parent, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        inner, parent = parent, parent.parent
    windowed = isinstance(parent, exp.Window) and parent.this is inner
    if entry.kind == "generator" and not isinstance(node.parent, exp.Lateral | exp.Select):
        outer = node.parent if isinstance(node.parent, exp.Alias | exp.Aliases) else node
        if not isinstance(outer.parent, exp.Select) or outer.arg_key != "expressions":
            problems.add(node, f"{name} stands inside of an expression.",
                         remedy=f"Write LATERAL VIEW {name}(…), or SELECT {name}(…) AS name.")  # fmt: skip
    if entry.kind == "window" and not windowed:
        problems.add(node, f"{name} needs an OVER clause.", remedy=f"Write {name}(…) OVER (ORDER BY …).")


def _check_call(node: exp.Expr, problems: Problems) -> None:
    inner = node.this
    if node.arg_key == "windows":
        _check_window(node, problems)
        return
    while isinstance(inner, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        inner = inner.this
    entry = FUNCTIONS.get(inner.name.lower()) if type(inner) is exp.Anonymous else None
    word = "FILTER" if isinstance(node, exp.Filter) else "OVER"
    if entry is None:
        if type(inner) is not exp.Anonymous:
            problems.add(
                node, f"{word} stands behind something that is not a function.", remedy=PYTHON_INSTEAD
            )
        return
    allowed = ("aggregate",) if isinstance(node, exp.Filter) else ("aggregate", "window")
    if entry.kind not in allowed:
        problems.add(node, f"{entry.name} takes no {word}.", remedy="Only aggregates do.")
    if isinstance(node, exp.Filter):
        return
    if inner.expressions and isinstance(inner.expressions[0], exp.Distinct):
        problems.add(
            node, f"{entry.name}(DISTINCT …) OVER is not in the SQL catalogue.", remedy=PYTHON_INSTEAD
        )
    if entry.kind == "window" and not entry.frame and node.args.get("spec") is not None:
        problems.add(node, f"{entry.name} takes no frame.", remedy="Leave the frame out.")
    if node.args.get("alias") is not None and any(
        node.args.get(key) for key in ("partition_by", "order", "spec")
    ):
        problems.add(node, "A named window takes no more parts.", remedy="Write the window out.")
    _check_window(node, problems)


def _check_window(node: exp.Expr, problems: Problems) -> None:
    spec = node.args.get("spec")
    if spec is None:
        return
    kind = str(spec.args.get("kind")).upper()
    if kind not in ("ROWS", "RANGE"):
        problems.add(
            spec, f"A frame of {spec.args.get('kind')} is not in the SQL catalogue.", remedy="Use ROWS."
        )
    for end in ("start", "end"):
        value = spec.args.get(end)
        if value is None or value in ("UNBOUNDED", "CURRENT ROW"):
            continue
        number = isinstance(value, exp.Literal) and not value.is_string
        whole = number and value.name.isdigit()
        if not (whole or (kind == "RANGE" and (number or isinstance(value, exp.Interval)))):
            problems.add(spec, "This window frame is not in the SQL catalogue.",
                         remedy="Use ROWS with literal numbers, UNBOUNDED or CURRENT ROW.")  # fmt: skip


#: Structure that has a meaning in some places only.
_PLACES: dict[type, tuple[tuple[type, ...], str]] = {
    exp.Tuple: ((exp.Values, exp.Group, exp.Rollup, exp.Cube, exp.GroupingSets), "A row in brackets"),
    exp.Rollup: ((exp.Group, exp.GroupingSets), "ROLLUP"),
    exp.Cube: ((exp.Group, exp.GroupingSets), "CUBE"),
    exp.GroupingSets: ((exp.Group, exp.GroupingSets), "GROUPING SETS"),
    exp.Values: ((exp.From, exp.Join), "VALUES"),
    exp.Lateral: ((exp.Select,), "LATERAL"),
    exp.Aliases: ((exp.Select,), "A list of aliases"),
    exp.Interval: ((exp.Add, exp.Sub, exp.WindowSpec), "INTERVAL"),
    exp.Lambda: ((exp.Anonymous,), "A lambda"),
    exp.Var: ((exp.Interval,), "A bare word"),
    exp.IgnoreNulls: ((exp.Window,), "IGNORE NULLS"),
    exp.RespectNulls: ((exp.Window,), "RESPECT NULLS"),
}


def _check_place(node: exp.Expr, problems: Problems) -> None:
    places, word = _PLACES[type(node)]
    generator = type(node) in (exp.Lateral, exp.Aliases)
    if type(node.parent) not in places:
        problems.add(node, f"{word} is not in the SQL catalogue here.", remedy=PYTHON_INSTEAD)
    elif generator and (type(node.this) is not exp.Anonymous or _kind(node.this) not in ("generator", "")):
        problems.add(node, f"{word} takes a generator.", remedy="explode and posexplode are some.")


def _kind(call: exp.Expr) -> str:
    """The kind of the function a call names, '' if it is unknown."""
    entry = FUNCTIONS.get(call.name.lower())
    return entry.kind if entry is not None else ""


def _check_distinct(node: exp.Expr, problems: Problems) -> None:
    if isinstance(node.parent, exp.Select) and node.expressions:
        problems.add(
            node, "DISTINCT ON is not in the SQL catalogue.", remedy="Use ROW_NUMBER() in a subquery."
        )


def _check_in_query(node: exp.Expr, problems: Problems) -> None:
    """Elsewhere than in a condition, Spark answers FALSE where the standard says NULL."""
    at = node.parent
    while isinstance(at, exp.Paren):
        at = at.parent
    at = at.parent if isinstance(at, exp.Not) else at
    while isinstance(at, exp.And | exp.Or | exp.Paren):
        at = at.parent
    if not isinstance(at, exp.Where | exp.Having):
        problems.add(node, "IN with a subquery stands outside of WHERE and HAVING, or under NOT.",
                     remedy="Use EXISTS, or join with SELECT DISTINCT.")  # fmt: skip


def _check_join(node: exp.Expr, problems: Problems) -> None:
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    method = str(node.args.get("method") or "").upper()
    if method not in ("", "NATURAL"):
        problems.add(node, f"{method} JOIN is not in the SQL catalogue.", remedy="Use ON.")
    if (side, kind) not in JOINS:
        problems.add(
            node, f"{side} {kind} JOIN".strip() + " is not in the SQL catalogue.", remedy=PYTHON_INSTEAD
        )


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
