"""Writes the demo's landing files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from odibi_dagster.demo import rows
from odibi_dagster.demo.write import write_once
from odibi_dagster.errors import ConfigError

if TYPE_CHECKING:
    import duckdb

_MAX_SEED = 999_999


def generate(
    landing_root: str | Path,
    *,
    customers: int = 2_000,
    orders: int = 20_000,
    products: int = 200,
    seed: int = 7,
    files: int = 4,
) -> tuple[Path, ...]:
    """Write `raw/customers/2024/`, `raw/orders/2024/` and `raw/products/` below the landing folder.

    The same arguments give the same bytes, with any number of threads. A file that is there already with the
    same content is left alone, its time included; one with other content is never overwritten. Each file
    appears under its name only when it is complete. Memory does not grow with the number of orders.

    Args:
        landing_root: the landing folder on local disk; made when it is missing.
        customers: how many customers; each has one to three rows, one for each state it was in.
        orders: how many orders, spread over 90 days from 2024-01-01.
        products: how many products.
        seed: 0 to 999,999.
        files: into how many files the orders go.

    Returns:
        The files of this data set, whether just written or there before.

    Raises:
        ConfigError: a number out of range, or a file of that name holds something else.
        StorageError: the folder cannot be written, or the disk is full.
    """
    _check("customers", customers)
    _check("orders", orders)
    _check("products", products)
    _check("files", files, high=orders)
    _check("seed", seed, low=0, high=_MAX_SEED)
    raw = Path(landing_root) / "raw"
    recipe = f"odibi demo 1: {customers=} {orders=} {products=} {seed=} {files=}"
    written = []
    with _connect() as connection:
        for visit in range(3):
            first, last = visit * customers, (visit + 1) * customers
            query = rows.customers(seed, customers=customers, first=first, last=last)
            path = raw / "customers" / "2024" / f"customers-{visit + 1}.parquet"
            written.append(write_once(connection, query, path, recipe))
        query = rows.products(seed, products=products)
        written.append(write_once(connection, query, raw / "products" / "products.parquet", recipe))
        digits = max(2, len(str(files)))
        for part in range(files):
            first, last = orders * part // files, orders * (part + 1) // files
            query = rows.orders(
                seed, customers=customers, products=products, orders=orders, first=first, last=last
            )
            path = raw / "orders" / "2024" / f"orders-{part + 1:0{digits}}.parquet"
            written.append(write_once(connection, query, path, recipe))
    return tuple(written)


def more_orders(
    landing_root: str | Path, n: int, seed: int, *, customers: int = 2_000, products: int = 200
) -> Path:
    """Drop one further orders file: `raw/orders/2024/orders-more-<seed>.parquet` with `n` rows.

    Its order numbers are fresh: no other seed gives them, nor does `generate`. The same arguments give the
    same bytes; a file that is there is left alone when its content is the same, and never overwritten.

    Args:
        landing_root: the landing folder on local disk.
        n: how many rows, 1 to 10^12.
        seed: 0 to 999,999; a new one for each further file.
        customers, products: as given to `generate`, so that the new orders are of known ones.

    Returns:
        The file.

    Raises:
        ConfigError, StorageError: as for `generate`.
    """
    _check("n", n, high=rows.MORE_ORDERS_FROM)
    _check("seed", seed, low=0, high=_MAX_SEED)
    _check("customers", customers)
    _check("products", products)
    recipe = f"odibi demo 1: more {n=} {seed=} {customers=} {products=}"
    path = Path(landing_root) / "raw" / "orders" / "2024" / f"orders-more-{seed:06}.parquet"
    query = rows.more_orders(seed, customers=customers, products=products, rows=n)
    with _connect() as connection:
        return write_once(connection, query, path, recipe)


def _connect() -> duckdb.DuckDBPyConnection:
    import duckdb

    # DuckDB keeps the order of range() by default, and reads it with one thread: nothing to set for that.
    return duckdb.connect(config={"memory_limit": "1GB"})


def _check(name: str, value: int, *, low: int = 1, high: int = 10_000_000_000) -> None:
    if not low <= value <= high:
        raise ConfigError(
            f"The demo data cannot have {name} = {value}.",
            why=f"{name} is between {low:,} and {high:,}.",
            remedy=f"Give a number in that range for {name}.",
        )
