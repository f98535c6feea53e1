"""Dagster's door to the lake: inputs pinned to versions, outputs published once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dagster as dg

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.lake.input import Input
from odibi_dagster.lake.metadata import VERSION, ColumnNote, materialization
from odibi_dagster.lake.publish import publish
from odibi_dagster.lake.recognize import Published, Superseded
from odibi_dagster.lake.write import Write
from odibi_dagster.reliability.pins import pins
from odibi_dagster.reliability.retry import guard
from odibi_dagster.storage.probe import refuse_unsafe

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Engine

#: How often a publish that newer inputs have overtaken is computed again.
SUPERSEDED_RETRIES = 20


@dataclass(frozen=True)
class Publication:
    """What a table's step hands to the IO manager.

    Args:
        table: "silver.orders".
        url: the table's URL.
        write: what to publish; None if `done` says that there is nothing to do.
        done: an earlier publish that stands.
        notes: descriptions by column.
        lineage: output column to (input, column) pairs; None if unknown.
        seconds: how long the step took up to here.
    """

    table: str
    url: str
    write: Write | None = None
    done: Published | None = None
    notes: Mapping[str, ColumnNote] = field(default_factory=dict)
    lineage: Mapping[str, Sequence[Sequence[str]]] | None = None
    seconds: float = 0.0


class LakeIOManager(dg.IOManager):
    """Reads tables at pinned versions and publishes results with one commit.

    Every publish is compare-and-swap and carries its identity; a retry behind a commit commits nothing.

    Args:
        url: gives the URL of a table's key, "silver.orders".
        engine: gives the engine, for assets that return a DataFrame or a relation themselves.
        checkpoints: the URL of the checkpoints layer, which remembers which stores are safe to commit to.
    """

    def __init__(self, url: Callable[[str], str], engine: Callable[[], Engine], checkpoints: str) -> None:
        self._url, self._engine, self._checkpoints = url, engine, checkpoints
        self._run, self._open = "", dict[tuple[str, int | None], Input]()

    def load_input(self, context: dg.InputContext) -> Any:
        """The input, pinned: the version that this run published, else the one pinned when the run started.

        A table's step gets an `Input`, opened when it is used; a plain asset that asks for a
        `pandas.DataFrame` gets one.
        """
        table = _table(context.asset_key)
        with guard(table):
            given = self._input(context, table)
            if _wants_pandas(context):
                with self._engine().session({table: given.files}, given.url, table=table) as session:
                    return session.argument(table, "pandas")
            return given

    def _input(self, context: dg.InputContext, table: str) -> Input:
        """One object for one version in one run: its log is opened once, however many tables read it."""
        known = self._known(context.step_context.run_id)
        if (table, None) in known:  # this process published it in this run
            return known[table, None]
        version = self._version(context, table)
        if version is None:
            return Input(table, self._url(table))
        return known.setdefault((table, version), Input(table, self._url(table), version))

    def _known(self, run_id: str) -> dict[tuple[str, int | None], Input]:
        if run_id != self._run:
            self._run, self._open = run_id, {}
        return self._open

    def _version(self, context: dg.InputContext, table: str) -> int | None:
        step = context.step_context
        run_id = step.run_id
        records = step.instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=context.asset_key), limit=20
        ).records
        for record in records:
            materialized = record.asset_materialization
            if record.run_id == run_id and materialized and VERSION in materialized.metadata:
                return int(str(materialized.metadata[VERSION].value))
        return pins(step.instance, run_id).get(table)

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Publishes what the step staged, and tells Dagster what is in the table now."""
        table = _table(context.asset_key)
        with guard(table):
            publication = obj if isinstance(obj, Publication) else self._stage(context, table, obj)
            published = self._publish(publication)
            run_id = context.run_id
            self._known(run_id)[table, None] = Input.of(published.log)
            context.add_output_metadata(
                materialization(
                    published,
                    key=table,
                    url=publication.url,
                    schema=published.log.schema,
                    notes=publication.notes,
                    lineage=publication.lineage,
                    seconds=publication.seconds,
                    run=run_id,
                )
            )
            # Downstream automation follows this: a compaction or an empty commit does not move it.
            dg.AssetExecutionContext.get().set_data_version(
                context.asset_key, dg.DataVersion(f"{published.log.table_id}@{published.data_version}")
            )
            if published.repeated:
                context.log.info(
                    f"{table}: this write is in version {published.version} already; nothing to do."
                )

    def _publish(self, publication: Publication) -> Published:
        if publication.done is not None:
            return publication.done
        assert publication.write is not None, "a publication has a write or an earlier result"
        try:
            return publish(publication.write)
        except Superseded as error:
            raise dg.RetryRequested(max_retries=SUPERSEDED_RETRIES, seconds_to_wait=0.5) from error

    def _stage(self, context: dg.OutputContext, table: str, value: Any) -> Publication:
        """What a plain `@dg.asset` returned: staged here, published whole."""
        if value is None:
            raise ConfigError(
                "The asset returned None.",
                where=Where(table=table),
                remedy="Return a DataFrame, or give the asset another IO manager.",
            )
        url = self._url(table)
        refuse_unsafe(url, self._checkpoints)
        with self._engine().session({}, url, table=table) as session:
            staged = session.stage(session.call(lambda: value, {}))
            session.upload(staged)
        attempt = staged.folders[0] if staged.folders else uuid.uuid4().hex
        return Publication(table, url, Write(table, url, "full", staged, attempt, run=context.run_id))


def _table(key: dg.AssetKey) -> str:
    if len(key.path) != 2:
        raise ConfigError(
            f"{key.to_user_string()} is no table of the lake.",
            remedy="Tables have keys of two parts: a layer and a name, as in silver/orders.",
        )
    return ".".join(key.path)


def _wants_pandas(context: dg.InputContext) -> bool:
    wanted = context.dagster_type.typing_type
    return getattr(wanted, "__module__", "").startswith("pandas.") and wanted.__name__ == "DataFrame"
