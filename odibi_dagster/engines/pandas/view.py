"""Names for relations, so that SQL of ours can use them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4


def keep(connection: Any, native: Any) -> str:
    """A view of the relation; its quoted name.

    Args:
        connection: the session's connection.
        native: a DuckDB relation of this connection.

    Raises:
        duckdb.CatalogException: the relation belongs to another connection.
    """
    name = f"view_{uuid4().hex}"
    native.create_view(name)
    connection.execute(f"DESCRIBE {name}").fetchall()
    return name
