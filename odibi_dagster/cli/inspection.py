"""What can be said of every table without running one: its columns, their types, where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from odibi_dagster.assets.engine import engine_name
from odibi_dagster.cli.published import Published
from odibi_dagster.errors import ConfigError, ConfigErrors, DataError, OdibiError, SqlError, Where
from odibi_dagster.lake.schema import refuse_broken_contract
from odibi_dagster.project import Project
from odibi_dagster.sql import Schema, compile_query
from odibi_dagster.sql.types import Column
from odibi_dagster.tables.spec import (
    ExternalBody,
    FreshRule,
    FunctionBody,
    LandingBody,
    ReferencesRule,
    SqlBody,
    TableSpec,
    UniqueRule,
)

#: Whence a table's columns are known.
COMPUTED, DECLARED, PUBLISHED = "computed from its SQL", "declared", "published"


@dataclass
class Inspection:
    """What is known of one table.

    Args:
        table: "silver.orders".
        columns: names and Spark's types, in order; None if they are not known before the first run.
        known: COMPUTED, DECLARED, PUBLISHED, or why they are not known.
        lineage: for each column the (table, column) pairs its values are made of; of SQL tables only.
        errors: everything that is wrong with the table.
    """

    table: str
    columns: Schema | None = None
    known: str = ""
    lineage: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    errors: list[OdibiError] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "table": self.table,
            "ok": not self.errors,
            "known": self.known,
            "columns": None
            if self.columns is None
            else [
                {
                    "name": column.name,
                    "type": str(column.type),
                    "from": [f"{table}.{name}" for table, name in self.lineage.get(column.name, ())],
                }
                for column in self.columns
            ],
            "errors": [str(error) for error in self.errors],
        }


def inspect(project: Project) -> Iterator[Inspection]:
    """Inspects every table, inputs first. Logs of published tables are read; nothing is written.

    SQL is compiled against its inputs' columns: computed if the input is SQL itself, else those of the newest
    publish together with those that the table file declares. A Python table's file is imported.

    Args:
        project: loaded without errors.
    """
    found: dict[str, Inspection] = {}
    for key, spec in project.tables.items():
        found[key] = one = Inspection(key)
        if isinstance(spec.body, SqlBody):
            _compile(project, spec, spec.body, one, found)
        else:
            _declared(project, spec, one)
        if one.columns is not None:
            _hold_to_contract(spec, one)
            _expectations(project, spec, one, found)
        yield one


def _compile(
    project: Project, spec: TableSpec, body: SqlBody, one: Inspection, found: Mapping[str, Inspection]
) -> None:
    schemas = {name: columns for name in spec.inputs if (columns := found[name].columns) is not None}
    unknown = [name for name in spec.inputs if name not in schemas]
    if unknown:
        one.known = f"not known: the columns of {', '.join(unknown)} are not known"
        return
    try:
        compiled = compile_query(body.query, schemas, now=datetime.now(UTC), parameters=_parameters(spec))
    except (ConfigErrors, SqlError) as error:
        if engine_name(spec, project) == "spark":
            # Spark may know what the compiler does not: what is published tells.
            _declared(project, spec, one)
            return
        several = error.errors if isinstance(error, ConfigErrors) else [error]
        one.errors += [_with_hint(each, spec, found) for each in several]
    else:
        one.columns, one.lineage, one.known = compiled.columns, compiled.lineage, COMPUTED
        return
    one.known = "not known: its SQL does not compile"


def _with_hint(error: ConfigError, spec: TableSpec, found: Mapping[str, Inspection]) -> ConfigError:
    """Says so if an input's columns are just those that somebody declared: there may be more."""
    declared = [name for name in spec.inputs if found[name].known == DECLARED]
    if not declared:
        return error
    hint = f"Nothing is published of {', '.join(declared)} yet: just the columns declared there are known."
    return type(error)(error.what, where=error.where, why=error.why, remedy=f"{error.remedy} {hint}".strip())


def _parameters(spec: TableSpec) -> dict[str, object]:
    """Values for `:partition_key` and its like: their types count, not the values."""
    from odibi_dagster.assets.partition_keys import partition_keys

    partitions = spec.partitions
    if partitions is None:
        return {}
    key = partitions.start.isoformat() if partitions.start else partitions.keys[0]
    keys = partition_keys(partitions, (key,))
    return dict(keys.parameters(key)) if keys else {}


