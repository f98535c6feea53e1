"""The rules between the keys of one header."""

from __future__ import annotations

from odibi_dagster.lake.column_name import same_column
from odibi_dagster.tables.document import Document
from odibi_dagster.tables.header import Header
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.spec import Kind


def check_kind(header: Header, kind: Kind, document: Document, problems: Problems) -> None:
    """Refuse keys that do not go with the kind, or with each other.

    * `partition` replaces partitions, so it needs `partition_by`.
    * `partitions` (Dagster's) needs a kind that leaves the other partitions alone: `partition` or `append`.
      With `partition`, its column must be one of `partition_by`, since whole files are replaced.
    * Columns of `partition_by` must leave something to store.
    """
    if kind == "partition" and not header.partition_by:
        column = header.partitions.partitions().column if header.partitions else "order_date"
        problems.add(
            "The kind `partition` has no `partition_by`.",
            line=document.line(("kind",)),
            remedy=f"Add partition_by: [{column}], the columns whose values are replaced.",
        )
    if header.partitions is not None:
        line = document.line(("partitions",))
        column = header.partitions.partitions().column
        if kind == "full":
            problems.add(
                "`partitions` does not go with the kind `full`.",
                line=line,
                why="A full publish replaces the whole table, also the other partitions.",
                remedy="Set kind: partition (replaces a partition) or kind: append.",
            )
        elif kind == "partition" and header.partition_by and column not in header.partition_by:
            problems.add(
                f"`partitions` goes by `{column}`, which is not in `partition_by`.",
                line=line,
                remedy=f"Add `{column}` to partition_by, or name one of its columns.",
            )
    contract = [*header.columns]
    for at, column in enumerate(header.partition_by):
        pair = same_column([*contract, column]) if column not in header.columns else None
        if pair:
            problems.add(
                f"`{column}` in partition_by and `{pair[0]}` in columns differ only by letter case.",
                line=document.line(("partition_by", at)),
                remedy=f"Write `{pair[0]}`.",
            )


def check_dedupe(header: Header, document: Document, problems: Problems) -> None:
    """`unique` with `on_fail: drop`, `dedupe_by` and `order_by` come together, or none of them.

    `dedupe_by` repeats the expectation's columns; the first of the equal rows by `order_by` stays.
    """
    drops = {n: e for n, e in header.expect.items() if e.unique is not None and e.on_fail == "drop"}
    names = {column.lower() for column in header.dedupe_by}
    for name, each in drops.items():
        line = document.line(("expect", name))
        wanted = ", ".join(each.unique or ())
        if not header.dedupe_by:
            problems.add(
                f"expect.{name}: `unique` drops rows, and nothing says which row stays.",
                line=line,
                remedy=f"Add dedupe_by: [{wanted}] and order_by: [column desc].",
            )
        elif {column.lower() for column in each.unique or ()} != names:
            problems.add(
                f"expect.{name}: `unique` drops by {wanted}, `dedupe_by` is by "
                f"{', '.join(header.dedupe_by)}.",
                line=line,
                remedy="Name the same columns in both.",
            )
    if header.dedupe_by and not drops:
        wanted = ", ".join(header.dedupe_by)
        problems.add(
            "`dedupe_by` has no effect.",
            line=document.line(("dedupe_by",)),
            remedy=f"Add an expectation {{unique: [{wanted}], on_fail: drop}}.",
        )
    if header.dedupe_by and not header.order_by:
        problems.add(
            "`dedupe_by` has no `order_by`.",
            line=document.line(("dedupe_by",)),
            remedy="Add order_by: [column desc]: the first row in that order stays.",
        )
    if header.order_by and not header.dedupe_by:
        problems.add(
            "`order_by` has no effect without `dedupe_by`.",
            line=document.line(("order_by",)),
            remedy="Remove it, or write ORDER BY in the query.",
        )
    if pair := same_column(term.column for term in header.order_by):
        problems.add(
            f"`order_by` names `{pair[0]}` twice.",
            line=document.line(("order_by",)),
            remedy="Keep one of them.",
        )
