"""The header of a table file: the keys that every table may have."""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from odibi_dagster.errors import ConfigError
from odibi_dagster.lake.column_name import column_problem
from odibi_dagster.storage.location import SPELLINGS
from odibi_dagster.storage.stores import location_of
from odibi_dagster.tables.columns import ColumnContract
from odibi_dagster.tables.expectation import ExpectationSection
from odibi_dagster.tables.partitions import PartitionsSection
from odibi_dagster.tables.schedule import AutomationSection, FreshnessSection, RetrySection
from odibi_dagster.tables.section import Columns, Section, choice, one_or_many, problem
from odibi_dagster.tables.spec import ENGINES, EngineName, Kind, OrderTerm

_CHECK_NAME = re.compile(r"[A-Za-z0-9_]+")  # dagster.AssetCheckSpec
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")  # dagster 1.13, _core/utils.py
_TAG_KEY = re.compile(r"([A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")  # dagster 1.13, _utils/tags.py
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{0,63}")
_RESERVED_TAGS = ("dagster/", "odibi/")


def _check_name(name: str) -> str:
    if not _CHECK_NAME.fullmatch(name):
        raise problem(
            f"The expectation's name {name!r} is no name for a check.",
            "Use letters, digits and _ only, like amount_is_positive.",
        )
    return name


def _owner(owner: str) -> str:
    if not _EMAIL.fullmatch(owner) and not (owner.startswith("team:") and len(owner) > len("team:")):
        raise problem(f"`{owner}` is not an owner.", "Write an e-mail address, or team:name.")
    return owner


def _term(text: object) -> OrderTerm:
    column, _, direction = str(text).strip().partition(" ")
    direction = direction.strip().lower()
    if not isinstance(text, str) or column_problem(column) or direction not in ("", "asc", "desc"):
        raise problem(
            f"`{text}` is not a term of an order.", "Write `column`, `column asc` or `column desc`."
        )
    return OrderTerm(column, direction == "desc")


def _tags(tags: dict[str, str]) -> dict[str, str]:
    for key, value in tags.items():
        if key.startswith(_RESERVED_TAGS):
            raise problem(f"The tag `{key}` is reserved.", "Choose a name outside of dagster/ and odibi/.")
        if not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value):
            raise problem(
                f"The tag `{key}: {value}` is not one that Dagster takes.",
                "Use up to 63 letters, digits, _ . and -; a key may have one prefix with a slash.",
            )
    return tags


def _place(url: str) -> str:
    if url.startswith("file:///") or (url.startswith("/") and "://" not in url):
        return url
    if "://" not in url:
        raise problem(f"`{url}` is not an absolute path.", f"Write a place such as {SPELLINGS}.")
    try:
        return str(location_of(url))
    except ConfigError as error:
        raise problem(error.what, error.remedy) from error


def _table_place(url: str) -> str:
    if char := location_of(url).misread:
        raise problem(f"`{url}` holds a {char}.", f"Use a folder whose path has no {char} in it.")
    return url


Url: TypeAlias = Annotated[str, AfterValidator(_place)]


class Header(Section):
    """The keys that every table file may have: SQL, Python and sources."""

    kind: (
        Annotated[Kind, choice(("full", "append", "partition"), ("merge", "scd2", "incremental"))] | None
    ) = None
    partition_by: Columns = ()
    partitions: PartitionsSection | None = None
    expect: dict[Annotated[str, AfterValidator(_check_name)], ExpectationSection] = Field(
        default_factory=dict
    )
    columns: ColumnContract = Field(default_factory=dict)
    description: str = ""
    owners: Annotated[tuple[Annotated[str, AfterValidator(_owner)], ...], BeforeValidator(one_or_many)] = ()
    tags: Annotated[dict[str, str], AfterValidator(_tags)] = Field(default_factory=dict)
    retry: RetrySection | None = None
    freshness: FreshnessSection | None = None
    automation: AutomationSection | None = None
    dedupe_by: Columns = ()
    order_by: Annotated[
        tuple[Annotated[OrderTerm, BeforeValidator(_term)], ...], BeforeValidator(one_or_many)
    ] = ()
    location: Annotated[Url, AfterValidator(_table_place)] | None = None
    engine: Annotated[EngineName, choice(ENGINES)] | None = None


class TableHeader(Header):
    """The header of a SQL or Python file."""

    format: Annotated[
        Literal["delta"], choice(("delta",), later=("parquet", "csv", "json", "avro", "orc"))
    ] = "delta"
