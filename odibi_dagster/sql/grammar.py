"""The parser's classes that are structure, and what people call what is refused."""

from __future__ import annotations

from sqlglot import exp

BINARY = ("this", "expression")
QUERY = ("with_", "order", "limit", "offset")
# The parser's classes that are structure and so not in the catalogue, with the clauses known of each.
STRUCTURE: dict[type, tuple[str, ...]] = {
    exp.Select: (
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "qualify",
        "distinct",
        "laterals",
        "windows",
        *QUERY,
    ),
    exp.Union: ("this", "expression", "distinct", *QUERY),
    exp.Intersect: ("this", "expression", "distinct", *QUERY),
    exp.Except: ("this", "expression", "distinct", *QUERY),
    exp.Subquery: ("this", "alias", *QUERY),
    exp.With: ("expressions",),
    exp.CTE: ("this", "alias"),
    exp.TableAlias: ("this", "columns"),
    exp.From: ("this",),
    exp.Table: ("this", "db", "catalog", "alias"),
    exp.Join: ("this", "side", "kind", "on", "using", "method"),
    exp.Where: ("this",),
    exp.Group: ("expressions", "all", "rollup", "cube", "grouping_sets"),
    exp.Rollup: ("expressions",),
    exp.Cube: ("expressions",),
    exp.GroupingSets: ("expressions",),
    exp.Tuple: ("expressions",),
    exp.Values: ("expressions", "alias"),
    exp.Lateral: ("this", "view", "outer", "alias"),
    exp.Aliases: ("this", "expressions"),
    exp.Interval: ("this", "unit"),
    exp.Var: ("this",),
    exp.IgnoreNulls: ("this",),
    exp.RespectNulls: ("this",),
    exp.Having: ("this",),
    exp.Qualify: ("this",),
    exp.Distinct: ("expressions",),
    exp.Order: ("expressions",),
    exp.Ordered: ("this", "desc", "nulls_first"),
    exp.Limit: ("expression",),
    exp.Offset: ("expression",),
    exp.Alias: ("this", "alias"),
    exp.Column: ("this", "table", "db"),
    exp.Identifier: ("this", "quoted"),
    exp.Star: ("except_",),
    exp.Literal: ("this", "is_string"),
    exp.Boolean: ("this",),
    exp.Null: (),
    exp.Paren: ("this",),
    exp.Anonymous: ("this", "expressions"),
    exp.CurrentTimestamp: (),
    exp.CurrentDate: (),
    exp.Placeholder: ("this",),
    exp.DataType: ("this", "expressions", "nested"),
    exp.DataTypeParam: ("this",),
    exp.Cast: ("this", "to"),
    exp.TryCast: ("this", "to", "safe"),
    exp.Case: ("this", "ifs", "default"),
    exp.If: ("this", "true", "false"),
    exp.In: ("this", "expressions", "query"),
    exp.Exists: ("this",),
    exp.Between: ("this", "low", "high"),
    exp.Like: (*BINARY, "negate", "escape"),
    exp.ILike: (*BINARY, "negate"),
    exp.RegexpLike: BINARY,
    exp.Is: BINARY,
    exp.Not: ("this",),
    exp.Neg: ("this",),
    exp.BitwiseNot: ("this",),
    exp.Filter: BINARY,
    exp.WithinGroup: BINARY,
    exp.Lambda: ("this", "expressions"),
    exp.Dot: BINARY,
    exp.Bracket: ("this", "expressions"),
    exp.Window: ("this", "partition_by", "order", "spec", "over", "alias"),
    exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side"),
    exp.DPipe: (*BINARY, "safe"),
    exp.Div: (*BINARY, "typed", "safe"),
}
IGNORED = {"_type"}
NAMES = {
    "HexString": "a binary literal", "Hint": "a hint",
    "JSONExtract": "the path operator", "Escape": "ESCAPE",
    "Any": "ANY",

    "TableSample": "TABLESAMPLE", "Pivot": "PIVOT", "Version": "time travel (VERSION/TIMESTAMP AS OF)",
    "Kwarg": "a named argument",
}  # fmt: skip
REMEDIES = {
    "JSONExtract": "",
    "a hint": "Leave it out: hints change no result.",
}
CLAUSES = {
    "pivots": "PIVOT", "into": "INTO",
    "locks": "FOR UPDATE",
    "sort": "SORT BY", "cluster": "CLUSTER BY", "distribute": "DISTRIBUTE BY", "hint": "a hint",
    "sample": "TABLESAMPLE",
    "version": "time travel (VERSION/TIMESTAMP AS OF)", "method": "this join method",
    "recursive": "RECURSIVE",
    "on": "DISTINCT ON", "exclude": "EXCLUDE in a window frame", "alias": "a named window",
    "replace": "* REPLACE", "rename": "* RENAME", "by_name": "BY NAME",
    "db": "a third part of a name", "catalog": "a fourth part of a name",
    "collate": "COLLATE", "format": "CAST … FORMAT", "symmetric": "BETWEEN SYMMETRIC", "widget": "{{ }}",
    "jdbc": "{? }", "materialized": "MATERIALIZED", "ordinality": "WITH ORDINALITY",
}  # fmt: skip


JOINS = {
    ("", ""), ("", "INNER"), ("", "CROSS"), ("LEFT", ""), ("LEFT", "OUTER"), ("RIGHT",
    ""), ("RIGHT", "OUTER"),
    ("FULL", ""), ("FULL", "OUTER"), ("", "SEMI"), ("", "ANTI"), ("LEFT", "SEMI"), ("LEFT", "ANTI"),
}  # fmt: skip
CASTABLE = {
    exp.DType.TIMESTAMPTZ: "timestamp", exp.DType.TIMESTAMPLTZ: "timestamp", exp.DType.TIMESTAMP: "timestamp",
    exp.DType.TIMESTAMPNTZ: "timestamp_ntz", exp.DType.TEXT: "string", exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint", exp.DType.SMALLINT: "smallint", exp.DType.INT: "int",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "float", exp.DType.DOUBLE: "double", exp.DType.DATE: "date",
    exp.DType.DECIMAL: "decimal", exp.DType.BINARY: "binary",
}  # fmt: skip
