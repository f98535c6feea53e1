"""The Spark engine as a Dagster resource: Spark does the work, in a session that the run's steps share."""

# Annotations are not postponed here: Dagster looks at them when it makes the class.

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from odibi_dagster.engines.protocol import Landed, TableFiles
from odibi_dagster.spark.resource import Spark

if TYPE_CHECKING:
    from odibi_dagster.engines.spark.session import SparkSession


class SparkEngine(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Apache Spark with Delta, local, on a cluster, or over Connect.

    Args:
        spark: where the session comes from; it is started by the first table that computes.
        local: the engine for what is in this process: a `LocalEngine`. Functions see pandas through it.
        pandas_rows: how many rows a table may have that a function asks for as a pandas.DataFrame: they are
            brought to this process.
        keep: tables ("silver.orders") whose versions the session keeps in memory once they were read.
    """

    spark: dg.ResourceDependency[Spark]
    local: dg.ResourceDependency[Any]
    pandas_rows: int = Field(default=5_000_000, ge=0, description="Rows that a function may get in pandas.")
    keep: list[str] = Field(default_factory=list, description="Tables that are kept in memory.")

    @property
    def name(self) -> str:
        """How environments call this engine."""
        return "spark"

    @contextmanager
    def session(
        self, reads: Mapping[str, TableFiles | Landed], writes: str, *, table: str
    ) -> "Iterator[SparkSession]":
        """See `odibi_dagster.engines.protocol.Engine.session`."""
        from odibi_dagster.engines.spark.session import SparkSession

        session = SparkSession(
            lambda: self.spark.spark_session,
            self.local,
            reads,
            writes,
            table,
            pandas_rows=self.pandas_rows,
            kept=self._kept,
        )
        try:
            yield session
        finally:
            session.clean()

    def _kept(self, given: TableFiles, make: Callable[[], Any]) -> Any:
        """One copy for all tables of a run that read this version, if it is to be kept."""
        return self.spark.kept((given.url, given.version), make) if given.name in self.keep else make()
