"""Remote tables: what a query can need is fetched, and nothing else; results are those of the local disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.engines.pandas import widen
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster.engines.protocol import Landed, LandedFile, Staged, TableFiles
from odibi_dagster.errors import DataError, ObjectChanged, StorageError
from odibi_dagster.lake.log import open_log
from odibi_dagster.sql import parse_query
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.engines.pandas.lake import NOW, Lake
from odibi_dagster_tests.services.place import Place, Server
from odibi_dagster_tests.services.proxy import proxy
from odibi_dagster_tests.stores import stores_of

REMOTE = pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)
ONE = pytest.mark.parametrize("store", ["seaweedfs"], indirect=True)
ORDERS = """
SELECT range::BIGINT AS id, date '2024-01-01' + (range // 100)::INTEGER AS day,
       CASE WHEN range % 2 = 0 THEN 'north' ELSE 'söuth/1 %' END AS region,
       (range / 8)::DECIMAL(10,2) AS amount
FROM range({low}, {high})
"""


class StoreLake(Lake):
    """Tables on a store, and what was asked of it."""

    def __init__(self, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        engine = PandasEngine(threads=2, memory_limit="500MB", **{"cache": str(folder / "cache"), **options})
        super().__init__(Path("/nowhere"), engine, server.delta_options() or None)
        self.server, self.home, self.cache = server, server.url(), folder / "cache"
        self.fetched, self.uploaded = list[str](), list[str]()
        fetch, upload = Objects.fetch, Objects.upload

        def counted_fetch(objects: Objects, path: str, target: str, if_match: str | None = None) -> None:
            self.fetched.append(path)
            fetch(objects, path, target, if_match)

        def counted_upload(objects: Objects, source: str, path: str) -> None:
            self.uploaded.append(path)
            upload(objects, source, path)

        monkeypatch.setattr(Objects, "fetch", counted_fetch)
        monkeypatch.setattr(Objects, "upload", counted_upload)

    def url(self, name: str) -> str:
        return f"{self.home}/{name.replace('.', '/')}"

    def with_options(self, **options: Any) -> PandasEngine:
        return self.engine.model_copy(update=options)

    def stage(
        self, sql: str, partition_by: tuple[str, ...] = (), table: str = "silver.out", *, here: bool = False
    ) -> Staged:
        """Stages the rows of some DuckDB SQL, as another machine does it unless it is done `here`."""
        engine, self.engine = self.engine, self.engine if here else self.with_options(cache=None)
        try:
            return super().stage(sql, partition_by, table)
        finally:
            self.engine = engine

    def table(
        self, *sqls: str, partition_by: tuple[str, ...] = (), name: str = "silver.orders"
    ) -> TableFiles:
        """A table of one publish; each SQL is a file of its own, at least."""
        parts = [self.stage(sql, partition_by, name) for sql in sqls]
        files = tuple(file for part in parts for file in part.files)
        folders = tuple(folder for part in parts for folder in part.folders)
        staged = Staged(self.url(name), folders, files, parts[0].schema, partition_by)
        self.publish(staged)
        log = open_log(name, self.url(name))
        assert log is not None
        return log.pinned()

    def ask(self, sql: str, *tables: TableFiles, engine: PandasEngine | None = None) -> list[tuple[Any, ...]]:
        """The rows of Spark SQL, sorted."""
        with (engine or self.engine).session(
            {t.name: t for t in tables}, self.url("gold.x"), table="gold.x"
        ) as session:
            relation = session.sql(query(sql), now=NOW)
            return sorted(relation.native.fetchall())


def query(sql: str) -> Any:
    return parse_query(sql, file="gold/x.sql", table="gold.x")


@pytest.fixture
def lake(store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreLake]:
    yield StoreLake(store, tmp_path, monkeypatch)


@REMOTE
def test_what_is_staged_is_uploaded_once_and_read_back(lake: StoreLake) -> None:
    orders = lake.table(ORDERS.format(low=0, high=1000), partition_by=("region", "day"))
    assert sorted(lake.uploaded) == sorted(file.path for file in orders.files) and len(orders.files) == 20
    assert Place(lake.server, orders.url).paths("")[:1] == ["_delta_log/00000000000000000000.json"]
    assert lake.fetched == []
    rows = lake.ask("SELECT * FROM silver.orders", orders)
    assert len(rows) == 1000 and rows[101][:3] == (101, date(2024, 1, 2), "söuth/1 %")
    assert len(lake.fetched) == 20
    assert lake.ask("SELECT * FROM silver.orders", orders) == rows and len(lake.fetched) == 20


@REMOTE
def test_only_files_that_can_match_are_fetched(lake: StoreLake) -> None:
    orders = lake.table(*[ORDERS.format(low=n * 100, high=n * 100 + 100) for n in range(5)])
    days = lake.table(ORDERS.format(low=0, high=500), partition_by=("day",), name="silver.days")
    wanted = "SELECT count(*) AS n, sum(amount) AS a FROM {} WHERE {}"

    def asked(table: TableFiles, where: str) -> tuple[int, int]:
        engine = lake.with_options(cache=None)
        before = len(lake.fetched)
        rows = lake.ask(wanted.format(table.name, where), table, engine=engine)
        return len(lake.fetched) - before, rows[0][0]

    assert asked(orders, "id = 250") == (1, 1)
    assert asked(orders, "id BETWEEN 150 AND 250") == (2, 101)
    assert asked(orders, "day >= '2024-01-04' AND region = 'north'") == (2, 100)
    assert asked(orders, "(id < 10 OR id IN (450, 460)) AND amount < 1000") == (2, 12)
    assert asked(orders, "id > 1000") == (0, 0)
    assert asked(orders, "region LIKE 'n%'") == (5, 250)
    assert asked(days, "day = DATE'2024-01-03'") == (1, 100)
    assert asked(days, "'2024-01-03' > day") == (2, 200)
    # Both sides of a join, and a part of a query whose rows come twice.
    before = len(lake.fetched)
    both = """WITH few AS (SELECT id FROM silver.orders WHERE id < 50)
    SELECT d.id FROM silver.days d JOIN few ON d.id = few.id WHERE d.day = '2024-01-01'
    UNION ALL SELECT id FROM silver.orders WHERE id >= 420"""
    rows = lake.ask(both, orders, days, engine=lake.with_options(cache=None))
    assert len(rows) == 50 + 80 and len(lake.fetched) - before == 3
    # From outside of a CTE and of a subquery that counts.
    before = len(lake.fetched)
    outside = """WITH renamed AS (SELECT id AS k, amount FROM silver.orders)
    SELECT k FROM (SELECT k, count(*) AS n FROM renamed GROUP BY k) WHERE k = 250 AND n = 1"""
    rows = lake.ask(outside, orders, engine=lake.with_options(cache=None))
    assert rows == [(250,)] and len(lake.fetched) - before == 1


@ONE
def test_each_file_is_one_request_and_the_second_run_makes_none(lake: StoreLake) -> None:
    days = lake.table(ORDERS.format(low=0, high=1000), partition_by=("day",))
    with proxy(lake.server) as between, using(stores_of(between.before(lake.server))):
        sql = "SELECT count(*) AS n FROM silver.orders WHERE day >= '2024-01-08'"
        assert lake.ask(sql, days) == [(300,)]
        assert [(seen.method, seen.path.endswith(".parquet")) for seen in between.seen] == [("GET", True)] * 3
        assert lake.ask(sql, days) == [(300,)] and len(between.seen) == 3
        assert lake.ask("SELECT count(*) AS n FROM silver.orders", days) == [(1000,)]
        assert len(between.seen) == 10


@REMOTE
def test_what_was_written_here_is_not_fetched(lake: StoreLake) -> None:
    days = ("day",)
    staged = lake.stage(ORDERS.format(low=0, high=1000), days, "silver.orders", here=True)
    with proxy(lake.server) as between, using(stores_of(between.before(lake.server))):
        lake.publish(staged)
        log = open_log("silver.orders", staged.table_url)
        assert log is not None
        between.seen.clear()
        assert lake.ask("SELECT count(*) AS n, sum(id) AS s FROM silver.orders", log.pinned()) == [
            (1000, 499500)
        ]
        assert between.seen == []
    assert lake.ask(
        "SELECT count(*) AS n FROM silver.orders", log.pinned(), engine=lake.with_options(cache=None)
    )
    assert len(lake.fetched) == 10  # `cache: off` keeps nothing, and asks no cache


@ONE
def test_requests_grow_with_what_is_new_and_not_with_what_is_there(lake: StoreLake) -> None:
    asked = []
    for there in (10, 40):
        name = f"silver.of_{there}"
        table = lake.table(*[ORDERS.format(low=n * 9, high=n * 9 + 9) for n in range(there)], name=name)
        lake.ask(f"SELECT * FROM {name}", table)
        more = lake.stage(ORDERS.format(low=9000, high=9009), (), name)
        files = TableFiles(name, table.url, 1, table.schema, (), (*table.files, *more.files))
        with proxy(lake.server) as between, using(stores_of(between.before(lake.server))):
            assert len(lake.ask(f"SELECT * FROM {name}", files)) == there * 9 + 9
            asked.append([seen.path.rpartition("/")[2] for seen in between.seen])
        assert asked[-1] == [file.path.rpartition("/")[2] for file in more.files]
    assert [len(each) for each in asked] == [1, 1]


@ONE
def test_outer_joins_and_nulls_lose_no_row(lake: StoreLake) -> None:
    left = lake.table("SELECT 1 AS id", "SELECT 2 AS id", name="silver.a")
    right = lake.table("SELECT 1 AS id, 5 AS v", "SELECT 3 AS id, 7 AS v", name="silver.b")
    for sql, wanted in {
        "SELECT a.id FROM silver.a LEFT JOIN silver.b b ON a.id = b.id WHERE b.id IS NULL": [(2,)],
        "SELECT a.id FROM silver.a LEFT JOIN silver.b b ON a.id = b.id AND b.v > 100": [(1,), (2,)],
        "SELECT a.id FROM silver.a ANTI JOIN silver.b b ON a.id = b.id AND b.v = 5": [(2,)],
        "SELECT b.id FROM silver.a RIGHT JOIN silver.b b ON a.id = b.id AND b.v = 5": [(1,), (3,)],
        "SELECT coalesce(a.id, b.id) AS i FROM silver.a FULL JOIN silver.b b ON a.id = b.id AND a.id = 9": [
            (1,),
            (1,),
            (2,),
            (3,),
        ],
        "SELECT b.id FROM silver.a FULL JOIN silver.b b ON a.id = b.id WHERE b.v = 7": [(3,)],
    }.items():
        assert lake.ask(sql, left, right) == wanted, sql


@ONE
def test_a_session_that_asks_again_gets_more(lake: StoreLake) -> None:
    days = lake.table(ORDERS.format(low=0, high=500), partition_by=("day",))
    text = "SELECT id, day FROM silver.orders WHERE day = :partition_key"
    with lake.session({"silver.orders": days}, table="gold.x") as session:
        relations = [
            session.sql(query(text), now=NOW, parameters={"partition_key": f"2024-01-0{n}"}) for n in (1, 2)
        ]
        assert len(lake.fetched) == 2
        assert [session.stage(relation).rows for relation in relations] == [100, 100]
        assert session.aggregate(session.read("silver.orders"), {"n": "count(*)"}) == [{"n": 500}]
        assert len(lake.fetched) == 5
        frame = session.argument("silver.orders", "pandas")
        assert len(frame) == 500


@REMOTE
@pytest.mark.parametrize("cache_size", [1, 20_000_000_000])
def test_what_does_not_fit_into_the_cache_is_streamed(lake: StoreLake, cache_size: int) -> None:
    everything = """SELECT range::BIGINT AS id, (range % 3)::INTEGER AS k, range::DOUBLE AS f,
    'x' || range AS s,
    timestamptz '2024-01-01 00:00:00+00' + to_seconds(range) AS at, (range % 5 = 0) AS five, [range] AS list,
    date '2024-01-01' + (range % 3)::INTEGER AS day, (range / 4)::DECIMAL(20,2) AS d FROM range(1000)"""
    orders = lake.table(everything, partition_by=("day",))
    lake.engine = lake.with_options(cache_size=cache_size)
    assert lake.ask("SELECT * FROM silver.orders", orders)[7] == (
        7, 1, 7.0, "x7", datetime(2024, 1, 1, 0, 0, 7, tzinfo=UTC), False, [7], date(2024, 1, 2), 1.75,
    )  # fmt: skip
    sql = """SELECT a.id, b.s FROM silver.orders a JOIN silver.orders b ON a.id = b.id
    WHERE a.day = '2024-01-02' AND b.id < 10 AND b.s >= 'x4'"""
    assert lake.ask(sql, orders) == [(4, "x4"), (7, "x7")]
    assert lake.ask("SELECT count(*) AS n FROM silver.orders", orders) == [(1000,)]
    with lake.session({"silver.orders": orders}, table="gold.x") as session:
        one = session.sql(query("SELECT id FROM silver.orders WHERE id = 3"), now=NOW)
        two = session.sql(query("SELECT s FROM silver.orders WHERE k = 1"), now=NOW)
        assert one.native.fetchall() == [(3,)] and session.stage(two).rows == 333
        assert len(session.argument("silver.orders", "pandas")) == 1000
        assert session.stage(one).rows == 1
    assert bool(lake.fetched) == (cache_size > 1)


@ONE
@pytest.mark.parametrize("cache_size", [1, 20_000_000_000])
def test_a_functions_lazy_result_fetches_what_it_needs(lake: StoreLake, cache_size: int) -> None:
    """Its result is that of all rows, however it is built, and if it looks at rows before it returns."""
    orders = lake.table(ORDERS.format(low=0, high=500), partition_by=("day",))
    places = lake.table("SELECT 'north' AS region, 1 AS weight", name="silver.places")
    day = date(2024, 1, 2)

    def later(rel: Any, named: Any) -> Any:
        return rel.filter("day >= DATE '2024-01-02'").aggregate("region, count(*) AS n", "region")

    def joined(rel: Any, named: Any) -> Any:
        one = rel.set_alias("a").filter(f"day = DATE '{day}'")
        both = one.join(named.set_alias("b"), "a.region = b.region")
        return both.project("b.region, a.id").aggregate("region, count(*) AS n", "region")

    def twice(rel: Any, named: Any) -> Any:
        one, two = rel.filter(f"day = DATE '{day}'"), rel.filter("day = DATE '2024-01-03'")
        return one.union(two).aggregate("region, count(*) AS n", "region")

    def eager(rel: Any, named: Any) -> Any:
        newest = rel.aggregate("max(day)").fetchall()[0][0]
        return rel.filter(f"day = DATE '{newest}'").aggregate("region, count(*) AS n", "region")

    def viewed(rel: Any, named: Any) -> Any:
        rel.filter(f"day = DATE '{day}'").create_view("mine")
        return rel.query("r", "SELECT region, count(*) AS n FROM mine GROUP BY region")

    def frame(rel: Any, named: Any) -> Any:
        return rel.filter(f"day = DATE '{day}'").aggregate("region, count(*) AS n", "region").df()

    def unused(rel: Any, named: Any) -> Any:
        return named.project("region, weight::BIGINT AS n")

    south = "söuth/1 %"
    for function, expected, most in (
        (later, [("north", 200), (south, 200)], 4),
        (joined, [("north", 50)], 2),
        (twice, [("north", 100), (south, 100)], 2),
        (eager, [("north", 50), (south, 50)], 5),
        (viewed, [("north", 50), (south, 50)], 5),
        (frame, [("north", 50), (south, 50)], 5),
        (unused, [("north", 1)], 1),
    ):
        lake.engine = lake.with_options(cache=f"{lake.cache}-{function.__name__}", cache_size=cache_size)
        reads = {"silver.orders": orders, "silver.places": places}
        with lake.session(reads, table="gold.x") as session:
            lake.fetched.clear()
            given = {"rel": "silver.orders", "named": "silver.places"}
            arguments = {key: session.argument(name, "duckdb") for key, name in given.items()}
            assert lake.fetched == []
            staged = session.stage(session.call(function, arguments))
            assert sorted(session.staged(staged).native.project("region, n").fetchall()) == expected
            assert len(lake.fetched) == (most if cache_size > 1 else 0), function
            assert session.aggregate(session.read("silver.orders"), {"n": "count(*)"}) == [{"n": 500}]


@ONE
def test_narwhals_frames_fetch_what_they_need(lake: StoreLake) -> None:
    import narwhals as nw

    orders = lake.table(ORDERS.format(low=0, high=500), partition_by=("day",))

    def function(orders: nw.LazyFrame[Any]) -> Any:
        wanted = orders.with_columns(z=nw.col("id") * 2).filter(nw.col("day") == date(2024, 1, 2))
        return wanted.group_by("day").agg(nw.col("z").sum().cast(nw.Int64)).select("z")

    with lake.session({"silver.orders": orders}, table="gold.x") as session:
        relation = session.call(function, {"orders": session.argument("silver.orders", "narwhals")})
        assert session.stage(relation).rows == 1 and len(lake.fetched) == 1
        assert relation.native.fetchall() == [(2 * sum(range(100, 200)),)]


@ONE
def test_a_store_that_fails_under_a_function_is_told_as_such(lake: StoreLake) -> None:
    orders = lake.table(ORDERS.format(low=0, high=10))
    Place(lake.server, orders.url).delete(orders.files[0].path)
    engine = lake.with_options(cache=None)
    with engine.session({"silver.orders": orders}, lake.url("gold.x"), table="gold.x") as session:
        given = {"rel": session.argument("silver.orders", "duckdb")}
        with pytest.raises(StorageError, match="is missing"):
            session.call(lambda rel: rel.aggregate("max(id)").df(), given)


@REMOTE
@pytest.mark.parametrize("rows", [3, 300])
def test_what_rows_refer_to_is_fetched_by_their_values(lake: StoreLake, rows: int) -> None:
    others = lake.table(*(ORDERS.format(low=low, high=low + 200) for low in range(0, 1000, 200)))
    some = f"SELECT (range + 110)::INTEGER AS ref, NULL::DATE AS day FROM range({rows})"
    with lake.session({"silver.orders": others}, table="silver.out") as session:
        strays = f"{some} UNION ALL SELECT 199 + {rows}, NULL" if rows == 3 else some
        staged = session.stage(session.call(lambda: session.connection.sql(strays)))
        kept = session.drop_missing(staged, ["ref"], "silver.orders", ["id"])
        assert kept.rows == staged.rows
        assert len(lake.fetched) == (2 if rows == 3 else 3)
        unknown = session.drop_missing(kept, ["ref", "day"], "silver.orders", ["id", "day"])
        assert unknown.rows == kept.rows, "NULL refers to nothing"


@ONE
def test_the_stream_is_told_which_rows_and_columns(lake: StoreLake, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = widen.stream.query
    monkeypatch.setattr(widen.stream, "query", lambda *given: asked.append(found := real(*given)) or found)
    orders = lake.table(ORDERS.format(low=0, high=100))
    lake.engine = lake.with_options(cache_size=1)
    lake.ask("SELECT id FROM silver.orders WHERE region = 'north' AND id < 5 AND amount > 1", orders)
    text, names = asked[0]
    assert names == ("id", "region", "amount")
    assert text.endswith("""FROM t WHERE ("region" = 'north' AND "id" < 5)""")


@REMOTE
def test_what_a_store_refuses_while_it_streams_is_no_fault_of_the_data(lake: StoreLake) -> None:
    orders = lake.table(ORDERS.format(low=0, high=10))
    Place(lake.server, orders.url).delete(orders.files[0].path)
    engine = lake.with_options(cache_size=1)
    with engine.session({"silver.orders": orders}, lake.url("gold.x"), table="gold.x") as session:
        relation = session.sql(query("SELECT * FROM silver.orders"), now=NOW)
        with pytest.raises(StorageError, match=r"gold\.x"):
            session.stage(relation)


@ONE
def test_a_missing_file_is_told(lake: StoreLake) -> None:
    orders = lake.table(ORDERS.format(low=0, high=10))
    Place(lake.server, orders.url).delete(orders.files[0].path)
    with pytest.raises(StorageError, match=r"(?s)A file of silver\.orders is missing.*vacuumed"):
        lake.ask("SELECT * FROM silver.orders", orders)


@ONE
def test_drops_rewrite_the_local_files_and_upload_what_is_left(lake: StoreLake, tmp_path: Path) -> None:
    with lake.session() as session:
        staged = session.stage(
            session.call(lambda: session.connection.sql(ORDERS.format(low=0, high=300))), ("day",)
        )
        assert lake.uploaded == []
        kept = session.drop(staged, "id = 150")
        kept = session.drop_duplicates(kept, ["region", "day"], [("id", False)])
        session.upload(kept)
        # What was written again before is nowhere.
        copies = [path for path in (tmp_path / "cache" / "files").rglob("*") if path.is_file()]
        assert sorted(path.stat().st_size for path in copies) == sorted(file.size for file in kept.files)
        assert session.aggregate(session.staged(kept), {"n": "count(*)"}) == [{"n": 6}]
    assert sorted(lake.uploaded) == sorted(file.path for file in kept.files)
    assert Place(lake.server, kept.table_url).paths() == sorted(file.path for file in kept.files)
    assert lake.fetched == []
    batches = list(open_objects(kept.table_url).list())
    sizes = dict(
        pair for b in batches for pair in zip(*(b[n].to_pylist() for n in ("path", "size")), strict=True)
    )
    assert sizes == {file.path: file.size for file in kept.files}


@ONE
def test_nothing_is_left_on_this_machine(lake: StoreLake, tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    lake.engine = lake.with_options(spill=str(spill), cache=None)
    orders = lake.table(ORDERS.format(low=0, high=300), partition_by=("region",))
    assert lake.ask("SELECT count(*) AS n FROM silver.orders", orders) == [(300,)]
    assert list(spill.iterdir()) == []


def landed(lake: StoreLake, files: dict[str, bytes], format: str = "csv") -> tuple[Place, Landed]:
    place = Place(lake.server, f"{lake.home}/landing")
    for name, content in files.items():
        place.write(name, content)
    listed = []
    for name in files:
        found = open_objects(place.url).head(name)
        assert found is not None
        listed.append(LandedFile(name, found.size, found.modified, found.etag))
    return place, Landed("bronze.orders", place.url, tuple(listed), format, {}, None, 1, NOW)  # type: ignore[arg-type]


@REMOTE
def test_landed_files_are_read(lake: StoreLake) -> None:
    _, given = landed(lake, {"a.csv": b"id,v\n1,x\n", "b/c d.csv": b"v,id\ny,2\n"})
    assert [(row["id"], row["v"], row["_file"]) for row in lake.take(given)] == [
        ("1", "x", "a.csv"),
        ("2", "y", "b/c d.csv"),
    ]


@REMOTE
@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_landed_file_that_changed_or_went_ends_the_read(lake: StoreLake, what: str) -> None:
    place, given = landed(lake, {"a.csv": b"id\n1\n", "b.csv": b"id\n2\n", "broken.csv": b"id\n1,2\n"})
    if what == "changed":
        place.write("a.csv", b"id\n9\n")  # the same size
    else:
        place.delete("a.csv")
    with lake.session({"bronze.orders": given}, table="bronze.orders") as session:
        with pytest.raises(ObjectChanged if what == "changed" else StorageError, match=r"a\.csv"):
            session.read("bronze.orders")
        # It is not called unreadable: the landing code asks the store what became of it.
        assert set(session.unreadable("bronze.orders")) <= {"broken.csv"}


@ONE
def test_a_broken_landed_file_is_named(lake: StoreLake) -> None:
    _, given = landed(lake, {"a.csv": b"id\n1\n", "broken.csv": b"id\n1,2\n"})
    with lake.session({"bronze.orders": given}, table="bronze.orders") as session:
        with pytest.raises(DataError, match=r"broken\.csv"):
            session.stage(session.read("bronze.orders"))
        assert set(session.unreadable("bronze.orders")) == {"broken.csv"}


@ONE
def test_the_jail_opens_the_copies_and_nothing_beside_them(lake: StoreLake, tmp_path: Path) -> None:
    import duckdb

    mine = lake.table(ORDERS.format(low=0, high=10))
    other = lake.table(ORDERS.format(low=10, high=20), name="silver.other")
    lake.ask("SELECT * FROM silver.other", other)
    with lake.session({"silver.orders": mine}, table="gold.x") as session:
        session.read("silver.orders")
        copies = [str(path) for path in (tmp_path / "cache" / "files").rglob("*") if path.is_file()]
        assert len(copies) == 2
        opened = 0
        for path in copies:
            try:
                session.connection.execute(f"SELECT count(*) FROM read_parquet('{path}')")
                opened += 1
            except duckdb.PermissionException:
                pass
        assert opened == 1
        with pytest.raises(duckdb.PermissionException):
            session.connection.execute(f"SELECT * FROM glob('{os.path.dirname(copies[0])}/*')")
