import pytest

from odibi_dagster.assets.report import READABLE
from odibi_dagster.sql.types import BIGINT, Column, Decimal
from odibi_dagster.tables.source import RESERVED_CHECK
from odibi_dagster.tables.spec import Automation, ExternalBody, LandingBody

LANDING = "from: landing\npath: raw/*.csv\nformat: csv\n"
EXTERNAL = "from: parquet\nurl: /data/x.parquet\n"


def test_a_landing_source(folder):
    spec = folder.load(
        {
            "bronze/x.yaml": LANDING
            + """
options: {delimiter: ";", header: true, quote: "'", encoding: latin-1, compression: gzip}
schema: {id: bigint, amount: "decimal(10,2)"}
settle: 2m
max_files: 100
max_bytes: 5MB
changed: ignore
accept_changed: true
partition_by: [id]
expect: {some: {rows: {min: 1}}}
"""
        }
    )["bronze.x"]
    assert spec.body == LandingBody(
        path="raw/*.csv",
        format="csv",
        options={
            "delimiter": ";",
            "header": True,
            "quote": "'",
            "encoding": "latin-1",
            "compression": "gzip",
        },
        schema=(Column("id", BIGINT), Column("amount", Decimal(10, 2))),
        settle=120.0,
        max_files=100,
        max_bytes=5_000_000,
        accept_changed=True,
    )
    assert (spec.kind, spec.automation, spec.inputs) == ("append", Automation("manual"), ())
    assert spec.partition_by == ("id",) and len(spec.expect) == 1


def test_a_full_landing_source(folder):
    text = LANDING + "kind: full\nallow_empty: true\nallow_partial: true\n"
    spec = folder.load({"bronze/x.yaml": text})["bronze.x"]
    assert spec.kind == "full"
    assert spec.body == LandingBody("raw/*.csv", "csv", allow_empty=True, allow_partial=True)


@pytest.mark.parametrize("origin", ["parquet", "csv", "json", "delta"])
def test_an_external_source(folder, origin):
    spec = folder.load({"bronze/x.yaml": f"from: {origin}\nurl: file:///data/x\n"})["bronze.x"]
    assert (spec.body, spec.kind) == (ExternalBody("file:///data/x", origin), "full")


def test_quoting_can_be_turned_off(folder):
    spec = folder.load({"bronze/x.yaml": LANDING + "options: {quote: ''}"})["bronze.x"]
    assert spec.body == LandingBody("raw/*.csv", "csv", options={"quote": ""})


def test_the_reserved_check_is_that_of_the_report():
    assert RESERVED_CHECK == READABLE


def test_names_are_resolved(folder):
    text = "from: csv\nurl: ${root}/x.csv\n"
    assert folder.load({"bronze/x.yaml": text}, {"root": "/data"})["bronze.x"].body == ExternalBody(
        "/data/x.csv", "csv"
    )


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("", 1, "does not say where its rows come from", "from: landing"),
        ("path: x", 1, "does not say where its rows come from", "from: landing"),
        ("from: lnding", 1, "from: `lnding` is not one of", "Did you mean `landing`?"),
        ("from: kafka", 1, "from: `kafka` is not available yet", "Python source"),
        ("from: landing\npath: a/*.csv", 1, "`format` is missing", "Add `format:`"),
        ("from: landing\nformat: csv", 1, "`path` is missing", "Add `path:`"),
        (LANDING + "pth: x", 4, "`pth` is not a key", "Did you mean `path`?"),
        (
            "from: landing\nformat: csv\npath: /a/*.csv",
            3,
            "is not a glob that files can match",
            "below the landing URL",
        ),
        (
            "from: landing\nformat: csv\npath: ../*.csv",
            3,
            "is not a glob that files can match",
            "below the landing URL",
        ),
        ("from: landing\nformat: csv\npath: 'a/[x.csv'", 3, "a '[' is not closed", "Close it"),
        ("from: landing\npath: a\nformat: xlsx", 3, "`xlsx` is not one of parquet, csv, json", "csv"),
        (LANDING + "kind: partition\npartition_by: [a]", 4, "cannot be `partition`", "append or full"),
        (LANDING + "changed: reload", 4, "`reload` is not available yet", "Available: ignore"),
        (LANDING + "allow_empty: true", 4, "`allow_empty` goes with kind: full only", "Remove"),
        (LANDING + "allow_partial: true", 4, "`allow_partial` goes with kind: full only", "Remove"),
        (LANDING + "settle: -1", 4, "`settle` cannot be -1", "greater than or equal to 0"),
        (LANDING + "max_files: 0", 4, "`max_files` cannot be 0", "greater than or equal to 1"),
        (LANDING + "max_bytes: many", 4, "`max_bytes` cannot be 'many'", "could not parse"),
        (LANDING + "options: {delimiter: ';;'}", 4, "`;;` is not one character", "tab"),
        (
            LANDING + "options: {delim: ';'}",
            4,
            "`delim` is not a key of `options`",
            "Did you mean `delimiter`?",
        ),
        (
            LANDING + "options: {encoding: ebcdic}",
            4,
            "`ebcdic` is not one of utf-8, utf-16, latin-1",
            "Known",
        ),
        (LANDING + "schema:\n  a: inty", 5, "`inty` is not a type", "bigint"),
        (LANDING + "schema:\n  a b: int", 5, "holds ' '", "Rename"),
        (LANDING + "schema: {a: int, A: int}", 4, "differ only by letter case", "Keep one"),
        (LANDING + "schema: {_file: string}", 4, "`_file` is one that the platform adds", "Remove it"),
        (
            "from: landing\npath: a\nformat: json\noptions: {header: true}",
            4,
            "`header` does not go with json",
            "compression",
        ),
        (
            "from: landing\npath: a\nformat: parquet\noptions: {quote: x}",
            4,
            "does not go with parquet",
            "none",
        ),
        (
            LANDING + "kind: full\npartitions: {static: [a], column: b}\npartition_by: [b]",
            5,
            "no `partitions`",
            "reads",
        ),
        ("from: csv", 1, "`url` is missing", "Add `url:`"),
        ("from: csv\nurl: ftp://b/x", 2, "ftp://b/x", "s3://bucket/lake"),
        ("from: csv\nurl: /data/[a.csv", 2, "a '[' is not closed", "Close it"),
        (
            LANDING + "expect:\n  landed_files_are_readable: {rows: {min: 1}}",
            5,
            "the name of a check that every source has",
            "Rename",
        ),
        ("from: csv\nurl: x.csv", 2, "`x.csv` is not an absolute path", "/data/lake"),
        ("from: csv\nurl: ${rot}/x", 2, "`${rot}` is not known", "Did you mean `root`?"),
        (EXTERNAL + "kind: append", 3, "A source from `parquet` cannot be `append`", "full"),
        (EXTERNAL + "path: x", 3, "`path` is not a key", "Known"),
        ("from: delta\nurl: /x\nschema: {a: int}", 3, "A Delta table brings its schema", "columns"),
    ],
)
def test_refusals_name_line_cause_and_remedy(folder, text, line, what, remedy):
    errors = folder.errors({"bronze/x.yaml": text}, {"root": "/data"})
    assert any(
        error.where.line == line and what in error.what and remedy in error.remedy for error in errors
    ), "\n".join(map(str, errors))
    assert {error.where.file for error in errors} == {str(folder.path / "bronze/x.yaml")}
