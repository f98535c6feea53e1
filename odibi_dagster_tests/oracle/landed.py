"""The landed rows, as they are in the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb


class Customer(NamedTuple):
    customer_id: int | None
    name: str | None
    email: str | None
    age: int | None
    status: str | None
    country: str | None
    updated_at: datetime


class Order(NamedTuple):
    order_id: int | None
    customer_id: int | None
    product_id: int | None
    amount: Decimal | None
    quantity: int | None
    order_date: str | None


class Product(NamedTuple):
    product_id: int | None
    product_name: str | None
    category: str | None
    list_price: Decimal | None


@dataclass(frozen=True)
class Landed:
    customers: list[Customer]
    orders: list[Order]
    products: list[Product]


def read_landed(landing_root: str | Path) -> Landed:
    """Read every file that the bronze sources take."""
    raw = Path(landing_root) / "raw"
    return Landed(
        [Customer(*row) for row in _rows(raw / "customers" / "2024", Customer._fields)],
        [Order(*row) for row in _rows(raw / "orders" / "2024", Order._fields)],
        [Product(*row) for row in _rows(raw / "products", Product._fields)],
    )


def _rows(folder: Path, columns: tuple[str, ...]) -> list[tuple]:
    files = sorted(str(path) for path in folder.glob("*.parquet") if not path.name.startswith("."))
    rows: list[tuple] = []
    with duckdb.connect() as connection:
        for file in files:
            rows += connection.execute(f"SELECT {', '.join(columns)} FROM read_parquet(?)", [file]).fetchall()
    return rows
