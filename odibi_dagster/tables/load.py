"""The folder of table files becomes validated specs; nothing is connected to, and no table's code runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.sql.known import Known
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.tables.document import Document, read_document
from odibi_dagster.tables.files import TableFile, find_files
from odibi_dagster.tables.fingerprint import fingerprint, source_code
from odibi_dagster.tables.graph import Graph, check_graph
from odibi_dagster.tables.header import Header, TableHeader
from odibi_dagster.tables.kinds import check_dedupe, check_kind
from odibi_dagster.tables.location import check_locations
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.python import read_python
from odibi_dagster.tables.source import check_source, section_of
from odibi_dagster.tables.spec import (
    Automation,
    Body,
    Kind,
    ReferencesRule,
    SqlBody,
    SqlRule,
    TableSpec,
)
from odibi_dagster.tables.sql import check_parameters, read_sql
from odibi_dagster.tables.validate import validate


def load_tables(
    folder: Path,
    names: Mapping[str, str] | Sources,
    *,
    resources: Collection[str] = (),
    engine: str = "pandas",
) -> tuple[TableSpec, ...]:
    """Every table below `folder`, each behind those that it reads.

    Either all files are right, or all that is wrong with any of them is told at once.

    Args:
        folder: has the folders bronze, silver and gold with one file for each table.
        names: what `${name}` stands for in headers and sources: variables, or an environment's sources.
        resources: the resource keys that a parameter of a Python table may name.
        engine: the environment's: it says what SQL and functions may use, unless a header names another.

    Raises:
        ConfigErrors: with all problems of all files, each with its file and, where there is one, its line.
    """
    try:
        files, errors = find_files(folder.absolute())
    except ConfigError as error:
        raise ConfigErrors([error]) from None
    specs, known = [], Known()
    for file in files:
        problems = Problems(str(file.path), file.key)
        spec = _read(file, names, problems, known, engine)
        if spec is not None:
            _check_predicates(spec, problems, known, native=(spec.engine or engine) == "spark")
        if spec is not None and not problems.errors:
            specs.append(spec)
        errors += sorted(problems.errors, key=lambda error: error.where.line or 0)
    known.save()
    errors += check_graph(specs, tables={file.key for file in files}, resources=resources)
    errors += check_locations(specs)
    if errors:
        raise ConfigErrors(errors)
    by_key = {spec.key: spec for spec in specs}
    return tuple(by_key[key] for key in Graph.of(specs).parents)


def _read(
    file: TableFile, names: Mapping[str, str] | Sources, problems: Problems, known: Known, engine: str
) -> TableSpec | None:
    try:
        text = file.path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.add("The file cannot be read.", why=str(error), remedy="Make it readable, in UTF-8.")
        return None
    if file.path.suffix == ".yaml":
        return _source(file, text, names, problems)
    if file.path.suffix == ".py":
        document, body, code = read_python(
            text, file=file.path, names=names, problems=problems, engine=engine
        )
        header = validate(TableHeader, document, problems) if document else None
        if document is None or header is None or body is None:
            return None
        inputs = tuple(p.input for p in body.parameters if p.input)
        return _table(file, header, header.kind or "full", body, inputs, code, document, problems)
    sql = read_sql(text, table=file.key, names=names, problems=problems, known=known, engine=engine)
    header = validate(TableHeader, sql.document, problems) if sql.document else None
    if sql.document is None or header is None or sql.query is None:
        return None
    partitions = header.partitions.partitions() if header.partitions else None
    check_parameters(sql.query, sql.first_line, partitions, problems)
    query = sql.query
    return _table(
        file,
        header,
        header.kind or "full",
        SqlBody(query),
        query.inputs,
        query.fingerprint,
        sql.document,
        problems,
    )


def _source(
    file: TableFile, text: str, names: Mapping[str, str] | Sources, problems: Problems
) -> TableSpec | None:
    document = read_document(text, first_line=1, names=names, problems=problems)
    model = section_of(document, problems) if document else None
    section = validate(model, document, problems) if document and model else None
    if document is None or section is None:
        return None
    kind = check_source(section, document, problems)
    body = section.body()
    return _table(file, section, kind, body, (), source_code(body), document, problems)


def _table(
    file: TableFile,
    header: Header,
    kind: Kind,
    body: Body,
    inputs: tuple[str, ...],
    code: str,
    document: Document,
    problems: Problems,
) -> TableSpec:
    """The spec of a file whose parts are right by themselves; rules between them go to `problems`."""
    check_kind(header, kind, document, problems)
    check_dedupe(header, document, problems)
    expect = tuple(
        section.expectation(name, document.line(("expect", name, section.rule)))
        for name, section in header.expect.items()
    )
    references = (e.rule.table for e in expect if isinstance(e.rule, ReferencesRule))
    columns = {name: section.column(name) for name, section in header.columns.items()}
    partitions = header.partitions.partitions() if header.partitions else None
    automation = header.automation.automation() if header.automation else None
    return TableSpec(
        layer=file.layer,
        name=file.name,
        file=file.path,
        body=body,
        fingerprint=fingerprint(
            code,
            kind=kind,
            partition_by=header.partition_by,
            partitions=partitions,
            expect=expect,
            columns=columns,
            dedupe_by=header.dedupe_by,
            order_by=header.order_by,
        ),
        inputs=inputs,
        references=tuple(key for key in dict.fromkeys(references) if key not in inputs),
        kind=kind,
        partition_by=header.partition_by,
        partitions=partitions,
        expect=expect,
        columns=columns,
        description=header.description.strip(),
        owners=header.owners,
        tags=header.tags,
        retry=header.retry.retry() if header.retry else None,
        freshness=header.freshness.freshness() if header.freshness else None,
        automation=automation or Automation("eager" if inputs else "manual"),
        dedupe_by=header.dedupe_by,
        order_by=header.order_by,
        location=header.location,
        engine=header.engine,
    )


def _check_predicates(spec: TableSpec, problems: Problems, known: Known, *, native: bool) -> None:
    for each in spec.expect:
        if isinstance(each.rule, SqlRule):
            try:
                line = each.line or 1
                known.predicate(each.rule.text, file=problems.file, line=line, table=spec.key, native=native)
            except ConfigError as error:
                problems.take(error)
