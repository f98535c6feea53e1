"""Spark as a Dagster resource."""

# Annotations are not postponed here: Dagster looks at them when it makes the class.

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_pyspark import LazyPySparkResource

from odibi_dagster.spark import session
from odibi_dagster.spark.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Spark(LazyPySparkResource):
    """Dagster's lazy Spark resource, with an environment's settings, and over Spark Connect too.

    There is one session in a process, whoever asks for it: the first that uses it starts it, and it is closed
    at the end of the run (in-process executor) or step (multiprocess) if it was started here. Its secrets are
    in no field, so no page of Dagster's UI shows them.

    Args:
        spark_config: the configuration as people may see it; see `spark_resource`.
        settings: what the session is started with.
    """

    settings: dg.ResourceDependency[Settings]

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Starts nothing: tells only that a run may use it."""
        session.hold()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """With the last one that may use it, the session is closed."""
        session.release()

    @property
    def spark_session(self) -> "SparkSession":
        """The process's session; see `odibi_dagster.spark.session.session` for what it raises."""
        return session.session(self.settings)

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """A DataFrame that the session keeps in memory; see `odibi_dagster.spark.session.kept`."""
        return session.kept(self.settings, key, make)

    @property
    def spark_context(self) -> Any:
        """The session's context; Spark Connect has none."""
        return self.spark_session.sparkContext


def spark_resource(settings: Settings) -> Spark:
    """The resource for these settings."""
    return Spark(spark_config=dict(settings.shown()), settings=settings)
