"""What the annotations of a function's parameters mean, read from the file's text and never by running it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

FRAMES = {
    "narwhals.LazyFrame": "narwhals",
    "pandas.DataFrame": "pandas",
    "duckdb.DuckDBPyRelation": "duckdb",
    "pyspark.sql.DataFrame": "pyspark",
    "pyspark.sql.dataframe.DataFrame": "pyspark",
    "pyspark.sql.connect.dataframe.DataFrame": "pyspark",
}
#: What a function may ask for on each engine; the first stands for no annotation.
WANTED = {
    "pandas": ("narwhals.LazyFrame", "pandas.DataFrame", "duckdb.DuckDBPyRelation"),
    "spark": ("narwhals.LazyFrame", "pandas.DataFrame", "pyspark.sql.DataFrame"),
}
CONTEXT = "dagster.AssetExecutionContext"


def imported(module: ast.Module) -> Mapping[str, str]:
    """The names that the file's imports bind, with what they stand for: {"nw": "narwhals"}.

    Imports inside of `if TYPE_CHECKING:`, `try:` and functions count as well: they name types all the same.
    """
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(annotation: ast.expr, names: Mapping[str, str]) -> str | None:
    """The full name of an annotated type ("pandas.DataFrame"), or None when it is no name.

    Texts are read as the annotation they hold; `Frame[…]` counts as `Frame`.
    """
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return dotted(ast.parse(annotation.value.strip(), mode="eval").body, names)
        except SyntaxError:
            return None
    if isinstance(annotation, ast.Subscript):
        return dotted(annotation.value, names)
    if isinstance(annotation, ast.Attribute):
        owner = dotted(annotation.value, names)
        return f"{owner}.{annotation.attr}" if owner else None
    return names.get(annotation.id, annotation.id) if isinstance(annotation, ast.Name) else None
