"""The demo's landing files: exact for a seed, dirty, and never overwritten."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from odibi_dagster.demo import generate, more_orders
from odibi_dagster.errors import ConfigError, StorageError
from odibi_dagster_tests.oracle.landed import Landed, read_landed

SMALL = {"customers": 300, "orders": 3_000, "products": 60}


def _bytes(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    root = tmp_path_factory.mktemp("landing")
    generate(root)
    return read_landed(root)


def test_files_are_where_the_sources_look(tmp_path: Path) -> None:
    written = generate(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in written] == [
        *(f"raw/customers/2024/customers-{n}.parquet" for n in (1, 2, 3)),
        "raw/products/products.parquet",
        *(f"raw/orders/2024/orders-0{n}.parquet" for n in (1, 2, 3, 4)),
    ]
    assert set(_bytes(tmp_path)) == {str(path.relative_to(tmp_path)) for path in written}, (
        "nothing else is left"
    )
    rows = (
        duckdb.connect()
        .execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "raw/orders/2024/*")])
        .fetchone()
    )
    assert rows == (20_000,)


def test_columns_have_the_types_of_the_contract(tmp_path: Path) -> None:
    generate(tmp_path, **SMALL)
    found = {
        folder: [
            (name, kind)
            for name, kind, *_ in duckdb.connect()
            .execute("DESCRIBE SELECT * FROM read_parquet(?)", [f"{tmp_path}/raw/{folder}/*.parquet"])
            .fetchall()
        ]
        for folder in ("customers/2024", "orders/2024", "products")
    }
    assert found == {
        "customers/2024": [
            *(("customer_id", "BIGINT"), ("name", "VARCHAR"), ("email", "VARCHAR"), ("age", "INTEGER")),
            *(("status", "VARCHAR"), ("country", "VARCHAR"), ("updated_at", "TIMESTAMP WITH TIME ZONE")),
        ],
        "orders/2024": [
            *(("order_id", "BIGINT"), ("customer_id", "BIGINT"), ("product_id", "BIGINT")),
            *(("amount", "DECIMAL(12,4)"), ("quantity", "BIGINT"), ("order_date", "VARCHAR")),
        ],
        "products": [
            *(("product_id", "BIGINT"), ("product_name", "VARCHAR"), ("category", "VARCHAR")),
            ("list_price", "DECIMAL(12,4)"),
        ],
    }


def test_a_seed_gives_the_same_bytes_with_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[generate.__module__]
    connect: Callable[[], duckdb.DuckDBPyConnection] = module._connect

    def with_threads(threads: int) -> dict[str, str]:
        def connection() -> duckdb.DuckDBPyConnection:
            made = connect()
            made.execute(f"SET threads = {threads}")
            return made

        monkeypatch.setattr(module, "_connect", connection)
        root = tmp_path / str(threads)
        generate(root, customers=2_000, orders=600_000, products=50, files=1)
        more_orders(root, 300_000, 3)
        return _bytes(root)

    assert with_threads(1) == with_threads(4)


def test_the_rows_of_a_seed_never_change(landed: Landed) -> None:
    """Every machine and release gives these rows: other tests and the docs count on them."""
    digest = hashlib.sha256()
    for rows in (landed.customers, landed.orders, landed.products):
        for row in rows:
            digest.update(repr([_text(value) for value in row]).encode())
    assert digest.hexdigest() == "c81168146f2be0ee71ad117a3cbf73354289ad52b721bd58e4f23d97b88ff80b"


def _text(value: object) -> str:
    """The same on every machine: decimals with all four places, instants in UTC."""
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    generate(tmp_path / "7", **SMALL)
    generate(tmp_path / "8", **SMALL, seed=8)
    first, second = _bytes(tmp_path / "7"), _bytes(tmp_path / "8")
    assert first.keys() == second.keys() and not first.items() & second.items()


def test_how_orders_are_cut_into_files_does_not_change_them(tmp_path: Path) -> None:
    generate(tmp_path / "a", **SMALL, files=1)
    generate(tmp_path / "b", **SMALL, files=7)
    assert read_landed(tmp_path / "a") == read_landed(tmp_path / "b")


def test_a_second_time_leaves_every_file_alone(tmp_path: Path) -> None:
    def stats() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in tmp_path.rglob("*.parquet")}

    generate(tmp_path, **SMALL)
    more_orders(tmp_path, 100, 1)
    before = stats()
    generate(tmp_path, **SMALL)
    more_orders(tmp_path, 100, 1)
    assert stats() == before


def test_a_file_that_is_gone_comes_back_alone(tmp_path: Path) -> None:
    written = generate(tmp_path, **SMALL)
    before = _bytes(tmp_path)
    written[-1].unlink()
    kept = written[0].stat().st_mtime_ns
    generate(tmp_path, **SMALL)
    assert _bytes(tmp_path) == before and written[0].stat().st_mtime_ns == kept


@pytest.mark.parametrize("change", [{"seed": 8}, {"customers": 301}, {"orders": 3_001}, {"files": 5}])
def test_other_content_is_never_overwritten(tmp_path: Path, change: dict[str, int]) -> None:
    generate(tmp_path, **SMALL)
    before = _bytes(tmp_path)
    with pytest.raises(ConfigError) as error:
        generate(tmp_path, **{**SMALL, **change})
    assert "customers-1.parquet" in str(error.value) and "to do:" in str(error.value)
    assert _bytes(tmp_path) == before


def test_a_further_file_of_another_length_is_refused(tmp_path: Path) -> None:
    path = more_orders(tmp_path, 100, 1)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"orders-more-000001\.parquet"):
        more_orders(tmp_path, 101, 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not parquet at all", b"PAR1"])
def test_somebody_elses_file_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "raw" / "orders" / "2024" / "orders-02.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="no file of the demo"):
        generate(tmp_path, **SMALL)
    assert path.read_bytes() == content


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def rename(self: Path, target: Path) -> None:
        seen.append((self.name, target.exists()))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(StorageError, match="No space left on device"):
        more_orders(tmp_path, 100, 1)
    [(name, there)] = seen
    assert name.startswith(".") and name.endswith(".tmp") and not there
    assert _bytes(tmp_path) == {}, "the unfinished file is removed"


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(StorageError) as error:
        generate(tmp_path, **SMALL)
    assert "customers-1.parquet" in str(error.value) and "to do:" in str(error.value)


@pytest.mark.parametrize("numbers", [{"orders": 0}, {"customers": -1}, {"seed": -1}, {"files": 3_001}])
def test_numbers_out_of_range_are_refused(tmp_path: Path, numbers: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(numbers))):
        generate(tmp_path, **{**SMALL, **numbers})
    assert list(tmp_path.iterdir()) == []


def test_one_of_each_is_enough(tmp_path: Path) -> None:
    generate(tmp_path, customers=1, orders=1, products=1, files=1)
    more_orders(tmp_path, 1, 1, customers=1, products=1)
    assert len(read_landed(tmp_path).orders) == 2


def test_a_folder_with_a_quote_in_its_name(tmp_path: Path) -> None:
    generate(tmp_path / "it's here", **SMALL)
    generate(tmp_path / "it's here", **SMALL)


def test_orders_are_as_dirty_as_real_ones(landed: Landed) -> None:
    orders = landed.orders
    customers = {row.customer_id for row in landed.customers}
    products = {row.product_id for row in landed.products}
    unscaled = [int(row.amount * 10_000) for row in orders if row.amount is not None]
    assert {
        "null keys": sum(row.order_id is None for row in orders) > 0,
        "null customers": sum(row.customer_id is None for row in orders) > 0,
        "null products": sum(row.product_id is None for row in orders) > 0,
        "null amounts": sum(row.amount is None for row in orders) > 0,
        "null quantities": sum(row.quantity is None for row in orders) > 0,
        "null dates": sum(row.order_date is None for row in orders) > 0,
        "negative amounts": any(value < 0 for value in unscaled),
        "zero amounts": any(value == 0 for value in unscaled),
        "zero when rounded": any(0 < value < 50 for value in unscaled),
        "negative quantities": any(row.quantity is not None and row.quantity < 0 for row in orders),
        "zero quantities": any(row.quantity == 0 for row in orders),
        "unknown customers": any(
            row.customer_id is not None and row.customer_id not in customers for row in orders
        ),
        "unknown products": any(
            row.product_id is not None and row.product_id not in products for row in orders
        ),
        "never ordered": bool(products - {row.product_id for row in orders}),
        "never ordering": bool(customers - {row.customer_id for row in orders}),
    } == dict.fromkeys(
        [
            *(
                "null keys",
                "null customers",
                "null products",
                "null amounts",
                "null quantities",
                "null dates",
            ),
            *(
                "negative amounts",
                "zero amounts",
                "zero when rounded",
                "negative quantities",
                "zero quantities",
            ),
            *("unknown customers", "unknown products", "never ordered", "never ordering"),
        ],
        True,
    )
    ties = [value for value in unscaled if value % 100 == 50]
    assert len(ties) > len(orders) / 10
    assert {value // 100 % 2 for value in ties} == {0, 1}, "half-even would round half of them down"
    numbers = [row.order_id for row in orders if row.order_id is not None]
    assert len(set(numbers)) == len(numbers), "an order number is given once"


def test_fractions_of_a_cent_are_of_one_day(landed: Landed) -> None:
    tiny = {
        row.order_date
        for row in landed.orders
        if row.amount is not None and 0 < row.amount < Decimal("0.005")
    }
    assert len(tiny) == 1


def test_customers_are_as_dirty_as_real_ones(landed: Landed) -> None:
    rows = landed.customers
    states = Counter(row.customer_id for row in rows if row.customer_id is not None)
    assert set(states.values()) == {1, 2, 3}
    stamps = [(row.customer_id, row.updated_at) for row in rows if row.customer_id is not None]
    assert len(set(stamps)) == len(stamps), "the newest row of a customer is one row"
    last_read = {row.customer_id: row.updated_at for row in rows}
    newest = {
        row.customer_id: max(other.updated_at for other in rows if other.customer_id == row.customer_id)
        for row in rows[:300]
        if row.customer_id is not None
    }
    assert any(last_read[number] < stamp for number, stamp in newest.items()), "newest is not last read"
    for column in ("customer_id", "name", "email", "age", "status", "country"):
        assert any(getattr(row, column) is None for row in rows), column
    names = [row.name for row in rows if row.name is not None]
    assert any(name != name.strip(" ") for name in names) and any(name.isupper() for name in names)
    assert any(not name.isascii() for name in names)
    assert any(row.email and row.email != row.email.strip().lower() for row in rows)
    assert any(row.age is not None and row.age < 0 for row in rows)


def test_further_orders_have_fresh_numbers_and_later_days(tmp_path: Path) -> None:
    generate(tmp_path, **SMALL)
    before = read_landed(tmp_path).orders
    for seed in (0, 1, 2):
        more_orders(tmp_path, 2_000, seed, customers=300, products=60)
    orders = read_landed(tmp_path).orders
    assert len(orders) == len(before) + 6_000
    numbers = [row.order_id for row in orders if row.order_id is not None]
    assert len(set(numbers)) == len(numbers)
    last = max(row.order_date for row in before if row.order_date)
    days = {row.order_date for row in orders if row.order_date}
    assert sum(day > last for day in days) == 9
    assert any(row.amount is not None and row.amount < 0 for row in orders[len(before) :])


def test_it_needs_neither_pandas_nor_pyarrow(tmp_path: Path) -> None:
    program = (
        "import sys; from odibi_dagster.demo import generate, more_orders; "
        "assert 'duckdb' not in sys.modules; "
        f"generate({str(tmp_path)!r}, customers=10, orders=10, products=10); "
        f"more_orders({str(tmp_path)!r}, 5, 1); "
        "assert not {'pandas', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ})
