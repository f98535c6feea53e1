"""A selection becomes Dagster runs: one run cannot hold tables of different partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from odibi_dagster.cli.code import Code, table_name
from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.tables.nearest import did_you_mean

if TYPE_CHECKING:
    import dagster as dg


@dataclass(frozen=True)
class Part:
    """Tables that one run can make: any number of unpartitioned ones, or a single partitioned one."""

    tables: tuple[str, ...]
    partitioned: bool


def parts(code: Code, tables: Iterable[str]) -> Iterator[Part]:
    """The tables in parts, each behind the parts that it reads from; as few parts as that allows.

    Args:
        code: the definitions.
        tables: names, inputs before the tables that read them.
    """
    left = list(tables)
    while left:
        waiting: set[str] = set()
        together: list[str] = []
        for name in left:
            blocked = any(parent in waiting for parent in _parents(code, name))
            if blocked or partitions_of(code, name) is not None:
                waiting.add(name)
            else:
                together.append(name)
        if together:
            yield Part(tuple(together), False)
            left = [name for name in left if name in waiting]
        ready = [name for name in left if not waiting.intersection(_parents(code, name))]
        yield from (Part((name,), True) for name in ready)
        left = [name for name in left if name not in ready]


def partitions_of(code: Code, table: str) -> dg.PartitionsDefinition[str] | None:
    """The partitions of a table; None if it has none."""
    return code.graph.get(code.tables[table]).partitions_def


def descendants(code: Code, tables: Iterable[str]) -> set[str]:
    """Every table that reads one of these, directly or through others."""
    found = set(tables)
    for name in code.tables:
        if found.intersection(_parents(code, name)):
            found.add(name)
    return found - set(tables)


def named_partitions(
    code: Code, tables: Iterable[str], partition: str | None, partition_range: str | None
) -> tuple[str, str] | None:
    """The first and the last partition that the command line names; None if it names none.

    Args:
        code: the definitions.
        tables: the selected ones; each partitioned one must have these partitions.
        partition: a key.
        partition_range: "first...last".

    Raises:
        ConfigError: a table has no such partition, no table has any, or the range cannot be read.
    """
    if partition is None and partition_range is None:
        return None
    first, dots, last = (partition_range or f"{partition}...{partition}").partition("...")
    if not dots or not first or not last:
        raise ConfigError(
            f"The range {partition_range!r} cannot be read.",
            remedy="Write --partition-range 2024-01-01...2024-01-31.",
        )
    partitioned = {name: found for name in tables if (found := partitions_of(code, name))}
    if not partitioned:
        raise ConfigError(
            "None of the selected tables has partitions.",
            remedy="Leave the partition out, or select a table with `partitions:` in its header.",
        )
    for name, definition in partitioned.items():
        keys = definition.get_partition_keys()
        for key in (first, last):
            if key not in keys:
                raise ConfigError(
                    f"There is no partition {key!r}.",
                    where=Where(table=name),
                    remedy=_nearest(key, keys),
                )
        if keys.index(first) > keys.index(last):
            raise ConfigError(
                f"The range {first}...{last} ends before it begins.",
                where=Where(table=name),
                remedy="Turn it round.",
            )
    return first, last


def ranges(keys: Sequence[str], wanted: Iterable[str]) -> list[tuple[str, str]]:
    """The wanted keys as ranges (first, last) without gaps, in the order of `keys`."""
    found: list[tuple[str, str]] = []
    chosen, before = set(wanted), False
    for key in keys:
        if key in chosen:
            found = [*found[:-1], (found[-1][0], key)] if before else [*found, (key, key)]
        before = key in chosen
    return found


def tags(first: str, last: str) -> dict[str, str]:
    """The run tags that ask for these partitions."""
    if first == last:
        return {"dagster/partition": first}
    return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def _parents(code: Code, table: str) -> set[str]:
    return {table_name(key) for key in code.graph.get(code.tables[table]).parent_keys}


def _nearest(key: str, keys: Sequence[str]) -> str:
    if not keys:
        return "It has no partitions yet: they begin later."
    if len(keys) > 20:
        return f"Its partitions are {keys[0]} to {keys[-1]}."
    return did_you_mean(key, keys)
