"""One step's work on Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.partitions import check_partitioning
from odibi_dagster.engines.protocol import Landed, LocalEngine, Relation, Session, Staged, TableFiles, Wanted
from odibi_dagster.engines.schema import in_order
from odibi_dagster.engines.spark import (
    aggregate,
    call,
    drop,
    landed,
    predicate,
    quote,
    read,
    settings,
    staged,
)
from odibi_dagster.engines.spark.failures import explained
from odibi_dagster.engines.spark.query import bound
from odibi_dagster.engines.spark.relation import SparkRelation, spark_schema
from odibi_dagster.engines.spark.view import Views
from odibi_dagster.engines.spark.writes import Writes
from odibi_dagster.errors import OdibiError, ResourceError, TransientError
from odibi_dagster.sql.types import Schema, SparkType

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Lineage
    from odibi_dagster.sql.query import Query


class SparkSession:
    """See `odibi_dagster.engines.protocol.Session`."""

    #: Most of a short query is the driver's own work; tasks share what executors have, whoever asks.
    at_once = 4

    def __init__(
        self,
        start: Callable[[], Any],
        local: LocalEngine,
        reads: Mapping[str, TableFiles | Landed],
        url: str,
        table: str,
        pandas_rows: int = 5_000_000,
        kept: Callable[[TableFiles, Callable[[], Any]], Any] = lambda given, make: make(),
    ) -> None:
        self.local, self.pandas_rows, self._kept = local, pandas_rows, kept
        self._opened = ExitStack()
        self._start, self.reads, self.url, self.table = start, reads, url, table
        self._read: dict[str, SparkRelation] = {}
        self._empty: dict[Schema, Any] = {}
        self._views = Views(lambda: self.spark)
        self._writes = Writes(url, table, self._explained)

    @cached_property
    def spark(self) -> Any:
        """The Spark session, started by whoever needs it first."""
        with explained("Spark cannot be started", table=self.table):
            spark = self._start()
            settings.settle(spark)
        return spark

    @cached_property
    def _here(self) -> Session:
        """What functions see of pandas: the same as on the engine of this process, by the same code."""
        tables = {name: given for name, given in self.reads.items() if isinstance(given, TableFiles)}
        return self._opened.enter_context(self.local.session(tables, self.url, table=self.table))

    def read(self, name: str) -> SparkRelation:
        """See the protocol."""
        if name not in self._read:
            given = self.reads[name]
            with self._explained(f"{name} cannot be read", url=given.url):
                if isinstance(given, Landed):
                    native, schema = landed.frame(self.spark, self.local, given, table=self.table)
                else:
                    native = self._kept(given, partial(read.table, self.spark, given))
                    schema = given.schema
            lineage = {column.name: ((name, column.name),) for column in schema}
            self._read[name] = SparkRelation(native, schema, lineage)
        return self._read[name]

    def matching(
        self, name: str, columns: Sequence[str], relation: Relation, own: Sequence[str]
    ) -> SparkRelation:
        """See the protocol; Spark reads of files what a question needs."""
        return self.read(name)

    def sql(
        self, query: Query, *, now: datetime, parameters: Mapping[str, object] | None = None
    ) -> SparkRelation:
        """See the protocol."""
        views = {name: self._views.keep(self.read(name).native) for name in query.inputs}
        text = bound(query, views, now, parameters or {})
        with explained(
            "The query cannot be prepared", table=self.table, file=query.file or None, line=query.first_line
        ):
            native = self.spark.sql(text)
            schema = spark_schema(native, table=self.table, what="The result")
        return SparkRelation(native, schema, self._lineage(query, now, parameters or {}))

    def call(
        self,
        function: Callable[..., object],
        arguments: Mapping[str, object] | None = None,
        types: Mapping[str, SparkType] | None = None,
    ) -> Relation:
        """See the protocol; what is no DataFrame of Spark is the local engine's, as far as its files."""
        native = call.unwrapped(function(**(arguments or {})))
        what = f"The result of {getattr(function, '__qualname__', function)}"
        if not call.is_frame(native):
            return self._here.call(call.named(native, function), {}, types)
        with self._explained(f"{what} cannot be computed"):
            return SparkRelation(native, spark_schema(native, table=self.table, what=what))

    def argument(self, name: str, wanted: Wanted) -> object:
        """See the protocol."""
        if wanted == "pandas":
            given = self.reads[name]
            assert isinstance(given, TableFiles), f"{name} landed"
            count = lambda: int(self.read(name).native.count())  # noqa: E731
            call.refuse_rows(given, self.pandas_rows, count, table=self.table)
            return self._here.argument(name, wanted)
        assert wanted != "duckdb", "refused when definitions load"
        native = self.read(name).native
        if wanted == "pyspark":
            return native
        import narwhals

        return narwhals.from_native(native)

    def name(self, column: str) -> str:
        """See the protocol."""
        return quote.name(column)

    def predicate(self, text: str, schema: Schema, *, file: str, line: int, table: str) -> str:
        """See the protocol: the text itself, once Spark has seen that it is a boolean over the columns."""
        return predicate.checked(self._nothing(schema), text, file=file, line=line, table=table)

    def stage(
        self, relation: Relation, partition_by: Sequence[str] = (), schema: Schema | None = None
    ) -> Staged:
        """See the protocol."""
        if not isinstance(relation, SparkRelation):  # of a function: it is in this process already
            made = self._here.stage(relation, partition_by, schema)
            self._here.upload(made)
            return made
        wanted = relation.schema if schema is None else in_order(relation.schema, schema, table=self.table)
        check_partitioning(wanted, partition_by, table=self.table)
        return self._writes.write(relation.native, wanted, tuple(partition_by))

    def staged(self, given: Staged) -> SparkRelation:
        """See the protocol."""
        with self._explained("What was staged cannot be read"):
            return SparkRelation(*staged.frame(self.spark, given))

    def aggregate(
        self, relation: Relation, expressions: Mapping[str, str], by: Sequence[str] = ()
    ) -> list[dict[str, object]]:
        """See the protocol."""
        with self._explained("The rows cannot be counted"):
            return aggregate.aggregate(self.spark, self._views.keep(relation.native), expressions, by)

    def query(self, text: str, relations: Mapping[str, Relation]) -> list[dict[str, object]]:
        """See the protocol."""
        with self._explained("The rows cannot be checked"):
            return aggregate.rows(self.spark, text, relations, self._views)

    def drop(self, given: Staged, condition: str) -> Staged:
        """See the protocol."""
        if not given.files:
            return given
        with self._explained("The rows to drop cannot be found"):
            paths = drop.dirty(self.spark, self._views.keep(self.staged(given).native), condition)
        columns = [quote.name(column.name) for column in given.schema]

        def kept(part: Staged) -> Any:
            rows, _ = staged.frame(self.spark, part)
            return rows.where(f"({condition}) IS NOT TRUE").selectExpr(*columns)

        return self._writes.rewrite(given, paths, kept)

    def drop_missing(
        self, given: Staged, columns: Sequence[str], table: str, other_columns: Sequence[str]
    ) -> Staged:
        """See the protocol."""
        other = self._views.keep(self.read(table).native)
        return self._without(given, drop.missing(self._numbered(given), columns, other, other_columns))

    def drop_duplicates(
        self, given: Staged, columns: Sequence[str], order: Sequence[tuple[str, bool]]
    ) -> Staged:
        """See the protocol."""
        return self._without(given, drop.duplicates(self._numbered(given), columns, order, given.schema))

    def upload(self, given: Staged) -> None:
        """See the protocol: Spark writes where the table is."""

    def unreadable(self, name: str) -> Mapping[str, str]:
        """See the protocol."""
        given = self.reads[name]
        assert isinstance(given, Landed), f"{name} did not land"
        return self.local.unfit(given, table=self.table)

    def clean(self) -> None:
        """Removes what the session staged and wrote again afterwards; nobody can have published it."""
        self._opened.close()
        # A cluster that has gone away has taken them along, and the step has failed of it already.
        with suppress(TransientError), explained("The step's views cannot be removed", table=self.table):
            self._views.drop()
        self._writes.clean()

    def _lineage(self, query: Query, now: datetime, parameters: Mapping[str, object]) -> Lineage | None:
        """What the compiler of the pandas engine says, where it knows all of the query."""
        from odibi_dagster.errors import ConfigError, DataError
        from odibi_dagster.sql.compile import compile_query

        schemas = {name: self.read(name).schema for name in query.inputs}
        try:
            return compile_query(query, schemas, now=now, parameters=parameters).lineage
        except (ConfigError, DataError):
            return None

    def _nothing(self, schema: Schema) -> Any:
        """A DataFrame without rows, to ask Spark about types."""
        if schema not in self._empty:
            self._empty[schema] = landed.nothing(self.spark, schema)
        return self._empty[schema]

    def _numbered(self, given: Staged) -> str:
        with self._explained("What was staged cannot be read"):
            return self._views.keep(staged.frame(self.spark, given, numbered=True)[0])

    def _without(self, given: Staged, doomed: str) -> Staged:
        """What was staged without the rows at the places that a SELECT gives; clean files stay."""
        if not given.files:
            return given
        with self._explained("The rows to drop cannot be found"):
            places = self._views.keep(self.spark.sql(doomed))
            paths = drop.dirty(self.spark, places)
        columns = [column.name for column in given.schema]

        def kept(part: Staged) -> Any:
            return self.spark.sql(drop.without(self._numbered(part), places, columns))

        return self._writes.rewrite(given, paths, kept)

    @contextmanager
    def _explained(self, doing: str, url: str | None = None) -> Iterator[None]:
        """As `explained`; where landed files are read, says which file, line and column was to blame."""
        try:
            with explained(doing, table=self.table, url=url or self.url):
                yield
        except OdibiError as error:
            if isinstance(error.__cause__, Exception) and not isinstance(error, ResourceError):
                for given in self.reads.values():
                    if isinstance(given, Landed) and (found := self.local.diagnose(given, table=self.table)):
                        raise found from error
            raise
