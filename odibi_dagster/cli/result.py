"""What came of each table of a run, told by Dagster's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from odibi_dagster.cli.code import table_name

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

Status = Literal["waiting", "running", "retrying", "succeeded", "failed", "skipped", "current"]


@dataclass(frozen=True)
class Check:
    """One asset check's result: how many rows broke it, and how many of them were left out."""

    table: str
    name: str
    passed: bool
    severity: Literal["WARN", "ERROR"]
    violations: int | None
    dropped: int
    description: str
    rule: str = ""

    @property
    def stops(self) -> bool:
        """Whether it makes its table fail."""
        return not self.passed and self.severity == "ERROR"

    @classmethod
    def of(cls, evaluation: dg.AssetCheckEvaluation) -> Check:
        """The check in one of Dagster's events."""
        metadata = {key: value.value for key, value in evaluation.metadata.items()}
        return cls(
            table_name(evaluation.asset_key),
            evaluation.check_name,
            evaluation.passed,
            "ERROR" if evaluation.severity.value == "ERROR" else "WARN",
            _int(metadata.get("violations")),
            _int(metadata.get("dropped")) or 0,
            evaluation.description or "",
            str(metadata.get("rule", "")),
        )


@dataclass
class TableResult:
    """One table of a run.

    Args:
        table: "silver.orders".
        version, rows, added, files, bytes: of the publish; None until there is one, or if it does not say.
        seconds: how long the step took.
        partitions: the partitions that were asked for, "2024-01-01" or "2024-01-01...2024-01-31".
        error: why it failed.
    """

    table: str
    status: Status = "waiting"
    version: int | None = None
    rows: int | None = None
    added: int | None = None
    files: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    partitions: str | None = None
    error: str | None = None
    checks: dict[str, Check] = field(default_factory=dict)

    @property
    def dropped(self) -> int:
        """Rows that expectations left out."""
        return sum(check.dropped for check in self.checks.values())

    def published(self, metadata: Mapping[str, Any]) -> None:
        """Takes over what a materialization says."""
        self.version, self.added = _int(metadata.get("version")), _int(metadata.get("rows_added"))
        self.rows, self.bytes = _int(metadata.get("dagster/row_count")), _int(metadata.get("bytes"))
        self.files = _int(metadata.get("files"))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        checks = [vars(check) for check in self.checks.values()]
        return {**vars(self), "checks": [{k: v for k, v in c.items() if k != "table"} for c in checks]}


@dataclass
class RunResult:
    """One Dagster run, as far as its events have come.

    Args:
        run_id: Dagster's.
        tables: by name, in the order of execution.
        steps: the tables that each step makes.
        error: why the run failed beside its steps; None if it did not.
    """

    run_id: str
    tables: dict[str, TableResult]
    steps: Mapping[str, tuple[str, ...]]
    finished: bool = False
    canceled: bool = False
    error: str | None = None

    @property
    def success(self) -> bool:
        """Whether the run came to its end and every table of it was made."""
        made = all(table.status == "succeeded" for table in self.tables.values())
        return self.finished and self.error is None and made

    def take(self, event: dg.DagsterEvent) -> list[TableResult]:
        """Takes one event in and returns the tables that it says something new of."""
        kind = event.event_type_value
        if event.is_step_materialization:
            materialization = event.step_materialization_data.materialization
            table = self.tables.get(table_name(materialization.asset_key))
            if table:
                table.published({key: value.value for key, value in materialization.metadata.items()})
            return []
        if kind == "ASSET_CHECK_EVALUATION":
            check = Check.of(event.asset_check_evaluation_data)
            if check.table in self.tables:
                self.tables[check.table].checks[check.name] = check
            return []
        if kind in ("PIPELINE_SUCCESS", "PIPELINE_FAILURE", "PIPELINE_CANCELED"):
            return self._end(event)
        changed = [self.tables[name] for name in self.steps.get(event.step_key or "", ())]
        for table in changed:
            _step(table, event)
        return changed if kind in _STEP_EVENTS else []

    def _end(self, event: dg.DagsterEvent) -> list[TableResult]:
        """Dagster sends no event for a step that it never started: those tables are told of here."""
        self.finished = True
        if event.event_type_value == "PIPELINE_CANCELED":
            self.canceled, self.error = True, "The run was canceled."
        if event.event_type_value == "PIPELINE_FAILURE":
            told = event.job_failure_data.error
            failed = any(table.status == "failed" for table in self.tables.values())
            if told or not failed:
                self.error = message(told) if told else event.message or "The run failed."
        left = [table for table in self.tables.values() if table.status in ("waiting", "running", "retrying")]
        for table in left:
            table.status = "skipped" if table.status == "waiting" else "failed"
            if table.status == "failed" or self.canceled:
                table.error = self.error or table.error
        return left


_STEP_EVENTS = {
    "STEP_START": "running",
    "STEP_RESTARTED": "running",
    "STEP_UP_FOR_RETRY": "retrying",
    "STEP_SUCCESS": "succeeded",
    "STEP_FAILURE": "failed",
    "STEP_SKIPPED": "skipped",
}


def _step(table: TableResult, event: dg.DagsterEvent) -> None:
    status = _STEP_EVENTS.get(event.event_type_value)
    if status is None:
        return
    table.status = status  # type: ignore[assignment]
    if status == "succeeded":
        table.seconds, table.error = event.step_success_data.duration_ms / 1000, None
    elif status == "failed":
        failure = event.step_failure_data
        said = failure.user_failure_data.description if failure.user_failure_data else None
        table.error = said or message(failure.error)
    elif status == "retrying":
        retry = event.step_retry_data
        table.error = message(retry.error)


def message(error: SerializableErrorInfo | None) -> str:
    """What the innermost cause says, without traceback."""
    if error is None:
        return "No reason was given."
    while error.cause is not None:
        error = error.cause
    text = error.message.strip()
    # Ours say it in full; the class's name in front of them helps nobody.
    name = error.cls_name or ""
    ours = ("odibi_dagster.", "dagster.")
    stripped = text.split(": ", 1)[1] if ": " in text and text.split(": ", 1)[0].startswith(ours) else text
    return stripped if name.endswith("Error") or name == "Failure" else text


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None