def _declared(project: Project, spec: TableSpec, one: Inspection) -> None:
    """The columns of a source or a function: what is published, and what the table file says of it."""
    if isinstance(spec.body, FunctionBody):
        from odibi_dagster.tables.function import load_function

        try:
            load_function(spec)
        except OdibiError as error:
            one.errors.append(error)
    log = Published(project, spec.key).log
    columns = {column.name: column for column in log.schema} if log else {}
    said = {name: Column(name, each.type) for name, each in spec.columns.items() if each.type is not None}
    if isinstance(spec.body, (LandingBody, ExternalBody)) and spec.body.schema:
        said |= {column.name: column for column in spec.body.schema}
    if not columns and said:
        said |= {column.name: column for column in _added(spec) if column.name not in said}
    merged = {**columns, **said}
    if not merged:
        one.known = "not known before the first run: `columns:` with types would tell"
        return
    one.columns, one.known = tuple(merged.values()), PUBLISHED if columns else DECLARED


def _added(spec: TableSpec) -> Schema:
    """The columns that landing adds to the files' own."""
    from odibi_dagster.sql import parse_type

    if not isinstance(spec.body, (LandingBody, ExternalBody)):
        return ()
    added = {"_file": "string", "_batch": "bigint", "_landed_at": "timestamp"}
    if spec.kind != "append":
        del added["_batch"]
    return tuple(Column(name, parse_type(type_)) for name, type_ in added.items())


def _hold_to_contract(spec: TableSpec, one: Inspection) -> None:
    assert one.columns is not None
    declared = {name: column.type for name, column in spec.columns.items()}
    where = Where(table=spec.key, file=str(spec.file))
    try:
        refuse_broken_contract(one.columns, declared, where)
    except DataError as error:
        one.errors.append(
            DataError(
                "The result would break the contract under `columns:`.",
                where=where,
                why=error.why,
                remedy=error.remedy,
            )
        )
    names = {column.name for column in one.columns}
    for column in spec.partition_by:
        if column not in names:
            one.errors.append(_missing(spec, f"`partition_by` names {column}", names))


def _expectations(
    project: Project, spec: TableSpec, one: Inspection, found: Mapping[str, Inspection]
) -> None:
    from odibi_dagster.assets.rules import row_rule
    from odibi_dagster.sql.native import check_native_predicate
    from odibi_dagster.sql.predicate import compile_predicate

    def predicate(text: str, schema: Schema, **place: Any) -> str:
        if engine_name(spec, project) == "spark":
            return check_native_predicate(text, **place)
        return compile_predicate(text, schema, **place).sql

    assert one.columns is not None
    names = {column.name for column in one.columns}
    for expectation in spec.expect:
        try:
            row_rule(expectation, spec, one.columns, predicate)
        except ConfigErrors as errors:
            one.errors += list(errors.errors)
        except SqlError as error:
            one.errors.append(error)
        rule, said = expectation.rule, f"The expectation {expectation.name} names"
        wanted: tuple[str, ...] = ()
        if isinstance(rule, (UniqueRule, ReferencesRule)):
            wanted = rule.columns
        elif isinstance(rule, FreshRule):
            wanted = (rule.column,)
        one.errors += [
            _missing(spec, f"{said} {column}", names, expectation.line)
            for column in wanted
            if column not in names
        ]
        other = found.get(rule.table) if isinstance(rule, ReferencesRule) else None
        if isinstance(rule, ReferencesRule) and other and other.columns is not None:
            theirs = {column.name for column in other.columns}
            one.errors += [
                _missing(spec, f"{said} {rule.table}.{column}", theirs, expectation.line)
                for column in rule.other_columns
                if column not in theirs
            ]


def _missing(spec: TableSpec, said: str, names: set[str], line: int | None = None) -> SqlError:
    from odibi_dagster.tables.nearest import did_you_mean

    return SqlError(
        f"{said}, and there is no such column.",
        where=Where(table=spec.key, file=str(spec.file), line=line),
        remedy=did_you_mean(said.rpartition(" ")[2].rpartition(".")[2], names),
    )
