"""A table's schema follows the staged one, in a commit of its own before the publish."""

from __future__ import annotations

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.lake.commit import change_of, delta_schema, properties_of
from odibi_dagster.lake.log import Log
from odibi_dagster.lake.write import Write
from odibi_dagster.storage.failures import explain


def grow(write: Write, log: Log | None) -> bool:
    """Brings the table's schema up to the staged one in a commit of its own; False: open the table again."""
    from deltalake import TableFeatures
    from deltalake.exceptions import CommitFailedError, DeltaError

    if write.staged is None or log is None:
        return True
    change = change_of(write, write.staged, log)
    properties = properties_of({}, None)
    try:
        if change.add:
            fields = list(delta_schema(change.add).fields)
            log.handle.alter.add_columns(fields, commit_properties=properties)
        elif change.replace and _brings_first_ntz(write.staged, log):
            # An overwrite that brings such a column commits, and leaves a table that nobody can open.
            log.handle.alter.add_feature(
                TableFeatures.TimestampWithoutTimezone,
                allow_protocol_versions_increase=True,
                commit_properties=properties,
            )
        else:
            return True
    except CommitFailedError:
        pass
    except (DeltaError, OSError) as error:
        raise explain(log.where, error) from error
    # The handle is behind its own commit now: the caller opens the table again either way.
    return False


def _brings_first_ntz(staged: Staged, log: Log) -> bool:
    brings = any("timestamp_ntz" in str(column.type) for column in staged.schema)
    return brings and "timestampNtz" not in (log.handle.protocol().writer_features or ())
