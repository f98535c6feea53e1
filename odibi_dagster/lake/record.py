"""What a commit says of itself, for people and for a step that finds its work already done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from odibi_dagster.errors import StateError
from odibi_dagster.lake.log import Log

#: Raised whenever an older reader would misunderstand; older code refuses newer records.
FORMAT = 1
#: The key in the commit's metadata.
KEY = "odibi"
#: An application transaction that carries FORMAT: it survives checkpoints, commit metadata do not.
FORMAT_APP = "odibi/format"


@dataclass(frozen=True)
class InputVersion:
    """One input as a write read it: which table (its Delta id), which version, its last data change."""

    table_id: str
    version: int
    data_version: int


@dataclass(frozen=True)
class Record:
    """One publish.

    Args:
        table: "silver.orders".
        kind: full, append or partition.
        attempt: the staged folder's name, unique to the attempt.
        run: Dagster's run id.
        code: the table file's fingerprint.
        identity: application id and number, or None for kinds that are repeated safely.
        inputs: what was read.
        partitions: the partitions that the publish replaced, as JSON texts; None means all.
        added: rows added.
        details: what the step needs to report again: checks, lineage, seconds.
    """

    table: str
    kind: str
    attempt: str
    run: str = ""
    code: str = ""
    identity: tuple[str, int] | None = None
    inputs: Mapping[str, InputVersion] = field(default_factory=dict)
    partitions: Sequence[str] | None = None
    added: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The text that goes into the commit's metadata."""
        return json.dumps({"format": FORMAT, **asdict(self)}, separators=(",", ":"), default=str)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Reads what `to_json` wrote.

        Raises:
            StateError: a newer version of the platform wrote it.
        """
        values = json.loads(text)
        refuse_newer(values.pop("format"), values["table"])
        identity = values.pop("identity")
        inputs = {name: InputVersion(**value) for name, value in values.pop("inputs").items()}
        return cls(identity=tuple(identity) if identity else None, inputs=inputs, **values)


def refuse_newer(version: int | None, table: str) -> None:
    """Stops old code before it touches what newer code wrote.

    Raises:
        StateError: `version` is above FORMAT.
    """
    if version is not None and version > FORMAT:
        raise StateError(
            f"{table} was written in format {version}; this version of odibi_dagster knows up to {FORMAT}.",
            remedy="Upgrade odibi_dagster.",
        )


def records(log: Log, limit: int = 1000) -> Iterator[tuple[int, Record]]:
    """The platform's own publishes, newest first, with their versions; foreign commits are left out."""
    for entry in log.history(limit):
        if KEY in entry:
            yield entry["version"], Record.from_json(entry[KEY])
