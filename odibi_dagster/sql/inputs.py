"""The inputs of a query: what its FROM names."""

from __future__ import annotations

from sqlglot import exp

from .problems import Problems

LAYERS = ("bronze", "silver", "gold")


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
