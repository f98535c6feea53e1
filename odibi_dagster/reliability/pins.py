"""The versions of tables that a run reads: one snapshot, kept in the run's tags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from odibi_dagster.reliability.tags import INPUTS, RUN, WRITES_AS

if TYPE_CHECKING:
    import dagster as dg

# PostgreSQL refuses index entries above 2,704 bytes and Dagster indexes the tags' values, so that one tag
# for 300 tables works on SQLite alone.
_TAG_BYTES = 2000


class _HasRun(Protocol):
    @property
    def instance(self) -> dg.DagsterInstance: ...
    @property
    def run_id(self) -> str: ...


def pins(source: _HasRun | dg.DagsterInstance, run_id: str | None = None) -> dict[str, int]:
    """Return the table versions that a run is pinned to, as `{"layer.table": version}`.

    They are read from the instance: the run object inside a step is a copy from before they were written.
    A run that did not go through `odibi_executor` (`dg.materialize`, `execute_in_process`) has none.

    Args:
        source: a Dagster context, or an instance together with `run_id`.
        run_id: the run; a context's own when it is None.
    """
    if run_id is None:
        context = cast("_HasRun", source)
        instance, run_id = context.instance, context.run_id
    else:
        instance = cast("dg.DagsterInstance", source)
    run = instance.get_run_by_id(run_id)
    # A re-execution starts with a copy of its parent's tags: only those written by this run count.
    if run is None or run.tags.get(RUN) != run.run_id:
        return {}
    return read(run.tags)


def writes_as(instance: dg.DagsterInstance, run_id: str) -> str:
    """The run under whose name a run writes: a run that goes on from a failure repeats its parent's writes.

    Args:
        instance: where the run is recorded.
        run_id: the run.
    """
    run = instance.get_run_by_id(run_id)
    if run is None or run.tags.get(RUN) != run_id:
        return run_id
    return run.tags.get(WRITES_AS, run_id)


def read(tags: Mapping[str, str]) -> dict[str, int]:
    """Return the pins in a run's tags."""
    found: dict[str, int] = {}
    for key, value in tags.items():
        if key == INPUTS or key.startswith(f"{INPUTS}/"):
            found.update(json.loads(value))
    return found


def write(versions: Mapping[str, int], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that hold `versions` and empty the pin tags of `inherited`.

    Args:
        versions: `{"layer.table": version}`, any number of tables.
        inherited: the tags the run has so far.
    """
    emptied = {key: "{}" for key in inherited if key.startswith(f"{INPUTS}/")}
    pieces = {INPUTS if not n else f"{INPUTS}/{n}": piece for n, piece in enumerate(_pieces(versions))}
    return {INPUTS: "{}", **emptied, **pieces}


def published_by(instance: dg.DagsterInstance, run_id: str, version_key: str) -> dict[str, int]:
    """Return the last version of each table that a run published, as `{"layer.table": version}`.

    Args:
        instance: where the run is recorded.
        run_id: the run.
        version_key: the key of the materialization's metadata that holds the table's version, an integer.
    """
    import dagster as dg

    found: dict[str, int] = {}
    cursor = None
    while True:
        page = instance.get_records_for_run(
            run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION, cursor=cursor
        )
        for record in page.records:
            made = record.asset_materialization
            version = made.metadata.get(version_key) if made else None
            if made and version is not None and isinstance(version.value, int):
                found[".".join(made.asset_key.path)] = version.value
        if not page.has_more:
            return found
        cursor = page.cursor


def _pieces(versions: Mapping[str, int]) -> Iterator[str]:
    piece: dict[str, int] = {}
    size = 2
    for name, version in sorted(versions.items()):
        entry = len(json.dumps({name: version}))
        if piece and size + entry > _TAG_BYTES:
            yield json.dumps(piece)
            piece, size = {}, 2
        piece[name] = version
        size += entry
    if piece:
        yield json.dumps(piece)
