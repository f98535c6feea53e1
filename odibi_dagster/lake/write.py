"""What a step asks the lake to do: one publish, with everything it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from odibi_dagster.engines.protocol import Staged
from odibi_dagster.lake.record import InputVersion
from odibi_dagster.sql.types import SparkType

if TYPE_CHECKING:
    from odibi_dagster.lake.log import Log


@dataclass(frozen=True)
class Identity:
    """What makes a write happen once: an application transaction in the same commit.

    Args:
        app: the application id.
        number: the number this commit carries.
        follows: the number that the table must carry before (0: none yet); None if any lower one will do.
        beside: further application transactions for the same commit.
    """

    app: str
    number: int
    follows: int | None = None
    beside: Mapping[str, int] = field(default_factory=dict)


def append_identity(
    table: str, code: str, inputs: Mapping[str, InputVersion], partitions: str = ""
) -> Identity:
    """An append of the same code over the same data of the same partitions goes in once.

    The last *data change* of each input counts, not its version: a compaction changes no data.
    """
    seen = sorted(f"{name}={v.table_id}@{v.data_version}" for name, v in inputs.items())
    digest = sha256("\n".join([table, partitions, code, *seen]).encode()).hexdigest()[:32]
    return Identity(f"odibi/w/{digest}", 1)


@dataclass(frozen=True)
class PartitionRange:
    """The partitions that a run with a Dagster partition key replaces: exactly these, also by nothing.

    Args:
        column: the partition column.
        values: the exact values (static partitions), or None.
        start: first day that belongs to it (daily and monthly partitions), or None.
        end: first day that does not belong to it any more, or None.
    """

    column: str
    values: tuple[str, ...] | None = None
    start: date | None = None
    end: date | None = None

    def holds(self, value: str | None) -> bool:
        """Whether a serialized partition value lies in the range; NULL never does."""
        if value is None:
            return False
        if self.values is not None:
            return value in self.values
        return (
            self.start is not None
            and self.end is not None
            and self.start.isoformat() <= value < self.end.isoformat()
        )

    def __str__(self) -> str:
        what = ", ".join(self.values) if self.values is not None else f"{self.start} up to {self.end}"
        return f"{self.column}: {what}"


@dataclass(frozen=True)
class Write:
    """One publish, planned.

    Args:
        table: "silver.orders".
        url: the table's URL.
        kind: full, append or partition.
        staged: the files; None for a commit that carries an identity and no data (a parked batch).
        attempt: unique to the attempt (the staged folder's name).
        identity: see `Identity`; None for full and partition.
        inputs: what was read.
        since: for a source without versions, the table's version before the source was listed (-1: there was
            no table): a publish of the table after that has seen a newer source than this one.
        range: the partitions to replace, for a run with a partition key.
        declared: `columns:` of the table's file, name to type or None.
        description: becomes the Delta table's description when it is created.
        run: Dagster's run id.
        code: the table file's fingerprint.
        details: goes into the commit, so that a retry can report it again.
        log: the table as the step has opened it: a publish begins from it if it is `usable`.
    """

    table: str
    url: str
    kind: str
    staged: Staged | None
    attempt: str
    identity: Identity | None = None
    inputs: Mapping[str, InputVersion] = field(default_factory=dict)
    since: int | None = None
    range: PartitionRange | None = None
    declared: Mapping[str, SparkType | None] = field(default_factory=dict)
    description: str = ""
    run: str = ""
    code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    log: Log | None = field(default=None, repr=False, compare=False)
