"""What a table file says, validated: plain frozen values that the rest of the platform reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from odibi_dagster.sql import Query
    from odibi_dagster.sql.types import Schema, SparkType

Layer: TypeAlias = Literal["bronze", "silver", "gold"]
LAYERS: tuple[Layer, ...] = ("bronze", "silver", "gold")
Kind: TypeAlias = Literal["full", "append", "partition"]
OnFail: TypeAlias = Literal["fail", "drop", "warn"]
FileFormat: TypeAlias = Literal["parquet", "csv", "json"]
Wanted: TypeAlias = Literal["narwhals", "pandas", "duckdb", "pyspark", "context"]
EngineName: TypeAlias = Literal["pandas", "spark"]
ENGINES: tuple[EngineName, ...] = ("pandas", "spark")
AcceptedValue: TypeAlias = str | int | bool | Decimal | date | None


@dataclass(frozen=True)
class ColumnSpec:
    """One line of a table's contract; without a type only the column's presence is part of it."""

    name: str
    type: SparkType | None = None
    description: str = ""
    unit: str = ""
    pii: bool = False
    nullable: bool = True

    @property
    def tags(self) -> dict[str, str]:
        """Its unit and `pii`, as Dagster shows them beside the column's name."""
        return {k: v for k, v in (("unit", self.unit), ("pii", "true" if self.pii else "")) if v}


@dataclass(frozen=True)
class SqlRule:
    """Every row meets a boolean SQL expression; FALSE and NULL are violations."""

    kind: ClassVar[str] = "sql"
    text: str


@dataclass(frozen=True)
class UniqueRule:
    """No two rows have equal values in these columns; NULL equals NULL."""

    kind: ClassVar[str] = "unique"
    columns: tuple[str, ...]


@dataclass(frozen=True)
class NotNullRule:
    """None of these columns is NULL."""

    kind: ClassVar[str] = "not_null"
    columns: tuple[str, ...]


@dataclass(frozen=True)
class AcceptedRule:
    """Each column holds one of its accepted values; NULL only if `None` is among them."""

    kind: ClassVar[str] = "accepted"
    values: Mapping[str, tuple[AcceptedValue, ...]]


@dataclass(frozen=True)
class ReferencesRule:
    """The columns' values stand together in a row of another table; a row with a NULL among them passes."""

    kind: ClassVar[str] = "references"
    columns: tuple[str, ...]
    table: str
    other_columns: tuple[str, ...]


@dataclass(frozen=True)
class RowsRule:
    """The whole result has at least `min` and at most `max` rows."""

    kind: ClassVar[str] = "rows"
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class FreshRule:
    """The greatest value of a date or timestamp column is at most `within` before now."""

    kind: ClassVar[str] = "fresh"
    column: str
    within: timedelta


Rule: TypeAlias = SqlRule | UniqueRule | NotNullRule | AcceptedRule | ReferencesRule | RowsRule | FreshRule


@dataclass(frozen=True)
class Expectation:
    """A named rule and what happens to rows, or to the whole publish, that break it."""

    name: str
    rule: Rule
    on_fail: OnFail = "fail"
    line: int | None = None  # of the rule, in the table's file


@dataclass(frozen=True)
class OrderTerm:
    """One term of an order; as in Spark, NULL comes first ascending and last descending."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Partitions:
    """The Dagster partitions of a table: `column` says to which one a row belongs."""

    kind: Literal["daily", "monthly", "static"]
    column: str
    start: date | None = None  # daily and monthly: the first day
    keys: tuple[str, ...] = ()  # static

    @property
    def by_time(self) -> bool:
        """Whether a partition is a span of time, with a start and an end."""
        return self.kind != "static"


@dataclass(frozen=True)
class Retry:
    """How often and after which pause (seconds) a failure that may pass is tried again."""

    max_retries: int = 3
    delay: float = 10.0
    backoff: Literal["exponential", "linear", "none"] = "exponential"
    jitter: Literal["full", "plus_minus", "none"] = "plus_minus"


@dataclass(frozen=True)
class Freshness:
    """Never older than `within`; with a cron: at each tick (UTC), updated in the `within` before it."""

    within: timedelta
    cron: str | None = None


@dataclass(frozen=True)
class Automation:
    """When a table runs by itself: `eager` after its inputs changed, at each `cron` tick (UTC), or never."""

    kind: Literal["eager", "cron", "manual"]
    cron: str | None = None


@dataclass(frozen=True)
class SqlBody:
    """A table computed by one SELECT."""

    query: Query


@dataclass(frozen=True)
class Parameter:
    """One parameter of a table's function: exactly one of an input, a resource, or Dagster's context.

    `wants` is the type an input is given as (`narwhals`, `pandas`, `duckdb`, `pyspark`), `context` for
    Dagster's context, None for a resource.
    """

    name: str
    input: str | None = None
    resource: str | None = None
    wants: Wanted | None = None


@dataclass(frozen=True)
class FunctionBody:
    """A table computed by a Python function, which is imported when the table runs and not before."""

    file: Path
    name: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class LandingBody:
    """A source of files that arrive below the landing URL."""

    path: str  # a glob, relative to the landing URL
    format: FileFormat
    options: Mapping[str, str | bool] = field(default_factory=dict)
    schema: Schema | None = None
    settle: float | None = None  # seconds; None is the environment's
    max_files: int = 10_000
    max_bytes: int = 100 * 10**9
    changed: Literal["ignore"] = "ignore"
    accept_changed: bool = False  # whether many files may change at once
    allow_empty: bool = False
    allow_partial: bool = False


@dataclass(frozen=True)
class ExternalBody:
    """A source that is read whole, from one URL, on each run."""

    url: str
    format: Literal["parquet", "csv", "json", "delta"]
    options: Mapping[str, str | bool] = field(default_factory=dict)
    schema: Schema | None = None


SourceBody: TypeAlias = LandingBody | ExternalBody
Body: TypeAlias = SqlBody | FunctionBody | LandingBody | ExternalBody


@dataclass(frozen=True)
class TableSpec:
    """One table file, validated.

    `inputs` are the tables its body reads, `references` the further ones that its expectations look into;
    both are keys ("silver.orders") in order of first appearance. `fingerprint` changes when the rows that the
    table would publish may change, and not with comments, layout, descriptions, owners or tags.
    """

    layer: Layer
    name: str
    file: Path
    body: Body
    fingerprint: str
    inputs: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    kind: Kind = "full"
    partition_by: tuple[str, ...] = ()
    partitions: Partitions | None = None
    expect: tuple[Expectation, ...] = ()
    columns: Mapping[str, ColumnSpec] = field(default_factory=dict)
    description: str = ""
    owners: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    retry: Retry | None = None  # None is the environment's
    freshness: Freshness | None = None
    automation: Automation = Automation("manual")
    dedupe_by: tuple[str, ...] = ()
    order_by: tuple[OrderTerm, ...] = ()
    location: str | None = None  # None is <layer URL>/<name>
    engine: EngineName | None = None  # None is the environment's
    format: Literal["delta"] = "delta"

    @property
    def key(self) -> str:
        """The table's name in SQL and messages: "layer.name"."""
        return f"{self.layer}.{self.name}"

    @property
    def reads(self) -> tuple[str, ...]:
        """Every table that must be published before this one: inputs, then references."""
        return self.inputs + self.references
