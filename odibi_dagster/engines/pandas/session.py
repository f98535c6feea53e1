"""One step's work on DuckDB."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.pandas import (
    aggregate,
    call,
    drop,
    landed,
    lazily,
    quote,
    read,
    remote,
    stage,
    staged,
    unreadable,
    values,
)
from odibi_dagster.engines.pandas.failures import explained
from odibi_dagster.engines.pandas.inputs import Input
from odibi_dagster.engines.pandas.macros import Macros
from odibi_dagster.engines.pandas.misfits import misfits
from odibi_dagster.engines.pandas.needs import Need, needs
from odibi_dagster.engines.pandas.relation import DuckRelation, spark_schema
from odibi_dagster.engines.pandas.remote import RemoteLanded, RemoteTable
from odibi_dagster.engines.pandas.view import keep
from odibi_dagster.engines.pandas.widen import RemoteView, widen
from odibi_dagster.engines.partitions import check_partitioning
from odibi_dagster.engines.protocol import Landed, Relation, Staged, TableFiles, Wanted
from odibi_dagster.engines.schema import in_order
from odibi_dagster.sql.types import Schema, SparkType
from odibi_dagster.storage.cache.copies import Copies
from odibi_dagster.storage.objects import open_objects

if TYPE_CHECKING:
    from odibi_dagster.sql.query import Query


class PandasSession:
    """See `odibi_dagster.engines.protocol.Session`."""

    #: A question takes all of DuckDB's threads, and its memory.
    at_once = 1

    def __init__(
        self,
        connection: Any,
        inputs: Mapping[str, Input | RemoteTable],
        copies: Copies,
        url: str,
        root: str,
        folder: str,
        scratch: str,
        table: str,
    ) -> None:
        self.connection, self.inputs, self.table = connection, inputs, table
        self.url, self.root, self.folder, self.scratch = url, root, folder, scratch
        self.copies = copies
        self._read: dict[str, DuckRelation] = {}
        self._written = 0
        self._macros = Macros(connection)
        self._replaced: list[str] = []
        self._lazy: dict[str, lazily.Whole] = {}
        self._views = {
            name: RemoteView(connection, name, given)
            for name, given in inputs.items()
            if isinstance(given, RemoteTable)
        }

    def read(self, name: str) -> DuckRelation:
        """See the protocol."""
        if name not in self._read:
            given = self.inputs[name]
            doing = f"{name} cannot be read"
            if isinstance(given, RemoteLanded):
                given.fetch(self.table)
            with landed.explained(doing, [given], table=self.table, url=given.read.url):
                if isinstance(given, RemoteTable):
                    schema = given.read.schema
                    widen(self._views, {name: Need()})
                else:
                    query, schema = self._select(given)
                    self.connection.execute(f"CREATE TEMP VIEW {quote.name(name)} AS {query}")
                native = self.connection.sql(f"SELECT * FROM {quote.name(name)}")
            lineage = {column.name: ((name, column.name),) for column in schema}
            self._read[name] = DuckRelation(native, schema, lineage)
        return self._read[name]

    def matching(
        self, name: str, columns: Sequence[str], relation: Relation, own: Sequence[str]
    ) -> DuckRelation:
        """See the protocol."""
        if name not in self._views:
            return self.read(name)
        table = self._views[name].given.read
        with self._explained(f"{name} cannot be read"):
            view = keep(self.connection, relation.native)
            wanted = values.need(self.connection, view, relation.schema, own, table, columns)
            widen(self._views, {name: wanted})
            labels = ", ".join(quote.name(column) for column in columns)
            native = self.connection.sql(f"SELECT {labels} FROM {quote.name(name)}")
        types = {column.name: column for column in table.schema}
        return DuckRelation(native, tuple(types[column] for column in columns))

    def sql(
        self, query: Query, *, now: datetime, parameters: Mapping[str, object] | None = None
    ) -> DuckRelation:
        """See the protocol."""
        from odibi_dagster.sql.compile import compile_query
        from odibi_dagster.sql.verify import verify

        schemas = {name: self._schema(name) for name in query.inputs}
        compiled = compile_query(query, schemas, now=now, parameters=parameters or {})
        self._macros.make(compiled.sql)
        self._bring(compiled.sql, [name for name in query.inputs if name in self._views])
        verify(compiled, self.connection)
        with explained("The query cannot be prepared", table=self.table):
            native = self.connection.sql(compiled.sql)
        return DuckRelation(native, compiled.columns, compiled.lineage)

    def call(
        self,
        function: Callable[..., object],
        arguments: Mapping[str, object] | None = None,
        types: Mapping[str, SparkType] | None = None,
    ) -> DuckRelation:
        """See the protocol."""
        native = call.call(
            self.connection, self._fetching(function), arguments or {}, types or {}, table=self.table
        )
        what = f"The result of {getattr(function, '__qualname__', function)}"
        return DuckRelation(native, spark_schema(native, table=self.table, what=what))

    def argument(self, name: str, wanted: Wanted) -> object:
        """See the protocol."""
        with self._explained(f"{name} cannot be read"):
            schema = self._schema(name)
            if name in self._views and name not in self._read and wanted != "pandas":
                self._lazy[name] = lazily.show(self.connection, name, self._views[name].given)
            else:
                self.read(name)
            return call.argument(self.connection, name, schema, wanted)

    def name(self, column: str) -> str:
        """See the protocol."""
        return quote.name(column)

    def predicate(self, text: str, schema: Schema, *, file: str, line: int, table: str) -> str:
        """See the protocol."""
        from odibi_dagster.sql.predicate import compile_predicate

        return compile_predicate(text, schema, file=file, line=line, table=table).sql

    def stage(
        self, relation: Relation, partition_by: Sequence[str] = (), schema: Schema | None = None
    ) -> Staged:
        """See the protocol."""
        wanted = relation.schema if schema is None else in_order(relation.schema, schema, table=self.table)
        check_partitioning(wanted, partition_by, table=self.table)
        columns = ", ".join(quote.name(column.name) for column in wanted)
        query = f"SELECT {columns} FROM {keep(self.connection, relation.native)}"
        return self._copy(query, wanted, tuple(partition_by))

    def staged(self, given: Staged) -> DuckRelation:
        """See the protocol."""
        with self._explained("What was staged cannot be read"):
            query, schema = self._staged(given)
            return DuckRelation(self.connection.sql(query), schema)

    def aggregate(
        self, relation: Relation, expressions: Mapping[str, str], by: Sequence[str] = ()
    ) -> list[dict[str, object]]:
        """See the protocol."""
        self._macros.make(*expressions.values())
        with self._explained("The rows cannot be counted"):
            return aggregate.aggregate(
                self.connection, f"SELECT * FROM {keep(self.connection, relation.native)}", expressions, by
            )

    def query(self, text: str, relations: Mapping[str, Relation]) -> list[dict[str, object]]:
        """See the protocol."""
        self._macros.make(text)
        with self._explained("The rows cannot be checked"):
            return aggregate.rows(self.connection, text, relations)

    def drop(self, given: Staged, condition: str) -> Staged:
        """See the protocol."""
        keep = f"({condition}) IS NOT TRUE"
        self._macros.make(condition)
        with self._explained("The rows to drop cannot be found"):
            dirty = drop.dirty(self.connection, self._staged(given)[0], condition)
        return self._rewrite(given, dirty, keep)

    def drop_missing(
        self, given: Staged, columns: Sequence[str], table: str, other_columns: Sequence[str]
    ) -> Staged:
        """See the protocol."""
        other = self.matching(table, other_columns, self.staged(given), columns)
        with self._explained("The rows to drop cannot be found"):
            doomed = drop.missing(
                self.connection, self._staged(given, numbered=True)[0], columns, other.native, other_columns
            )
            return self._without(given, doomed)

    def drop_duplicates(
        self, given: Staged, columns: Sequence[str], order: Sequence[tuple[str, bool]]
    ) -> Staged:
        """See the protocol."""
        with self._explained("The rows to drop cannot be found"):
            source = self._staged(given, numbered=True)[0]
            values = [column.name for column in given.schema]
            doomed = drop.duplicates(self.connection, source, columns, order, values)
            return self._without(given, doomed)

    def unreadable(self, name: str) -> Mapping[str, str]:
        """See the protocol."""
        given = self.inputs[name]
        assert isinstance(given, Input) and isinstance(given.read, Landed), f"{name} did not land"
        broken = unreadable.unreadable(given.read, unreadable.here(given))
        files = unreadable.here(given)
        return {**broken, **misfits(self.connection, given.read, files, broken, table=self.table)}

    def upload(self, given: Staged) -> None:
        """See the protocol."""
        objects = open_objects(self.url)
        if objects.local() is None:
            with self._explained("The staged files cannot be uploaded"):
                remote.upload(objects, self.root, given.files, self.copies, self.table)

    def clean(self) -> None:
        """Removes what the session staged and wrote again afterwards; nobody can have published it."""
        for path in self._replaced:
            if os.path.exists(path):
                os.remove(path)

    def _schema(self, name: str) -> Schema:
        """An input's columns; a remote table's files are not asked for them."""
        return self._views[name].given.read.schema if name in self._views else self.read(name).schema

    def _bring(self, sql: str, names: Sequence[str]) -> None:
        """Makes remote inputs hold what a compiled query needs of them."""
        if names:
            with self._explained("The inputs cannot be read"):
                widen(self._views, needs(sql, names))

    def _fetching(self, function: Callable[..., object]) -> Callable[..., object]:
        """The function, and after it the fetch of what its result needs of the inputs that it was given."""

        @wraps(function)
        def called(**arguments: object) -> object:
            try:
                result = function(**arguments)
            except Exception as error:
                failed = [each.failure for each in self._lazy.values() if each.failure is not None]
                if failed:
                    raise failed[0] from error  # a store's failure, which may pass, and no fault of the code
                raise
            if self._lazy and (text := lazily.query_of(result)) is not None:
                tables = {name: self._views[name].given.read for name in self._lazy}
                with self._explained("The inputs cannot be read"):
                    widen(self._views, lazily.needed(text, tables))
            return result

        return called

    def _select(self, given: Input) -> tuple[str, Schema]:
        if isinstance(given.read, TableFiles):
            return read.select(self.connection, given.read, given.paths), given.read.schema
        return landed.select(self.connection, given, table=self.table)

    def _staged(self, given: Staged, *, numbered: bool = False) -> tuple[str, Schema]:
        return staged.select(self.connection, given, self.root, self.scratch, numbered=numbered)

    def _without(self, given: Staged, doomed: str) -> Staged:
        dirty = drop.paths(self.connection, doomed)
        return self._rewrite(given, dirty, drop.not_in(doomed), numbered=True)

    def _rewrite(self, given: Staged, paths: Sequence[str], keep: str, *, numbered: bool = False) -> Staged:
        if not paths:
            return given
        self._macros.make(keep)
        known = {file.path: file for file in given.files}
        dirty = tuple(known[path] for path in dict.fromkeys(paths))
        part = Staged(given.table_url, given.folders, dirty, given.schema, given.partition_by)
        with self._explained("The staged files cannot be written again"):
            source, _ = self._staged(part, numbered=numbered)
        columns = ", ".join(quote.name(column.name) for column in given.schema)
        query = f"SELECT {columns} FROM ({source}) WHERE {keep}"
        fresh = self._copy(query, given.schema, given.partition_by)
        gone = {file.path for file in dirty}
        self._replaced += [os.path.join(self.root, path) for path in gone]
        files = (*(file for file in given.files if file.path not in gone), *fresh.files)
        folders = tuple(dict.fromkeys((*given.folders, *fresh.folders)))
        return Staged(given.table_url, folders, files, given.schema, given.partition_by)

    def _copy(self, query: str, schema: Schema, partition_by: tuple[str, ...]) -> Staged:
        """Each copy has a folder of its own: the first is the session's, later ones lie below it."""
        self._written += 1
        folder = self.folder if self._written == 1 else f"{self.folder}/{self._written}"
        try:
            with self._explained("The result cannot be written"):
                files = stage.copy(
                    self.connection,
                    query,
                    table=self.table,
                    root=self.root,
                    folder=folder,
                    schema=schema,
                    partition_by=partition_by,
                )
        except BaseException:
            # Nothing of this copy was handed out, so nobody can have committed it.
            shutil.rmtree(os.path.join(self.root, folder), ignore_errors=True)
            raise
        return Staged(self.url, (self.folder,), files, schema, partition_by)

    def _explained(self, doing: str) -> Any:
        return landed.explained(doing, self.inputs.values(), table=self.table, url=self.url)
